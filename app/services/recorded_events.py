"""Use case: one event is read back, or deleted with all that followed from it."""

from typing import Protocol

from app.domain.errors import NotFoundError
from app.domain.recorded_events import RecordedEvent

_NONE = "There is no such event."


class RecordedEventStore(Protocol):
    """Where events are."""

    async def read(self, tenant: str, event_id: str) -> RecordedEvent | None:
        """One event; ``None`` when there is none of that id."""
        ...

    async def delete(self, tenant: str, event_id: str, actor: str) -> bool:
        """Delete one, with the likes that followed from it; whether there was one."""
        ...


async def read_event(store: RecordedEventStore, tenant: str, event_id: str) -> RecordedEvent:
    """Read an event back as it stands. Raises ``NotFoundError``."""
    event = await store.read(tenant, event_id)
    if event is None:
        raise NotFoundError(_NONE)
    return event


async def delete_event(store: RecordedEventStore, tenant: str, event_id: str, actor: str) -> None:
    """Delete an event; the very next answer is what it would be had it never been sent. Raises ``NotFoundError``.

    What is left of its order is settled anew. Sent again, it is recorded again.
    """
    if not await store.delete(tenant, event_id, actor):
        raise NotFoundError(_NONE)
