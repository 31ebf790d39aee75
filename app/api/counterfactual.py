"""How an answer would be without a part of the history."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from app.api.bodies import Answer, Body
from app.api.deps import Imagining
from app.api.errors import PROBLEM_RESPONSES, problems
from app.api.recommendation_answers import ConsentAnswer, ItemAnswer, RunAnswer, render_item
from app.api.recommendations import RecommendationBody, question_of
from app.domain.anonymous import anonymous_identity
from app.domain.counterfactual import Without
from app.domain.recommendation import RecommendationRequest
from app.intake.event_rules import own_event_id
from app.intake.fields import Id

router = APIRouter(prefix="/v1", tags=["recommendations"], responses=PROBLEM_RESPONSES)

Ids = Annotated[tuple[Id, ...], Field(max_length=1000)]


class WithoutBody(Body):
    """What is left out; ids that are not there leave out nothing."""

    product_ids: Annotated[Ids, Field(description="Products, out of the own history and the session.")] = ()
    interaction_ids: Annotated[Ids, Field(description="Own interactions, by `event_id`.")] = ()
    community: Annotated[Id | None, Field(description="A taste community, as if the identity were not of it.")] = None
    deals_full: Annotated[bool, Field(description="Deals count as if they had been at full price.")] = False

    def to_without(self) -> Without:
        """Say the same in the words of the domain."""
        return Without(self.product_ids, self.interaction_ids, self.community, self.deals_full)


class CounterfactualBody(RecommendationBody):
    """The question of `POST /v1/recommendations`, and what is left out."""

    without: WithoutBody


class MoveAnswer(Answer):
    """A product whose place is another."""

    product_id: str
    from_rank: Annotated[int | None, Field(description="null: it was not among the items.")]
    to_rank: Annotated[int | None, Field(description="null: it is no longer among them.")]


class CounterfactualAnswer(Answer):
    """Both answers, and what moved from one to the other."""

    consent: ConsentAnswer
    before: list[ItemAnswer]
    after: list[ItemAnswer]
    moved: list[MoveAnswer]
    run: Annotated[RunAnswer | None, Field(description="null before the first `plural refresh`.")]


@router.post("/recommendations:counterfactual", responses=problems(404))
async def compare(speaker: Imagining, body: CounterfactualBody) -> CounterfactualAnswer:
    """Answer a question twice, with the history as it is and without a part of it; nothing is written or logged."""
    caller, asked = await question_of(speaker, body)
    without = body.without.to_without()
    if caller.key.is_bound:
        without = _also_told_by_it(without, asked)
    found = await caller.services.counterfactuals.compare(caller.tenant, asked, without)
    return CounterfactualAnswer.model_validate(
        {
            "consent": {"purpose": asked.purpose, "outcome": found.outcome},
            "before": [render_item(item) for item in found.before],
            "after": [render_item(item) for item in found.after],
            "moved": found.moved,
            "run": found.run and {"id": found.run.id, "model_version": found.run.model_version},
        }
    )


def _also_told_by_it(without: Without, asked: RecommendationRequest) -> Without:
    """Leave out what a bound key told under these ids, too."""
    owner = asked.identity_id or anonymous_identity(asked.session_id, "")
    told = (own_event_id(owner, id_) for id_ in without.interaction_ids)
    return replace(without, interaction_ids=(*without.interaction_ids, *told))
