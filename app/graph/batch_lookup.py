"""A batch of events is looked up, and written if nothing of it is known, in one round trip (ingest/take_events)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from app.domain import clock
from app.domain.evidence import MOST_DAYS
from app.domain.models import Interaction
from app.domain.opinions import revises
from app.domain.orders import is_of_an_order
from app.graph.database import Row, Transaction
from app.graph.tombstones import Tombstones

_NOTHING: Mapping[str, Any] = {
    **dict[str, Any].fromkeys(("events", "order_ids", "products", "digests", "public_ids", "rows", "likes"), ()),
    "decay_days": 1.0,
    "most_days": MOST_DAYS,
}


@dataclass(frozen=True, slots=True)
class Writing:
    """What events write, as ingest/take_events takes it."""

    rows: Sequence[Mapping[str, Any]] = ()
    likes: Sequence[Mapping[str, Any]] = ()
    decay_days: float = 1.0


class Match(NamedTuple):
    """What an id means."""

    product_id: str | None
    """``None`` for no product of the catalogue."""
    how: str
    """``itself``, ``alternative``, ``group``, or ``kept`` or ``none`` for what keeps its own text."""


@dataclass(frozen=True, slots=True)
class Known:
    """What one look showed."""

    is_written: bool
    """Whether what was to be written at once is, since nothing else was known of the batch."""
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
    at_once: Writing | None = None,
) -> Known:
    """Look, with the identities of new events locked, and made where they were not there.

    Events are sorted by id, none twice. ``public_ids`` are the identities of whom nobody but public keys speaks here.
    ``at_once`` is written as well where nothing is known of the batch and each line names a product by its id.
    """
    ids_by_digest = tombstones.ids_by_digest(tenant, (one.identity_id for one in batch))
    named = {line.product_id for one in batch for line in one.lines}
    texts = named.union(text for one in batch for line in one.lines for text in line.also)
    (row,) = await _take(
        transaction,
        tenant,
        events=[[one.id, one.identity_id, revises(one)] for one in batch],
        order_ids=sorted({str(one.order_id) for one in batch if is_of_an_order(one)}),
        products=[[text, text in named] for text in sorted(texts)],
        digests=list(ids_by_digest),
        public_ids=sorted(public_ids),
        **_said(at_once or Writing()),
    )
    return Known(
        at_once is not None and row["is_written"],
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
    (row,) = await _take(transaction, tenant, products=[[text, True] for text in sorted(product_ids)])
    return _matches(row["matches"])


async def write(transaction: Transaction, tenant: str, writing: Writing) -> None:
    """Write what was looked up before, whatever is known of it."""
    await _take(transaction, tenant, **_said(writing))


async def make_visitor(transaction: Transaction, tenant: str, identity_id: str) -> None:
    """Make an identity exist of whom a page speaks before it has done anything, as its first event would."""
    await _take(transaction, tenant, events=[["", identity_id, True]], public_ids=[identity_id])


async def lock_orders(transaction: Transaction, tenant: str, order_ids: Sequence[str]) -> None:
    """Lock the shop as a writer of events does that speak of orders."""
    await _take(transaction, tenant, order_ids=list(order_ids))


def _matches(rows: Sequence[tuple[str, str | None, str]]) -> Mapping[str, Match]:
    return {text: Match(product_id, how) for text, product_id, how in rows}


def _said(writing: Writing) -> dict[str, Any]:
    return {"rows": writing.rows, "likes": writing.likes, "decay_days": writing.decay_days}


async def _take(transaction: Transaction, tenant: str, **asked: Any) -> list[Row]:
    """Look for what is asked, and for nothing else; write what is given if nothing was found."""
    return await transaction.run("ingest/take_events", tenant=tenant, now=clock.now(), **{**_NOTHING, **asked})
