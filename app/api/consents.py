"""Consents: an append-only log for each identity and purpose."""

import hashlib
import secrets
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Header
from pydantic import AwareDatetime, BaseModel, Field

from app.api.bodies import Body
from app.api.deps import Ingesting
from app.api.errors import PROBLEM_RESPONSES
from app.api.identities import ConsentRecord
from app.domain.consent import Effective, effective_consent
from app.domain.errors import InvalidError
from app.domain.models import Consent, ConsentStatus, Purpose
from app.intake.fields import Id
from app.services.consents import read_consents, record_consents

router = APIRouter(
    prefix="/v1/identities/{identity_id}/consents/{purpose}", tags=["consents"], responses=PROBLEM_RESPONSES
)

IdempotencyKey = Annotated[
    str | None,
    Header(min_length=1, max_length=256, description="A repeated call with the same key returns the same record."),
]


class ConsentBody(Body):
    """What the identity said; times are RFC 3339 with an offset."""

    status: ConsentStatus
    at: Annotated[AwareDatetime | None, Field(description="When it was said; now by default.")] = None
    expires_at: Annotated[AwareDatetime | None, Field(description="Checked whenever it is read.")] = None
    source: Annotated[str, Field(min_length=1, max_length=100, description="Where it was said.")] = "api"


class ConsentLog(BaseModel):
    """Everything an identity said about one purpose."""

    identity_id: str
    purpose: Purpose
    effective: Annotated[Effective, Field(description="What it comes to now; absent and expired are denied.")]
    records: Annotated[list[ConsentRecord], Field(description="Newest first.")]


@router.put("")
async def put_consent(
    caller: Ingesting,
    identity_id: Id,
    purpose: Purpose,
    body: ConsentBody,
    idempotency_key: IdempotencyKey = None,
) -> ConsentRecord:
    """Append a record; earlier ones stay. An unknown identity becomes an anonymous one."""
    now = datetime.now(UTC)
    if body.at is not None and body.at > now + timedelta(hours=caller.services.future_hours):
        raise InvalidError("at lies in the future.")
    said = Consent(
        id=_record_id(identity_id, purpose, idempotency_key),
        purpose=purpose,
        status=body.status,
        at=_to_milliseconds(body.at or now),
        expires_at=body.expires_at and _to_milliseconds(body.expires_at),
        source=body.source,
    )
    (kept,) = await record_consents(caller.services.consents, caller.tenant, [(identity_id, said)])
    if (kept.status, kept.expires_at, kept.source) != (said.status, said.expires_at, said.source):
        raise InvalidError("This Idempotency-Key was used for another consent; nothing was changed.")
    return ConsentRecord.model_validate(kept)


@router.get("")
async def read_consent(caller: Ingesting, identity_id: Id, purpose: Purpose) -> ConsentLog:
    """Read what the identity said about a purpose, and what it comes to now."""
    await caller.services.describer.require(caller.tenant, identity_id)
    records = await read_consents(caller.services.consents, caller.tenant, identity_id, purpose)
    return ConsentLog(
        identity_id=identity_id,
        purpose=purpose,
        effective=effective_consent(records, purpose, datetime.now(UTC)),
        records=[ConsentRecord.model_validate(record) for record in records],
    )


def _record_id(identity_id: str, purpose: Purpose, idempotency_key: str | None) -> str:
    """One id for each call, or for each idempotency key of an identity and purpose."""
    if idempotency_key is None:
        return secrets.token_hex(16)
    return hashlib.sha256("\x1f".join((identity_id, purpose, idempotency_key)).encode()).hexdigest()[:32]


def _to_milliseconds(moment: datetime) -> datetime:
    """Cut off what the graph does not give back."""
    utc = moment.astimezone(UTC)
    return utc.replace(microsecond=utc.microsecond // 1000 * 1000)
