"""One purchase an order and product: which of an order's messages counts, and how much of it is left. No I/O.

Messages stay as they came; what is said here is derived from all of an order's messages together, so that it does not
depend on the order in which they arrived.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from app.domain.anonymous import MAX_ID
from app.domain.models import CANCELLING, Interaction, Line

PAGE = 0
"""Trust in what a page said, by a key that everybody can read or that is bound to one subject."""
SERVER = 1
"""Trust in what a server said of a browser or of nobody."""
NAMED = 2
"""Trust in what a server said of somebody whom it names."""

_NOTHING = 1e-9
"""Quantities are doubles: 0.3 taken from 0.1 + 0.2 leaves nothing."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What the messages of one order say together."""

    kept: Mapping[str, Mapping[str, float]] = field(default_factory=dict[str, Mapping[str, float]])
    """By purchase message and product: how many the customer has, 0 where another message counts or all went back."""
    ordered_at: Mapping[str, datetime] = field(default_factory=dict[str, datetime])
    """By purchase message: when the order was made, where its earliest message of like standing says something else."""
    owner: str | None = None
    """Whose the order is, by the message that counts; ``None`` before there is a purchase."""


def waiting_place(order_id: str) -> str:
    """Name the anonymous identity under which a refund waits for its purchase when nobody said whose it is."""
    name = f"order:{order_id}"
    return name if len(name) <= MAX_ID else f"order-{hashlib.sha256(order_id.encode()).hexdigest()[:40]}"


def is_of_an_order(interaction: Interaction) -> bool:
    """Whether it is a purchase, refund or return that names its order."""
    return interaction.order_id is not None and (interaction.type == "purchase" or interaction.type in CANCELLING)


def settle(messages: Iterable[Interaction]) -> Settled:
    """Judge all messages of one order, whose lines are summed (``with_summed_lines``), in whatever order they come.

    Of messages the best source counts: a server that names somebody before one that does not, and any server before
    pages. Among its equals the newest (``updated_at``, else ``at``) counts for each product that it names, and one with
    ``updated_at`` says all that the order holds by then. Pages say nothing of one another: each identity's count by
    themselves. Refunds take from what counts, product by product, and add up; one without lines takes all.
    """
    known = list(messages)
    purchases = [one for one in known if one.type == "purchase"]
    if not purchases:
        return Settled()
    taken = _taken([one for one in known if one.type in CANCELLING])
    kept: dict[str, dict[str, float]] = {one.id: {line.product_id: 0.0 for line in one.lines} for one in purchases}
    ordered_at: dict[str, datetime] = {}
    groups = _groups(purchases)
    for group in groups:
        first = min(one.at for one in group)
        ordered_at |= {one.id: first for one in group if one.at != first}
        for product_id, one in _counting(group).items():
            quantity = next(line.quantity for line in one.lines if line.product_id == product_id)
            kept[one.id][product_id] = _less(quantity, taken, product_id)
    return Settled(kept, ordered_at, max(groups[0], key=_newest).identity_id)


def _groups(purchases: Sequence[Interaction]) -> list[list[Interaction]]:
    """Those that count beside one another: the best server's together, or each identity's page by itself."""
    best = max(one.trust for one in purchases)
    standing = [one for one in purchases if one.trust == best]
    if best > PAGE:
        return [standing]
    owners = sorted({one.identity_id for one in standing})
    return [[one for one in standing if one.identity_id == owner] for owner in owners]


def _counting(group: Sequence[Interaction]) -> dict[str, Interaction]:
    """By product, the message that counts for it."""
    whole = max((one for one in group if one.updated_at is not None), key=_newest, default=None)
    counting: dict[str, Interaction] = {}
    for one in sorted(group, key=_newest):
        if whole is None or _newest(one) >= _newest(whole):
            counting |= {line.product_id: one for line in one.lines}
    return counting


def _newest(message: Interaction) -> tuple[datetime, datetime, str]:
    return (message.updated_at or message.at, message.at, message.id)


def _taken(refunds: Iterable[Interaction]) -> dict[str, float] | None:
    """How many of each product went back; ``None`` when the whole order did."""
    taken: dict[str, float] = {}
    for refund in refunds:
        if not refund.lines:
            return None
        for line in refund.lines:
            taken[line.product_id] = taken.get(line.product_id, 0.0) + line.quantity
    return taken


