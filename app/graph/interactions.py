"""Writes interactions and the LIKES that follow from them, in one transaction (cypher/ingest/)."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from app.domain.evidence import EvidenceRules, Like, sum_likes
from app.domain.models import CANCELLING, Interaction, Line, Rating
from app.domain.opinions import revises, what_counts
from app.domain.orders import NAMED, is_of_an_order, waiting_place, with_summed_lines
from app.graph.batch_lookup import Writing, look_up, write
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
    so are identities that ever revised anything (a refund of no order, a dislike, an exclusion), since that changes
    what came before and may arrive before it. For all others the new evidence is added to what is there. A batch of
    which nothing is known, as most are, is written in the round trip in which that shows.
    """
    batch = _once(interactions)
    known = await look_up(transaction, tenant, batch, tombstones, public_ids, _at_once(batch, rules))
    if known.is_written:
        await note_sessions(transaction, tenant, batch)
        return Written({one.id for one in batch})
    fresh = [one for one in batch if one.id not in known.ids]
    if not fresh:
        return Written()
    if erased := known.erased:
        erased = await _bury(transaction, tenant, fresh, erased, tombstones)
        fresh = [one for one in fresh if one.identity_id not in erased]
    fresh, unmatched = await match_lines(transaction, tenant, fresh, known.matches)
    disputed = _disputed(fresh, known.order_ids)
    revising = known.revising_ids - erased
    added = [one for one in fresh if one.identity_id not in revising and not _is_among(one, disputed)]
    await write(transaction, tenant, _writing(fresh, sum_likes(added, rules), rules))
    await note_sessions(transaction, tenant, fresh)
    touched = await settle_orders(transaction, tenant, disputed) if disputed else {}
    for identity_id in revising:
        products = {line.product_id for one in fresh if one.identity_id == identity_id for line in one.lines}
        touched.setdefault(identity_id, set()).update(products)
    for identity_id in sorted(touched):
        await recount_likes(transaction, tenant, identity_id, touched[identity_id], rules)
    return Written({one.id for one in fresh}, erased, unmatched)


def _once(interactions: Sequence[Interaction]) -> list[Interaction]:
    """Of what comes twice the first, sorted by id."""
    first = {one.id: one for one in reversed(interactions)}
    return [first[id_] for id_ in sorted(first)]


def _disputed(fresh: Sequence[Interaction], known_orders: Collection[str]) -> set[str]:
    """Orders of which something but one purchase is said, here or on disk."""
    said = Counter(str(i.order_id) for i in fresh if is_of_an_order(i))
    returned = {str(i.order_id) for i in fresh if is_of_an_order(i) and i.type in CANCELLING}
    return {order_id for order_id, times in said.items() if times > 1 or order_id in known_orders} | returned


def _is_among(interaction: Interaction, order_ids: Collection[str]) -> bool:
    return is_of_an_order(interaction) and interaction.order_id in order_ids


async def _bury(
    transaction: Transaction, tenant: str, fresh: Sequence[Interaction], erased: set[str], tombstones: Tombstones
) -> set[str]:
    """Take back what the look made of those who were erased; they, and the places where refunds wait for them."""
    await transaction.run("erase/drop_revived", tenant=tenant, ids=sorted(erased))
    orders = {
        str(one.order_id) for one in fresh if one.identity_id in erased and one.type == "purchase" and one.order_id
    }
    return erased | await tombstones.bury_orders(transaction, tenant, erased, orders) if orders else erased


async def write_likes(transaction: Transaction, tenant: str, likes: Sequence[Like], rules: EvidenceRules) -> None:
    """Add likes to what is there, of interactions that are on disk."""
    await write(transaction, tenant, _writing((), likes, rules))


def _at_once(batch: Sequence[Interaction], rules: EvidenceRules) -> Writing | None:
    """What a batch writes if nothing of it is known; ``None`` where that alone would not do."""
    if _disputed(batch, ()) or any(map(revises, batch)):
        return None
    summed = [with_summed_lines(one) for one in batch]
    return _writing(summed, sum_likes(summed, rules), rules)


def _writing(interactions: Sequence[Interaction], likes: Sequence[Like], rules: EvidenceRules) -> Writing:
    return Writing([_row(one) for one in interactions], [_like_row(like) for like in likes], rules.decay_days)


async def recount_likes(
    transaction: Transaction, tenant: str, identity_id: str, product_ids: Collection[str], rules: EvidenceRules
) -> None:
    """Set the likes of some products from all the evidence of one identity, claimed one too."""
    rows = await transaction.run(
        "ingest/read_evidence", tenant=tenant, identity_id=identity_id, product_ids=sorted(product_ids)
    )
    excluded = await find_excluded(transaction, tenant, [identity_id])
    counted = what_counts((interaction_of(identity_id, row) for row in rows), excluded.get(identity_id, ()))
    await _set_likes(transaction, tenant, identity_id, sum_likes(counted, rules), product_ids)


async def recount_all(transaction: Transaction, tenant: str, identity_ids: Sequence[str], rules: EvidenceRules) -> None:
    """Sum all likes of some identities anew (refresh/read_all_evidence)."""
    rows = await transaction.run("refresh/read_all_evidence", tenant=tenant, identity_ids=list(identity_ids))
    excluded = await find_excluded(transaction, tenant, identity_ids)
    await transaction.run("refresh/remove_likes", tenant=tenant, identity_ids=list(identity_ids))
    for identity_id, mine in groupby(rows, key=lambda row: row["identity_id"]):
        counted = what_counts((interaction_of(identity_id, row) for row in mine), excluded.get(identity_id, ()))
        await _set_likes(transaction, tenant, identity_id, sum_likes(counted, rules))


async def find_excluded(
    transaction: Transaction, tenant: str, identity_ids: Sequence[str]
) -> dict[str, list[tuple[str, str]]]:
    """Lines that identities have excluded from their evidence, as (interaction, product)."""
    rows = await transaction.run("exclusions/find_excluded", tenant=tenant, identity_ids=list(identity_ids))
    return {row["identity_id"]: [(line[0], line[1]) for line in row["lines"]] for row in rows}


async def _set_likes(
    transaction: Transaction, tenant: str, identity_id: str, likes: Sequence[Like], product_ids: Collection[str] = ()
) -> None:
    """Set likes as they are, whatever was there; those of ``product_ids`` that are not among them lose theirs."""
    rows: dict[str, dict[str, Any]] = {
        id_: {"identity_id": identity_id, "product_id": id_, "weight": None} for id_ in product_ids
    }
    rows |= {like.product_id: _like_row(like) for like in likes}
    await transaction.run("ingest/set_likes", tenant=tenant, rows=[rows[id_] for id_ in sorted(rows)])


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
        "rating": [interaction.rating.value, interaction.rating.max] if interaction.rating else None,
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
        rating=Rating(*row["rating"]) if row["rating"] else None,
    )
    return with_summed_lines(one)


def _line(product_id: str, quantity: float, price_paid: float | None, list_price: float | None) -> Line:
    return Line(product_id, quantity, as_decimal(price_paid), as_decimal(list_price))
