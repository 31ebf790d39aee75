"""When figures are published, and the noise of that time."""

from collections.abc import Sequence
from datetime import UTC, datetime

from app.graph.times import from_ms
from app.jobs.run import Run
from app.services.hashing import figures_period, figures_secret, tenant_hashers
from app.taste.noise import Noise


async def is_due(run: Run) -> bool:
    """Whether a run publishes figures: when ``figures_days`` have passed since the last ones, or k is another."""
    rows = await run.db.run_long("portraits/find_published", tenant=run.tenant)
    if not rows or rows[0]["k"] != run.settings.k_look:
        return True
    return _day(run.now) - _day(from_ms(rows[0]["published_ms"])) >= run.settings.figures_days


def noise_of(run: Run, ids: Sequence[str]) -> Noise:
    """The noise over these people, of the tenant and the days in which the run publishes; always the same for both."""
    period = figures_period(run.now, run.settings.figures_days)
    return Noise(figures_secret(tenant_hashers(run.settings)(run.tenant), period), ids)


def _day(moment: datetime) -> int:
    return moment.astimezone(UTC).toordinal()
