"""Erasing somebody, and the receipt of it."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import AwareDatetime, BaseModel, Field
from pydantic_core import to_json

from app.api.bodies import Answer
from app.api.deps import Administering, Caller
from app.api.errors import PROBLEM_RESPONSES, PROBLEM_TYPE, Problem, problems
from app.domain.erasure import SubjectKind
from app.domain.models import IdentityKind
from app.intake.fields import Id
from app.services.erase import Preview

router = APIRouter(prefix="/v1", tags=["erasure"], responses={**PROBLEM_RESPONSES, **problems(404)})

Preview_ = Annotated[bool, Query(alias="preview", description="Only say what would go.")]
Confirm = Annotated[
    str | None, Query(max_length=100, description="`confirm` of the preview, so that nobody goes who was not shown.")
]


class CountsAnswer(Answer):
    """Nodes by label and relationships by type."""

    nodes: dict[str, int]
    relationships: dict[str, int]


class IdentityToGo(Answer):
    """One identity of the list."""

    id: str
    kind: IdentityKind


class HolderToGo(Answer):
    """A person, account or household that nobody would be left on, or that is itself what shall be erased."""

    kind: str
    id: str


class ErasurePreview(BaseModel):
    """All that would go, by name and number; nothing beyond it does."""

    kind: SubjectKind
    id: str
    identities: list[IdentityToGo]
    holders: list[HolderToGo]
    goes: CountsAnswer
    stays: Annotated[dict[str, int], Field(description="Nodes that it hangs on and that remain, by label.")]
    confirm: Annotated[str, Field(description="Stands for this list; give it to erase a person or household.")]


class ErasureReceipt(Answer):
    """What went, and what waits; names nobody."""

    id: str
    kind: SubjectKind
    at: AwareDatetime
    counts: CountsAnswer
    waiting: Annotated[list[str], Field(description="Relationship types trained on it, until the next refresh.")]
    erased_at: Annotated[AwareDatetime | None, Field(description="When the last of it was gone from the graph.")]
    finished_at: Annotated[AwareDatetime | None, Field(description="When nothing waited any more.")]
    finished_by: Annotated[str | None, Field(description="The run that took the trained weights' place.")]


class Unconfirmed(Problem):
    """The list is another one than was confirmed, or none was; nothing was erased."""

    preview: ErasurePreview


_UNCONFIRMED: dict[int | str, dict[str, Any]] = {409: {"model": Unconfirmed}}


@router.delete("/identities/{identity_id}")
async def erase_identity(
    caller: Administering, identity_id: Id, preview: Preview_ = False
) -> ErasureReceipt | ErasurePreview:
    """Erase an identity with all that hangs on it; a replay or a late event does not bring it back."""
    if preview:
        return await _preview(caller, "identity", identity_id)
    hasher = caller.services.hasher(caller.tenant)
    receipt = await caller.services.eraser.erase(hasher, "identity", identity_id, caller.actor)
    return ErasureReceipt.model_validate(receipt)


@router.delete("/persons/{person_id}", response_model=ErasureReceipt | ErasurePreview, responses=_UNCONFIRMED)
async def erase_person(
    request: Request, caller: Administering, person_id: Id, preview: Preview_ = False, confirm: Confirm = None
) -> object:
    """Erase a person with the identities that the preview lists."""
    return await _erase_listed(request, caller, "person", person_id, preview, confirm)


@router.delete("/households/{household_id}", response_model=ErasureReceipt | ErasurePreview, responses=_UNCONFIRMED)
async def erase_household(
    request: Request, caller: Administering, household_id: Id, preview: Preview_ = False, confirm: Confirm = None
) -> object:
    """Erase a household with the identities that the preview lists: of those who live there and of its accounts."""
    return await _erase_listed(request, caller, "household", household_id, preview, confirm)


@router.get("/erasures/{erasure_id}")
async def read_erasure(caller: Administering, erasure_id: Id) -> ErasureReceipt:
    """Read a receipt again: whether the trained weights were replaced, and by which run."""
    return ErasureReceipt.model_validate(await caller.services.eraser.read(caller.tenant, erasure_id))


async def _erase_listed(
    request: Request, caller: Caller, kind: SubjectKind, id_: str, preview: bool, confirm: str | None
) -> object:
    if preview:
        return await _preview(caller, kind, id_)
    hasher = caller.services.hasher(caller.tenant)
    outcome = await caller.services.eraser.erase(hasher, kind, id_, caller.actor, confirm)
    if isinstance(outcome, Preview):
        return _unconfirmed(_preview_answer(outcome), request.state.request_id)
    return ErasureReceipt.model_validate(outcome)


async def _preview(caller: Caller, kind: SubjectKind, id_: str) -> ErasurePreview:
    hasher = caller.services.hasher(caller.tenant)
    return _preview_answer(await caller.services.eraser.preview(hasher, kind, id_))


def _preview_answer(preview: Preview) -> ErasurePreview:
    plan = preview.plan
    return ErasurePreview(
        kind=plan.kind,
        id=plan.id,
        identities=[IdentityToGo.model_validate(identity) for identity in plan.identities],
        holders=[HolderToGo.model_validate(holder) for holder in plan.holders],
        goes=CountsAnswer.model_validate(plan.goes),
        stays=dict(plan.stays),
        confirm=preview.confirm,
    )


def _unconfirmed(preview: ErasurePreview, request_id: str) -> Response:
    body = Unconfirmed(
        title="Conflict",
        status=409,
        detail="Nothing was erased: look at the list in preview, then call again with its confirm.",
        request_id=request_id,
        preview=preview,
    )
    headers = {"Cache-Control": "private, no-store"}
    return Response(to_json(body, exclude_none=True), 409, headers, media_type=PROBLEM_TYPE)