def _less(quantity: float, taken: Mapping[str, float] | None, product_id: str) -> float:
    if taken is None:
        return 0.0
    left = quantity - taken.get(product_id, 0.0)
    return left if left > _NOTHING else 0.0


def counted(interactions: Iterable[Interaction]) -> list[Interaction]:
    """Leave what counts: purchases settled by their orders, refunds of orders gone, everything else as it is."""
    known = [with_summed_lines(one) for one in interactions]
    by_order: dict[str, list[Interaction]] = {}
    for one in known:
        if is_of_an_order(one):
            by_order.setdefault(str(one.order_id), []).append(one)
    settled = {order_id: settle(messages) for order_id, messages in by_order.items()}
    left = [_settled_one(one, settled[str(one.order_id)]) if is_of_an_order(one) else one for one in known]
    return [one for one in left if one is not None]


def _settled_one(message: Interaction, settled: Settled) -> Interaction | None:
    if message.type in CANCELLING:
        return None
    kept = settled.kept[message.id]
    lines = tuple(replace(line, quantity=kept[line.product_id]) for line in message.lines if kept[line.product_id] > 0)
    return replace(message, lines=lines, at=settled.ordered_at.get(message.id, message.at)) if lines else None


def without_returned(interactions: Iterable[Interaction]) -> list[Interaction]:
    """Take back what refunds without an order id return, and leave out refunds and returns.

    Each takes its quantity from the identity's latest earlier purchases of the product. What orders took back must be
    out already (``counted``). The outcome does not depend on the order of ``interactions``.
    """
    ordered = sorted(interactions, key=lambda one: (one.at, one.id))
    left = {(one.id, line.product_id): line.quantity for one in ordered if one.type == "purchase" for line in one.lines}
    for refund in ordered:
        if refund.type in CANCELLING and refund.order_id is None:
            for line in refund.lines:
                _take_latest(left, line, [one for one in ordered if one.type == "purchase" and one.at <= refund.at])
    kept: list[Interaction] = []
    for one in ordered:
        if one.type in CANCELLING:
            continue
        lines = tuple(line for line in one.lines if left.get((one.id, line.product_id), line.quantity) > _NOTHING)
        if lines:
            kept.append(_with_quantities(replace(one, lines=lines), left))
    return kept


def _take_latest(left: dict[tuple[str, str], float], returned: Line, purchases: Sequence[Interaction]) -> None:
    """Take a line's quantity from the latest purchases first."""
    quantity = returned.quantity
    for one in reversed(purchases):
        key = (one.id, returned.product_id)
        part = min(quantity, left.get(key, 0.0))
        if part > 0:
            left[key] -= part
            quantity -= part


def _with_quantities(one: Interaction, left: Mapping[tuple[str, str], float]) -> Interaction:
    if one.type != "purchase":
        return one
    return replace(one, lines=tuple(replace(line, quantity=left[one.id, line.product_id]) for line in one.lines))


def with_summed_lines(interaction: Interaction) -> Interaction:
    """Make one line of all lines of a product: quantities are summed, prices are the mean of a unit's.

    A price that one of the lines does not say is not known of their sum.
    """
    by_product: dict[str, list[Line]] = {}
    for line in interaction.lines:
        by_product.setdefault(line.product_id, []).append(line)
    if len(by_product) == len(interaction.lines):
        return interaction
    return replace(interaction, lines=tuple(map(_sum, by_product.values())))


def _sum(lines: Sequence[Line]) -> Line:
    first = lines[0]
    if len(lines) == 1:
        return first
    quantity = sum(line.quantity for line in lines)
    paid = _mean([(line.price_paid, line.quantity) for line in lines])
    full = _mean([(line.list_price, line.quantity) for line in lines])
    return replace(first, quantity=quantity, price_paid=paid, list_price=full)


def _mean(prices: Sequence[tuple[Decimal | None, float]]) -> Decimal | None:
    """Mean price of a unit, to four places; ``None`` where one is not known."""
    known = [(price, Decimal(str(quantity))) for price, quantity in prices if price is not None]
    if len(known) < len(prices):
        return None
    if len({price for price, _ in known}) == 1:
        return known[0][0]
    amount = sum((price * quantity for price, quantity in known), Decimal(0))
    return round(amount / sum((quantity for _, quantity in known), Decimal(0)), 4)
