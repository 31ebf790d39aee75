"""Scenarios: how shelves are filled, changed on the server and named by the shop's questions."""

from typing import Annotated

from fastapi import APIRouter, Path, Response
from pydantic import AwareDatetime, BaseModel, Field

from app.api.deps import Campaigning, ReadingCampaigns
from app.api.errors import PROBLEM_RESPONSES, problems
from app.api.shelf import ShelfBody
from app.domain.scenarios import Scenario

router = APIRouter(prefix="/v1/scenarios", tags=["scenarios"], responses=PROBLEM_RESPONSES)

Name = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]


class ScenarioAnswer(BaseModel):
    """One scenario."""

    name: str
    fields: Annotated[ShelfBody, Field(description="What it says; a question that names it may say otherwise.")]
    changed_at: AwareDatetime
    changed_by: Annotated[str, Field(description="Id of the key.")]


class ScenarioList(BaseModel):
    """All scenarios of the tenant, by name."""

    scenarios: list[ScenarioAnswer]


@router.put("/{name}", response_model_exclude_unset=True)
async def put_scenario(caller: Campaigning, name: Name, body: ShelfBody) -> ScenarioAnswer:
    """Keep a scenario in place of the one of its name; the next question that names it is answered so.

    Other processes of the service follow within five seconds.
    """
    fields = body.model_dump(mode="json", exclude_unset=True)
    return _answer(await caller.services.scenarios.put(caller.tenant, name, fields, caller.actor))


@router.get("", response_model_exclude_unset=True)
async def read_scenarios(caller: ReadingCampaigns) -> ScenarioList:
    """List the scenarios."""
    found = await caller.services.scenarios.list_scenarios(caller.tenant)
    return ScenarioList(scenarios=[_answer(one) for one in found])


@router.get("/{name}", responses=problems(404), response_model_exclude_unset=True)
async def read_scenario(caller: ReadingCampaigns, name: Name) -> ScenarioAnswer:
    """Read one scenario."""
    return _answer(await caller.services.scenarios.find(caller.tenant, name))


@router.delete("/{name}", status_code=204, response_class=Response, responses=problems(404))
async def delete_scenario(caller: Campaigning, name: Name) -> None:
    """Forget a scenario; questions that name it are 404 from then on."""
    await caller.services.scenarios.delete(caller.tenant, name, caller.actor)


def _answer(one: Scenario) -> ScenarioAnswer:
    return ScenarioAnswer(
        name=one.name,
        fields=ShelfBody.model_validate(one.fields),
        changed_at=one.changed_at,
        changed_by=one.changed_by,
    )
