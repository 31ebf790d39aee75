"""What a recommendation looks like outside: the models that the document shows, and the plain dicts that are sent."""

from typing import Annotated, Any

from pydantic import BaseModel, Field

from app.domain.models import Purpose
from app.domain.recommendation import (
    Item,
    Method,
    Offer,
    Outcome,
    Placing,
    ReasonCode,
    Recommendation,
)


class ReasonAnswer(BaseModel):
    """Why an item is shown; names only products of the identity itself or of the page."""

    code: ReasonCode
    id: str
    label: str
    share: Annotated[float, Field(description="The shares of one item sum to 1.")]


class RecommendedGroup(BaseModel):
    """The brand, category or microgenre that a place recommends."""

    id: Annotated[str, Field(description="As in `/v1/brands` and `/v1/microgenres`; a category's path in lower case.")]
    label: str


class ItemAnswer(BaseModel):
    """One place of the answer."""

    product_id: str
    title: str
    rank: Annotated[int, Field(description="From 1.")]
    score: Annotated[float, Field(description="Comparable inside this answer only.")]
    source: Placing
    reasons: list[ReasonAnswer]
    propensity: Annotated[float, Field(description="How likely it was to be shown here.")]
    brand: str | None
    category: str | None
    price: Annotated[str | None, Field(description="A decimal number, in `currency`.")]
    sale_price: str | None
    currency: str | None
    link: str | None
    image_link: str | None
    attributes: Annotated[
        dict[str, str | float | list[str]], Field(description="Those that were asked for and that it has.")
    ]
    group: Annotated[
        RecommendedGroup | None,
        Field(description="What is recommended where that is no product, which then stands for it."),
    ]


class SubjectAnswer(BaseModel):
    """Who was answered."""

    id: str | None
    method: Annotated[
        Method,
        Field(description="asserted: it was named; resolved: identifiers name it; posterior: it is likely enough."),
    ]
    confidence: Annotated[float | None, Field(description="Probability that it is this one; null for nobody.")]


class ConsentAnswer(BaseModel):
    """What consent allowed."""

    purpose: Purpose
    outcome: Outcome


class MembershipAnswer(BaseModel):
    """A taste community of the identity."""

    id: str
    label: str
    strength: float


class RunAnswer(BaseModel):
    """What the answer was read from."""

    id: str
    model_version: str


class RecommendationAnswer(BaseModel):
    """The answer; of the same shape whoever asked."""

    decision_id: Annotated[str, Field(description="Send it with the events that follow.")]
    identity: SubjectAnswer
    consent: ConsentAnswer
    items: list[ItemAnswer]
    communities: Annotated[list[MembershipAnswer], Field(description="Strongest first; empty without consent.")]
    run: Annotated[RunAnswer | None, Field(description="null before the first `plural refresh`.")]


def render_recommendation(answer: Recommendation) -> dict[str, Any]:
    """Build what ``RecommendationAnswer`` describes."""
    run = answer.run
    return {
        "decision_id": answer.decision_id,
        "identity": {"id": answer.identity_id, "method": answer.method, "confidence": _rounded(answer.confidence)},
        "consent": {"purpose": answer.purpose, "outcome": answer.outcome},
        "items": [render_item(item) for item in answer.items],
        "communities": [{"id": one.id, "label": one.label, "strength": one.strength} for one in answer.communities],
        "run": {"id": run.id, "model_version": run.model_version} if run else None,
    }


def _rounded(confidence: float | None) -> float | None:
    """To a hundredth of a percent: more places would claim more than is known."""
    return None if confidence is None else round(confidence, 4)


def render_item(item: Item) -> dict[str, Any]:
    """Build what ``ItemAnswer`` describes."""
    return {
        "product_id": item.product_id,
        "title": item.title,
        "rank": item.rank,
        "score": item.score,
        "source": item.source,
        "reasons": [
            {"code": reason.code, "id": reason.id, "label": reason.label, "share": reason.share}
            for reason in item.reasons
        ],
        "propensity": item.propensity,
        **_offer(item.offer),
        "attributes": {name: list(one) if isinstance(one, tuple) else one for name, one in item.attributes.items()},
        "group": {"id": item.group.id, "label": item.group.label} if item.group else None,
    }


def _offer(offer: Offer | None) -> dict[str, str | None]:
    """What a storefront draws of a product; money as it came in."""
    if offer is None:
        return dict.fromkeys(("brand", "category", "price", "sale_price", "currency", "link", "image_link"))
    return {
        "brand": offer.brand,
        "category": offer.category,
        "price": _money(offer.price),
        "sale_price": _money(offer.sale_price),
        "currency": offer.currency,
        "link": offer.link,
        "image_link": offer.image_link,
    }


def _money(amount: float | None) -> str | None:
    """At least two places: ``2.50``, and more where the price has more."""
    if amount is None:
        return None
    text = f"{amount:.12f}".rstrip("0")
    whole, _, places = text.partition(".")
    return f"{whole}.{places:0<2}"
