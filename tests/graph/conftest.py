"""One shop a test, and commands that use the run's server."""

from pathlib import Path

import pytest

from app.graph.database import Database
from tests.conftest import Neo4jServer
from tests.graph.shop import Shop


@pytest.fixture
def shop(db: Database, tenant: str) -> Shop:
    return Shop(db, tenant)


@pytest.fixture
def command_line(neo4j_server: Neo4jServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let commands that are typed here use the run's server; the folder in which they are typed."""
    monkeypatch.setenv("NEO4J_URI", neo4j_server.bolt_uri)
    if neo4j_server.user and neo4j_server.password:
        monkeypatch.setenv("NEO4J_USER", neo4j_server.user)
        monkeypatch.setenv("NEO4J_PASSWORD", neo4j_server.password)
    monkeypatch.setenv("PLURAL_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return tmp_path
