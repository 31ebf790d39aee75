"""Whom a run learns from, and whether that is enough to take the place of the run that is active."""

from datetime import timedelta

from app.domain.disclosure import DAYS_TO_COUNT
from app.domain.errors import ConflictError
from app.jobs.run import Run

ENOUGH = 0.5
"""Share of those that the active run learned from, and that could be learned from still, below which it stays."""


async def choose_learners(run: Run, *, force: bool = False) -> int:
    """Mark whom ``run`` may learn from; their number.

    Raises ``ConflictError`` where they are none, or fewer than ``ENOUGH`` of the active run's, unless ``force``: then
    something went wrong with evidence, rules or clock rather than with people. Who was erased since, or whose consent
    was withdrawn or ran out, does not count as lost.
    """
    with run.progress.step("Choosing whom to learn from"):
        rows = await run.db.run_long(
            "refresh/choose_learners",
            tenant=run.tenant,
            run=run.id,
            now=run.now,
            decay_days=run.settings.decay_days,
            arrived_before=run.now - timedelta(days=DAYS_TO_COUNT),
        )
        learners: int = rows[0]["learners"] if rows else 0
        expected: int = (await run.db.run_long("refresh/count_expected", tenant=run.tenant, now=run.now))[0]["learners"]
    if learners < ENOUGH * expected and not force:
        raise ConflictError(
            f"This refresh of {run.tenant!r} would learn from {learners:,} identities, and the active run learned from "
            f"{expected:,} who have neither withdrawn nor been erased: that run stays active. Look what became of "
            "their events, of the rules of evidence and of the clock, or refresh with --force."
        )
    return learners
