"""Single events: read back as they stand, and deleted with all that followed from them."""

from fastapi import APIRouter, Response

from app.api.deps import Administering
from app.api.errors import PROBLEM_RESPONSES, problems
from app.api.event_answers import EventAnswer
from app.intake.fields import Id
from app.services.recorded_events import delete_event, read_event

router = APIRouter(prefix="/v1/events", tags=["events"], responses={**PROBLEM_RESPONSES, **problems(404)})


class RecordedEventAnswer(EventAnswer):
    """One event, and whose it is."""

    identity_id: str


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
