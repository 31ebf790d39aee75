"""What holds for every event, whatever shape it arrives in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from app.domain.anonymous import MAX_ID, derived_id
from app.domain.channels import CHANNELS
from app.domain.models import CANCELLING, OF_CONTACTS, InteractionType, Line
from app.domain.orders import waiting_place
from app.intake.batches import Refused
from app.intake.fields import EARLIEST
from app.intake.reasons import MISSING

NOT_USED = "is not an e-commerce event Plural uses"
_MAY_BE_OF_NOTHING = OF_CONTACTS | {"search", "click"}
MONEY_ALONE = "is no return: name what came back, or leave the amount out where the whole order did"


@dataclass(frozen=True, slots=True)
class TimeWindow:
    """When an event may have happened: from 1970 to a little after now, since clocks differ."""

    now: datetime
    """With a time zone."""
    future: timedelta

    @classmethod
    def until(cls, now: datetime, future_hours: float) -> "TimeWindow":
        """The window that ends ``future_hours`` after ``now``."""
        return cls(now, timedelta(hours=future_hours))

    def place(self, at: datetime, field: str) -> datetime:
        """Return ``at`` in UTC; ``Refused`` when it lies outside."""
        if at < EARLIEST:
            raise Refused(field, "must not be before 1970")
        if at > self.now + self.future:
            hours = self.future.total_seconds() / 3600
            raise Refused(field, f"must not be more than {hours:g} h in the future")
        return at.astimezone(UTC)


def require_products(
    type_: InteractionType, lines: Sequence[Line], order_id: str | None, field: str, *, is_whole: bool = False
) -> None:
    """Refuse an event about nothing; a search and a click need no product, and a refund may be of a whole order.

    Nothing may be left of an order whose message says all that it holds (``is_whole``).
    """
    speaks_of_all = type_ in CANCELLING or (type_ == "purchase" and is_whole)
    if not lines and type_ not in _MAY_BE_OF_NOTHING and not (order_id and speaks_of_all):
        raise Refused(field, "must name at least one product")


def require_channel(type_: InteractionType, channel: str | None, lines: Sequence[Line]) -> None:
    """Refuse a contact in no channel, and one that names products: what was in it stands in its decision."""
    if type_ not in OF_CONTACTS:
        return
    if channel not in CHANNELS:
        raise Refused("channel", f"must be one of {', '.join(CHANNELS)}")
    if lines:
        raise Refused("lines", "must be left out: name the decision_id, which says what was in it")


def require_identity(known: str | None, anonymous: str | None, field: str, returned_order: str | None = None) -> str:
    """Whose event it is: the shop's id for them, else the browser's (doubt means anonymous).

    A refund may name its order alone (``returned_order``): a back office knows no customer.
    """
    if known is None and anonymous is None and returned_order is not None:
        return waiting_place(returned_order)
    if known is None and anonymous is None:
        raise Refused(field, MISSING)
    return known if known is not None else str(anonymous)


def returned_order(type_: InteractionType, order_id: str | None) -> str | None:
    """Return the order that a refund or return names; ``None`` for any other event."""
    return order_id if type_ in CANCELLING else None


def require_items(type_: InteractionType, lines: Sequence[Line], amount: object, field: str) -> None:
    """Refuse a refund of an amount that names no item: what was paid back for a late parcel did not come back.

    Not for GA4, whose refund without items is one of the whole order though it has to state the amount.
    """
    if type_ in CANCELLING and not lines and amount is not None:
        raise Refused(field, MONEY_ALONE)


def page_session(session_id: str) -> str:
    """Name a session that a page speaks of without having shown that it is its own.

    No server's and no token's session has such a name unless it is spelled out, so nobody fills another's session.
    """
    name = f"page:{session_id}"
    return name if len(name) <= MAX_ID else derived_id("page", session_id)


def own_event_id(identity_id: str, event_id: str) -> str:
    """Name an event that was told with a key of a page or of one subject, so that it takes no other's place.

    Ids are one list a tenant, and the first event of an id is the one that counts.
    """
    owner = identity_id.replace("%", "%25").replace("/", "%2F")  # so that no two owners share a name
    name = f"{owner}/{event_id}"
    return name if len(name) <= MAX_ID else derived_id("told", identity_id, event_id)


def spell_out(lines: Sequence[Line]) -> str:
    """Say what lines say, the same for the same lines: what a derived id is made of."""
    return ";".join(f"{line.product_id} x {line.quantity!r} @ {line.price_paid} of {line.list_price}" for line in lines)
