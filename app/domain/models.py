"""The words of the design as frozen values: what is asserted about a shop. No I/O."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal, get_args

IdentityKind = Literal["personal", "work", "marketing", "profile", "shared", "household", "anonymous"]
InteractionType = Literal[
    "view", "cart", "uncart", "wish", "unwish", "purchase", "refund", "return", "share", "search", "rating", "dislike",
    "click", "sent", "bounced", "unsubscribed",
]  # fmt: skip
Availability = Literal["in_stock", "out_of_stock", "preorder", "backorder", "withdrawn"]
Purpose = Literal[
    "personalise_content",
    "email_marketing",
    "newsletter",
    "push",
    "sms",
    "direct_mail",
    "packaging",
    "ads_audience",
    "measurement",
    "model_training",
    "link_identities",
    "household_share",
]
ConsentStatus = Literal["granted", "denied", "withdrawn"]
Address = Literal["email", "push", "sms", "direct_mail"]
"""What somebody can be reached by: an e-mail address, a device, a phone for text messages, a postal address."""

CANCELLING: frozenset[InteractionType] = frozenset({"refund", "return"})
"""What takes back a purchase; no evidence itself."""
REVISING: frozenset[InteractionType] = frozenset({"unwish", "rating", "dislike"})
"""What says something else of what came before: likes are summed anew, not added to."""

OF_CONTACTS: frozenset[InteractionType] = frozenset({"sent", "bounced", "unsubscribed"})
"""What became of a contact in a channel: about nothing that is sold, and no evidence of taste."""

OFFERED: tuple[Availability, ...] = ("in_stock", "preorder", "backorder")
"""Availabilities under which a product may be recommended."""

PURPOSES: tuple[Purpose, ...] = get_args(Purpose)


@dataclass(frozen=True, slots=True)
class Tag:
    """A word on a product; ``facet`` says of what kind (``category``, ``material``, ``mood`` …)."""

    name: str
    facet: str = "tag"
    weight: float = 1.0

    @property
    def id(self) -> str:
        """The tag's id inside its tenant: ``facet:name`` in lower case."""
        return f"{self.facet}:{self.name}".lower()


@dataclass(frozen=True, slots=True)
class Product:
    """One offer of the catalogue, named as in a Google Merchant feed; prices in ``currency`` (ISO 4217)."""

    id: str
    title: str
    availability: Availability = "in_stock"
    description: str | None = None
    link: str | None = None
    image_link: str | None = None
    price: Decimal | None = None
    sale_price: Decimal | None = None
    currency: str | None = None
    brand: str | None = None
    product_type: str | None = None
    google_product_category: str | None = None
    item_group_id: str | None = None
    gtin: str | None = None
    """Without leading zeros, so that an EAN and a UPC of one product are one."""
    mpn: str | None = None
    sku: str | None = None
    availability_date: datetime | None = None
    """When a product that can be ordered is there; UTC, as the other times."""
    expiration_date: datetime | None = None
    """From then on it is not recommended."""
    sale_from: datetime | None = None
    """From when ``sale_price`` is what is paid; None: from the beginning."""
    sale_until: datetime | None = None
    custom_labels: tuple[str | None, ...] = ()
    tags: tuple[Tag, ...] = ()

    def availability_at(self, now: datetime) -> Availability:
        """What can be ordered is in stock as soon as its date has come."""
        has_come = self.availability_date is not None and self.availability_date <= now
        return "in_stock" if has_come and self.availability in ("preorder", "backorder") else self.availability

    def is_offered_at(self, now: datetime) -> bool:
        """Whether it may be recommended."""
        has_expired = self.expiration_date is not None and self.expiration_date <= now
        return self.availability in OFFERED and not has_expired

    @property
    def category(self) -> str | None:
        """The finest category known, its levels parted by `` > ``: the shop's own product type before Google's."""
        given = self.product_type or self.google_product_category or ""
        return " > ".join(level for part in given.split(">") if (level := part.strip())) or None


@dataclass(frozen=True, slots=True)
class GivenIdentifier:
    """An identifier as somebody sent it; hashed as soon as it is used, never kept or logged."""

    type: str
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Identifier:
    """An e-mail, phone, cookie … of which only the keyed hash is kept."""

    type: str
    digest: str
    """HMAC-SHA-256 of the normalised value under the tenant's current key, hex."""
    blocked: bool = False
    """It stands for nobody in particular, by the rules of the day it was seen."""
    key_version: int = 1
    """Version of the key that made ``digest``."""
    other_digests: tuple[str, ...] = ()
    """Digests under older keys: a node that has one of them is this identifier, not yet re-keyed."""


