"""A consent receipt: one record of the consent log with the fields of ISO/IEC TS 27560:2023. No I/O.

Source: ISO/IEC TS 27560:2023, "Consent record information structure", clauses 6.3 (header, PII processing, parties,
events) and 6.4 (receipt), as W3C's "Consent Records and Receipts as per ISO/IEC TS 27560:2023 using DPV" lists them.
The specification names events for what is given and withdrawn; a refusal is told as ``consent_refused``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from app.domain.consent import is_live
from app.domain.models import Consent, ConsentStatus, Purpose

SCHEMA_VERSION = "ISO/IEC TS 27560:2023"

EventType = Literal["consent_given", "consent_refused", "consent_withdrawn"]
EventState = Literal["active", "refused", "withdrawn", "expired", "pending"]

DESCRIPTIONS: Mapping[Purpose, str] = {
    "personalise_content": "Choose what is shown by what the identity did and likes",
    "email_marketing": "Send offers by e-mail",
    "newsletter": "Send the newsletter",
    "push": "Send offers to the app as notifications",
    "sms": "Send offers by text message",
    "direct_mail": "Send offers by post",
    "packaging": "Choose what is put into parcels",
    "ads_audience": "Put the identity into audiences of advertisers",
    "measurement": "Measure what was shown and what came of it",
    "model_training": "Learn from what the identity did what goes together for others",
    "link_identities": "Hold the identity together with others of the same person",
    "household_share": "Let other identities use what this one likes, where it granted that",
}
"""What each purpose is for, in the words of a notice."""

_EVENTS: Mapping[ConsentStatus, EventType] = {
    "granted": "consent_given",
    "denied": "consent_refused",
    "withdrawn": "consent_withdrawn",
}


@dataclass(frozen=True, slots=True)
class Controller:
    """Who is responsible for the data, as the operator's settings say."""

    name: str
    address: str
    contact: str
    url: str
    jurisdiction: str
    """ISO 3166 code, or in words."""
    storage_location: str
    privacy_notice: str
    """Address of the notice."""
    language: str
    """BCP 47 tag of the notice."""
    retention_period: str
    withdrawal_method: str


@dataclass(frozen=True, slots=True)
class ReceiptEvent:
    """One event in the life of the consent."""

    event_time: datetime
    validity_duration: int | None
    """Seconds that it holds; ``None`` without an end."""
    entity_id: str
    """Who said it."""
    event_type: EventType
    event_state: EventState
    """As of the receipt."""
    collection_method: str
    """Where it was said."""
    proof: str | None


@dataclass(frozen=True, slots=True)
class Receipt:
    """One record of the log, to be handed to the one whom it is about."""

    record: Consent
    identity_id: str
    controller: Controller
    issued_at: datetime
    event: ReceiptEvent


def receipt_of(record: Consent, identity_id: str, controller: Controller, now: datetime) -> Receipt:
    """Make the receipt of one record as of ``now``; what was said afterwards has receipts of its own."""
    ends = record.expires_at
    event = ReceiptEvent(
        event_time=record.at,
        validity_duration=round((ends - record.at).total_seconds()) if ends else None,
        entity_id=identity_id,
        event_type=_EVENTS[record.status],
        event_state=_state(record, now),
        collection_method=record.source,
        proof=record.proof,
    )
    return Receipt(record, identity_id, controller, now, event)


def _state(record: Consent, now: datetime) -> EventState:
    if record.status == "granted":
        if record.at > now:
            return "pending"
        return "active" if is_live(record, now) else "expired"
    return "refused" if record.status == "denied" else "withdrawn"
