"""All that is held about an identity, as one JSON document with a schema, written out as it is read."""

from collections.abc import AsyncGenerator, Mapping
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from fastapi.responses import StreamingResponse
from pydantic import AwareDatetime, BaseModel, Field
from pydantic_core import to_json

from app.api.deps import Administering, Caller
from app.api.errors import PROBLEM_RESPONSES, problems
from app.api.event_answers import EventAnswer
from app.domain.exclusions import ExclusionKind
from app.domain.models import Address, ConsentStatus, IdentityKind, Purpose
from app.intake.fields import Id
from app.services.export import SECTIONS, Export, Section

router = APIRouter(
    prefix="/v1/identities/{identity_id}/export", tags=["erasure"], responses={**PROBLEM_RESPONSES, **problems(404)}
)


class ExportedLink(BaseModel):
    """One assertion that ties it to something; the other end's id only where that is its own."""

    type: Annotated[str, Field(description="Relationship type, e.g. `HAS_IDENTITY`.")]
    outgoing: bool
    id: str | None
    source: str | None
    confidence: float | None
    first_seen: AwareDatetime | None
    last_seen: AwareDatetime | None
    valid_until: AwareDatetime | None
    label: Annotated[str, Field(description="What the other end is.")]
    other: Annotated[
        str | None, Field(description="Its id: own person, login, household, audience; null for identities.")
    ]


class ExportedIdentifier(BaseModel):
    """An identifier; its value is not held, only a keyed hash."""

    type: str | None
    hash: str
    source: str | None
    confidence: float | None
    first_seen: AwareDatetime | None
    last_seen: AwareDatetime | None
    valid_until: AwareDatetime | None


class ExportedGrant(BaseModel):
    """A grant, given or received."""

    id: str
    given: bool
    purposes: list[str]
    at: AwareDatetime | None
    until: AwareDatetime | None


class ExportedRun(BaseModel):
    """A run that learned from it, and what it estimates of it; null: nothing."""

    run: str
    mean_weight: Annotated[float | None, Field(description="Mean evidence weight of its likes then.")] = None
    purchases: Annotated[int | None, Field(description="Purchases that the run counted.")] = None
    spend: Annotated[float | None, Field(description="In the currency that the shop sells most in.")] = None
    price_sensitivity: float | None = None
    price_low: float | None = None
    price_high: float | None = None
    price_n: int | None = None
    trend_susceptibility: float | None = None
    trend_low: float | None = None
    trend_high: float | None = None
    trend_n: int | None = None


class ExportedConsent(BaseModel):
    """One record of the consent log."""

    id: str
    purpose: Purpose
    status: ConsentStatus
    at: AwareDatetime
    counts_from: Annotated[
        AwareDatetime, Field(description="Where it stands in the log: `at`, or its arrival where that was earlier.")
    ]
    expires_at: AwareDatetime | None
    source: str | None
    policy_version: str | None
    proof: str | None
    confirmed_at: AwareDatetime | None


class ExportedLike(BaseModel):
    """What was concluded about one product."""

    product_id: Annotated[str, Field(validation_alias="id")]
    weight: Annotated[float, Field(description="Evidence as of `last_at`, below 0: disliked; it decays from there.")]
    full_price_weight: Annotated[float, Field(description="The same where a deal counts for less.")]
    count: int
    purchases: int
    last_at: AwareDatetime
    first_bought_at: AwareDatetime | None
    last_bought_at: AwareDatetime | None
    bought_days: Annotated[list[date], Field(description="The latest days (UTC) on which it was bought.")]


class ExportedExclusion(BaseModel):
    """Something that it does not want to be shown, or known by."""

    id: str
    kind: ExclusionKind
    value: str
    product_id: Annotated[str | None, Field(description="Of an order or event, only this product.")]
    at: AwareDatetime


class ExportedMembership(BaseModel):
    """A taste community that it was found to belong to."""

    community_id: str
    run: str
    label: Annotated[str | None, Field(description="null: the community may not be named.")]
    strength: Annotated[float, Field(description="Share of its likes that is at home there.")]


class ExportedFollowedLike(BaseModel):
    """What was derived from several whom it follows; whom is not told, what each of them likes is theirs."""

    product_id: str
    run: str
    weight: float


class ExportedHabits(BaseModel):
    """What a run knows it by, where it shares a login."""

    run: str
    portrait: Annotated[str, Field(description="JSON: how much likelier each value is of it than of anybody, as log.")]


class ExportedPlanLine(BaseModel):
    """A contact that was planned."""

    plan: str
    line: Annotated[str, Field(description="Id of the decision, once it was exported.")]
    product_ids: list[str]
    creative_ids: list[str]
    gains: Annotated[list[float], Field(description="Expected, one a product.")]
    planned_at: Annotated[AwareDatetime, Field(validation_alias="at")]
    exported_at: Annotated[AwareDatetime | None, Field(validation_alias="first_seen")]
    ended_at: Annotated[AwareDatetime | None, Field(validation_alias="valid_until")]


