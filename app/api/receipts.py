"""Receipts of consents, in the words of ISO/IEC TS 27560:2023."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel, Field

from app.api.bodies import Answer
from app.api.deps import IngestingForOne
from app.api.errors import PROBLEM_RESPONSES, Problem
from app.domain import clock
from app.domain.models import Purpose
from app.domain.receipt import DESCRIPTIONS, SCHEMA_VERSION, EventState, EventType, Receipt, receipt_of
from app.intake.fields import Id
from app.services.consents import find_consent

router = APIRouter(
    prefix="/v1/identities/{identity_id}/consents/receipts", tags=["consents"], responses=PROBLEM_RESPONSES
)


class PiiInformation(BaseModel):
    """A kind of data that the purpose needs."""

    pii_type: str
    pii_optional: bool = False
    sensitive_pii_category: bool = False


class PurposeEntry(BaseModel):
    """What the consent is for; one record has one purpose."""

    purpose: str
    purpose_type: Purpose
    lawful_basis: str = "consent"
    pii_information: list[PiiInformation]
    pii_controllers: Annotated[list[str], Field(description="`party_id` of each.")]
    collection_method: str
    processing_method: str
    storage_locations: list[str]
    retention_period: str
    jurisdiction: str
    recipient_third_parties: list[str]
    withdrawal_method: str
    privacy_rights: list[str]


class Party(BaseModel):
    """Who is responsible."""

    party_id: str
    party_name: str
    party_address: str
    party_contact: str
    party_url: str
    party_role: str = "pii_controller"


class EventEntry(Answer):
    """One event of the record."""

    event_time: AwareDatetime
    validity_duration: Annotated[int | None, Field(description="Seconds; null: no end.")]
    entity_id: str
    event_type: EventType
    event_state: Annotated[EventState, Field(description="As of `issued_at`.")]
    collection_method: str
    proof: str | None


class Notice(BaseModel):
    """The notice that was shown."""

    url: str
    version: Annotated[str | None, Field(description="The record's policy version.")]


class ConsentReceipt(BaseModel):
    """A receipt of one consent record: the fields of ISO/IEC TS 27560:2023, clauses 6.3 and 6.4."""

    schema_version: str = SCHEMA_VERSION
    receipt_id: str
    record_id: str
    pii_principal_id: str
    issued_at: AwareDatetime
    privacy_notice: Notice
    language: str
    purposes: list[PurposeEntry]
    party_identification: list[Party]
    event_history: list[EventEntry]


_NOT_FOUND: dict[int | str, dict[str, Any]] = {404: {"description": "Not Found", "model": Problem}}
_CONTROLLER_ID = "controller"
_PII_TYPES = ("interactions", "identifiers as keyed hashes")


@router.get("/{consent_id}", responses=_NOT_FOUND)
async def read_receipt(caller: IngestingForOne, identity_id: Id, consent_id: Id) -> ConsentReceipt:
    """Issue a receipt of one record; 404 for a record that another identity gave."""
    record = await find_consent(caller.services.consents, caller.tenant, identity_id, consent_id)
    return _render(receipt_of(record, identity_id, caller.services.controller, clock.now()))


def _render(receipt: Receipt) -> ConsentReceipt:
    record, controller = receipt.record, receipt.controller
    return ConsentReceipt(
        receipt_id=f"receipt-{record.id}",
        record_id=record.id,
        pii_principal_id=receipt.identity_id,
        issued_at=receipt.issued_at,
        privacy_notice=Notice(url=controller.privacy_notice, version=record.policy_version),
        language=controller.language,
        purposes=[_purpose(receipt)],
        party_identification=[
            Party(
                party_id=_CONTROLLER_ID,
                party_name=controller.name,
                party_address=controller.address,
                party_contact=controller.contact,
                party_url=controller.url,
            )
        ],
        event_history=[EventEntry.model_validate(receipt.event)],
    )


def _purpose(receipt: Receipt) -> PurposeEntry:
    record, controller = receipt.record, receipt.controller
    return PurposeEntry(
        purpose=DESCRIPTIONS[record.purpose],
        purpose_type=record.purpose,
        pii_information=[PiiInformation(pii_type=type_) for type_ in _PII_TYPES],
        pii_controllers=[_CONTROLLER_ID],
        collection_method=record.source,
        processing_method="automated",
        storage_locations=[controller.storage_location],
        retention_period=controller.retention_period,
        jurisdiction=controller.jurisdiction,
        recipient_third_parties=[],
        withdrawal_method=controller.withdrawal_method,
        privacy_rights=["access", "erasure", "portability", "withdrawal"],
    )
