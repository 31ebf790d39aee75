"""What is asked, what the graph ranks, and what is answered. No I/O."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from app.domain.channels import Channel
from app.domain.evidence import Like
from app.domain.experiments import Assigned
from app.domain.models import IdentityKind, Purpose
from app.domain.scenarios import Pin

Source = Literal["similar", "repeat", "session", "followed", "community", "introduced", "popular", "newest"]
Placing = Source | Literal["pinned"]
"""Where an item is from: a source, or the shop has put it there itself."""
Method = Literal["asserted", "resolved", "posterior", "anonymous"]
Outcome = Literal["granted", "contextual_only"]
Objective = Literal["balanced", "full_price"]
Shelf = Literal["mixed", "for_you", "buy_again", "ranking"]
Variants = Literal["fold", "all"]
Kind = Literal["products", "brands", "categories", "microgenres"]
RuleField = Literal["tag", "brand", "category", "price"]
RuleAction = Literal["include", "exclude", "boost"]
ReasonCode = Literal[
    "because_you_bought",
    "because_you_liked",
    "buy_again",
    "from_your_identity",
    "in_this_session",
    "goes_with",
    "liked_by_followed",
    "your_community",
    "your_microgenre",
    "popular_here",
    "picked_by_the_shop",
    "new_here",
]


AttributeValue = str | float | tuple[str, ...]
"""Of a property, or the names of a facet's tags."""

SeedKind = Literal["like", "next", "session", "context", "followed", "community", "likely"]


def variant_keys(group: str | None, title: str, brand: str | None, category: str | None) -> tuple[str, ...]:
    """The group that the shop gives, and the title, which is a product's own inside one brand and category."""
    named = "\0".join(" ".join((text or "").casefold().split()) for text in (title, brand, category))
    return (f"title {named}",) if group is None else (f"group {group}", f"title {named}")


@dataclass(frozen=True, slots=True)
class Rule:
    """A business rule: ``include`` only these, ``exclude`` them, or ``boost`` their scores by a factor above 0.

    ``values`` are names for tag, brand and category; for price one range a value (``price_range.py``).
    """

    field: RuleField
    values: tuple[str, ...]
    action: RuleAction
    boost: float = 1.0


@dataclass(frozen=True, slots=True)
class Context:
    """What the page shows; used for everybody, consent or not, since it says nothing of a past."""

    cart: tuple[str, ...] = ()
    viewing: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RecommendationRequest:
    """One question of a storefront, of an identity, in a session, or beside products."""

    identity_id: str | None = None
    method: Method = "asserted"
    """How ``identity_id`` is known."""
    confidence: float | None = None
    """Probability that it is that identity; None where it was named for itself, and for nobody."""
    session_id: str | None = None
    product_ids: tuple[str, ...] = ()
    purpose: Purpose = "personalise_content"
    channel: Channel = "web"
    placement: str = "home"
    limit: int = 12
    offset: int = 0
    """Places of the shelf before the first one of this page."""
    shelf: Shelf = "mixed"
    """mixed: few repeats among what is new; for_you: nothing owned; buy_again: repeats alone; ranking: by score alone,
    as likely for the next basket, with no place kept for anything (for evaluations)."""
    variants: Variants = "fold"
    """fold: one place a product group; all: each product for itself."""
    attributes: tuple[str, ...] = ()
    """What else of the products is wanted: properties of theirs, or facets of their tags."""
    context: Context = Context()
    exclude: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    diversity: float = 0.0
    """0 ranks by score alone, 1 by difference in tags alone."""
    explain: bool = False
    scenario: str | None = None
    """Name of the scenario that filled in what was not asked for."""
    experiment: Assigned | None = None
    """The arm that the scenario is of."""
    pins: tuple[Pin, ...] = ()
    """Those that hold now; of two for one product or place the first counts."""
    sources: tuple[Source, ...] | None = None
    """Only these sources, e.g. ``("repeat",)`` for a buy-again shelf; None: as the settings say."""
    fallback: tuple[Source, ...] | None = None
    """What fills the places that the sources leave open; None: as the settings say where sources are not named."""
    objective: Objective = "balanced"
    """What is predicted: any purchase, or one at full price, of which a deal in the history says less."""
    recommend: Kind = "products"
    """What the places hold: products, or the brands, categories or microgenres of the best ones, each once."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What a ranking leaves out of what there is, to see what difference it makes."""

    product_ids: tuple[str, ...] = ()
    """Products, of the own history and the session."""
    interaction_ids: tuple[str, ...] = ()
    """Interactions of the session."""
    community: str | None = None
    """A taste community, as if the identity did not belong to it."""
    likes: Mapping[str, Like | None] = field(default_factory=dict[str, Like | None])
    """Own likes as they would be, by product id; ``None`` for one that would not be there."""