class ExportedInteraction(EventAnswer):
    """One event, and by which claim it is its own."""

    claim_id: Annotated[str | None, Field(description="The claim that made it its own; null: it did this itself.")]
    claimed_at: AwareDatetime | None


class ExportedDecision(BaseModel):
    """One answer that it was given."""

    id: str
    at: AwareDatetime
    channel: str | None
    placement: str | None
    outcome: str | None
    run: str | None
    product_ids: list[str]
    sources: list[str]
    scores: list[float | None]
    propensities: list[float | None]
    creative_ids: Annotated[list[str] | None, Field(description="One a product; null: no creatives were chosen.")]
    creative_propensities: list[float] | None
    community_ids: Annotated[list[str] | None, Field(description="For which communities; empty text: everybody.")]
    community_weights: list[float] | None
    eligible_creatives: Annotated[list[str] | None, Field(description="All that fitted, JSON: chance by id.")]
    candidate_ids: Annotated[
        list[str] | None, Field(description="What its places were drawn from, best first; null: nothing was drawn.")
    ]
    candidate_scores: list[float] | None
    exploration: Annotated[
        float | None, Field(description="Chance that a place was drawn by lot among all candidates that were left.")
    ]
    first_place: Annotated[int | None, Field(description="Of its products, counted over all pages from 1.")]
    deterministic: Annotated[
        list[bool] | None, Field(description="Which places were pinned or planned; null: none was pinned.")
    ]
    experiment: Annotated[str | None, Field(description="That was on; null: none was.")]
    arm: Annotated[str | None, Field(description="In which arm of it the identity was.")]


class ExportedIdentity(BaseModel):
    """Who it is."""

    id: str
    kind: IdentityKind
    time_zone: str | None
    reachable: Annotated[list[Address] | None, Field(description="null: nothing was said of it.")]


class ExportDocument(BaseModel):
    """All that is held about one identity; nothing of those it shares a person, account or household with."""

    schema_version: Literal["1"] = "1"
    exported_at: AwareDatetime
    identity: ExportedIdentity
    links: list[ExportedLink]
    identifiers: list[ExportedIdentifier]
    grants: list[ExportedGrant]
    learned_by: Annotated[list[str], Field(description="Runs that learned from it.")]
    estimates: Annotated[list[ExportedRun], Field(description="What those runs estimate of it.")]
    habits: Annotated[list[ExportedHabits], Field(description="What it is known by among those who share its login.")]
    plans: list[ExportedPlanLine]
    data_requests: list[str]
    consents: list[ExportedConsent]
    likes: list[ExportedLike]
    exclusions: list[ExportedExclusion]
    memberships: list[ExportedMembership]
    followed_likes: list[ExportedFollowedLike]
    interactions: list[ExportedInteraction]
    decisions: list[ExportedDecision]


_RECORDS: Mapping[Section, type[BaseModel]] = {
    "consents": ExportedConsent,
    "likes": ExportedLike,
    "exclusions": ExportedExclusion,
    "memberships": ExportedMembership,
    "followed_likes": ExportedFollowedLike,
    "interactions": ExportedInteraction,
    "decisions": ExportedDecision,
}


@router.get("", response_model=ExportDocument)
async def export_identity(caller: Administering, identity_id: Id) -> StreamingResponse:
    """Export all that is held about an identity; it may be long, so it is written out while it is read."""
    export = await caller.services.exporter.begin(caller.tenant, identity_id, caller.actor)
    headers = {"Cache-Control": "private, no-store", "Content-Disposition": 'attachment; filename="export.json"'}
    return StreamingResponse(_written(caller, export), headers=headers, media_type="application/json")


async def _written(caller: Caller, export: Export) -> AsyncGenerator[bytes]:
    """Yield the document piece by piece."""
    head = to_json(_head(export))
    yield head[:-1]
    for section in SECTIONS:
        yield f',"{section}":['.encode()
        first = True
        async for page in caller.services.exporter.read(caller.tenant, export.identity_id, section):
            records = b",".join(_RECORDS[section].model_validate(row).model_dump_json().encode() for row in page)
            yield records if first else b"," + records
            first = False
        yield b"]"
    yield b"}"


def _head(export: Export) -> dict[str, Any]:
    """What is short, in the order of the document."""
    return {
        "schema_version": "1",
        "exported_at": export.at,
        "identity": ExportedIdentity.model_validate({"id": export.identity_id, **export.own}),
        "links": [ExportedLink.model_validate(tie) for tie in export.links],
        "identifiers": [
            ExportedIdentifier.model_validate({**tie, "type": tie["identifier_type"], "hash": tie["other"]})
            for tie in export.identifiers
        ],
        "grants": [
            ExportedGrant.model_validate({**tie, "given": tie["outgoing"], "until": tie["valid_until"]})
            for tie in export.grants
        ],
        "learned_by": list(export.learned_by),
        "estimates": [ExportedRun.model_validate(one) for one in export.estimates],
        "habits": [ExportedHabits.model_validate(one) for one in export.habits],
        "plans": [ExportedPlanLine.model_validate(one) for one in export.plans],
        "data_requests": list(export.requests),
    }
