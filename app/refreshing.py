"""Derives runs in a process of their own, so that answers do not wait for them."""

import asyncio
import logging
import multiprocessing
import os
import signal
import traceback
from contextlib import suppress
from multiprocessing.connection import Connection

from app.domain.errors import PluralError
from app.jobs.refresh import refresh
from app.opening import open_database
from app.settings import Settings

_NICE = 10
"""How far a refresh stands back behind whoever answers."""
_log = logging.getLogger("plural.refreshes")


class ProcessRefreshing:
    """Implements ``Refreshing``: a new process each time, which gives all of its memory back at its end."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    async def __call__(self, tenant: str, *, force: bool) -> None:
        """Wait for the process, and raise what it raised; cancelled, the process is ended."""
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe(duplex=False)
        process = context.Process(target=_work, args=(theirs, self._settings, tenant, force), daemon=True)
        await asyncio.to_thread(process.start)
        theirs.close()  # so that the end of the process is the end of what can be read
        try:
            error = await asyncio.to_thread(_receive, ours)
        finally:
            process.terminate()
            ours.close()
        if error is not None:
            raise error


def _receive(connection: Connection) -> PluralError | None:
    try:
        return connection.recv()
    except EOFError:
        return PluralError("its process ended without a word")


def _work(connection: Connection, settings: Settings, tenant: str, force: bool) -> None:
    """Do the work of the process, and send what went wrong, or ``None``."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the service's, which ends this process
    with suppress(OSError):
        os.nice(_NICE)
    error: PluralError | None = None
    try:
        asyncio.run(_refresh(settings, tenant, force=force))
    except PluralError as raised:
        error = raised
    except Exception as raised:
        # Without its message, which may quote what the database was asked.
        where = "".join(traceback.format_tb(raised.__traceback__))
        error = PluralError(f"{type(raised).__qualname__}\n{where}")
    connection.send(error)
    connection.close()


async def _refresh(settings: Settings, tenant: str, *, force: bool) -> None:
    async with open_database(settings) as db:
        await refresh(db, settings, tenant, force=force)
