"""Refreshes: learning a shop's taste anew, and how far that is."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import AwareDatetime, Field

from app.api.bodies import Answer, Body
from app.api.deps import Administering
from app.api.errors import PROBLEM_RESPONSES
from app.domain.refreshes import RefreshState

router = APIRouter(prefix="/v1/refresh", tags=["refresh"], responses=PROBLEM_RESPONSES)


class RefreshBody(Body):
    """How to refresh."""

    force: Annotated[
        bool, Field(description="Make the run active even if it learned from nobody, or from far fewer than before.")
    ] = False


class ActiveRunAnswer(Answer):
    """The run that answers are made of."""

    id: str
    started_at: AwareDatetime | None
    finished_at: AwareDatetime | None
    report: Annotated[
        dict[str, float],
        Field(description="What it found, by name: `learners`, `events`, `products`, `communities`, `seconds` …"),
    ]


class RunUnderwayAnswer(Answer):
    """The run that is being derived."""

    id: str
    started_at: AwareDatetime
    step: Annotated[str | None, Field(description="What it does just now; null before its first step.")]
    share: Annotated[float | None, Field(description="How much of the step is done, 0 to 1; null: not known.")]


class RefreshFailureAnswer(Answer):
    """Why the last refresh came to nothing; the run before it is active still."""

    at: AwareDatetime
    reason: str


class RefreshAnswer(Answer):
    """What is known of the shop's refreshes."""

    state: Annotated[RefreshState, Field(description="`waiting`: another shop's is under way, or it just begins.")]
    active: Annotated[ActiveRunAnswer | None, Field(description="null before the first one.")]
    underway: RunUnderwayAnswer | None
    failure: Annotated[
        RefreshFailureAnswer | None,
        Field(description="Of the last refresh that this process of the service was asked for."),
    ]


@router.post("", status_code=202)
async def ask_for_refresh(caller: Administering, body: RefreshBody | None = None) -> RefreshAnswer:
    """Have the shop's taste learned anew, beside the answers; one that is under way or waits is not begun again.

    Answers go on as before and switch over at its end. `GET /v1/refresh` says how far it is.
    """
    refreshes = caller.services.refreshes
    return RefreshAnswer.model_validate(await refreshes.ask(caller.tenant, force=body is not None and body.force))


@router.get("")
async def read_refresh(caller: Administering) -> RefreshAnswer:
    """Say how far a refresh is, and what the last one found."""
    return RefreshAnswer.model_validate(await caller.services.refreshes.read(caller.tenant))
