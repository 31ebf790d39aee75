"""Who leads whom along ties, as edges of the run: inputs of sums over many, never shown themselves."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.graph.database import Row
from app.jobs.people import People
from app.jobs.run import Run
from app.taste.followed import Follows
from app.taste.leads import MOST_UPTAKES, Leads, find_leads
from app.taste.uptake import Uptake
from app.taste.values import Ints, Likes

_ROWS = 5_000

_NONE: Ints = np.empty(0, dtype=np.int64)
Ties = set[tuple[str, str]]
"""Ids of who may lead and who may follow."""


@dataclass(frozen=True)
class Led:
    """What was found, for sums over many."""

    ids: tuple[str, ...]
    """Of ``uptake``; nobody where there are no ties."""
    uptake: Uptake
    followers: Ints
    """Who follows anybody, or is granted anything: positions, with repeats."""
    leads: Leads


async def write_leads(run: Run, likes: Likes, follows: Follows, people: People) -> Led:
    """Write the run's LEADS edges; ``people`` are those who belong anywhere, of whom controls are drawn.

    Ties are FOLLOWS (of nobody of one's own person or home) and live grants of `model_training`.
    """
    with run.progress.step("Looking for who leads whom"):
        ties = await _read_ties(run, likes, follows)
        rows = (
            await run.db.run_long("refresh/read_uptake", tenant=run.tenant, run=run.id, most=MOST_UPTAKES)
            if ties
            else []
        )
        ids = tuple(row["identity"] for row in rows)
        uptake, (leader, follower) = _uptake(rows), _places(ids, ties)
        found = await asyncio.to_thread(find_leads, uptake, leader, follower, _homes(ids, people))
        await _write(run, ids, found)
    return Led(ids, uptake, follower, found)


async def _read_ties(run: Run, likes: Likes, follows: Follows) -> Ties:
    granted = await run.db.run_long("refresh/read_granted", tenant=run.tenant, run=run.id, now=run.now)
    followed = zip(follows.edges.target.tolist(), follows.edges.source.tolist(), strict=True)
    return {(row["giver"], taker) for row in granted for taker in row["taker_ids"]} | {
        (likes.identities[leader], follows.followers[follower]) for leader, follower in followed
    }


def _places(ids: Sequence[str], ties: Ties) -> tuple[Ints, Ints]:
    """Both ends of ties as positions in ``ids``; ties of others are left out."""
    place = {id_: at for at, id_ in enumerate(ids)}
    known = [(place[a], place[b]) for a, b in sorted(ties) if a in place and b in place]
    ends = np.asarray(known, dtype=np.int64).reshape(-1, 2)
    return ends[:, 0], ends[:, 1]


def _uptake(rows: Sequence[Row]) -> Uptake:
    products: dict[str, int] = {}
    what = [products.setdefault(id_, len(products)) for row in rows for id_ in row["product_ids"]]
    who = np.repeat(np.arange(len(rows)), [len(row["days"]) for row in rows])
    columns = (
        np.asarray(column, dtype=np.int64) for column in (who, what, [day for row in rows for day in row["days"]])
    )
    return Uptake(len(rows), len(products), *columns)


def _homes(ids: Sequence[str], people: People) -> Ints:
    """The community that each belongs to most, -1 for none."""
    strongest: Ints = np.asarray(people.members.argmax(axis=1)).ravel() if people.communities else _NONE
    home = dict(zip(people.ids, strongest.tolist(), strict=False))
    return np.asarray([home.get(id_, -1) for id_ in ids], dtype=np.int64)


async def _write(run: Run, ids: Sequence[str], found: Leads) -> None:
    figures = (column.tolist() for column in (found.excess, found.low, found.high, found.lag_days, found.n))
    ends = ([ids[place] for place in column.tolist()] for column in (found.leader, found.follower))
    rows = [list(row) for row in zip(*ends, *figures, strict=True)]
    for at in range(0, len(rows), _ROWS):
        some = rows[at : at + _ROWS]
        await run.db.run_long("refresh/write_leads", tenant=run.tenant, run=run.id, now=run.now, rows=some)
