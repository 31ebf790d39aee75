"""Work beside the requests: one task that lives as long as a block."""

import asyncio
import logging
from contextlib import suppress
from typing import ClassVar, Self

AGAIN_SECONDS = 5.0
_log = logging.getLogger("plural.background")


class Background:
    """Runs ``_run`` while it is open (``async with``), and ends it with the block, wherever it is.

    After an error that nobody expected it is begun again: one mistake must not end the work for as long as the service
    runs, nor spoil the service's own end.
    """

    name: ClassVar[str] = "background"
    _task: asyncio.Task[None] | None = None
    _is_ending = False

    async def __aenter__(self) -> Self:
        """Begin."""
        self._task = asyncio.create_task(self._keep_running(), name=self.name)
        return self

    async def __aexit__(self, *_: object) -> None:
        """End."""
        if self._task is not None:
            self._is_ending = True
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _keep_running(self) -> None:
        while True:
            try:
                return await self._run()
            except Exception as error:
                if self._is_ending:
                    return None
                # Its text may quote what the database was asked.
                _log.error("%s: %s, begins again in %g s", self.name, type(error).__name__, AGAIN_SECONDS)
                await asyncio.sleep(AGAIN_SECONDS)

    async def _run(self) -> None:
        """What is done; need never return."""
        raise NotImplementedError
