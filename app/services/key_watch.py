"""Notices while the service runs that the graph knows a hash key which is not here, as after a rotation elsewhere."""

import asyncio
import logging

from app.background import Background
from app.domain.errors import ForeignKeyError, MissingKeyError, UnavailableError
from app.services.hash_keys import KeyRecord, check_hash_keys
from app.settings import Settings

LOOK_SECONDS = 1.0
_log = logging.getLogger("plural.keys")


class KeyWatch(Background):
    """Looks every second while it is open; until the key is here, whoever calls is sent to another machine.

    Without the newest key whoever was erased under it would come back, and whom an e-mail names would not be found.
    """

    name = "hash keys"

    def __init__(self, record: KeyRecord, settings: Settings, pause_seconds: float = LOOK_SECONDS) -> None:
        self._record = record
        self._settings = settings
        self._pause_seconds = pause_seconds
        self.is_complete = True
        """Whether every key of the graph was here when it was last looked."""

    def check(self) -> None:
        """Raise ``ForeignKeyError`` while a key is missing."""
        if not self.is_complete:
            raise ForeignKeyError(
                "This machine lacks a hash key that the shop's others have; its operator has to bring it."
            )

    async def look(self) -> None:
        """Compare the keys that are here now with those that the graph knows."""
        try:
            await check_hash_keys(self._record, self._settings)
        except UnavailableError:
            return
        except MissingKeyError as error:
            if self.is_complete:
                _log.error("No request is answered until it is mended: %s", error)
            self.is_complete = False
        else:
            if not self.is_complete:
                _log.warning("The hash keys of the graph are all here again.")
            self.is_complete = True

    async def _run(self) -> None:
        while True:
            looking = asyncio.create_task(self.look())
            try:
                await asyncio.shield(looking)
            except asyncio.CancelledError:
                await looking  # cut off while it opens a connection, it would leave that behind
                raise
            await asyncio.sleep(self._pause_seconds)
