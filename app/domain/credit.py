"""Which decision an order is credited to: the last one clicked before it, else the last one seen. No I/O.

Nothing is kept of credit: it is derived from the log, so that a replay, a second message of one order or a refund
cannot leave a wrong count behind, and it does not depend on the order in which events arrived.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.domain.models import Interaction, InteractionType
from app.domain.orders import with_summed_lines, without_returned

CLICKED: frozenset[InteractionType] = frozenset({"click", "cart", "wish", "share", "purchase"})
"""What is done with something that a decision showed; an event of these that names a decision has clicked it."""
SEEN: frozenset[InteractionType] = frozenset({"view", "sent"})


@dataclass(frozen=True, slots=True)
class CreditRules:
    """How long before an order a decision may have been clicked or seen; both are settings."""

    clicked_days: float = 7.0
    seen_days: float = 1.0


@dataclass(frozen=True, slots=True)
class Touch:
    """A decision was seen or clicked."""

    decision_id: str
    identity_id: str
    """Whom the decision was for."""
    by: str
    """Who saw or clicked it: the same identity, or an anonymous one (a browser that cannot name anybody)."""
    at: datetime
    is_click: bool


@dataclass(frozen=True, slots=True)
class Bought:
    """A message of an order, or a refund that names none, with whoever it may be credited for."""

    interaction: Interaction
    """As it counts: of an order's messages only the quantities that they say together (``orders.settle``)."""
    buyers: frozenset[str]
    """Who did it and who claimed it."""


@dataclass(frozen=True, slots=True)
class Credit:
    """An order, the one decision that it is credited to, and what is left of it."""

    order: str
    """The order's id; the purchase's where it names no order."""
    decision_id: str
    identity_id: str
    """Whom the decision was for."""
    at: datetime
    is_click: bool
    quantities: Mapping[str, float] = field(default_factory=dict[str, float])
    """By product; what was returned is not in it."""
    amounts: Mapping[str, float] = field(default_factory=dict[str, float])
    """What was paid, by currency; ``""`` where none was named. A price that is not known adds nothing."""


@dataclass(slots=True)
class _Order:
    at: datetime
    buyers: set[str] = field(default_factory=set[str])
    quantities: dict[str, float] = field(default_factory=dict[str, float])
    amounts: defaultdict[str, float] = field(default_factory=lambda: defaultdict[str, float](float))


def credited(bought: Iterable[Bought], touches: Iterable[Touch], rules: CreditRules) -> list[Credit]:
    """Credit each order to one decision, or to none; by order.

    Those may have it that were for one of the buyers; of a browser that names nobody, those that it touched itself.
    What comes twice counts once: messages by id, products by order.
    """
    by_whom: defaultdict[str, set[Touch]] = defaultdict(set)
    for touch in touches:
        by_whom[touch.identity_id].add(touch)
        by_whom[touch.by].add(touch)
    found: list[Credit] = []
    for order_id, order in sorted(_orders(bought).items()):
        candidates = {touch for buyer in order.buyers for touch in by_whom.get(buyer, ())}
        touch = _last(candidates, order.at, rules)
        if touch is not None:
            what = (touch.is_click, order.quantities, dict(order.amounts))
            found.append(Credit(order_id, touch.decision_id, touch.identity_id, order.at, *what))
    return found


def order_times(bought: Iterable[Bought]) -> list[datetime]:
    """When orders were made of which something is left, each once."""
    return [order.at for order in _orders(bought).values()]


def _last(touches: Iterable[Touch], at: datetime, rules: CreditRules) -> Touch | None:
    """The last click in its days, else what was seen last in its days; of two at one time the greater decision id."""

    def within(touch: Touch) -> bool:
        days = rules.clicked_days if touch.is_click else rules.seen_days
        return at - timedelta(days=days) <= touch.at <= at

    return max(
        filter(within, touches), key=lambda touch: (touch.is_click, touch.at, touch.decision_id, touch.by), default=None
    )


def _orders(bought: Iterable[Bought]) -> dict[str, _Order]:
    """Put messages together by order; a product counts in the earliest message that has some of it left."""
    once = {one.interaction.id: one for one in bought}
    buyers = {id_: one.buyers for id_, one in once.items()}
    orders: dict[str, _Order] = {}
    for left in _left(list(once.values())):
        key = left.id if left.order_id is None else left.order_id
        order = orders.setdefault(key, _Order(left.at))
        order.buyers |= buyers[left.id]
        for line in left.lines:
            if line.product_id not in order.quantities:
                order.quantities[line.product_id] = line.quantity
                order.amounts[left.currency or ""] += line.quantity * float(line.price_paid or 0)
    return orders


def _left(bought: Sequence[Bought]) -> list[Interaction]:
    """What refunds leave, oldest first; each takes from purchases of who did it."""
    by_owner: defaultdict[str, list[Interaction]] = defaultdict(list)
    for one in bought:
        by_owner[one.interaction.identity_id].append(with_summed_lines(one.interaction))
    left = [kept for theirs in by_owner.values() for kept in without_returned(theirs)]
    return sorted((one for one in left if one.type == "purchase"), key=lambda one: (one.at, one.id))
