"""Publish how far influence is found in each community, and between which ones: sums over many, with noise."""

import asyncio

import numpy as np

from app.domain.disclosure import Disclosure
from app.graph.influence import text_of
from app.jobs.leads import Led
from app.jobs.people import People
from app.jobs.run import Run
from app.taste.influence import Drawing, Spreading, with_flows
from app.taste.noise import Noise
from app.taste.publisher import Publisher

_ROWS = 500


async def write_influence(run: Run, noise: Noise, people: People, led: Led) -> None:
    """Publish the influence of every community of the run; ``noise`` is over ``people``, who count in figures."""
    with run.progress.step("Summing up influence"):
        texts = await asyncio.to_thread(_draw, run, noise, people, led)
        rows = [{"community": id_, "influence": text} for id_, text in texts.items()]
        for at in range(0, len(rows), _ROWS):
            some = rows[at : at + _ROWS]
            await run.db.run_long("portraits/write_influence", tenant=run.tenant, run=run.id, rows=some)


def _draw(run: Run, noise: Noise, people: People, led: Led) -> dict[str, str]:
    place = {id_: at for at, id_ in enumerate(led.ids)}
    places = np.array([place.get(id_, -1) for id_ in people.ids], dtype=np.int64)
    spreading = Spreading.of(led.uptake, led.leads, led.followers, places)
    drawing = Drawing(Publisher(noise, Disclosure(run.settings.k_look)), spreading, run.id)
    members = people.members_among(people.ids)
    drawn = {id_: drawing.draw(who, id_) for id_, who in members.items()}
    return {id_: text_of(one) for id_, one in with_flows(drawn, drawing.flows(members)).items()}
