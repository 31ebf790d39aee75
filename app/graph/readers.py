"""Reads whoever asks (cypher/recommend/read_reader.cypher), and keeps what it read under its stamp."""

from datetime import datetime

import numpy as np
from cachetools import TTLCache

from app.domain.anonymous import anonymous_identity
from app.domain.evidence import HABIT_DAYS, regular_interval
from app.domain.exclusions import Unwanted
from app.domain.recommendation import RunStamp
from app.graph.database import Database, Row
from app.graph.times import from_optional_ms
from app.recommend.query import Likes, Moment, Reader, Scored, Seen, Subject


class Readers:
    """Facts of identities; consent and stamp are read at every request. Implements ``ReaderStore``.

    What is kept is bounded in bytes, and in seconds: another process may have erased whom it is of.
    """

    def __init__(self, db: Database, most_bytes: int, most_seconds: float) -> None:
        self._db = db
        self._kept = TTLCache[tuple[str, str, str], Reader](
            max(1, most_bytes), most_seconds, getsizeof=lambda reader: reader.size_bytes
        )

    async def read(self, tenant: str, subject: Subject, at: datetime | None = None) -> Moment:
        """Read one moment, the database's present unless it is ``at``; what is kept counts only under its stamp."""
        key = (tenant, subject.identity_id or "", subject.purpose)
        kept = self._kept.get(key)
        rows = await self._db.read_steadily(
            "recommend/read_reader",
            tenant=tenant,
            now=at or await self._db.now(),
            identity_id=subject.identity_id,
            session_id=subject.session_id,
            visitor_id=None if subject.session_id is None else anonymous_identity(subject.session_id, ""),
            purpose=subject.purpose,
            known=kept.stamp if kept else None,
            habit_days=HABIT_DAYS,
            context_ids=list(subject.context_ids),
            without_products=list(subject.left_out.product_ids),
            without_interactions=list(subject.left_out.interaction_ids),
        )
        row = rows[0]
        reader = kept if kept is not None and kept.stamp == row["stamp"] else _reader(row)
        if reader.granted and reader is not kept and reader.size_bytes <= self._kept.maxsize:
            self._kept[key] = reader
        unwanted = Unwanted.of(row["unwanted_by_visitor"])
        session = Seen(tuple(row["session_ids"]), tuple(row["session_bought"]), unwanted)
        return Moment(reader, session, tuple(row["page_ids"]), tuple(dict.fromkeys(row["page_tags"])))

    def forget(self, tenant: str, identity_id: str) -> None:
        """Drop what is kept of an identity, also where somebody else holds it as granted."""
        for key, reader in list(self._kept.items()):
            likes = (reader.own, *reader.granted_by)
            if key[0] == tenant and (
                key[1] == identity_id or any(one and one.identity_id == identity_id for one in likes)
            ):
                del self._kept[key]


def _reader(row: Row) -> Reader:
    likes = tuple(likes_of(one) for one in row["likes"])
    run = None
    if row["run"] is not None:
        run = RunStamp(row["run"], row["model_version"], from_optional_ms(row["run_finished_ms"]))
    return Reader(
        stamp=row["stamp"],
        granted=row["granted"],
        catalogue=row["catalogue"],
        run=run,
        kind=row["kind"],
        own=likes[0] if likes else None,
        granted_by=likes[1:],
        followed=Scored(tuple(row["followed_ids"]), tuple(row["followed_weights"])),
        unwanted=Unwanted.of(row["unwanted"]),
    )


def likes_of(row: Row) -> Likes:
    """What one identity likes, from the columns of a row."""
    bought_ms = np.asarray(row["bought_ms"], dtype=np.float64)
    return Likes(
        row["id"],
        row["kind"],
        tuple(row["product_ids"]),
        np.asarray(row["weights"], dtype=np.float64),
        np.asarray(row["full_price_weights"], dtype=np.float64),
        np.asarray(row["at_ms"], dtype=np.float64),
        np.asarray(row["bought"], dtype=np.bool_),
        np.where(bought_ms < 0, np.nan, bought_ms),
        np.asarray(row["days"], dtype=np.int64),
        np.asarray([regular_interval(days) for days in row["habit_days"]], dtype=np.float64),
    )
