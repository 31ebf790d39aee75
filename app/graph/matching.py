"""Which products of the catalogue the lines of events mean (cypher/ingest/take_events.cypher)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from app.domain.matching import Unmatched
from app.domain.models import Interaction, Line
from app.domain.orders import with_summed_lines
from app.graph.batch_lookup import Match, match_products
from app.graph.database import Database, Transaction


class UnmatchedGraph:
    """Implements ``UnmatchedStore``."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def list_unmatched(self, tenant: str, limit: int) -> list[Unmatched]:
        """The most bought first; ``[]`` where a feed has them all (ingest/list_unmatched.cypher)."""
        return [Unmatched(**row) for row in await self._db.read("ingest/list_unmatched", tenant=tenant, limit=limit)]


async def match_lines(
    transaction: Transaction, tenant: str, interactions: Sequence[Interaction], matches: Mapping[str, Match]
) -> tuple[list[Interaction], Mapping[str, int]]:
    """Name products as the catalogue does, each once an interaction; and how many lines of purchases no feed has.

    What is no product's id, ``gtin``, ``mpn``, ``sku`` or group keeps its own text, until a feed has it.
    """
    named = [_with_names(one, matches) for one in interactions]
    lines = [line for one in named for line in one.lines if line.said is None]
    strays = {line.product_id for line in lines if matches[line.product_id].how == "none"}
    if strays:
        await transaction.run("ingest/keep_unknown_products", tenant=tenant, ids=sorted(strays))
    return [with_summed_lines(one) for one in named], _unmatched(named, matches)


async def rehome_purchases(transaction: Transaction, tenant: str, ids: Collection[str]) -> None:
    """Bring what was said of some ids before a feed knew them to the products that they mean now."""
    rows = await transaction.run("ingest/find_strays", tenant=tenant, ids=sorted(ids))
    if strays := rows[0]["ids"]:
        matches = await match_products(transaction, tenant, strays)
        meant = [[id_, match.product_id] for id_, match in sorted(matches.items()) if match.product_id is not None]
        await transaction.run("ingest/rehome_purchases", tenant=tenant, meant=meant)


def _with_names(interaction: Interaction, matches: Mapping[str, Match]) -> Interaction:
    lines = interaction.lines
    if all(matches[line.product_id].how == "itself" and not line.also for line in lines):
        return interaction
    return replace(interaction, lines=tuple([_named(line, matches) for line in lines]))


def _named(line: Line, matches: Mapping[str, Match]) -> Line:
    """Name a line's product by its own id, else by what else it is known by; as it came where nothing is known."""
    for text in (line.product_id, *line.also):
        product_id = matches[text].product_id
        if product_id == line.product_id:
            break
        if product_id is not None:
            return replace(line, product_id=product_id, also=(), said=line.product_id)
    return replace(line, also=()) if line.also else line


def _unmatched(interactions: Sequence[Interaction], matches: Mapping[str, Match]) -> Mapping[str, int]:
    def is_lost(line: Line) -> bool:
        how = matches[line.said or line.product_id].how
        return how == "group" if line.said else how in ("kept", "none")

    lost = {one.id: sum(map(is_lost, one.lines)) for one in interactions if one.type == "purchase"}
    return {id_: number for id_, number in lost.items() if number}
