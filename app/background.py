"""Work beside the requests: one task that lives as long as a block."""

import asyncio
from contextlib import suppress
from typing import ClassVar, Self


class Background:
    """Runs ``_run`` while it is open (``async with``), and ends it with the block, wherever it is.

    What must go on after an error catches it: nobody hears of a task that died until the block ends.
    """

    name: ClassVar[str] = "background"
    _task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Begin."""
        self._task = asyncio.create_task(self._run(), name=self.name)
        return self

    async def __aexit__(self, *_: object) -> None:
        """End."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        """What is done; need never return."""
        raise NotImplementedError