NOTHING = LeftOut()
"""Everything is as it is."""


@dataclass(frozen=True, slots=True)
class RankingQuery:
    """What a ranking needs to know of a question."""

    identity_id: str | None
    session_id: str | None
    context_ids: tuple[str, ...]
    """Products of the page: subject, cart and viewed ones."""
    purpose: Purpose
    sources: frozenset[Source]
    exclude_ids: tuple[str, ...]
    tag_ids: tuple[str, ...]
    tag_names: tuple[str, ...]
    brand_ids: tuple[str, ...]
    """Tags (by id or name) and brands whose popular products are wanted first."""
    with_tags: bool
    explain: bool
    places: int = 12
    """So many are shown at most, earlier pages included."""
    member_id: str | None = None
    """Only the likes of this member of a household; None: as the identity may use them."""
    objective: Objective = "balanced"
    shelf: Shelf = "mixed"
    variants: Variants = "fold"
    rules: tuple[Rule, ...] = ()
    about: tuple[str, ...] = ()
    """Categories, tags and brands that the page is about, beside its products."""
    seen_by_others: bool = False
    """Nothing sensitive is shown at all."""
    left_out: LeftOut = NOTHING


_SIZE = re.compile(
    r"(?<=\w)[\s,(-]+\d[\d.,]*(?:\s\d+/\d+)?(?:\s*[x\u00d7]\s*\d[\d.,]*)?\s*"
    r"(?:(?:fl|sq|cu)\.?\s)?(?:oz|lbs?|k?g|mg|[mc]?l|gal|qt|pt|ft|[mc]?m|in|ct|count|pcs?|packs?|dozen)\b[.)]?$"
)
"""A size or number at the end of a title, as in "Cola, 6 x 0.5 l" or "Sugar (1 kg)"."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What answers need to know of a product."""

    id: str
    title: str
    brand: str | None = None
    category: str | None = None
    price: float | None = None
    tags: frozenset[str] = frozenset()
    """Tag ids; empty unless rules or diversity ask for them."""
    offered: bool = True
    """Whether it may be recommended."""
    sale_price: float | None = None
    currency: str | None = None
    image_link: str | None = None
    link: str | None = None
    group: str | None = None
    """``item_group_id``."""
    topics: frozenset[str] = frozenset()
    """What of it is sensitive (``taste/sensitive.py``); mostly nothing."""
    expires_at: datetime | None = None
    """From then on it is not offered; UTC, as the other times."""
    sale_from: datetime | None = None
    """From when the sale's price holds; ``None``: from the beginning."""
    sale_until: datetime | None = None

    @property
    def paid(self) -> float | None:
        """What a customer pays: the sale's price where there is one, and it is the lower one."""
        if self.price is None or self.sale_price is None:
            return self.price
        return min(self.price, self.sale_price)

    def at(self, now: datetime) -> "Offer":
        """It as of a moment: what has expired is not offered, and a sale that is not on has no price."""
        is_over = self.expires_at is not None and self.expires_at <= now
        no_sale = (self.sale_from is not None and now < self.sale_from) or (
            self.sale_until is not None and self.sale_until <= now
        )
        if not is_over and not (no_sale and self.sale_price is not None):
            return self
        return replace(self, offered=self.offered and not is_over, sale_price=None if no_sale else self.sale_price)

    @property
    def name(self) -> str:
        """The title in lower case without a size at its end: what a reader of a shelf takes for the same thing."""
        return _SIZE.sub("", self.title.casefold())

    @property
    def keys(self) -> tuple[str, ...]:
        """What it has in common with its variants: two products with any key in common are one to a customer."""
        return variant_keys(self.group, self.title, self.brand, self.category)


@dataclass(frozen=True, slots=True)
class Seed:
    """What speaks for products: one of the history, this session or the page, or what the identity belongs to."""

    id: str
    """Of a product or community; "" for those whom the identity follows, and for what may not be named."""
    title: str
    """"" where nothing may be named."""
    bought: bool
    kind: SeedKind
    """likely: a community of what is looked at, while no likes are near to any."""
    via: IdentityKind | None = None
    """Kind of the identity that granted it; ``None`` for the reader's own."""


@dataclass(frozen=True, slots=True)
class Near:
    """A product that the seeds speak for."""

    offer: Offer
    score: float
    session_score: float = 0.0
    """The part of ``score`` that came from seeds of this session; the other scores likewise."""
    parts: tuple[tuple[int, float], ...] = ()
    """(place of the seed, its part of ``score``); empty unless an explanation is wanted."""
    followed_score: float = 0.0
    community_score: float = 0.0
    popular_score: float = 0.0
    """What being liked by many adds, which is in no part; below 0 for an identity that is known well."""


