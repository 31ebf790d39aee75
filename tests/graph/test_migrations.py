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


async def test_edges_of_an_older_run_go_on_speaking(shop: Shop) -> None:
    """As a run before V013 left them: all that a product says as edges of two types. Broken off, it may begin anew."""
    await shop.query(
        "CREATE (run:Run {tenant: $tenant, id: 'r', active: true}), (:Run {tenant: $tenant, id: 'old'}) "
        "WITH run UNWIND ['tea', 'cup', 'pot', 'bag'] AS id CREATE (:Product {tenant: $tenant, id: id})"
    )
    await shop.query(
        "UNWIND [['cup', 'SIMILAR_TO', 'r', 0.5],"
        " ['pot', 'SIMILAR_TO', 'r', 0.6], ['bag', 'LESS_SIMILAR_TO', 'r', 0.1],"
        " ['bag', 'SIMILAR_TO', 'old', 0.9]] AS edge "
        "MATCH (p:Product {tenant: $tenant, id: 'tea'}), (q:Product {tenant: $tenant, id: edge[0]}) "
        "CREATE (p)-[:$(edge[1]) {run: edge[2], weight: edge[3]}]->(q)"
    )

    carry, clear = next(one for one in load_migrations() if one.id == "V013").statements
    for statement in (carry, carry, clear):
        await shop.db.run_schema(statement)

    rows = await shop.query(
        "MATCH (p:Product {tenant: $tenant})-[s:SPEAKS_IN]->(run:Run) "
        "RETURN p.id AS id, run.id AS run, properties(s) AS s"
    )
    assert [(row["id"], row["run"], row["s"]) for row in rows] == [
        (
            "tea",
            "r",
            {"run": "r", "product_ids": ["pot", "cup", "bag"], "weights": [0.6, 0.5, 0.1], "nearest": 2},
        )
    ]
    assert await shop.count("(:Product {tenant: $tenant})-[:LESS_SIMILAR_TO]->()") == 0


async def test_what_was_stored_under_peers_is_found_under_followed(shop: Shop) -> None:
    """As a graph before V031: a run, its edges, a decision, a line of a plan and a scenario. It may begin anew."""
    await shop.query(
        "CREATE (:Run {tenant: $tenant, id: 'r', blend_peers: [0.1, 0.2]}), "
        "(tom:Identity {tenant: $tenant, id: 'tom'})-[:PEERS_LIKE {run: 'r', weight: 2.5}]->(:Product {tenant: $tenant,"
        " id: 'tea'}), (:Decision {tenant: $tenant, id: 'd', sources: ['peers', 'repeat']}), "
        "(tom)-[:PLANNED_IN {sources: ['peers']}]->(:Plan {tenant: $tenant, id: 'p'}), "
        '(:Scenario {tenant: $tenant, id: \'s\', fields: \'{"sources": ["peers", "similar"]}\'})'
    )

    statements = next(one for one in load_migrations() if one.id == "V031").statements
    for statement in (*statements, *statements):
        await shop.db.run_schema(statement)

    [row] = await shop.query(
        "MATCH (run:Run {tenant: $tenant}), (:Identity {tenant: $tenant})-[l:FOLLOWED_LIKE]->(p), "
        "(d:Decision {tenant: $tenant}), (:Identity {tenant: $tenant})-[planned:PLANNED_IN]->(), "
        "(s:Scenario {tenant: $tenant}) "
        "RETURN properties(run) AS run, properties(l) AS edge, p.id AS product, d.sources AS shown, "
        "planned.sources AS planned, s.fields AS fields"
    )
    assert row["run"] == {"tenant": shop.tenant, "id": "r", "blend_followed": [0.1, 0.2]}
    assert (row["edge"], row["product"]) == ({"run": "r", "weight": 2.5}, "tea")
    assert (row["shown"], row["planned"]) == (["followed", "repeat"], ["followed"])
    assert row["fields"] == '{"sources": ["followed", "similar"]}'
    assert await shop.count("(:Identity {tenant: $tenant})-[:PEERS_LIKE]->()") == 0


async def test_ids_are_unique_in_a_tenant_and_free_across_tenants(shop: Shop) -> None:
    rows = await shop.query(
        "SHOW CONSTRAINTS YIELD labelsOrTypes, properties RETURN labelsOrTypes[0] AS label, properties"
    )

    assert {"Product", "Identity", "Interaction", "Consent", "Run", "Decision"} <= {row["label"] for row in rows}
    assert all(row["properties"] == ["tenant", "id"] for row in rows)
