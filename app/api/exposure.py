"""How exposed the shop is to logins and devices that several identities use: figures of the shop."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from app.api.bodies import Answer
from app.api.deps import Looking
from app.api.errors import PROBLEM_RESPONSES
from app.api.figures import FigureAnswer

router = APIRouter(prefix="/v1", tags=["identities"], responses=PROBLEM_RESPONSES)


class SharesAnswer(Answer):
    """Of logins, or of devices: which part is shared, and what hangs on it."""

    people: Annotated[int | None, Field(description="About so many identities use one; null: too few.")]
    shared: Annotated[FigureAnswer, Field(description="Share of them that are shared; each counts once.")]
    sessions: Annotated[FigureAnswer, Field(description="Share of all sessions: those of identities that share one.")]
    revenue: Annotated[FigureAnswer, Field(description="Share of all revenue, likewise.")]


class PublishedExposureAnswer(Answer):
    """What the run published."""

    run: str
    reason: Annotated[str, Field(description="What the figures are of, or why there are none, in plain English.")]
    currency: Annotated[str | None, Field(description="Of the revenue: the one that most of it is in.")]
    logins: SharesAnswer
    devices: SharesAnswer


class ExposureAnswer(BaseModel):
    """How exposed the shop is to what several identities use."""

    published: Annotated[PublishedExposureAnswer | None, Field(description="null: nothing was yet.")]


@router.get("/accounts:exposure")
async def read_exposure(caller: Looking) -> ExposureAnswer:
    """Say which share of logins and devices, of sessions and of revenue is of several identities, or may be."""
    published = await caller.services.exposure.read(caller.tenant)
    return ExposureAnswer(published=published and PublishedExposureAnswer.model_validate(published))
