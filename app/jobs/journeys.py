"""Publish where the lines of many are and where they go on to: of the shop, and of each of its communities."""

import numpy as np

from app.domain.disclosure import Disclosure
from app.domain.journey_figures import Flows, JourneyFigures, write_flows
from app.domain.journeys import ActiveDay, Step, find_stages
from app.domain.models import OF_CONTACTS
from app.graph.journey_figures import text_of
from app.graph.journeys import days_of
from app.graph.retention import read_rules
from app.jobs.people import People
from app.jobs.retention import Buyers, day_of, find_end, write_day
from app.jobs.run import Run
from app.jobs.week import noise_of
from app.taste.journeys import Lives, draw_flows
from app.taste.publisher import Publisher
from app.taste.values import Ints

_ROWS = 500


async def write_journeys(run: Run, people: People) -> None:
    """Publish the stages of the shop's lines and of each community of the run; needs its memberships.

    Nothing exact is written, and nothing of anybody alone: whose line is where is forgotten when this returns.
    """
    with run.progress.step("Counting stages of journeys"):
        horizon = (await read_rules(run.db, run.tenant)).horizon_days
        ids, days = await _read_days(run)
        publisher = Publisher(noise_of(run, ids), Disclosure(run.settings.k_look))
        end = find_end(publisher, Buyers(ids, tuple(_bought(own) for own in days)), day_of(run))
        members = people.members_among(ids)
        if end is None:
            shop = Flows("Too few people bought anything to publish anything of them.")
            communities, last = dict.fromkeys(members, shop), None
        else:
            last = write_day(end - 1)
            lives, reason = Lives.of(_lines(days, end, horizon), end, horizon), write_flows(horizon, last)
            shop = draw_flows(publisher, lives, np.arange(len(ids)), "journeys of the shop", horizon, reason)
            communities = {
                id_: draw_flows(publisher, lives, who, f"journeys of {id_}", horizon, reason)
                for id_, who in members.items()
            }
        texts = {id_: text_of(JourneyFigures(run.id, horizon, last, flows)) for id_, flows in communities.items()}
        await _write(run, texts, text_of(JourneyFigures(run.id, horizon, last, shop)))


async def _read_days(run: Run) -> tuple[tuple[str, ...], list[list[ActiveDay]]]:
    rows = await run.db.run_long(
        "portraits/read_journey_days",
        tenant=run.tenant,
        run=run.id,
        now=run.now,
        of_contacts=sorted(OF_CONTACTS),
    )
    return tuple(row["identity_id"] for row in rows), [days_of(row) for row in rows]


def _bought(days: list[ActiveDay]) -> Ints:
    return np.array(sorted(one.day for one in days if "bought" in one.deeds), dtype=np.int64)


def _lines(days: list[list[ActiveDay]], end: int, horizon: int) -> list[tuple[Step, ...]]:
    return [find_stages(own, end - 1, horizon) for own in days]


async def _write(run: Run, communities: dict[str, str], shop: str) -> None:
    rows = [{"community": id_, "flows": text} for id_, text in communities.items()]
    for at in range(0, len(rows), _ROWS):
        some = rows[at : at + _ROWS]
        await run.db.run_long("portraits/write_community_flows", tenant=run.tenant, run=run.id, rows=some)
    await run.db.run_long("portraits/write_flows", tenant=run.tenant, run=run.id, flows=shop)
