"""What the graph and its server know of themselves, for the operator (cypher/status/)."""

from dataclasses import dataclass
from datetime import datetime

from app.domain.errors import SetupError
from app.graph.database import Database, Row
from app.graph.migrations import SCHEMA_TENANT, load_migrations
from app.graph.times import from_ms, from_optional_ms

SERVER_MAJOR = "2026"
"""First part of the server versions that Plural was built and tested with."""
GDS_MISSING = (
    "This Neo4j has no Graph Data Science library: install its plugin there, or unset NEO4J_URI to use the embedded "
    "server, which has it."
)


class ReadinessGraph:
    """Answers /readyz and the run age of /metrics; implements ``ReadinessStore``."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._expected = {migration.id: migration.checksum for migration in load_migrations()}

    async def schema_is_current(self) -> bool:
        """Whether the graph has exactly this version's migrations (migrate/read_migrations.cypher)."""
        return await read_schema(self._db) == self._expected

    async def all_learned(self) -> bool:
        """Whether there are active runs and each learned from anybody (status/all_learned.cypher)."""
        return (await self._db.read("status/all_learned"))[0]["learned"]

    async def oldest_active_run(self) -> datetime | None:
        """When the oldest active run finished (status/oldest_active_run.cypher); ``None`` before the first."""
        rows = await self._db.read("status/oldest_active_run")
        return from_ms(rows[0]["finished_at_ms"]) if rows else None


class WarmUpGraph:
    """Whom a service asks itself for after a start; implements ``WarmUpStore``."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self.replanning = db.replanning

    def server_starts(self) -> int:
        """How often the server was started again since this process knows it."""
        return self._db.keeper.starts

    async def active_runs(self) -> dict[str, str]:
        """The active run's id of each tenant that has one (status/list_active_runs.cypher)."""
        return {row["tenant"]: row["run"] for row in await self._db.read("status/list_active_runs")}

    async def some_readers(self, tenant: str, limit: int) -> list[str]:
        """Ids of identities that the active run learned from, at most ``limit`` (status/list_readers.cypher)."""
        return [row["id"] for row in await self._db.read("status/list_readers", tenant=tenant, limit=limit)]


@dataclass(frozen=True, slots=True)
class ActiveRun:
    """The run that a tenant's readers see."""

    id: str
    model_version: str | None
    finished_at: datetime | None
    learners: int = 0
    """Identities that it learned from."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How much there is, over all tenants, largest first."""

    nodes: dict[str, int]
    relationships: dict[str, int]


async def check_server(db: Database) -> None:
    """Refuse a server that Plural does not run on with one sentence (``SetupError``)."""
    version = await read_server_version(db)
    if version.split(".")[0] != SERVER_MAJOR:
        raise SetupError(f"This is Neo4j {version}, and Plural needs {SERVER_MAJOR}.x: name another with NEO4J_URI.")
    if await read_gds_version(db) is None:
        raise SetupError(GDS_MISSING)


async def read_server_version(db: Database) -> str:
    """Version of the server, e.g. ``2026.01.4`` (status/read_server_version.cypher)."""
    return (await db.read("status/read_server_version"))[0]["version"]


async def read_gds_version(db: Database) -> str | None:
    """Version of GDS, ``None`` where it is missing (status/find_gds.cypher, status/read_gds_version.cypher)."""
    if not await db.read("status/find_gds"):
        return None
    return (await db.read("status/read_gds_version"))[0]["version"]


async def read_schema(db: Database) -> dict[str, str]:
    """Checksums of the migrations that the graph has, by id, in order (migrate/read_migrations.cypher)."""
    rows: list[Row] = await db.read("migrate/read_migrations", tenant=SCHEMA_TENANT)
    return {row["id"]: row["checksum"] for row in rows}


async def read_active_run(db: Database, tenant: str) -> ActiveRun | None:
    """The run that the tenant's readers see now (status/read_active_run.cypher); ``None`` before the first."""
    rows = await db.read("status/read_active_run", tenant=tenant)
    if not rows:
        return None
    row = rows[0]
    return ActiveRun(row["id"], row["model_version"], from_optional_ms(row["finished_at_ms"]), row["learners"])


async def read_events(db: Database, tenant: str) -> int:
    """How many events a tenant has (status/count_events.cypher)."""
    return (await db.read("status/count_events", tenant=tenant))[0]["events"]


async def read_counts(db: Database) -> Counts:
    """Nodes by label and relationships by type, from the server's own count (status/read_counts.cypher)."""
    row = (await db.read("status/read_counts"))[0]
    return Counts(nodes=_by_name(row["nodes"], "label"), relationships=_by_name(row["relationships"], "type"))


def _by_name(counted: list[Row], name: str) -> dict[str, int]:
    return {one[name]: one["count"] for one in sorted(counted, key=lambda one: (-one["count"], one[name]))}
