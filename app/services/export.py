"""Use case: an identity is given all that is held about it, and nothing of anybody else."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol, get_args

from app.domain import clock
from app.domain.errors import NotFoundError

Section = Literal["consents", "likes", "exclusions", "memberships", "followed_likes", "interactions", "decisions"]
Record = Mapping[str, Any]

SECTIONS: tuple[Section, ...] = get_args(Section)
"""What may be long, in the order in which it is written out."""

_APART = ("Identifier", "Run", "DataRequest", "Plan")
"""Labels of ends that are listed by themselves."""


class ExportStore(Protocol):
    """Where it is read."""

    async def begin(
        self, tenant: str, identity_id: str, actor: str
    ) -> tuple[dict[str, Any], list[dict[str, Any]]] | None:
        """Note in the audit log that it is exported; what it is and its ties, ``None`` for nobody."""
        ...

    def read(self, tenant: str, identity_id: str, section: str) -> AsyncGenerator[list[dict[str, Any]]]:
        """Yield a section page by page."""
        ...


@dataclass(frozen=True, slots=True)
class Export:
    """What is short of an export; the long sections are read while they are written out."""

    identity_id: str
    own: Record
    """Kind, time zone and what it is reachable by."""
    at: datetime
    links: Sequence[Record] = field(default_factory=list[Record])
    identifiers: Sequence[Record] = field(default_factory=list[Record])
    grants: Sequence[Record] = field(default_factory=list[Record])
    learned_by: Sequence[str] = ()
    """Runs that learned from it."""
    estimates: Sequence[Record] = field(default_factory=list[Record])
    """What each of those estimates of it."""
    habits: Sequence[Record] = field(default_factory=list[Record])
    """What each run knows it by, on a login that it shares."""
    plans: Sequence[Record] = field(default_factory=list[Record])
    """Lines of plans that are its own."""
    requests: Sequence[str] = ()
    """Requests for its data that a shop was sent."""


class Exporter:
    """Begins an export and reads its sections."""

    def __init__(self, store: ExportStore) -> None:
        self._store = store

    async def begin(self, tenant: str, identity_id: str, actor: str) -> Export:
        """Begin, and note so in the audit log; ``NotFoundError`` for an identity this tenant has not."""
        found = await self._store.begin(tenant, identity_id, actor)
        if found is None:
            raise NotFoundError("There is no such identity.")
        own, ties = found
        return Export(
            identity_id=identity_id,
            own=own,
            at=clock.now(),
            links=[tie for tie in ties if tie["label"] not in _APART and tie["type"] != "GRANTED"],
            identifiers=[tie for tie in ties if tie["label"] == "Identifier"],
            grants=[tie for tie in ties if tie["type"] == "GRANTED"],
            learned_by=[tie["other"] for tie in ties if tie["type"] == "LEARNED_FROM"],
            estimates=[{"run": tie["other"], **tie["figures"]} for tie in ties if tie["type"] == "LEARNED_FROM"],
            habits=[{"run": tie["other"], **tie["figures"]} for tie in ties if tie["type"] == "KNOWS_HABITS"],
            plans=[{**tie, "plan": tie["other"], **tie["figures"]} for tie in ties if tie["type"] == "PLANNED_IN"],
            requests=[tie["other"] for tie in ties if tie["label"] == "DataRequest"],
        )

    def read(self, tenant: str, identity_id: str, section: Section) -> AsyncGenerator[list[dict[str, Any]]]:
        """Yield a section page by page, in order of id."""
        return self._store.read(tenant, identity_id, section)
