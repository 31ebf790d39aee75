"""Brings a graph to the schema of cypher/schema/, in order, each file once, never an edited one."""

import hashlib
import re
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import LiteralString, cast

from app.domain.errors import ConflictError
from app.graph.database import Database

SCHEMA_TENANT = "_schema"
"""Reserved: the schema belongs to no shop."""

_FILE_NAME = re.compile(r"^(V\d{3})__(\w+)\.cypher$")


@dataclass(frozen=True, slots=True)
class Migration:
    """One file of cypher/schema/; immutable once released."""

    id: str
    name: str
    statements: tuple[LiteralString, ...]
    checksum: str


def load_migrations(root: Traversable | None = None) -> list[Migration]:
    """Read the migrations below ``root`` (default: the packaged cypher/schema/), in order of their number."""
    found: list[Migration] = []
    for file in (root or files("cypher") / "schema").iterdir():
        if named := _FILE_NAME.match(file.name):
            text = file.read_text(encoding="utf-8")
            found.append(Migration(named[1], named[2], _statements(text), _checksum(text)))
    return sorted(found, key=lambda migration: migration.id)


async def migrate(db: Database, migrations: list[Migration] | None = None) -> list[str]:
    """Apply what this graph has not seen; the ids of what was applied, ``[]`` when it was up to date.

    Raises ``ConflictError`` when a file differs from what was applied under its id, or when the graph has seen a
    migration that this version of Plural does not know (it is older than the graph).
    """
    migrations = load_migrations() if migrations is None else migrations
    rows = await db.run_long("migrate/read_migrations", tenant=SCHEMA_TENANT)
    applied = {row["id"]: row["checksum"] for row in rows}
    _refuse_foreign(applied, migrations)
    fresh = [migration for migration in migrations if migration.id not in applied]
    for migration in fresh:
        for statement in migration.statements:
            await db.run_schema(statement)
        await db.write(
            "migrate/record_migration",
            tenant=SCHEMA_TENANT,
            id=migration.id,
            name=migration.name,
            checksum=migration.checksum,
        )
    return [migration.id for migration in fresh]


def _refuse_foreign(applied: dict[str, str], migrations: list[Migration]) -> None:
    known = {migration.id: migration for migration in migrations}
    for id_, checksum in applied.items():
        if id_ not in known:
            raise ConflictError(f"The graph has migration {id_}, which this Plural does not know; update Plural.")
        if known[id_].checksum != checksum:
            raise ConflictError(
                f"cypher/schema/{id_}__{known[id_].name}.cypher was edited after it was applied; "
                "put it back and add a new migration instead."
            )


def _statements(text: str) -> tuple[LiteralString, ...]:
    """Split at the semicolons that end a line; comment lines fall away."""
    code = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("//"))
    parts = (part.strip() for part in re.split(r";[ \t]*(?:\n|$)", code))
    return tuple(cast("LiteralString", part) for part in parts if part)


def _checksum(text: str) -> str:
    """SHA-256 of the text with line ends made equal."""
    return hashlib.sha256(text.replace("\r\n", "\n").encode()).hexdigest()
