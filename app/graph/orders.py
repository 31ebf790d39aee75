"""Brings an order's lines to what its messages say together (cypher/ingest/, the rule is in ``domain/orders.py``)."""

from collections.abc import Collection, Mapping, Sequence
from itertools import groupby
from typing import Any

from app.domain.models import Interaction, Line
from app.domain.orders import Settled, settle, with_summed_lines
from app.graph.database import Row, Transaction
from app.graph.times import from_ms, to_ms

Touched = dict[str, set[str]]
"""Products whose likes must be counted anew, by identity."""


async def settle_orders(transaction: Transaction, tenant: str, order_ids: Collection[str]) -> Touched:
    """Settle some orders of which something new is on disk; whose likes of what follow from them."""
    rows = await transaction.run("ingest/read_orders", tenant=tenant, order_ids=sorted(order_ids))
    touched: Touched = {}
    purchases: list[dict[str, Any]] = []
    moved: list[dict[str, str]] = []
    for _, messages in groupby(rows, key=lambda row: row["order_id"]):
        of_order = list(messages)
        settled = settle(map(_message, of_order))
        purchases += _changes(of_order, settled)
        moved += _moves(of_order, settled)
        _touch(touched, of_order)
    await transaction.run(
        "ingest/settle_orders", tenant=tenant, identity_ids=sorted(touched), purchases=purchases, moved=moved
    )
    return touched


def _message(row: Row) -> Interaction:
    lines = tuple(Line(product_id, quantity) for product_id, quantity, _ in row["lines"])
    message = Interaction(
        id=row["id"],
        type=row["type"],
        identity_id=row["identity_id"],
        at=from_ms(row["at_ms"]),
        order_id=row["order_id"],
        updated_at=None if row["updated_ms"] is None else from_ms(row["updated_ms"]),
        trust=row["trust"],
        lines=lines,
    )
    return with_summed_lines(message)


def _changes(rows: Sequence[Row], settled: Settled) -> list[dict[str, Any]]:
    """Purchases of which something else counts now than is written."""
    changes: list[dict[str, Any]] = []
    for row in rows:
        kept = settled.kept.get(row["id"])
        if kept is None:
            continue
        at = settled.ordered_at.get(row["id"])
        ordered_ms = None if at is None else to_ms(at)
        if kept != _kept_so_far(row) or ordered_ms != row["ordered_ms"]:
            pairs = [[product_id, quantity] for product_id, quantity in sorted(kept.items())]
            changes.append({"id": row["id"], "ordered_ms": ordered_ms, "kept": pairs})
    return changes


def _kept_so_far(row: Row) -> Mapping[str, float]:
    kept: dict[str, float] = {}
    for product_id, quantity, so_far in row["lines"]:
        kept[product_id] = kept.get(product_id, 0.0) + (quantity if so_far is None else so_far)
    return kept


def _moves(rows: Sequence[Row], settled: Settled) -> list[dict[str, str]]:
    """Refunds that named nobody, and do not hang on whose order it is."""
    owner = settled.owner
    if owner is None:
        return []
    return [{"id": row["id"], "identity_id": owner} for row in rows if row["by_order"] and row["identity_id"] != owner]


def _touch(touched: Touched, rows: Sequence[Row]) -> None:
    purchases = [row for row in rows if row["type"] == "purchase"]
    products = {product_id for row in purchases for product_id, _, _ in row["lines"]}
    for row in purchases:
        for identity_id in (row["identity_id"], *row["claimers"]):
            touched.setdefault(identity_id, set()).update(products)
