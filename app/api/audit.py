"""The audit log: who (key id) did what to which identity when; append-only, without raw identifiers."""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, Field

from app.api.bodies import Answer
from app.api.deps import Administering
from app.api.errors import PROBLEM_RESPONSES
from app.domain.audit import Action, AuditEntry, AuditQuery
from app.intake.fields import AnyMoment, Id
from app.services.audit import NEWEST, read_audit

router = APIRouter(prefix="/v1/audit", tags=["audit"], responses=PROBLEM_RESPONSES)


class AuditEntryAnswer(Answer):
    """One entry."""

    sequence: Annotated[int, Field(description="From 1, without gaps.")]
    at: AwareDatetime
    actor: Annotated[str, Field(description="Id of the key; `cli`, `shopify` or `plural` where there was none.")]
    action: str
    subjects: Annotated[list[str], Field(description="Keyed hashes of the ids of whom it was done to.")]
    detail: dict[str, Any]
    previous: Annotated[str, Field(description="Seal of the entry before.")]
    seal: Annotated[str, Field(description="HMAC over all of it, `previous` included; SHA-256 without a key.")]
    key_version: Annotated[int | None, Field(description="Hash key of the seal; null for entries from before.")]


class AuditAnswer(BaseModel):
    """A page of the log."""

    entries: Annotated[list[AuditEntryAnswer], Field(description="Newest first.")]
    next_cursor: Annotated[str | None, Field(description="Give it as `cursor` for older entries; null at the end.")]


class HeadAnswer(Answer):
    """The end of the log, for noting it where nobody who can write to the graph can change it."""

    sequence: Annotated[int, Field(description="Of the last entry; 0 before the first.")]
    seal: Annotated[str, Field(description="`plural audit verify --anchor SEQUENCE:SEAL` checks against both.")]


@router.get("")
async def read_entries(
    caller: Administering,
    action: Action | None = None,
    identity_id: Annotated[Id | None, Query(description="Hashed before it is looked for.")] = None,
    after: Annotated[AnyMoment | None, Query(description="At this time or later.")] = None,
    before: Annotated[AnyMoment | None, Query(description="Earlier than this.")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    cursor: Annotated[str | None, Query(pattern=r"^[0-9]{1,18}$", description="From the answer before.")] = None,
) -> AuditAnswer:
    """Read the log, newest first."""
    services = caller.services
    subjects = None if identity_id is None else services.hasher(caller.tenant).every_subject("identity", identity_id)
    query = AuditQuery(action, subjects, after, before)
    page = await read_audit(services.audit, caller.tenant, query, limit, int(cursor) if cursor else NEWEST)
    return AuditAnswer(
        entries=[_answer(entry) for entry in page.entries],
        next_cursor=None if page.older is None else str(page.older),
    )


@router.get("/head")
async def read_head(caller: Administering) -> HeadAnswer:
    """Read the sequence and the seal of the last entry."""
    return HeadAnswer.model_validate(await caller.services.audit.read_head(caller.tenant))


def _answer(entry: AuditEntry) -> AuditEntryAnswer:
    return AuditEntryAnswer(
        sequence=entry.sequence,
        at=entry.at,
        actor=entry.actor,
        action=entry.action,
        subjects=list(entry.subjects),
        detail=json.loads(entry.detail),
        previous=entry.previous,
        seal=entry.seal,
        key_version=entry.key_version,
    )
