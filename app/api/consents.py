"""Consents: an append-only log for each identity and purpose, and what arrives from banners."""

import hashlib
import secrets
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query
from pydantic import AwareDatetime, BaseModel, Field

from app.api.bodies import Answer, Body
from app.api.deps import Caller, IngestingForOne
from app.api.errors import PROBLEM_RESPONSES, Problem
from app.api.identities import ConsentRecord
from app.domain import clock
from app.domain.consent import Effective, Signal, denials_of, effective_consent, said_by
from app.domain.errors import ConflictError, InvalidError
from app.domain.models import Consent, ConsentStatus, Purpose
from app.intake.batches import Refused
from app.intake.consent_signals import read_signals
from app.intake.fields import AnyMoment, GivenId, Id, Phrase, Proof
from app.services.consents import hear_signals, read_consents, read_consents_at, record_consents

router = APIRouter(prefix="/v1/identities/{identity_id}/consents", tags=["consents"], responses=PROBLEM_RESPONSES)

IdempotencyKey = Annotated[
    str | None,
    Header(min_length=1, max_length=256, include_in_schema=False),
]
At = Annotated[
    AnyMoment | None,
    Query(description="A past moment, RFC 3339 with an offset; now by default. Later records do not count."),
]

_NOT_FOUND: dict[int | str, dict[str, Any]] = {404: {"description": "Not Found", "model": Problem}}
_ERASED: dict[int | str, dict[str, Any]] = {409: {"description": "Conflict", "model": Problem}}
_GONE = "This identity was erased: nothing new is kept of it."

Tcf = Annotated[
    dict[str, Any] | None, Field(description="IAB TCF v2: `TCData` as `__tcfapi` gives it, or `{tc_string}`.")
]
ConsentMode = Annotated[
    dict[str, Any] | None, Field(description="Google Consent Mode v2: `granted` or `denied` by consent type.")
]


class Statement(Body):
    """What every statement of consent may carry; times are RFC 3339 with an offset."""

    at: Annotated[AnyMoment | None, Field(description="When it was said; now by default.")] = None
    source: Annotated[Phrase, Field(description="Where it was said.")] = "api"
    policy_version: Annotated[Phrase | None, Field(description="Version of the privacy notice that was shown.")] = None
    proof: Annotated[Proof | None, Field(description="How it can be shown: free text or an address.")] = None


class ConsentBody(Statement):
    """What the identity said."""

    status: ConsentStatus
    expires_at: Annotated[AnyMoment | None, Field(description="Checked whenever it is read.")] = None


class SignalsBody(Statement):
    """Signals as they arrive in the wild.

    An absent one says nothing, an empty object denies all purposes that it can speak of.
    """

    tcf: Tcf = None
    consent_mode: ConsentMode = None
    segment: Annotated[
        dict[str, Any] | None,
        Field(
            description="Segment's `context.consent`, or its `categoryPreferences` alone; the rules say what they mean."
        ),
    ] = None


class ConsentLog(BaseModel):
    """Everything an identity said about one purpose."""

    identity_id: str
    purpose: Purpose
    at: AwareDatetime
    effective: Annotated[Effective, Field(description="What it came to at `at`; absent and expired are denied.")]
    records: Annotated[list[ConsentRecord], Field(description="Up to `at` when one is asked for; newest first.")]


class PurposeAnswer(Answer):
    """What one purpose came to."""

    purpose: Purpose
    effective: Effective
    deciding: Annotated[ConsentRecord | None, Field(description="null: nothing was said, so it is denied.")]


class ConsentsAnswer(BaseModel):
    """What all purposes came to at a moment."""

    identity_id: str
    at: AwareDatetime
    purposes: list[PurposeAnswer]


class SignalsAnswer(BaseModel):
    """What signals changed."""

    identity_id: str
    records: Annotated[list[ConsentRecord], Field(description="New because of this call; empty when nothing was new.")]


@router.get("", responses=_NOT_FOUND)
async def read_all_consents(caller: IngestingForOne, identity_id: Id, at: At = None) -> ConsentsAnswer:
    """Say what each purpose came to at a moment, and which record decides."""
    moment = _asked_moment(at)
    await caller.services.describer.require(caller.tenant, identity_id)
    past = None if at is None else moment
    found = await read_consents_at(caller.services.consents, caller.tenant, identity_id, moment, past)
    return ConsentsAnswer(
        identity_id=identity_id, at=moment, purposes=[PurposeAnswer.model_validate(one) for one in found]
    )


