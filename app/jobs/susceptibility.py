"""Estimates how much deals and trends move each identity."""

from dataclasses import dataclass

import numpy as np

from app.domain.disclosure import Measured
from app.graph.database import Row
from app.jobs.people import People
from app.jobs.run import Run
from app.taste.price import estimate_price_sensitivity
from app.taste.purchases import Purchases
from app.taste.shrinkage import Estimates
from app.taste.susceptible import Susceptible, known_values
from app.taste.trend import estimate_trend_susceptibility, measure_trend_shares
from app.taste.values import Edges, Matrix

PAGE = 500
"""Identities whose purchases are read, or whose figures are written, at a time."""
_NAMES = {"price": "price_sensitivity", "trend": "trend_susceptibility"}

Figures = dict[str, float | int]


@dataclass(frozen=True)
class Susceptibility:
    """What was found of those that a run learns from."""

    identities: tuple[str, ...]
    """Sorted; the columns below are in this order."""
    bought: Purchases
    price: Estimates
    trend: Estimates
    known: int
    """Identities with either figure."""

    def of(self, people: People) -> Susceptible:
        """Look at those of whom figures are published, in their order."""
        place = {id_: at for at, id_ in enumerate(self.identities)}
        places = np.array([place[id_] for id_ in people.ids], dtype=np.int64)
        belonging = people.members.tocoo()
        edges = Edges(places[belonging.row], belonging.col.astype(np.int64), belonging.data)
        members = edges.matrix(len(self.identities), len(people.communities))
        shares = measure_trend_shares(self.bought, members)
        price, trend = (known_values(one, places) for one in (self.price, self.trend))
        return Susceptible(price, trend, tuple(one[places] for one in shares))


async def write_susceptibility(run: Run) -> Susceptibility:
    """Write price sensitivity and trend susceptibility of identities, with intervals, where anything is known.

    On LEARNED_FROM of the run. Needs its memberships; without any, everybody else counts as outside the own
    communities.
    """
    with run.progress.step("Weighing deals and trends"):
        identities, bought = await _read_purchases(run)
        members = await _read_members(run, identities)
        price = estimate_price_sensitivity(bought)
        trend = estimate_trend_susceptibility(bought, members)
        of_identities = _figures({"price": price, "trend": trend})
        people = [{"identity": identities[place], "figures": figures} for place, figures in of_identities.items()]
        for at in range(0, len(people), PAGE):
            rows = people[at : at + PAGE]
            await run.db.run_long("refresh/write_susceptibility", tenant=run.tenant, run=run.id, rows=rows)
    return Susceptibility(tuple(identities), bought, price, trend, len(people))


async def _read_purchases(run: Run) -> tuple[list[str], Purchases]:
    """The ids of the learners, sorted, and what they bought."""
    identities: list[str] = []
    products: dict[str, int] = {}
    columns: list[np.ndarray[tuple[int, int], np.dtype[np.int64]]] = [np.empty((4, 0), dtype=np.int64)]
    while page := await _page(run, identities[-1] if identities else ""):
        lines = [len(row["days"]) for row in page]
        who = np.repeat(np.arange(len(identities), len(identities) + len(page)), lines)
        what = [products.setdefault(id_, len(products)) for row in page for id_ in row["product_ids"]]
        when, deals = ([value for row in page for value in row[name]] for name in ("days", "deals"))
        columns.append(np.array([who, what, when, deals], dtype=np.int64))
        identities += [row["identity"] for row in page]
    return identities, Purchases(len(identities), len(products), *np.concatenate(columns, axis=1))


async def _page(run: Run, after: str) -> list[Row]:
    return await run.db.run_long("refresh/read_purchases", tenant=run.tenant, run=run.id, after=after, limit=PAGE)


async def _read_members(run: Run, identities: list[str]) -> Matrix:
    """How strongly each identity belongs to each of the run's communities, sorted."""
    rows = await run.db.run_long("portraits/read_members", tenant=run.tenant, run=run.id)
    communities = sorted({community for row in rows for community in row["communities"]})
    place = {community: at for at, community in enumerate(communities)}
    people = {identity: at for at, identity in enumerate(identities)}
    source = np.repeat([people[row["identity_id"]] for row in rows], [len(row["communities"]) for row in rows])
    target = [place[community] for row in rows for community in row["communities"]]
    strengths = [strength for row in rows for strength in row["strengths"]]
    edges = Edges(source.astype(np.int64), np.array(target, dtype=np.int64), np.array(strengths, dtype=np.float64))
    return edges.matrix(len(identities), len(communities))


def _figures(estimates: dict[str, Estimates]) -> dict[int, Figures]:
    """By position: what is known of those for whom any trial speaks."""
    found: dict[int, Figures] = {}
    for prefix, of in estimates.items():
        for place in np.flatnonzero(of.n >= 1).tolist():
            one = Measured(float(of.value[place]), float(of.low[place]), float(of.high[place]), int(of.n[place]))
            found.setdefault(place, {}).update(_named(_NAMES[prefix], prefix, one))
    return found


def _named(name: str, prefix: str, one: Measured) -> Figures:
    """As properties of a node or relationship."""
    return {name: one.value, f"{prefix}_low": one.low, f"{prefix}_high": one.high, f"{prefix}_n": one.n}
