"""Connects the client of Graph Data Science; imported late, since pandas comes with it (``graph_science.py``)."""

# The driver declares its configuration as **Unknown.
# pyright: reportUnknownMemberType=false

from typing import Any

from graphdatascience import GraphDataScience
from graphdatascience.error.gds_not_installed import GdsNotFound
from graphdatascience.error.unable_to_connect import UnableToConnectError
from graphdatascience.query_runner.neo4j_query_runner import Neo4jQueryRunner
from graphdatascience.query_runner.query_mode import QueryMode
from graphdatascience.query_runner.query_type import QueryType
from neo4j import Driver, GraphDatabase, NotificationMinimumSeverity
from pandas import DataFrame

from app.domain.errors import SetupError
from app.graph.database import USER_AGENT, Address
from app.graph.status import GDS_MISSING


class PromptRunner(Neo4jQueryRunner):
    """Says at once that the server is gone, which the client would wait for during ten minutes."""

    def run_cypher(
        self,
        query: str,
        query_type: QueryType,
        params: dict[str, Any] | None = None,
        database: str | None = None,
        mode: QueryMode | None = None,
        custom_error: bool = True,
        connectivity_retry_config: Neo4jQueryRunner.ConnectivityRetriesConfig | None = None,
    ) -> DataFrame:
        """Run a query, trying to reach the server once."""
        once = connectivity_retry_config or self.ConnectivityRetriesConfig(max_retries=1, wait_time=0)
        return super().run_cypher(query, query_type, params, database, mode, custom_error, once)


def connect(address: Address) -> tuple[Driver, GraphDataScience]:
    """Open a driver of its own and the client over it; closing the driver ends, from any thread, what is under way.

    Raises ``SetupError`` where the server lacks GDS, and what the driver raises.
    """
    driver = GraphDatabase.driver(
        address.uri,
        auth=address.auth,
        user_agent=USER_AGENT,
        max_connection_pool_size=4,
        connection_acquisition_timeout=5.0,
        max_transaction_retry_time=0.0,  # who calls tries again (app/graph/retries.py)
        notifications_min_severity=NotificationMinimumSeverity.OFF,
    )
    try:
        runner = PromptRunner(driver, address.uri.partition(":")[0], database=address.name, show_progress=False)
        return driver, GraphDataScience(runner, arrow=False, show_progress=False)
    except Exception as error:
        driver.close()
        raise cause_of(error) from None


def cause_of(error: Exception) -> Exception:
    """What the driver raised where the client hides it; ``SetupError`` where GDS is missing."""
    match error:
        case GdsNotFound():
            return SetupError(GDS_MISSING)
        case UnableToConnectError():
            found = error.__cause__ or error.__context__
            return found if isinstance(found, Exception) else error
        case _:
            return error
