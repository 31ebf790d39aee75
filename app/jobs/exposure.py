"""Publish how exposed the shop is to logins and devices that several identities use."""

from collections.abc import Mapping, Sequence

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
        here = {"tenant": run.tenant, "run": run.id, "now": run.now}
        rows = await run.db.run_long("portraits/read_exposure", of_contacts=sorted(OF_CONTACTS), **here)
        logins = await run.db.run_long("portraits/read_logins", of_several=sorted(OF_SEVERAL), **here)
        devices = await run.db.run_long("portraits/read_devices", of_several=sorted(OF_SEVERAL), **here)
        publisher = Publisher(noise_of(run, [row["identity_id"] for row in rows]), Disclosure(run.settings.k_look))
        currency, revenue = _revenue(rows)
        sessions = np.array([row["sessions"] for row in rows], dtype=np.float64)
        came = np.array([float(row["on_login"]) for row in rows])
        place = {row["identity_id"]: at for at, row in enumerate(rows)}
        published = Exposure(
            run.id,
            currency,
            draw_shares(publisher, _uses(logins, place, came), sessions, revenue, "logins"),
            draw_shares(publisher, _uses(devices, place, np.zeros(len(rows))), sessions, revenue, "devices"),
        )
        await run.db.run_long("portraits/write_exposure", tenant=run.tenant, run=run.id, exposure=text_of(published))


def _uses(used: Sequence[Row], place: Mapping[str, int], came: Floats) -> Uses:
    """Each login (device) counts once, shared among those of its users that count."""
    own, shared = np.zeros(len(place)), np.zeros(len(place))
    for row in used:
        users = [place[id_] for id_ in row["identity_ids"] if id_ in place]  # others were erased meanwhile
        own[users] += 1 / len(users) if users else 0.0
        if row["users"] > 1 or row["is_of_several"]:
            shared[users] += 1 / len(users) if users else 0.0
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
