"""Holds everybody's writes back while a backup reads, and proves that nobody wrote (cypher/hold/)."""

import asyncio
import secrets
import time
from contextlib import suppress
from typing import Literal, Self

from app.domain.errors import BusyError, ConflictError, SetupError, UnavailableError
from app.graph.database import USER_AGENT, Database
from app.graph.holds import EVERYBODY, TRUST_SECONDS

LEASE_SECONDS = 30.0
"""How long writes wait for a process that was killed while it held them back."""
_RENEW_SECONDS = LEASE_SECONDS / 6
_SETTLE_SECONDS = 120.0
"""How long transactions that began before may take to end; whether they wrote after that is found at the end."""
_PAUSE_SECONDS = 0.2
_UNDER_WAY = "Another backup, restore, dump or load is under way: wait until it is done."

Kind = Literal["backup", "restore", "load"]
"""A ``load`` fills one shop."""


class WriteHold:
    """Holds the writes of all shops back as long as its block lasts, or of one; this process alone may write.

    It is a lease, which is renewed. ``ConflictError`` at the start while somebody else holds them back. What a
    restore or a load leaves half done stays marked (``has_unfinished_restore``), unless it was ``undone``.
    """

    def __init__(self, db: Database, kind: Kind, tenant: str = EVERYBODY) -> None:
        self._db = db
        self._kind: Kind = kind
        self._whose = {"tenant": tenant, "owner": secrets.token_hex(8)}
        self._is_broken = False
        self._is_undone = kind == "backup"
        self._last_commit: str | None = None
        self._turn = asyncio.Lock()
        self._renewing: asyncio.Task[None] | None = None
        self.is_after_broken_load = False
        """Whether a load stood here that was killed: whatever the shop holds came by it."""

    async def __aenter__(self) -> Self:
        await self._refuse_others()
        self._db.holds.is_mine = True
        rows = await self._db.write("hold/take_hold", **self._whose, kind=self._kind, seconds=LEASE_SECONDS)
        if not rows[0]["taken"]:
            self._db.holds.is_mine = False
            raise ConflictError(_UNDER_WAY)
        self.is_after_broken_load = rows[0]["before"] == "load"
        self._renewing = asyncio.create_task(self._renew(), name="hold on writes")
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._renewing is not None:
            self._renewing.cancel()
            await asyncio.gather(self._renewing, return_exceptions=True)
        if self._is_undone or kind is None:
            with suppress(UnavailableError):  # then it runs out
                await self._db.write("hold/release_hold", **self._whose)
        self._db.holds.is_mine = False

    def undone(self) -> None:
        """Say that what was begun was taken back: nothing is left half done."""
        self._is_undone = True

    async def settle(self) -> None:
        """Wait until whoever had not heard of the hold has ended; from here on nobody should write."""
        await asyncio.sleep(1.5 * TRUST_SECONDS)
        deadline = time.monotonic() + _SETTLE_SECONDS
        left = await self._transactions()
        while left and time.monotonic() < deadline:
            await asyncio.sleep(_PAUSE_SECONDS)
            left &= await self._transactions()
        if self._whose["tenant"] == EVERYBODY:
            async with self._turn:
                self._last_commit = await self._db.last_commit()

    async def prove(self) -> None:
        """Raise ``BusyError`` when somebody has written since ``settle``, or could have.

        Of one shop it is known that no process of Plural could have: the others go on writing.
        """
        async with self._turn:
            await self._look_for_writers()
        if self._is_broken:
            raise BusyError(
                "Somebody wrote, or could have, while this was being read, so nothing was made of it: stop what writes "
                "to the database past Plural, and run this again."
            )

    async def _refuse_others(self) -> None:
        """Look before anything is written, which the one that is under way would notice."""
        for row in await self._db.read("hold/read_holds"):
            if EVERYBODY not in (row["tenant"], self._whose["tenant"]) and row["tenant"] != self._whose["tenant"]:
                continue
            if row["seconds"] > 0:
                raise ConflictError(_UNDER_WAY)
            if row["kind"] == "load" and self._kind != "load":
                raise ConflictError("A load into a shop was broken off: run `plural load dump FILE` again first.")

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(_RENEW_SECONDS)
            with suppress(UnavailableError):  # the next one may get through in time
                async with self._turn:
                    await self._look_for_writers()
                    rows = await self._db.write("hold/renew_hold", **self._whose, seconds=LEASE_SECONDS)
                    self._is_broken |= not rows[0]["held"]
                    if self._last_commit is not None:
                        self._last_commit = await self._db.last_commit()

    async def _transactions(self) -> set[str]:
        return {row["id"] for row in await self._db.read("hold/list_transactions", name=self._db.name)}

    async def _look_for_writers(self) -> None:
        if self._last_commit is not None:
            self._is_broken |= self._last_commit != await self._db.last_commit()


async def refuse_unfinished_restore(db: Database) -> None:
    """Raise ``SetupError`` for a store that a restore has not finished."""
    if await has_unfinished_restore(db):
        raise SetupError(
            "A restore of this database is under way, or was broken off: wait for it, or run `plural restore FILE` "
            "again."
        )


async def has_unfinished_restore(db: Database) -> bool:
    """Whether a restore has begun to fill the store, and not come to its end."""
    return any(row["kind"] == "restore" for row in await db.read("hold/read_holds"))


async def refuse_other_users(db: Database) -> None:
    """Raise ``ConflictError`` while another process of Plural is connected to the server."""
    rows = await db.read("hold/list_users", agent="plural/", except_for=USER_AGENT)
    if rows:
        raise ConflictError(
            f"Another process of Plural uses this server (from {rows[0]['address']}): stop it first, so that nobody is "
            "served out of what is being restored."
        )
