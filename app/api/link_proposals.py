"""Proposals of links: the review queue of what linkage found; nothing is linked before somebody accepts it."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, Field

from app.api.bodies import Answer, Body
from app.api.deps import Administering
from app.api.errors import PROBLEM_RESPONSES, problems
from app.domain.proposals import LinkProposal, ProposalKind, ProposalStatus, Use
from app.intake.fields import Id

router = APIRouter(prefix="/v1", tags=["links"], responses={**PROBLEM_RESPONSES, **problems(404)})

MOST_WRITTEN_TO = 10_000


class FieldAnswer(Answer):
    """How one field of two records agrees; the values were never kept."""

    field: str
    level: Annotated[str, Field(description="`missing`: one of the two says nothing.")]
    weight: Annotated[float, Field(description="Bits for the two being one; below 0: against.")]


class ProposalAnswer(Answer):
    """Two identities that may be one person, or live in one household."""

    id: str
    kind: ProposalKind
    identities: tuple[str, str]
    probability: float
    fields: tuple[FieldAnswer, ...]
    proposed_at: AwareDatetime
    status: ProposalStatus
    decided_at: AwareDatetime | None


class ProposalPage(BaseModel):
    """Some proposals, the most likely first."""

    proposals: list[ProposalAnswer]
    next_after: Annotated[str | None, Field(description="Ask again with `after` set to this; null: that was all.")]


class WriteOnceBody(Body):
    """Identities that are to be written to."""

    identity_ids: Annotated[list[Id], Field(min_length=1, max_length=MOST_WRITTEN_TO)]
    use: Annotated[
        Use, Field(description="`transactional`: only accepted proposals count; `mail`: those of .99 and more, too.")
    ]


class WriteOnceAnswer(BaseModel):
    """Those that are left when each person is written to once."""

    identity_ids: Annotated[list[str], Field(description="Some of those that were sent, in their order.")]


@router.get("/link-proposals")
async def read_link_proposals(
    caller: Administering,
    status: ProposalStatus = "open",
    kind: ProposalKind | None = None,
    after: Annotated[Id | None, Query(description="`next_after` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> ProposalPage:
    """List proposals with how each field agrees; `plural link` makes them."""
    found = await caller.services.proposals.read(caller.tenant, status, kind, after, limit)
    return ProposalPage(
        proposals=[_answer(one) for one in found], next_after=found[-1].id if len(found) == limit else None
    )


@router.post("/link-proposals/{proposal_id}:accept", responses=problems(409))
async def accept_link_proposal(caller: Administering, proposal_id: Id) -> ProposalAnswer:
    """Make one person of the two identities, or one household.

    409 when what is known contradicts, or one of them does not consent to be linked. Answers to either of them do not
    change: links never serve.
    """
    return _answer(await caller.services.proposals.accept(caller.tenant, proposal_id, caller.actor))


@router.post("/link-proposals/{proposal_id}:reject")
async def reject_link_proposal(caller: Administering, proposal_id: Id) -> ProposalAnswer:
    """Say that the two are not one person (`not_same_as`), or not one household; the proposal does not come back."""
    return _answer(await caller.services.proposals.reject(caller.tenant, proposal_id, caller.actor))


@router.post("/link-proposals/{proposal_id}:undo")
async def undo_link_proposal(caller: Administering, proposal_id: Id) -> ProposalAnswer:
    """End what accepting or rejecting linked; the proposal is open again."""
    return _answer(await caller.services.proposals.undo(caller.tenant, proposal_id, caller.actor))


@router.post("/identities:write-once")
async def write_once(caller: Administering, body: WriteOnceBody) -> WriteOnceAnswer:
    """Leave out of a mailing whoever is the same person as somebody before; nobody is ever added."""
    kept = await caller.services.proposals.write_once(caller.tenant, body.identity_ids, body.use)
    return WriteOnceAnswer(identity_ids=kept)


def _answer(one: LinkProposal) -> ProposalAnswer:
    return ProposalAnswer(
        id=one.id,
        kind=one.kind,
        identities=(one.one, one.other),
        probability=round(one.probability, 6),
        fields=tuple(FieldAnswer.model_validate(field) for field in one.fields),
        proposed_at=one.proposed_at,
        status=one.status,
        decided_at=one.decided_at,
    )
