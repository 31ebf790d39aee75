"""What is read of a graph makes the same graph again, to the last nanosecond and zone."""

import math
from pathlib import Path
from typing import LiteralString

import pytest
from neo4j.spatial import WGS84Point

from app.domain.errors import BusyError, InvalidError
from app.domain.progress import Silent
from app.graph import portable
from app.graph.database import Row
from app.graph.portable import PortableReader, PortableWriter
from app.services.portable_rows import dump, load
from tests.graph.sealing import everything_of
from tests.graph.shop import Shop

ODD: LiteralString = """
    CREATE (a:Odd:Very {tenant: $tenant, id: 'a', empty: '', text: 'Ärger 🫖 "\\n\\u0000', yes: true, no: false,
      whole: 5, float: 5.0, large: 9223372036854775807, small: -9223372036854775808, tenth: 0.1, huge: 1e300,
      tiny: 5e-324, nan: 0.0 / 0.0, endless: 1.0 / 0.0, texts: ['a', ''], wholes: [1, 2], floats: [1.0, 2.5],
      bools: [true, false], none: [], bytes: $bytes, point: point({longitude: 13.4, latitude: 52.5}),
      flat: point({x: 1, y: 2.5}), high: point({x: 1, y: 2, z: 3}), earth: $earth,
      points: [point({x: 1, y: 2}), point({x: 3, y: 4})]})
    CREATE (b:Odd {tenant: $tenant, id: 'b', zulu: datetime('2026-11-30T02:00:00Z'),
      utc: datetime('2026-11-30T02:00:00[UTC]'), offset: datetime('2026-11-30T02:00:00.123456789+05:45'),
      once: datetime('2026-10-25T02:30:00+02:00[Europe/Berlin]'),
      again: datetime('2026-10-25T02:30:00+01:00[Europe/Berlin]'), far: datetime('-0044-03-15T12:00:00Z'),
      local: localdatetime('2026-11-30T02:00:00.000000001'), date: date('2026-02-28'),
      zoned: time('10:00:00.5-08:00'), clock: localtime('23:59:59.999999999'), zulus: [datetime('2026-11-30T02:00Z')],
      dates: [date('2026-02-28'), date('1970-01-01')], span: duration('P1Y2M3DT4H5M6.000000007S'),
      back: duration('P-1M-2DT-0.5S'), spans: [duration('P1D'), duration('PT1S')], clocks: [localtime('10:00')],
      locals: [localdatetime('2026-11-30T02:00')], zones: [time('10:00+01:00')]})
    CREATE (a)-[:LEADS_TO {at: datetime('2026-11-30T02:00:00Z'), weight: 0.5, spot: point({x: 1, y: 2}), id: 'r'}]->(b)
    CREATE (a)-[:LEADS_TO {id: 'r2'}]->(b), (b)-[:LEADS_TO]->(b), (b)-[:FOLLOWS {dates: [date('2026-02-28')]}]->(a)
"""
KINDS: LiteralString = """
    MATCH (n:Odd {tenant: $tenant})
    UNWIND keys(n) AS name
    RETURN n.id + '.' + name AS name, valueType(n[name]) AS kind,
      CASE WHEN valueType(n[name]) =~ '(ZONED|LOCAL|DATE|DURATION).*' THEN toString(n[name]) ELSE n[name] END AS value
    UNION ALL
    MATCH (n:Odd {tenant: $tenant})-[r]->(m)
    UNWIND keys(r) AS name
    RETURN n.id + type(r) + m.id + '.' + name AS name, valueType(r[name]) AS kind,
      CASE WHEN valueType(r[name]) =~ '(ZONED|LOCAL|DATE|DURATION).*' THEN toString(r[name]) ELSE r[name] END AS value
"""


def told(rows: list[Row]) -> list[tuple[str, str, str]]:
    """What each property is, in the server's own words; NaN equals itself that way."""
    return sorted((row["name"], row["kind"], repr(row["value"])) for row in rows)


async def moved(shop: Shop, folder: Path) -> None:
    """Dump the shop, remove it, and load it again."""
    numbers = await dump(PortableReader(shop.db, shop.tenant), folder, (0, 0), Silent())
    await shop.query("MATCH (n {tenant: $tenant}) DETACH DELETE n")
    await load(PortableWriter(shop.db, numbers[0]), folder, numbers, Silent())


async def make_odd(shop: Shop) -> None:
    await shop.query(ODD, bytes=b"\x00\xff tea", earth=WGS84Point((13.4, 52.5, 34.0)))


@pytest.mark.parametrize("page", [5_000, 1])
async def test_every_type_of_property_is_what_it_was(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, page: int
) -> None:
    monkeypatch.setattr(portable, "PAGE", page)
    await make_odd(shop)
    kinds = told(await shop.query(KINDS))
    assert len(kinds) > 50
    assert any("UTC" in value for _, _, value in kinds)
    assert math.isnan((await shop.query("MATCH (n:Odd {tenant: $tenant, id: 'a'}) RETURN n.nan AS nan"))[0]["nan"])

    await moved(shop, tmp_path)

    assert told(await shop.query(KINDS)) == kinds
    assert (await shop.query("MATCH ({tenant: $tenant})-[r]->() RETURN count(r) AS n"))[0]["n"] == 4
    labels = await shop.query("MATCH (n {tenant: $tenant, id: 'a'}) RETURN labels(n) AS labels")
    assert set(labels[0]["labels"]) == {"Odd", "Very"}


async def test_one_shop_is_read_without_the_others(shop: Shop, tmp_path: Path) -> None:
    other_shop = Shop(shop.db, f"{shop.tenant}-other")
    await other_shop.buys("ann", "pan")
    await shop.buys("tom", "pot", "pan")
    mine, others = await everything_of(shop), await everything_of(other_shop)

    numbers = await dump(PortableReader(shop.db, shop.tenant), tmp_path, (0, 0), Silent())
    assert sum(numbers) == len(mine)
    await moved(other_shop, tmp_path)

    assert await everything_of(shop) == mine
    assert await everything_of(other_shop) == others


async def test_a_file_with_too_few_rows_is_told(shop: Shop, tmp_path: Path) -> None:
    await make_odd(shop)
    nodes, relationships = await dump(PortableReader(shop.db, shop.tenant), tmp_path, (0, 0), Silent())
    await shop.query("MATCH (n {tenant: $tenant}) DETACH DELETE n")

    with pytest.raises(InvalidError, match=r"holds 4 rows in relationships\.jsonl\.gz where it should hold 5"):
        await load(PortableWriter(shop.db, nodes), tmp_path, (nodes, relationships + 1), Silent())


async def test_a_node_that_came_meanwhile_is_noticed(shop: Shop) -> None:
    await make_odd(shop)
    reader = PortableReader(shop.db, shop.tenant)
    assert sum([len(page) async for page in reader.nodes()]) == 2
    await shop.query("MATCH (n:Very {tenant: $tenant}) CREATE (n)-[:LEADS_TO]->(:Odd {tenant: $tenant, id: 'late'})")

    with pytest.raises(BusyError, match="Somebody wrote"):
        _ = [page async for page in reader.relationships()]