@dataclass(frozen=True, slots=True)
class Repeat:
    """A product of the own history that is due again."""

    offer: Offer
    score: float
    via: IdentityKind | None = None
    """Kind of the identity that granted it; ``None`` for the reader's own."""


@dataclass(frozen=True, slots=True)
class Popular:
    """What the crowd buys, in the category, tag or brand ``anchor`` ("" for the whole shop)."""

    offer: Offer
    score: float
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Introduced:
    """A new product, and the reader's microgenre that introduces it; ``""`` where the page or the crowd does."""

    offer: Offer
    score: float
    genre_id: str = ""
    genre_label: str = ""


@dataclass(frozen=True, slots=True)
class Membership:
    """A taste community that an identity belongs to."""

    id: str
    label: str | None
    """None where too few belong to it to be told of."""
    strength: float
    """Share of its likes, above 0; those of one identity add up to at most 1."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """What one question ranks; each list best first, scores comparable inside one list only."""

    stamp: str
    """Changes with the run, the catalogue, the identity's events, its consent and what it was granted."""
    granted: bool
    run: "RunStamp | None" = None
    seeds: tuple[Seed, ...] = ()
    near: tuple[Near, ...] = ()
    repeats: tuple[Repeat, ...] = ()
    introduced: tuple[Introduced, ...] = ()
    """New products of the kinds that the history, the page or the crowd is of, in the order of their turns."""
    popular: tuple[Popular, ...] = ()
    newest: tuple[Offer, ...] = ()
    """What nobody has bought yet, the newest first."""
    communities: tuple[Membership, ...] = ()
    kind: IdentityKind | None = None
    """Of the identity that asks; ``None`` without its consent."""
    members: tuple[str, ...] = ()
    """Members of a household, whose likes are ranked one at a time; then the other lists hold nobody's history."""
    currency: str | None = None
    """The shop's, where a rule about prices names none."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an item is shown; shares of one item sum to 1."""

    code: ReasonCode
    id: str
    label: str
    share: float


@dataclass(frozen=True, slots=True)
class Group:
    """A brand, category or microgenre that is recommended; the item is the product that stands for it."""

    id: str
    label: str


@dataclass(frozen=True, slots=True)
class Item:
    """One place of an answer, rank 1 first."""

    product_id: str
    rank: int
    score: float
    source: Placing
    title: str
    reasons: tuple[Reason, ...] = ()
    propensity: float = 1.0
    offer: Offer | None = None
    """What is shown of it; None where nobody asks for that."""
    attributes: Mapping[str, AttributeValue] = field(default_factory=dict[str, AttributeValue])
    """Those that were asked for and that it has."""
    group: Group | None = None
    """What is recommended, where that is no product."""


@dataclass(frozen=True, slots=True)
class RunStamp:
    """The run an answer was read from."""

    id: str
    model_version: str
    finished_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Recommendation:
    """One answer; of the same shape whoever asked."""

    decision_id: str
    identity_id: str | None
    method: Method
    confidence: float | None
    """Probability that it is that identity; None for nobody."""
    purpose: Purpose
    outcome: Outcome
    items: tuple[Item, ...]
    communities: tuple[Membership, ...]
    """Strongest first, those with a label; empty without consent."""
    run: RunStamp | None
    """None before the first refresh; then the newest products are shown."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which creative an item was shown with, and how likely that was."""

    creative_id: str
    chance: float
    """Above 0, of all that fitted there; 1 for one that is pinned."""
    is_deterministic: bool
    """Whether it was pinned: nothing is learned from it."""
    eligible: tuple[tuple[str, float], ...]
    """All that fitted there, with their chances."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """What the places of an answer that the shop had not given away itself were drawn from."""

    candidates: tuple[Item, ...]
    """Best first; at each place those that stand above it are left out."""
    exploration: float
    """Chance, above 0, that a place was drawn by lot among all that were left."""
    first_place: int
    """Where the answer's first place stands, counted over all pages from 1."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What the log keeps of an answer: the join key for outcomes. Identity only where its consent was granted."""

    id: str
    at: datetime
    channel: str
    placement: str
    outcome: Outcome
    run_id: str | None
    identity_id: str | None
    items: tuple[Item, ...]
    scenario: str | None = None
    choices: tuple[Choice, ...] = ()
    """One an item where creatives were chosen; else empty."""
    communities: tuple[tuple[str, float], ...] = ()
    """For whom they were chosen: ids of taste communities with their weights, which sum to 1; ``""`` is everybody."""
    experiment: Assigned | None = None
    """The arm that the identity was in; ``None`` where none is kept."""
    drawn: Drawn | None = None
    """Where products were drawn for an identity that is kept; ``None``: each was the only one that could be shown."""
