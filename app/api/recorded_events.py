"""Single events: read back as they stand, and deleted with all that followed from them."""

from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import AwareDatetime, Field

from app.api.bodies import Answer
from app.api.deps import Administering
from app.api.errors import PROBLEM_RESPONSES, problems
from app.intake.fields import Id
from app.services.recorded_events import delete_event, read_event

router = APIRouter(prefix="/v1/events", tags=["events"], responses={**PROBLEM_RESPONSES, **problems(404)})


class RecordedLineAnswer(Answer):
    """One product of an event."""

    product_id: str
    quantity: float | None
    price_paid: float | None
    list_price: float | None
    kept: Annotated[
        float | None,
        Field(description="Of a purchase: how many count once its order's other messages are considered; null: all."),
    ]
    said: Annotated[str | None, Field(description="The text that named the product, where that is not its id.")]


class RecordedEventAnswer(Answer):
    """One event as it stands."""

    id: str
    type: str
    identity_id: str
    at: AwareDatetime
    session_id: str | None
    decision_id: str | None
    order_id: str | None
    updated_at: Annotated[AwareDatetime | None, Field(description="As of when it said what its order holds.")]
    currency: str | None
    channel: str | None
    device: str | None
    lines: list[RecordedLineAnswer]


@router.get("/{event_id}")
async def read_one_event(caller: Administering, event_id: Id) -> RecordedEventAnswer:
    """Read an event back, by the id that it was sent with."""
    found = await read_event(caller.services.recorded_events, caller.tenant, event_id)
    return RecordedEventAnswer.model_validate(found)


@router.delete("/{event_id}", status_code=204, response_class=Response)
async def delete_one_event(caller: Administering, event_id: Id) -> None:
    """Delete an event: the very next answer is what it would be had it never been sent.

    What is left of its order is settled anew. Sent again, it is recorded again.
    """
    await delete_event(caller.services.recorded_events, caller.tenant, event_id, caller.actor)
