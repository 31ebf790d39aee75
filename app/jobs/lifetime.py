"""A run from its beginning to its end: one at a time a shop, which says that it is alive and what it is at."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from datetime import datetime

from app import __version__
from app.domain.errors import ConflictError, UnavailableError
from app.jobs.run import Run
from app.jobs.telling import Told

_LOOK_SECONDS = 0.25
"""How soon it is said that a run is at its next step."""
_TELL_SECONDS = 2.0
"""How old what is said of a refresh may be."""


def new_run_id(began: datetime) -> str:
    """Runs sort by the time they began, by the clock that all machines share.

    Of digits and few other characters, and 22 at most, Neo4j packs an id so tightly that it shares one property record
    with an edge's weight; a run writes some hundred thousand of both, and a ranking reads those of FAVOURS.
    """
    return began.strftime("%Y%m%d-%H%M%S.%f")


async def begin_run(run: Run) -> None:
    """Create the Run node, unless another refresh shows signs of life."""
    rows = await run.db.run_long(
        "refresh/begin_run",
        tenant=run.tenant,
        run=run.id,
        silence_seconds=run.settings.refresh_silence_seconds,
        model_version=f"plural-{__version__}",
    )
    if rows[0]["busy_run"] is not None:
        raise ConflictError(f"A refresh of {run.tenant!r} is under way; wait until it is done.")


@asynccontextmanager
async def signs_of_life(run: Run, told: Told) -> AsyncGenerator[None]:
    """Keep saying that the run is alive, and at what, while the block runs.

    The block ends where another refresh has removed the run.
    """
    block = asyncio.timeout(None)
    pause = min(run.settings.refresh_silence_seconds / 5, _TELL_SECONDS)

    async def tell() -> None:
        while True:
            await _next_step(told, pause)
            now = {"step": told.now and told.now.name, "share": told.now and told.now.share}
            with suppress(UnavailableError):  # the next sign may get through
                if not await run.db.run_long("refresh/show_life", tenant=run.tenant, run=run.id, **now):
                    block.reschedule(0)
                    return

    try:
        async with block:
            telling = asyncio.create_task(tell())
            try:
                yield
            finally:
                telling.cancel()
                await asyncio.gather(telling, return_exceptions=True)
    except TimeoutError as error:
        if block.expired():
            raise replaced(run) from error
        raise


async def _next_step(told: Told, most_seconds: float) -> None:
    """Wait for another step than the present one, and no longer than so long."""
    step = told.now
    for _ in range(max(1, round(most_seconds / _LOOK_SECONDS))):
        await asyncio.sleep(min(_LOOK_SECONDS, most_seconds))
        if told.now is not step:
            return


def replaced(run: Run) -> ConflictError:
    """Say that another refresh took the run for dead."""
    return ConflictError(
        f"This refresh of {run.tenant!r} showed no sign of life for too long, and another one removed what it had "
        "derived; the run that was active is active still."
    )