@router.put("", responses=_ERASED)
async def put_signals(caller: IngestingForOne, identity_id: GivenId, body: SignalsBody) -> SignalsAnswer:
    """Record what TCF, Consent Mode and Segment signals say; appends only what changes or is said for the first time.

    An unknown identity becomes an anonymous one.
    """
    rules = await caller.services.rules.read(caller.tenant)
    try:
        allowed = read_signals(body.tcf, body.consent_mode, body.segment, rules.consent_categories)
    except Refused as refused:
        raise InvalidError(f"{refused.field} {refused.reason}.") from refused
    said = Signal(
        identity_id, allowed, _said_at(body), body.source, body.policy_version, body.proof, at_arrival=body.at is None
    )
    too_late = _is_too_late(caller, body)
    told = denials_of(said) if too_late else said
    heard = await hear_signals(caller.services.consents, caller.tenant, [told], caller.actor)
    if heard.passed_over:
        raise ConflictError(_GONE)
    if too_late:
        raise InvalidError("at lies in the future: of the signals only what they deny was recorded.")
    records = [ConsentRecord.model_validate(record) for _, record in heard.records]
    return SignalsAnswer(identity_id=identity_id, records=records)


@router.put("/{purpose}", responses=_ERASED)
async def put_consent(
    caller: IngestingForOne,
    identity_id: GivenId,
    purpose: Purpose,
    body: ConsentBody,
    idempotency_key: IdempotencyKey = None,
) -> ConsentRecord:
    """Append a record; earlier ones stay. An unknown identity becomes an anonymous one.

    A grant waits for its `at`; a denial whose `at` lies in the future counts from its arrival.
    """
    if body.status == "granted" and _is_too_late(caller, body):
        raise InvalidError("at lies in the future.")
    said = Consent(
        id=_record_id(identity_id, purpose, idempotency_key),
        purpose=purpose,
        status=body.status,
        at=_said_at(body),
        at_arrival=body.at is None,
        expires_at=body.expires_at and clock.to_milliseconds(body.expires_at),
        source=body.source,
        policy_version=body.policy_version,
        proof=body.proof,
    )
    records = [(identity_id, said)]
    kept = await record_consents(caller.services.consents, caller.tenant, records, caller.actor, in_bulk=False)
    if not kept:
        raise ConflictError(_GONE)
    if _content(kept[0]) != _content(said):
        raise InvalidError("This Idempotency-Key was used for another consent; nothing was changed.")
    return ConsentRecord.model_validate(kept[0])


@router.get("/{purpose}", responses=_NOT_FOUND)
async def read_consent(caller: IngestingForOne, identity_id: Id, purpose: Purpose, at: At = None) -> ConsentLog:
    """Read what the identity said about a purpose, and what it came to."""
    moment = _asked_moment(at)
    await caller.services.describer.require(caller.tenant, identity_id)
    records = await read_consents(caller.services.consents, caller.tenant, identity_id, purpose)
    records = records if at is None else said_by(records, moment)
    return ConsentLog(
        identity_id=identity_id,
        purpose=purpose,
        at=moment,
        effective=effective_consent(records, purpose, moment),
        records=[ConsentRecord.model_validate(record) for record in records],
    )


def _asked_moment(at: datetime | None) -> datetime:
    now = clock.now()
    if at is not None and at > now:
        raise InvalidError("at lies in the future: what will have been said by then is not known.")
    return at.astimezone(UTC) if at else now


def _is_too_late(caller: Caller, body: Statement) -> bool:
    """Whether a statement lies further in the future than clocks may differ."""
    return body.at is not None and body.at > clock.now() + timedelta(hours=caller.services.future_hours)


def _said_at(body: Statement) -> datetime:
    return clock.to_milliseconds(body.at or clock.now())


def _record_id(identity_id: str, purpose: Purpose, idempotency_key: str | None) -> str:
    """One id for each call, or for each idempotency key of an identity and purpose."""
    if idempotency_key is None:
        return secrets.token_hex(16)
    return hashlib.sha256("\x1f".join((identity_id, purpose, idempotency_key)).encode()).hexdigest()[:32]


def _content(record: Consent) -> tuple[object, ...]:
    """What must be the same when a call is repeated; its time may be the time of the call."""
    return record.status, record.expires_at, record.source, record.policy_version, record.proof
