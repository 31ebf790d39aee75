"""Use case: the ends of the audit logs are noted outside the database, where who can write to it cannot reach them."""

import asyncio
import json
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from filelock import FileLock, Timeout

from app.background import Background
from app.domain.audit import Head
from app.domain.errors import PluralError
from app.domain.hashing import Hasher

ANCHOR_FILE = "audit.anchor"
NOTE_SECONDS = 60.0

_LOG = logging.getLogger("plural.audit")


class HeadStore(Protocol):
    """Where the logs are kept."""

    async def list_heads(self, noted: Mapping[str, Head]) -> dict[str, tuple[Head, str | None]]:
        """The end of every tenant's log, and the seal that stands now where an end was noted."""
        ...


def read_anchors(home: Path) -> dict[str, Head]:
    """Return the ends that were noted last, by tenant; ``{}`` where none were."""
    try:
        lines = (home / ANCHOR_FILE).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return {}
    rows = [json.loads(line) for line in lines if line.strip()]
    return {row["tenant"]: Head(row["sequence"], row["seal"]) for row in rows}


def write_anchors(home: Path, anchors: Mapping[str, Head]) -> None:
    """Replace the noted ends; the file is whole at any moment."""
    path = home / ANCHOR_FILE
    draft = path.with_name(f"{ANCHOR_FILE}.new")
    rows = [{"tenant": tenant, "sequence": head.sequence, "seal": head.seal} for tenant, head in anchors.items()]
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    draft.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    draft.replace(path)


class AuditAnchors(Background):
    """Notes the ends once a minute while it is open, and when asked to; each in the service's log as well.

    An end only ever moves on from one that still stands in its log: where it does not, it stays noted, and the log of
    the service says so. What cannot be written down is told there too, and keeps nobody from his work.
    """

    name = "audit anchors"

    def __init__(self, store: HeadStore, home: Path, hasher: Callable[[str], Hasher]) -> None:
        self._store = store
        self._home = home
        self._hasher = hasher

    async def note(self) -> None:
        """Note the ends as they are now; never raises what is only the database's or the disk's trouble."""
        try:
            self._home.mkdir(parents=True, exist_ok=True)
            with suppress(Timeout), FileLock(self._home / f"{ANCHOR_FILE}.lock", timeout=0):  # else somebody is at it
                await self._note()
        except PluralError as error:
            _LOG.warning("the ends of the audit logs were not noted: %s", error)
        except OSError as error:
            _LOG.warning("the ends of the audit logs cannot be noted in PLURAL_HOME: %s", error.strerror)

    async def __aexit__(self, *_: object) -> None:
        """Note them once more."""
        await super().__aexit__()
        await self.note()

    async def _run(self) -> None:
        while True:
            await self.note()
            await asyncio.sleep(NOTE_SECONDS)

    async def _note(self) -> None:
        before = read_anchors(self._home)
        after = dict(before)
        for tenant, (head, seal_there) in (await self._store.list_heads(before)).items():
            noted = before.get(tenant)
            if noted is not None and (seal_there != noted.seal or head.sequence < noted.sequence):
                _LOG.error("%s", self._line("an audit log lacks the end that was noted", tenant, noted))
            elif noted != head:
                after[tenant] = head
                _LOG.info("%s", self._line("end of an audit log", tenant, head))
        if after != before:
            write_anchors(self._home, after)

    def _line(self, what: str, tenant: str, head: Head) -> str:
        """Say it without the shop's name, which logs do not hold."""
        shop = self._hasher(tenant).subject("tenant", tenant)[:16]
        return json.dumps({"event": what, "shop": shop, "sequence": head.sequence, "seal": head.seal})
