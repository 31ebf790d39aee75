"""The schema is applied once, in order, and never an edited one."""

from dataclasses import replace

import pytest

from app.domain.errors import ConflictError
from app.graph.database import Database
from app.graph.migrations import load_migrations, migrate
from tests.graph.shop import Shop


async def test_a_second_start_applies_nothing(db: Database) -> None:
    assert await migrate(db) == []


async def test_migrations_are_in_order_and_recorded(shop: Shop) -> None:
    ids = [migration.id for migration in load_migrations()]
    rows = await shop.query("MATCH (m:Migration) RETURN m.id AS id, m.checksum AS checksum ORDER BY id")

    assert ids == sorted(ids)
    assert [row["id"] for row in rows] == ids
    assert all(len(row["checksum"]) == 64 for row in rows)


async def test_an_edited_migration_is_refused(db: Database) -> None:
    first, *rest = load_migrations()

    with pytest.raises(ConflictError, match=r"V001.* was edited"):
        await migrate(db, [replace(first, checksum="0" * 64), *rest])


async def test_a_graph_that_is_newer_than_plural_is_refused(db: Database) -> None:
    with pytest.raises(ConflictError, match="update Plural"):
        await migrate(db, load_migrations()[:1])


async def test_ids_are_unique_in_a_tenant_and_free_across_tenants(shop: Shop) -> None:
    rows = await shop.query(
        "SHOW CONSTRAINTS YIELD labelsOrTypes, properties RETURN labelsOrTypes[0] AS label, properties"
    )

    assert {"Product", "Identity", "Interaction", "Consent", "Run", "Decision"} <= {row["label"] for row in rows}
    assert all(row["properties"] == ["tenant", "id"] for row in rows)
