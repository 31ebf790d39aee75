"""Facts of many identities, read at once for the pipeline that serves: one by one they cost a statement each."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from app.domain.evidence import HABIT_DAYS
from app.graph.database import Database
from app.graph.readers import Readers, likes_of
from app.recommend.query import Moment, Reader, Scored, Seen, Subject

AT_ONCE = 500
"""Identities a statement."""


class ReadersInBatches:
    """Readers of a tenant in which everybody has consented; implements ``ReaderStore`` for whom it was told of.

    Pages and sessions are read one by one, as are identities that nobody announced.
    """

    def __init__(self, db: Database, tenant: str, readers: Readers) -> None:
        self._db = db
        self._tenant = tenant
        self._readers = readers
        self._kept: dict[str, Reader] = {}

    async def announce(self, identity_ids: Sequence[str], now: datetime) -> None:
        """Read some identities, and let go of those before; at most ``AT_ONCE`` are wanted at a time."""
        anybody = (await self._readers.read(self._tenant, Subject(identity_ids[0]), now)).reader
        rows = await self._db.run_long(
            "evaluate/read_readers", tenant=self._tenant, identity_ids=list(identity_ids), habit_days=HABIT_DAYS
        )
        self._kept = {
            row["id"]: replace(
                anybody,
                kind=row["kind"],
                own=likes_of(row),
                followed=Scored(tuple(row["followed_ids"]), tuple(row["followed_weights"])),
            )
            for row in rows
        }

    async def read(self, tenant: str, subject: Subject, at: datetime | None = None) -> Moment:
        """The facts of one moment."""
        kept = self._kept.get(subject.identity_id or "")
        if kept is not None and subject.session_id is None and not subject.context_ids:
            return Moment(kept, Seen(), (), ())
        return await self._readers.read(tenant, subject, at)

    def forget(self, tenant: str, identity_id: str) -> None:
        """Drop what is kept of an identity."""
        self._kept.pop(identity_id, None)
        self._readers.forget(tenant, identity_id)