@dataclass(frozen=True, slots=True)
class Identity:
    """The unit recommended to, with the links that were asserted with it."""

    id: str
    kind: IdentityKind
    person_id: str | None = None
    account_id: str | None = None
    household_id: str | None = None
    identifiers: tuple[Identifier, ...] = ()
    source: str = "api"
    time_zone: str | None = None
    """Name of the IANA database; ``None``: nothing is said of it, as of the next one."""
    reachable: tuple[Address, ...] | None = None
    """All that it can be reached by."""


@dataclass(frozen=True, slots=True)
class Line:
    """One product of an interaction. Prices are per unit in the interaction's currency."""

    product_id: str
    quantity: float = 1.0
    price_paid: Decimal | None = None
    list_price: Decimal | None = None
    also: tuple[str, ...] = ()
    """What else the sender knows the product by (a SKU beside its id); looked up where no feed has its id, not kept."""
    said: str | None = None
    """What the sender called the product, where the catalogue knows it by another id."""

    @property
    def discount_share(self) -> float:
        """Share of the list price that was not paid, 0 to 1; 0 when either price is unknown."""
        if self.price_paid is None or self.list_price is None or self.list_price <= 0:
            return 0.0
        return min(1.0, max(0.0, float(1 - self.price_paid / self.list_price)))


@dataclass(frozen=True, slots=True)
class Rating:
    """So many of so many points."""

    value: float
    max: float

    @property
    def leaning(self) -> float:
        """-1 (worst) to 1 (best), 0 at half."""
        return 2.0 * self.value / self.max - 1.0


@dataclass(frozen=True, slots=True)
class Interaction:
    """One event, immutable: what an identity did with one or more products."""

    id: str
    type: InteractionType
    identity_id: str
    at: datetime
    """UTC."""
    lines: tuple[Line, ...] = ()
    session_id: str | None = None
    decision_id: str | None = None
    order_id: str | None = None
    """Joins all messages about one order: of a purchase, of its changes, and of what went back."""
    currency: str | None = None
    updated_at: datetime | None = None
    """UTC; given by who knows the whole order as it stood then. The newest of an order's messages counts."""
    trust: int = 2
    """Whose word it is about an order (``orders.py``): a server's that names somebody (2) or not (1), a page's (0)."""
    account_id: str | None = None
    """The login that the session is on; who of its users it is is not known yet."""
    hinted_id: str | None = None
    """Whom the page took the session for, where that may be another user of the same login or device."""
    channel: str | None = None
    """Way in: web, app, email …"""
    device: str | None = None
    """Class of device: desktop, mobile, tablet …"""
    identifiers: tuple[GivenIdentifier, ...] = ()
    """Who did it, as far as is known, until that is resolved; not kept. In doubt it is ``identity_id``'s."""
    rating: Rating | None = None
    """Of a rating."""


@dataclass(frozen=True, slots=True)
class Consent:
    """One record of the append-only consent log of an identity."""

    id: str
    purpose: Purpose
    status: ConsentStatus
    at: datetime
    expires_at: datetime | None = None
    source: str = "api"
    policy_version: str | None = None
    """Version of the privacy notice that the identity saw."""
    proof: str | None = None
    """How it can be shown: free text or an address."""
    confirmed_at: datetime | None = None
    """When a signal said the same for the last time; no record of its own is kept of that."""
    at_arrival: bool = field(default=False, compare=False)
    """Nobody said when: the store takes its own clock, which all machines share, for ``at``."""
    counts_from: datetime | None = field(default=None, compare=False)
    """Its place in the history: ``at``, or its arrival where that was earlier; ``None`` until it is stored."""


@dataclass(frozen=True, slots=True)
class RowError:
    """Why one row of a batch was not accepted."""

    index: int
    """Position in the batch, from 0."""
    field: str
    """Path of the offending field, e.g. ``lines.0.price_paid``; empty for the whole row."""
    reason: str


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What became of a batch."""

    accepted: int = 0
    """Rows that are on disk now because of this batch."""
    duplicates: int = 0
    """Rows whose id was on disk before; they changed nothing."""
    erased: int = 0
    """Rows of somebody who was erased; they were dropped."""
    unmatched: int = 0
    """Lines of accepted purchases whose product no feed has."""
    errors: tuple[RowError, ...] = field(default=())

    def __add__(self, other: "IngestReport") -> "IngestReport":
        """Join what became of two parts of a batch, in their order."""
        return IngestReport(
            self.accepted + other.accepted,
            self.duplicates + other.duplicates,
            self.erased + other.erased,
            self.unmatched + other.unmatched,
            (*self.errors, *other.errors),
        )
