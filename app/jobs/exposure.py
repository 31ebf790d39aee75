"""Publish how exposed the shop is to logins and devices that several identities use."""

from collections.abc import Sequence

import numpy as np

from app.domain.disclosure import Disclosure
from app.domain.exposure import Exposure
from app.domain.models import OF_CONTACTS
from app.domain.resolution import OF_SEVERAL
from app.graph.database import Row
from app.graph.exposure import text_of
from app.jobs.run import Run
from app.jobs.week import noise_of
from app.taste.exposure import Uses, draw_shares
from app.taste.publisher import Publisher
from app.taste.values import Floats


async def write_exposure(run: Run) -> None:
    """Publish it, with noise; nothing of anybody alone is written."""
    with run.progress.step("Counting shared logins and devices"):
        rows = await run.db.run_long(
            "portraits/read_exposure",
            tenant=run.tenant,
            run=run.id,
            now=run.now,
            of_several=sorted(OF_SEVERAL),
            of_contacts=sorted(OF_CONTACTS),
        )
        publisher = Publisher(noise_of(run, [row["identity_id"] for row in rows]), Disclosure(run.settings.k_look))
        currency, revenue = _revenue(rows)
        sessions = np.array([row["sessions"] for row in rows], dtype=np.float64)
        logins, devices = (
            draw_shares(publisher, _uses(rows, kind), sessions, revenue, kind) for kind in ("logins", "devices")
        )
        text = text_of(Exposure(run.id, currency, logins, devices))
        await run.db.run_long("portraits/write_exposure", tenant=run.tenant, run=run.id, exposure=text)


def _uses(rows: Sequence[Row], kind: str) -> Uses:
    """Each login (device) counts once, shared among those of its users that count."""
    own, shared = np.zeros(len(rows)), np.zeros(len(rows))
    for place, row in enumerate(rows):
        for users, counting, is_of_several in row[kind]:
            own[place] += 1 / counting
            shared[place] += 1 / counting if users > 1 or is_of_several else 0.0
    came = np.array([float(kind == "logins" and row["on_login"]) for row in rows])
    return Uses(own, shared, came)


def _revenue(rows: Sequence[Row]) -> tuple[str | None, Floats]:
    """The currency that most of it is in, and what each paid in that; of none, nothing."""
    sums: dict[str, float] = {}
    for row in rows:
        for currency, paid in row["spent"]:
            if currency is not None:
                sums[currency] = sums.get(currency, 0.0) + paid
    chosen = min(sums, key=lambda code: (-sums[code], code)) if sums else None
    paid = [sum(paid for currency, paid in row["spent"] if currency == chosen) for row in rows]
    return chosen, np.array(paid if chosen else np.zeros(len(rows)), dtype=np.float64)
