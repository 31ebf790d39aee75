"""Consent rows become records of the append-only consent log."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import TypeAdapter

from app.domain.anonymous import derived_id
from app.domain.models import Consent, ConsentStatus, Purpose
from app.intake.batches import Parsed, Refused, parse_rows
from app.intake.event_rules import TimeWindow
from app.intake.fields import LATEST, OWN, AnyMoment, GivenId, Moment, Nullable, Phrase, Proof, Word


class ConsentRow(Nullable):
    """One decision of one identity about one purpose."""

    model_config = OWN

    identity_id: GivenId
    purpose: Purpose
    status: ConsentStatus
    at: Moment | None = None
    """When it was decided; when it arrives, where nothing is said. Only grants wait for it."""
    expires_at: AnyMoment | None = None
    source: Word = "api"
    """Where it was decided: ``web_form``, ``shop_till``, ``demo`` …"""
    policy_version: Phrase | None = None
    """Version of the privacy notice that was shown."""
    proof: Proof | None = None
    """How it can be shown: free text or an address."""


@dataclass(frozen=True, slots=True)
class IdentityConsent:
    """A consent and whose it is."""

    identity_id: str
    consent: Consent


_CONSENTS = TypeAdapter(list[ConsentRow])


def parse_consents(rows: Sequence[object], now: datetime, future_hours: float) -> Parsed[IdentityConsent]:
    """Turn a batch into consents; the same row gives the same consent id, so loading a file again adds nothing."""
    window = TimeWindow.until(now, future_hours)
    return parse_rows(rows, _CONSENTS, lambda row: _consent(row, window))


def _consent(row: ConsentRow, window: TimeWindow) -> IdentityConsent:
    at = _placed(row, window)
    expires_at = row.expires_at
    if row.status == "granted" and expires_at is not None and expires_at <= at:
        raise Refused("expires_at", "must be after the decision")
    expires_at = expires_at.astimezone(UTC) if expires_at else None
    consent = Consent(
        id=derived_id(
            "consent",
            *(row.identity_id, row.purpose, row.status, at, expires_at),
            *(row.source, row.policy_version, row.proof),
        ),
        purpose=row.purpose,
        status=row.status,
        at=at,
        at_arrival=row.at is None,
        expires_at=expires_at,
        source=row.source,
        policy_version=row.policy_version,
        proof=row.proof,
    )
    return IdentityConsent(row.identity_id, consent)


def _placed(row: ConsentRow, window: TimeWindow) -> datetime:
    """When it was decided; a denial is taken however far it lies in the future, since it counts from its arrival."""
    at = row.at or window.now
    return min(at, LATEST).astimezone(UTC) if row.status != "granted" and at > window.now else window.place(at, "at")
