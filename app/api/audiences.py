"""Audiences: who is meant by communities, microgenres, brands and niches, for one channel."""

from typing import Annotated, Any, Self

from fastapi import APIRouter, Path, Response
from pydantic import AwareDatetime, BaseModel, Field, model_validator

from app.api.bodies import Answer, Body
from app.api.deps import Administering, Campaigning, ReadingCampaigns
from app.api.errors import PROBLEM_RESPONSES, problems
from app.domain.audiences import Audience, AudienceFilter, Reason, Size, filter_fields, read_filter
from app.domain.channels import Channel
from app.intake.fields import Id

router = APIRouter(prefix="/v1/audiences", tags=["audiences"], responses=PROBLEM_RESPONSES)

Name = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
Ids = Annotated[list[Id], Field(max_length=100)]


class SpanBody(Body):
    """From one number to another, both included; without one of them open at that end."""

    min: Annotated[float | None, Field(ge=-1e6, le=1e6)] = None
    max: Annotated[float | None, Field(ge=-1e6, le=1e6)] = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.min is None and self.max is None:
            raise ValueError("give min, max or both")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError("min must not be above max")
        return self


class NicheBody(Body):
    """Members of a community who buy nothing of a brand yet (`GET /v1/brands/{brand_id}/niches`)."""

    brand: Id
    community: Id


class AudienceBody(Body):
    """Who is meant: every condition that is given must hold, of a list one entry; without any, all who may be."""

    channel: Annotated[Channel, Field(description="Only who consents to it and is reachable by it is ever meant.")]
    communities: Annotated[Ids, Field(default_factory=list, description="Taste communities of the active run.")]
    microgenres: Annotated[Ids, Field(default_factory=list, description="Of which something was bought.")]
    brands: Annotated[Ids, Field(default_factory=list, description="Of which something was bought.")]
    niches: Annotated[list[NicheBody], Field(default_factory=list[NicheBody], max_length=100)]
    price_sensitivity: Annotated[
        SpanBody | None, Field(description="As estimated by the run; who has no estimate is not meant.")
    ] = None
    days_since_purchase: SpanBody | None = None
    purchases: Annotated[SpanBody | None, Field(description="Bought and kept, counted by product and day.")] = None


class SizeAnswer(Answer):
    """About how many, with the noise of published figures."""

    people: Annotated[int | None, Field(description="About so many; null: too few to look at, or not counted.")]
    note: Annotated[str | None, Field(description="Why there is no number.")]
    may_be_exported: Annotated[
        bool | None, Field(description="Whether they are surely enough for an export; null: not counted.")
    ]
    counted_at: Annotated[
        AwareDatetime | None, Field(description="A filter is counted once in the days for which figures stand.")
    ]


class AudienceAnswer(BaseModel):
    """One audience."""

    name: str
    filter: AudienceBody
    size: SizeAnswer
    changed_at: AwareDatetime
    changed_by: Annotated[str, Field(description="Id of the key.")]


class AudienceList(BaseModel):
    """All audiences of the tenant, by name."""

    audiences: list[AudienceAnswer]


class ConditionAnswer(Answer):
    """One condition."""

    condition: Reason
    met: bool
    text: Annotated[str, Field(description="For people.")]


class AudienceMembershipAnswer(BaseModel):
    """Why an identity is in an audience, or is not."""

    identity_id: str
    is_member: Annotated[
        bool, Field(description="Whether it is meant now; a list that left may differ until the next.")
    ]
    checks: Annotated[
        list[ConditionAnswer],
        Field(description="Consent and reach first; behind one not met nothing is looked at."),
    ]
    listed_since: Annotated[
        AwareDatetime | None, Field(description="Since when a receiver has it on its list; null: on none.")
    ]


@router.put("/{name}", response_model_exclude_unset=True)
async def put_audience(caller: Campaigning, name: Name, body: AudienceBody) -> AudienceAnswer:
    """Keep an audience in place of the one of its name; about how many it has is in the answer."""
    given: dict[str, Any] = body.model_dump(exclude_unset=True)
    return _answer(*await caller.services.audiences.put(caller.tenant, name, _filter(given), caller.actor))


@router.get("", response_model_exclude_unset=True)
async def read_audiences(caller: ReadingCampaigns) -> AudienceList:
    """List the audiences, each with the size that was counted in these days."""
    found = await caller.services.audiences.list_audiences(caller.tenant)
    return AudienceList(audiences=[_answer(*one) for one in found])


@router.get("/{name}", responses=problems(404), response_model_exclude_unset=True)
async def read_audience(caller: ReadingCampaigns, name: Name) -> AudienceAnswer:
    """Read one audience, counted if it was not in these days."""
    return _answer(*await caller.services.audiences.find(caller.tenant, name))


@router.delete("/{name}", status_code=204, response_class=Response, responses=problems(404))
async def delete_audience(caller: Campaigning, name: Name) -> None:
    """Forget an audience; a list of it that a receiver holds only shrinks from then on, until it expires."""
    await caller.services.audiences.delete(caller.tenant, name, caller.actor)


@router.get("/{name}/members/{identity_id}", responses=problems(404))
async def explain_membership(caller: Administering, name: Name, identity_id: Id) -> AudienceMembershipAnswer:
    """Say why an identity is in an audience, or is not; the audit log notes who asked about whom."""
    explained, listed = await caller.services.audiences.explain(caller.tenant, name, identity_id, caller.actor)
    return AudienceMembershipAnswer(
        identity_id=identity_id,
        is_member=explained.is_member,
        checks=[ConditionAnswer.model_validate(check) for check in explained.checks],
        listed_since=listed,
    )


def _filter(given: dict[str, Any]) -> AudienceFilter:
    """Brands are called in lower case, as the catalogue calls them."""
    brands = [one.lower() for one in given.get("brands", ())]
    niches = [{**one, "brand": one["brand"].lower()} for one in given.get("niches", ())]
    return read_filter({**given, "brands": brands, "niches": niches})


def _answer(audience: Audience, size: Size) -> AudienceAnswer:
    return AudienceAnswer(
        name=audience.name,
        filter=AudienceBody.model_validate(filter_fields(audience.filter)),
        size=SizeAnswer.model_validate(size),
        changed_at=audience.changed_at,
        changed_by=audience.changed_by,
    )
