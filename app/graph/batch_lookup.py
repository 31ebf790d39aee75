"""What is known of a batch of events before it is written, in one round trip (cypher/ingest/look_up_events.cypher)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from app.domain import clock
from app.domain.models import Interaction
from app.domain.opinions import revises
from app.domain.orders import is_of_an_order
from app.graph.database import Row, Transaction
from app.graph.tombstones import Tombstones

_ASKED = ("events", "order_ids", "product_ids", "digests", "public_ids")


class Match(NamedTuple):
    """What an id means."""

    product_id: str | None
    """``None`` for no product of the catalogue."""
    how: str
    """``itself``, ``alternative``, ``group``, or ``kept`` or ``none`` for what keeps its own text."""


@dataclass(frozen=True, slots=True)
class Known:
    """What one look showed."""

    ids: set[str]
    """Events that are on disk."""
    order_ids: set[str]
    """Orders of which something is on disk."""
    revising_ids: set[str]
    """Identities of new events that ever revised anything: their likes are summed anew, not added to."""
    erased: set[str]
    """Identities that were erased."""
    matches: Mapping[str, Match]
    """What each text means that a line names."""


async def look_up(
    transaction: Transaction,
    tenant: str,
    batch: Sequence[Interaction],
    tombstones: Tombstones,
    public_ids: Collection[str] = (),
) -> Known:
    """Look, with the identities of new events locked, and made where they were not there.

    Events are sorted by id, none twice. ``public_ids`` are the identities of whom nobody but public keys speaks here.
    """
    ids_by_digest = tombstones.ids_by_digest(tenant, (one.identity_id for one in batch))
    texts = {text for one in batch for line in one.lines for text in (line.product_id, *line.also)}
    (row,) = await _look(
        transaction,
        tenant,
        events=[[one.id, one.identity_id, revises(one)] for one in batch],
        order_ids=sorted({str(one.order_id) for one in batch if is_of_an_order(one)}),
        product_ids=sorted(texts),
        digests=list(ids_by_digest),
        public_ids=sorted(public_ids),
    )
    return Known(
        set(row["ids"]),
        set(row["order_ids"]),
        set(row["revising_ids"]),
        {ids_by_digest[digest] for digest in row["digests"]},
        _matches(row["matches"]),
    )


async def match_products(transaction: Transaction, tenant: str, product_ids: Collection[str]) -> Mapping[str, Match]:
    """What some texts mean that no event names now; ``{}`` for none."""
    if not product_ids:
        return {}
    (row,) = await _look(transaction, tenant, product_ids=sorted(product_ids))
    return _matches(row["matches"])


async def make_visitor(transaction: Transaction, tenant: str, identity_id: str) -> None:
    """Make an identity exist of whom a page speaks before it has done anything, as its first event would."""
    await _look(transaction, tenant, events=[["", identity_id, True]], public_ids=[identity_id])


async def lock_orders(transaction: Transaction, tenant: str, order_ids: Sequence[str]) -> None:
    """Lock the shop as a writer of events does that speak of orders."""
    await _look(transaction, tenant, order_ids=list(order_ids))


def _matches(rows: Sequence[tuple[str, str | None, str]]) -> Mapping[str, Match]:
    return {text: Match(product_id, how) for text, product_id, how in rows}


async def _look(transaction: Transaction, tenant: str, **asked: list[Any]) -> list[Row]:
    """Look for what is asked, and for nothing else."""
    nothing: dict[str, list[Any]] = {name: [] for name in _ASKED}
    return await transaction.run("ingest/look_up_events", tenant=tenant, now=clock.now(), **{**nothing, **asked})
