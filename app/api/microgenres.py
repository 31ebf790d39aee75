"""Microgenres: clusters of products, and the names that people give them."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from app.api.bodies import Answer, Body
from app.api.deps import Looking
from app.api.errors import PROBLEM_RESPONSES, problems
from app.api.figures import At
from app.domain import clock
from app.intake.fields import Id, Phrase
from app.services.microgenres import find_genre, list_genres, name_genre

router = APIRouter(prefix="/v1/microgenres", tags=["microgenres"], responses=PROBLEM_RESPONSES)


class GenreBody(Body):
    """What a microgenre shall be called from now on."""

    name: Phrase


class GenreAnswer(Answer):
    """One microgenre of the active run."""

    id: str
    label: Annotated[str, Field(description="The name that somebody gave it, else the one that was found.")]
    found_label: Annotated[str | None, Field(description="The name that the run found.")]
    products: int | None


class GenrePage(BaseModel):
    """Some of the microgenres, those with most products first."""

    microgenres: list[GenreAnswer]
    next_after: Annotated[str | None, Field(description="Ask again with `after` set to this; null: that was all.")]


@router.get("")
async def read_genres(
    caller: Looking, after: At = None, limit: Annotated[int, Query(ge=1, le=1000)] = 100
) -> GenrePage:
    """List the microgenres of the active run."""
    page = await list_genres(caller.services.microgenres, caller.tenant, after, limit)
    return GenrePage(microgenres=[GenreAnswer.model_validate(one) for one in page.items], next_after=page.next_after)


@router.get("/{genre_id}", responses=problems(404))
async def read_genre(caller: Looking, genre_id: Id) -> GenreAnswer:
    """Read one microgenre."""
    return GenreAnswer.model_validate(await find_genre(caller.services.microgenres, caller.tenant, genre_id))


@router.patch("/{genre_id}", responses=problems(404, 409))
async def patch_genre(caller: Looking, genre_id: Id, body: GenreBody) -> GenreAnswer:
    """Call a microgenre by a better name, which every later run keeps; 409 when another one is called so."""
    named = await name_genre(caller.services.microgenres, caller.tenant, genre_id, body.name, clock.now(), caller.actor)
    return GenreAnswer.model_validate(named)
