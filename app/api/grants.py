"""Grants: one identity lets another use what it likes, for a purpose, until a time."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from app.api.bodies import Body
from app.api.deps import Ingesting
from app.api.errors import PROBLEM_RESPONSES, problems
from app.domain import clock
from app.domain.grants import GrantRequest
from app.domain.models import IdentityKind, Purpose
from app.intake.fields import AnyMoment, GivenId, Id
from app.services.grants import give_grant, revoke_grant

router = APIRouter(prefix="/v1/grants", tags=["grants"], responses={**PROBLEM_RESPONSES, **problems(404)})


class GrantBody(Body):
    """`from` lets `to` use what it likes. One direction only; nothing is passed on to a third identity."""

    model_config = ConfigDict(populate_by_name=True)

    from_id: Annotated[GivenId, Field(alias="from")]
    to_id: Annotated[GivenId, Field(alias="to")]
    purposes: Annotated[tuple[Purpose, ...], Field(min_length=1, max_length=10)]
    until: Annotated[AnyMoment, Field(description="It ends here by itself; RFC 3339 with an offset.")]


class GrantAnswer(BaseModel):
    """One grant. It speaks while the giver's consents to `household_share` and to the asked purpose last."""

    model_config = ConfigDict(from_attributes=True, populate_by_name=True)

    id: str
    from_id: Annotated[str, Field(serialization_alias="from")]
    from_kind: IdentityKind
    to_id: Annotated[str, Field(serialization_alias="to")]
    to_kind: IdentityKind
    purposes: tuple[Purpose, ...]
    at: AwareDatetime
    until: AwareDatetime


class GrantPage(BaseModel):
    """Some of the grants, by id."""

    grants: list[GrantAnswer]
    next_after: Annotated[str | None, Field(description="Ask again with `after` set to this; null: that was all.")]


@router.post("", status_code=201)
async def post_grant(caller: Ingesting, body: GrantBody) -> GrantAnswer:
    """Give a grant; the very next answer uses it. The same grant again is one grant."""
    now = clock.now()
    asked = GrantRequest(body.from_id, body.to_id, body.purposes, body.until)
    kept = await give_grant(caller.services.grants, caller.tenant, asked, now, caller.actor)
    return GrantAnswer.model_validate(kept)


@router.delete("/{grant_id}", status_code=204, response_class=Response)
async def delete_grant(caller: Ingesting, grant_id: Id) -> None:
    """Revoke a grant; the very next answer is what it was without."""
    await revoke_grant(caller.services.grants, caller.tenant, grant_id, caller.actor)


@router.get("")
async def read_grants(
    caller: Ingesting,
    identity_id: Annotated[Id, Query(description="Who gave them or was given them.")],
    after: Annotated[Id | None, Query(description="`next_after` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> GrantPage:
    """List the grants that an identity gave or was given, expired ones too."""
    await caller.services.describer.require(caller.tenant, identity_id)
    found = await caller.services.grants.list(caller.tenant, identity_id, after or "", limit)
    return GrantPage(
        grants=[GrantAnswer.model_validate(grant) for grant in found],
        next_after=found[-1].id if len(found) == limit else None,
    )
