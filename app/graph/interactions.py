"""Writes interactions and the LIKES that follow from them, in one transaction (cypher/ingest/)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.domain import clock
from app.domain.evidence import CANCELLING, MOST_DAYS, EvidenceRules, Like, sum_likes, without_cancelled
from app.domain.models import Interaction, Line
from app.graph.database import Row, Transaction
from app.graph.products import as_decimal, as_float
from app.graph.times import from_ms, to_ms, to_optional_ms
from app.graph.tombstones import Tombstones


@dataclass(frozen=True, slots=True)
class Written:
    """What one transaction did."""

    new: set[str] = field(default_factory=set[str])
    """Ids of the interactions that were not on disk before."""
    erased: set[str] = field(default_factory=set[str])
    """Ids of identities that were erased; nothing of theirs was written."""


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

    Identities that ever had a refund are recounted from all their evidence, since a refund takes back what an
    earlier purchase added and may arrive before it; for all others the new evidence is added to what is there.
    """
    fresh = await _not_on_disk(transaction, tenant, interactions)
    if not fresh:
        return Written()
    with_refunds = await _touch_identities(transaction, tenant, fresh, public_ids)
    erased = await _erased(transaction, tenant, fresh, tombstones)
    fresh = [i for i in fresh if i.identity_id not in erased]
    product_ids = sorted({line.product_id for i in fresh for line in i.lines})
    await transaction.run("ingest/keep_unknown_products", tenant=tenant, ids=product_ids)
    await transaction.run("ingest/create_interactions", tenant=tenant, rows=[_row(i) for i in fresh])
    simple = [i for i in fresh if i.identity_id not in with_refunds]
    await write_likes(transaction, tenant, sum_likes(simple, rules), rules)
    for identity_id in sorted(with_refunds - erased):
        mine = [i for i in fresh if i.identity_id == identity_id]
        await recount_likes(transaction, tenant, identity_id, mine, rules)
    return Written({i.id for i in fresh}, erased)


async def _not_on_disk(transaction: Transaction, tenant: str, interactions: Sequence[Interaction]) -> list[Interaction]:
    """Drop what is on disk and what comes twice, sorted by id."""
    first = {i.id: i for i in reversed(interactions)}
    ids = sorted(first)
    known = {row["id"] for row in await transaction.run("ingest/find_interactions", tenant=tenant, ids=ids)}
    return [first[id_] for id_ in ids if id_ not in known]


async def _touch_identities(
    transaction: Transaction, tenant: str, fresh: Sequence[Interaction], public_ids: Collection[str]
) -> set[str]:
    """Make the identities exist; the ids of those that ever had a refund or return."""
    cancelling = sorted({i.identity_id for i in fresh if i.type in CANCELLING})
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
    """Those of the identities, by now locked, that were erased; what the touch made of them is taken back."""
    erased = await tombstones.among(transaction, tenant, (i.identity_id for i in fresh))
    if erased:
        await transaction.run("erase/drop_revived", tenant=tenant, ids=sorted(erased))
    return erased


async def write_likes(transaction: Transaction, tenant: str, likes: list[Like], rules: EvidenceRules) -> None:
    """Add likes to what is there (ingest/add_likes.cypher)."""
    rows = [_like_row(like) for like in likes]
    await transaction.run(
        "ingest/add_likes", tenant=tenant, rows=rows, decay_days=rules.decay_days, most_days=MOST_DAYS
    )


async def recount_likes(
    transaction: Transaction, tenant: str, identity_id: str, fresh: Sequence[Interaction], rules: EvidenceRules
) -> None:
    """Set the likes of the products that ``fresh`` touches from all the evidence of one identity, claimed one too."""
    product_ids = {line.product_id for i in fresh for line in i.lines}
    whole_orders = sorted({i.order_id for i in fresh if i.order_id and not i.lines})
    if whole_orders:
        rows = await transaction.run(
            "ingest/find_order_products", tenant=tenant, identity_id=identity_id, order_ids=whole_orders
        )
        product_ids |= {row["product_id"] for row in rows}
    rows = await transaction.run(
        "ingest/read_evidence", tenant=tenant, identity_id=identity_id, product_ids=sorted(product_ids)
    )
    evidence = [interaction_of(identity_id, row) for row in rows]
    counted = {like.product_id: _like_row(like) for like in sum_likes(without_cancelled(evidence), rules)}
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
        "lines": [
            [line.product_id, float(line.quantity), as_float(line.price_paid), as_float(line.list_price)]
            for line in interaction.lines
        ],
    }


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
    """Read one row of ingest/read_evidence or refresh/read_all_evidence."""
    return Interaction(
        id=row["id"],
        type=row["type"],
        identity_id=identity_id,
        at=from_ms(row["at_ms"]),
        order_id=row["order_id"],
        lines=tuple(_line(*line) for line in row["lines"]),
    )


def _line(product_id: str, quantity: float, price_paid: float | None, list_price: float | None) -> Line:
    return Line(product_id, quantity, as_decimal(price_paid), as_decimal(list_price))
