"""What is taken without waiting and written in batches, behind the back of whoever gave it."""

import asyncio
from abc import ABC, abstractmethod
from contextlib import suppress
from typing import Self


class WriteBehind(ABC):
    """Runs a writer while it is open; ``async with`` it, so that what still waits is written at the end.

    A batch is written as soon as ``batch_size`` wait, else after ``pause_seconds``.
    """

    def __init__(self, name: str, batch_size: int, pause_seconds: float) -> None:
        self.batch_size = batch_size
        self.pause_seconds = pause_seconds
        self._name = name
        self._stopping = asyncio.Event()
        self._writer: asyncio.Task[None] | None = None

    @property
    def is_stopping(self) -> bool:
        """Whether this is the end, for which nobody should have to wait."""
        return self._stopping.is_set()

    @abstractmethod
    def number_waiting(self) -> int:
        """How many wait to be written."""

    @abstractmethod
    async def write_batch(self) -> None:
        """Write at most ``batch_size`` of what waits; never raises."""

    async def __aenter__(self) -> Self:
        """Start the writer."""
        self._writer = asyncio.create_task(self._write_until_stopped(), name=self._name)
        return self

    async def __aexit__(self, *_: object) -> None:
        """Write what still waits, then stop."""
        self._stopping.set()
        if self._writer is not None:
            await self._writer

    async def _write_until_stopped(self) -> None:
        while not (self.is_stopping and self.number_waiting() == 0):
            if self.number_waiting() < self.batch_size:
                with suppress(TimeoutError):
                    async with asyncio.timeout(self.pause_seconds):
                        await self._stopping.wait()
            await self.write_batch()
