"""The one real Neo4j that a test run starts and throws away; never one that the environment names."""

import os
import shutil
from collections.abc import AsyncGenerator, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

import psutil
import pytest
import pytest_asyncio
from hypothesis import settings

from app.embedded import throwaway_server
from app.embedded.jars import JarLock
from app.graph.database import Database
from app.graph.migrations import migrate

# No test leans on the speed of a machine that others work on too.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

PASSWORD = "only-for-tests"
HASH_KEY = "only-for-tests-only-for-tests-00"
"""The key of every service and command of a run: they share a graph, which refuses any other."""
IN_MEMORY = Path("/dev/shm")  # noqa: S108 (a folder with a random name is made in it)
MEMORY_BYTES = 8 * 2**30
"""Left free before the data of a worker is kept in memory; Java and Python need their share beside it."""


@dataclass(frozen=True)
class Neo4jServer:
    """Where the run's server is; user and password are ``None`` when it asks for none."""

    bolt_uri: str
    http_uri: str
    user: str | None
    password: str | None

    @property
    def auth(self) -> tuple[str, str] | None:
        """What the driver wants as ``auth``."""
        return (self.user, self.password) if self.user and self.password else None


def pytest_configure() -> None:
    """A service that a test starts is ready at once, and fetches nothing: what either does is tested by itself.

    No server of a test lives long enough for Java's second compiler to pay off: without it a start takes half the
    processor time, and everything that starts a service of its own takes two thirds.
    """
    os.environ.setdefault("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1")
    os.environ["PLURAL_WARM_UP_SECONDS"] = "0"
    os.environ["PLURAL_FEED_LOOK_SECONDS"] = "0"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest: no worker should be left alone with it at the end."""
    items.sort(key=lambda item: item.path.parent.name not in {"promises", "kills", "packaging"})


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--neo4j",
        choices=("embedded", "container"),
        default="embedded",
        help="the server that tests run on: the embedded one, or the official image (needs Docker)",
    )


@pytest.fixture(scope="session", autouse=True)
def hash_key() -> Generator[None]:
    """Give the run's key as an operator of several machines does; a test that wants a file of its own unsets it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PLURAL_HASH_KEY", HASH_KEY)
        yield


@pytest.fixture(scope="session", autouse=True)
def home_of_the_run(tmp_path_factory: pytest.TempPathFactory) -> Generator[None]:
    """No test writes into the home of whoever runs it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PLURAL_HOME", str(tmp_path_factory.mktemp("plural-home")))
        yield


@pytest.fixture(scope="session")
def neo4j_server(request: pytest.FixtureRequest) -> Generator[Neo4jServer]:
    """A real Neo4j with GDS that lives as long as the run."""
    start = _container_server if request.config.getoption("--neo4j") == "container" else _embedded_server
    with start() as server:
        yield server


@contextmanager
def _embedded_server() -> Generator[Neo4jServer]:
    with throwaway_server(_in_memory(), heap_mb=1024, page_cache_mb=128) as server:
        yield Neo4jServer(server.bolt_uri, server.http_uri, server.user, server.password)


def _in_memory() -> Path | None:
    """Return a folder in memory with room for a run's data, where there is one.

    Nothing of it need outlive the run, and a commit waits for no disk there.
    """
    roomy = IN_MEMORY.is_dir() and os.access(IN_MEMORY, os.W_OK)
    roomy = roomy and min(shutil.disk_usage(IN_MEMORY).free, psutil.virtual_memory().available) > MEMORY_BYTES
    return IN_MEMORY if roomy else None


@contextmanager
def _container_server() -> Generator[Neo4jServer]:
    from testcontainers.community.neo4j import Neo4jContainer

    _need_docker()
    image = f"neo4j:{JarLock.load().neo4j_version}"
    container = (
        Neo4jContainer(image, password=PASSWORD)
        .with_env("NEO4J_PLUGINS", '["graph-data-science"]')
        .with_env("NEO4J_db_query_default__language", "CYPHER_25")
        .with_env("NEO4J_gds_progress__tracking__retention__period", "60s")
        .with_exposed_ports(7474)
    )
    with container as server:
        host, port = server.get_container_host_ip(), server.get_exposed_port(7474)
        yield Neo4jServer(server.get_connection_url(), f"http://{host}:{port}", "neo4j", PASSWORD)


def _need_docker() -> None:
    """End the run with one sentence where Docker is missing: its tests must not look passed."""
    import docker
    from docker.errors import DockerException

    try:
        docker.from_env().ping()  # pyright: ignore[reportUnknownMemberType] (the package has no types)
    except DockerException as error:
        pytest.exit(
            f"--neo4j container needs a running Docker, and there is none here ({error}): "
            "start Docker, or leave the option out to use the embedded server.",
            returncode=1,
        )


@pytest_asyncio.fixture(scope="session")
async def db(neo4j_server: Neo4jServer) -> AsyncGenerator[Database]:
    """The server through our own door, with the schema on it."""
    user, password = neo4j_server.auth or ("", "")
    database = await Database.connect(neo4j_server.bolt_uri, user, password, timeout_seconds=60)
    await migrate(database)
    yield database
    await database.close()


@pytest.fixture
def tenant(request: pytest.FixtureRequest) -> str:
    """A shop of its own for one test; tenants are sealed, so tests share a server.

    Named after its test: the noise of published figures follows from the name, and must not differ from run to run.
    """
    return f"shop-{blake2b(request.node.nodeid.encode(), digest_size=6).hexdigest()}"
