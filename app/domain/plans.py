"""Plans: who of an audience is contacted with which products, decided together under a budget and stock. No I/O."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import ROUND_DOWN, Decimal
from typing import Any, Literal

from app.domain.audience_export import PLANS, Listing, Mode, Snapshot
from app.domain.channels import CHANNELS, VISITED, Channel, ChannelBook, Contact
from app.domain.recommendation import Placing

State = Literal["dry_run", "frozen", "recalled"]
ANY_NUMBER = -1
PLACEMENT = "plan"
"""Of decisions that a plan made."""

PLANNED: tuple[Channel, ...] = tuple(one for one in CHANNELS if one not in VISITED and one != "paid_social")
"""Channels that are planned by contact: nobody is waited for, and no other party is told of single people."""


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """What a plan is made of and what it must keep to."""

    channel: Channel
    audience: str | None
    """Its name; ``None``: those that are named."""
    identity_ids: tuple[str, ...] = ()
    slots: int = 1
    """Products a contact, at most."""
    budget: Decimal | None = None
    stock: Mapping[str, int] = field(default_factory=dict[str, int])
    """Contacts that a product may be shown to, by id."""
    pieces_each: int | None = None
    """The same of every other product."""
    margin: float | None = None
    """Part of the price that the shop keeps: gains are money. ``None``: gains are numbers of those who take it."""
    least_gain: float = 0.0
    """Of a contact; its cost is taken off where gains are money."""
    send_at: datetime | None = None
    """When it is sent: caps, quiet hours and consents are judged as of then. ``None``: now."""

    def most_contacts(self, cost: Decimal) -> int | None:
        """Contacts that the budget pays for; ``None``: any number."""
        if self.budget is None or not cost:
            return None
        return int((self.budget / cost).to_integral_value(ROUND_DOWN))

    def pieces_of(self, product_id: str) -> int:
        """Contacts that a product may be shown to; ``ANY_NUMBER`` where nothing was said."""
        pieces = self.stock.get(product_id, self.pieces_each)
        return ANY_NUMBER if pieces is None else pieces

    def value_of(self, price: float | None) -> float:
        """What one who takes a product is worth; 0 where gains are money and it has no price."""
        return 1.0 if self.margin is None else self.margin * (price or 0.0)

    def text(self) -> str:
        """JSON of all but the identities; the same for requests that say the same."""
        return json.dumps(_fields(self), sort_keys=True)

    @property
    def key(self) -> str:
        """The same for requests that say the same, the identities included."""
        named = "\n".join(sorted(set(self.identity_ids)))
        return hashlib.sha256(f"{self.text()}\n{named}".encode()).hexdigest()[:32]


def read_request(text: str) -> PlanRequest:
    """Read what ``PlanRequest.text`` wrote."""
    fields: dict[str, Any] = json.loads(text)
    budget, send_at = fields.pop("budget"), fields.pop("send_at")
    return PlanRequest(
        **fields,
        budget=None if budget is None else Decimal(budget),
        send_at=None if send_at is None else datetime.fromisoformat(send_at),
    )


def _fields(request: PlanRequest) -> dict[str, Any]:
    return {
        "channel": request.channel,
        "audience": request.audience,
        "slots": request.slots,
        "budget": None if request.budget is None else str(request.budget),
        "stock": dict(request.stock),
        "pieces_each": request.pieces_each,
        "margin": request.margin,
        "least_gain": request.least_gain,
        "send_at": request.send_at and request.send_at.isoformat(),
    }


@dataclass(frozen=True, slots=True)
class PlanFigures:
    """What may be said of a plan: numbers of people carry noise and are none of fewer than k."""

    contacts: int | None
    """About so many; ``None`` where they may be too few, or are not counted."""
    note: str | None = None
    """Why there is no number."""
    cost: Decimal | None = None
    """Of about so many contacts."""
    gain: float | None = None
    """What they are expected to gain, to two digits."""
    gap: float = 0.0
    """By which part the best plan could gain more, at most."""
    is_exact: bool = True


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan as it was made."""

    request: PlanRequest
    """Without its identities."""
    state: State
    figures: PlanFigures
    at: datetime
    by: str
    """Id of the key."""
    run: str | None = None
    id: str | None = None
    """``None`` for a dry run."""


@dataclass(frozen=True, slots=True)
class Block:
    """One product of a contact, in a creative."""

    product_id: str
    creative_id: str
    source: Placing
    gain: float


@dataclass(frozen=True, slots=True)
class Line:
    """One contact."""

    id: str
    """Random; the id of the decision that outcomes name."""
    identity_id: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class KeptLine:
    """A line of a frozen plan with what became of it."""

    line: Line
    exported: bool = False
    ended: bool = False
    """Whether it was taken back, which it is for good."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """One product of a contact as it is shown."""

    product_id: str
    creative_id: str
    title: str
    link: str | None
    image_link: str | None
    headline: str | None
    text: str | None


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One line of an export."""

    action: Literal["add", "remove"]
    line_id: str
    identity_id: str | None
    """``None`` for who was erased: only an earlier line with this id says who that is."""
    unsubscribe_token: str | None = None
    """For the link of this contact; ``None`` where it is taken back."""
    blocks: tuple[Rendered, ...] = ()


@dataclass(frozen=True, slots=True)
class PlanSnapshot:
    """All that an export is decided by, of one moment."""

    plan: Plan
    lines: Sequence[KeptLine]
    erased: Sequence[str]
    """Ids of exported lines whose identity was erased since."""
    contacts: Mapping[str, Contact]
    """By identity."""
    book: ChannelBook
    now: datetime
    account: Snapshot | None = None
    """Of the audience, and all lists that left; ``None`` where identities were named, or it is there no more."""

    @property
    def list_name(self) -> str:
        """The list on which is accounted for who of an audience its plans have let out; no audience is called so."""
        return f"{PLANS}{self.plan.request.audience}"


@dataclass(frozen=True, slots=True)
class PlanExport:
    """What leaves, and what is noted of it."""

    mode: Mode
    rows: tuple[PlanRow, ...]
    added: tuple[Line, ...]
    """Lines that leave for the first time; of each the blocks that do."""
    ended: tuple[str, ...]
    """Ids of lines that were taken back."""
    waiting: bool
    """Whether some could leave and are too few for now."""
    sha256: str
    listing: Listing | None = None
    """What changes of the audience's list; ``None`` where there is none."""

    @property
    def removed(self) -> int:
        """Lines that the receiver must forget."""
        return sum(row.action == "remove" for row in self.rows)

    @property
    def listed(self) -> int:
        """Lines to keep or to begin with."""
        return sum(row.action == "add" for row in self.rows)


def without_identities(request: PlanRequest) -> PlanRequest:
    """The same request as a plan remembers it: its lines say who is in it."""
    return replace(request, identity_ids=())
