"""Writes interactions and the LIKES that follow from them, in one transaction (cypher/ingest/)."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.domain import clock
from app.domain.evidence import MOST_DAYS, EvidenceRules, Like, sum_likes
from app.domain.models import CANCELLING, Interaction, Line
from app.domain.orders import NAMED, is_of_an_order, waiting_place, with_summed_lines, without_returned
from app.graph.database import Row, Transaction
from app.graph.matching import match_lines
from app.graph.money import as_decimal, as_float
from app.graph.orders import settle_orders
from app.graph.sessions import is_on_login, note_sessions
from app.graph.times import from_ms, to_ms, to_optional_ms
from app.graph.tombstones import Tombstones


@dataclass(frozen=True, slots=True)
class Written:
    """What one transaction did."""

    new: set[str] = field(default_factory=set[str])
    """Ids of the interactions that were not on disk before."""
    erased: set[str] = field(default_factory=set[str])
    """Ids of identities that were erased; nothing of theirs was written."""
    unmatched: Mapping[str, int] = field(default_factory=dict[str, int])
    """Lines of new purchases whose product no feed has, by interaction."""


async def write_interactions(
    transaction: Transaction,
    tenant: str,
    interactions: Sequence[Interaction],
    rules: EvidenceRules,
    tombstones: Tombstones,
    public_ids: Collection[str] = (),
) -> Written:
    """Write what is not on disk yet, likes included, and nothing of anybody who was erased.

    ``public_ids`` are the identities of whom nobody but public keys speaks here.

    What is said of an order that more than one message speaks of is settled, and whose likes follow from it recounted;
    so are identities that ever had a refund of no order, since it takes back what an earlier purchase added and may
    arrive before it. For all others the new evidence is added to what is there.
    """
    fresh, known_orders = await _not_on_disk(transaction, tenant, interactions)
    if not fresh:
        return Written()
    with_refunds = await _touch_identities(transaction, tenant, fresh, public_ids)
    erased = await _erased(transaction, tenant, fresh, tombstones)
    fresh = [i for i in fresh if i.identity_id not in erased]
    fresh, unmatched = await match_lines(transaction, tenant, fresh)
    await transaction.run("ingest/create_interactions", tenant=tenant, rows=[_row(i) for i in fresh])
    await note_sessions(transaction, tenant, fresh)
    disputed = _disputed(fresh, known_orders)
    touched = await settle_orders(transaction, tenant, disputed) if disputed else {}
    added = [i for i in fresh if i.identity_id not in with_refunds and not _is_among(i, disputed)]
    await write_likes(transaction, tenant, sum_likes(added, rules), rules)
    for identity_id in with_refunds - erased:
        products = {line.product_id for i in fresh if i.identity_id == identity_id for line in i.lines}
        touched.setdefault(identity_id, set()).update(products)
    for identity_id in sorted(touched):
        await recount_likes(transaction, tenant, identity_id, touched[identity_id], rules)
    return Written({i.id for i in fresh}, erased, unmatched)


async def _not_on_disk(
    transaction: Transaction, tenant: str, interactions: Sequence[Interaction]
) -> tuple[list[Interaction], set[str]]:
    """Drop what is on disk and what comes twice, sorted by id; and of which of their orders something is on disk."""
    first = {i.id: i for i in reversed(interactions)}
    orders = sorted({str(i.order_id) for i in first.values() if is_of_an_order(i)})
    rows = await transaction.run("ingest/find_interactions", tenant=tenant, ids=sorted(first), order_ids=orders)
    known = set(rows[0]["ids"])
    return [first[id_] for id_ in sorted(first) if id_ not in known], set(rows[0]["order_ids"])


def _disputed(fresh: Sequence[Interaction], known_orders: Collection[str]) -> set[str]:
    """Orders of which something but one purchase is said, here or on disk."""
    said = Counter(str(i.order_id) for i in fresh if is_of_an_order(i))
    returned = {str(i.order_id) for i in fresh if is_of_an_order(i) and i.type in CANCELLING}
    return {order_id for order_id, times in said.items() if times > 1 or order_id in known_orders} | returned


def _is_among(interaction: Interaction, order_ids: Collection[str]) -> bool:
    return is_of_an_order(interaction) and interaction.order_id in order_ids


async def _touch_identities(
    transaction: Transaction, tenant: str, fresh: Sequence[Interaction], public_ids: Collection[str]
) -> set[str]:
    """Make the identities exist; the ids of those that ever had a refund or return of no order."""
    cancelling = sorted({i.identity_id for i in fresh if i.type in CANCELLING and i.order_id is None})
    ids = sorted({i.identity_id for i in fresh})
    rows = await transaction.run(
        "ingest/touch_identities",
        tenant=tenant,
        ids=ids,
        cancelling_ids=cancelling,
        public_ids=sorted(public_ids),
        now=clock.now(),
    )
    return {row["id"] for row in rows}


async def _erased(
    transaction: Transaction, tenant: str, fresh: Sequence[Interaction], tombstones: Tombstones
) -> set[str]:
    """Those of the identities, by now locked, that were erased; what the touch made of them is taken back.

    So are the places where refunds wait for their orders.
    """
    erased = await tombstones.among(transaction, tenant, (i.identity_id for i in fresh))
    if not erased:
        return erased
    await transaction.run("erase/drop_revived", tenant=tenant, ids=sorted(erased))
    orders = {str(i.order_id) for i in fresh if i.identity_id in erased and i.type == "purchase" and i.order_id}
    return erased | await tombstones.bury_orders(transaction, tenant, erased, orders) if orders else erased


async def write_likes(transaction: Transaction, tenant: str, likes: list[Like], rules: EvidenceRules) -> None:
    """Add likes to what is there (ingest/add_likes.cypher)."""
    rows = [_like_row(like) for like in likes]
    await transaction.run(
        "ingest/add_likes", tenant=tenant, rows=rows, decay_days=rules.decay_days, most_days=MOST_DAYS
    )


async def recount_likes(
    transaction: Transaction, tenant: str, identity_id: str, product_ids: Collection[str], rules: EvidenceRules
) -> None:
    """Set the likes of some products from all the evidence of one identity, claimed one too."""
    rows = await transaction.run(
        "ingest/read_evidence", tenant=tenant, identity_id=identity_id, product_ids=sorted(product_ids)
    )
    evidence = [interaction_of(identity_id, row) for row in rows]
    counted = {like.product_id: _like_row(like) for like in sum_likes(without_returned(evidence), rules)}
    nothing = {"identity_id": identity_id, "weight": None}
    likes = [counted.get(id_, {**nothing, "product_id": id_}) for id_ in sorted(product_ids)]
    await transaction.run("ingest/set_likes", tenant=tenant, rows=likes)


def _row(interaction: Interaction) -> dict[str, Any]:
    return {
        "id": interaction.id,
        "type": interaction.type,
        "identity_id": interaction.identity_id,
        "at_ms": to_ms(interaction.at),
        "session_id": interaction.session_id,
        "decision_id": interaction.decision_id,
        "order_id": interaction.order_id,
        "currency": interaction.currency,
        "updated_ms": to_optional_ms(interaction.updated_at),
        "trust": interaction.trust if is_of_an_order(interaction) and interaction.trust != NAMED else None,
        "by_order": True if _waits(interaction) else None,
        "channel": interaction.channel,
        "device": interaction.device,
        "on_login": is_on_login(interaction) or None,
        "lines": [
            [line.product_id, float(line.quantity), as_float(line.price_paid), as_float(line.list_price), line.said]
            for line in interaction.lines
        ],
    }


def _waits(interaction: Interaction) -> bool:
    return interaction.order_id is not None and interaction.identity_id == waiting_place(interaction.order_id)


def _like_row(like: Like) -> dict[str, Any]:
    return {
        "identity_id": like.identity_id,
        "product_id": like.product_id,
        "weight": like.weight,
        "full_price_weight": like.full_price_weight,
        "count": like.count,
        "purchases": like.purchases,
        "last_at_ms": to_ms(like.last_at),
        "first_bought_at_ms": to_optional_ms(like.first_bought_at),
        "last_bought_at_ms": to_optional_ms(like.last_bought_at),
        "bought_days": list(like.bought_days) or None,
    }


def interaction_of(identity_id: str, row: Row) -> Interaction:
    """Read one row of ingest/read_evidence, refresh/read_all_evidence or recommend/read_evidence."""
    one = Interaction(
        id=row["id"],
        type=row["type"],
        identity_id=identity_id,
        at=from_ms(row["at_ms"]),
        order_id=row["order_id"],
        lines=tuple(_line(*line) for line in row["lines"]),
    )
    return with_summed_lines(one)


def _line(product_id: str, quantity: float, price_paid: float | None, list_price: float | None) -> Line:
    return Line(product_id, quantity, as_decimal(price_paid), as_decimal(list_price))
