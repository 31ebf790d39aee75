"""Decisions: which product, in which picture and words, through which channel, for one identity; and why not others."""

from typing import Annotated, Literal, Self

from fastapi import APIRouter, Response
from pydantic import AwareDatetime, BaseModel, Field, model_validator

from app.api.bodies import Body
from app.api.deps import Caller, Imagining
from app.api.errors import PROBLEM_RESPONSES, problems
from app.api.recommendation_answers import ItemAnswer, RunAnswer, SubjectAnswer, render_item
from app.api.recommendations import ContextBody, RecommendationBody, question_of
from app.api.shelf import Word
from app.domain.channels import Channel
from app.domain.decisions import Bar, Decided, RenderedItem, WhyNot, WhyNotCode
from app.domain.recommendation import Outcome
from app.intake.fields import Id, MaybeId
from app.intake.identifiers import MAX_IDENTIFIERS, IdentifierRow

router = APIRouter(prefix="/v1/decisions", tags=["decisions"], responses=PROBLEM_RESPONSES)


_OF_DECISIONS = {"channel", "limit", "margin", "least_gain"}


class DecisionBody(Body):
    """For whom, and where; without a channel the quietest is taken that may be used and has something to show."""

    identity_id: MaybeId = None
    identifiers: Annotated[
        tuple[IdentifierRow, ...],
        Field(max_length=MAX_IDENTIFIERS, description="Whom they name is asked; in doubt it is nobody."),
    ] = ()
    session_id: MaybeId = None
    channel: Annotated[Channel | None, Field(description="null: which channel?")] = None
    placement: Word = "home"
    limit: Annotated[int, Field(ge=1, le=24, description="Products in a creative each.")] = 1
    scenario: Annotated[Word | None, Field(description="Name of a scenario: how the products are chosen.")] = None
    context: ContextBody = ContextBody()
    exclude: Annotated[tuple[Id, ...], Field(max_length=1000)] = ()
    margin: Annotated[
        float | None,
        Field(
            gt=0,
            le=1,
            description="Part of the price that is kept: only what pays. null: whatever it costs.",
        ),
    ] = None
    least_gain: Annotated[
        float, Field(ge=0, le=1e9, description="With `margin`: expected beyond the channel's cost.")
    ] = 0.0

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.identity_id is not None and self.identifiers:
            raise ValueError("name identity_id or identifiers")
        if self.least_gain and self.margin is None:
            raise ValueError("least_gain needs margin")
        return self

    @property
    def bar(self) -> Bar | None:
        """What must be expected of a contact."""
        return None if self.margin is None else Bar(self.margin, self.least_gain)

    def to_question(self) -> RecommendationBody:
        """Ask for the products, with their reasons."""
        given = {name: getattr(self, name) for name in self.model_fields_set - _OF_DECISIONS}
        more = {"channel": self.channel} if self.channel else {}
        return RecommendationBody.model_validate({**given, **more, "explain": True, "limit": self.limit})


class RenderedCreative(BaseModel):
    """The creative that a product is shown in, filled in; plain text, to be escaped where it is shown."""

    id: str
    image_link: Annotated[str | None, Field(description="The product's own where the creative has none.")]
    headline: str | None
    text: str | None


class ChosenAnswer(BaseModel):
    """One product in its creative."""

    product: ItemAnswer
    creative: RenderedCreative
    propensity: Annotated[float, Field(description="How likely this creative was here, of all that fitted; above 0.")]
    deterministic: Annotated[bool, Field(description="It is pinned; nothing is learned from this place.")]


class WhyNotAnswer(BaseModel):
    """Why a channel, or a creative, was not chosen; to all but admin keys `not_allowed`, whatever the reason."""

    channel: Channel
    creative_id: Annotated[str | None, Field(description="null: the channel itself.")] = None
    code: WhyNotCode | Literal["not_allowed"]
    text: str
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None


class DecisionAnswer(BaseModel):
    """The answer; of the same shape whoever asked."""

    decision_id: Annotated[str, Field(description="Send it with `sent`, `click`, `purchase` …")]
    identity: SubjectAnswer
    outcome: Annotated[Outcome | Literal["not_allowed"], Field(description="What consent allowed.")]
    channel: Annotated[Channel | None, Field(description="null: nothing now.")]
    items: list[ChosenAnswer]
    why_not: list[WhyNotAnswer]
    run: RunAnswer | None
    unsubscribe_token: Annotated[
        str | None, Field(description="For the link of this contact: `POST /unsubscribe/{token}`; null for a visit.")
    ]


@router.post("", responses=problems(404))
async def decide(speaker: Imagining, body: DecisionBody, response: Response) -> DecisionAnswer:
    """Decide which product, creative and channel, and say why not the others.

    Consent, reach, cap and quiet hours of the channel are asked first. Nothing is sent: tell what was by `sent` events.
    """
    caller, asked = await question_of(speaker, body.to_question())
    decided = await caller.services.decider.decide(caller.tenant, asked, body.channel, body.bar)
    response.headers["Cache-Control"] = "private, no-store"
    return _answer(decided, caller)


def _answer(decided: Decided, caller: Caller) -> DecisionAnswer:
    confidence = decided.confidence
    why_not = [_told(one) for one in decided.why_not]
    if not caller.key.allows("admin"):
        why_not = [WhyNotAnswer(channel=one, code="not_allowed", text="not allowed") for one in decided.passed_over]
    return DecisionAnswer(
        decision_id=decided.decision_id,
        identity=SubjectAnswer(
            id=decided.identity_id,
            method=decided.method,
            confidence=None if confidence is None else round(confidence, 4),
        ),
        outcome=decided.outcome,
        channel=decided.channel,
        items=[_chosen(one) for one in decided.items],
        why_not=why_not,
        run=decided.run and RunAnswer(id=decided.run.id, model_version=decided.run.model_version),
        unsubscribe_token=decided.unsubscribe_token,
    )


def _told(one: WhyNot) -> WhyNotAnswer:
    return WhyNotAnswer(
        channel=one.channel,
        creative_id=one.creative_id,
        code=one.code,
        text=one.text,
        since=one.since,
        until=one.until,
    )


def _chosen(one: RenderedItem) -> ChosenAnswer:
    return ChosenAnswer(
        product=ItemAnswer.model_validate(render_item(one.item)),
        creative=RenderedCreative(
            id=one.choice.creative_id, image_link=one.image_link, headline=one.headline, text=one.text
        ),
        propensity=one.choice.chance,
        deterministic=one.choice.is_deterministic,
    )
