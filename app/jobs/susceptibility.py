"""Estimates how much deals and trends move each identity and each community of a run."""

from dataclasses import dataclass

import numpy as np

from app.domain.disclosure import Measured
from app.graph.database import Row
from app.jobs.run import Run
from app.taste.price import estimate_price_sensitivity
from app.taste.purchases import Purchases
from app.taste.shrinkage import Estimates, average
from app.taste.trend import estimate_trend_susceptibility, measure_trend_shares
from app.taste.values import Edges, Matrix

PAGE = 500
"""Identities whose purchases are read, or whose figures are written, at a time."""
_NAMES = {"price": "price_sensitivity", "trend": "trend_susceptibility"}

Figures = dict[str, float | int]


@dataclass(frozen=True, slots=True)
class SusceptibilityReport:
    """What was written."""

    identities: int
    """Identities with either figure."""
    communities: int


async def write_susceptibility(run: Run) -> SusceptibilityReport:
    """Write price sensitivity and trend susceptibility of identities and communities, and of the latter trend shares.

    With their intervals, on LEARNED_FROM of the run where anything is known, and on its communities where ``k_look``
    members or more are behind a figure. Needs the run's memberships; without any, everybody else counts as outside
    the own communities.
    """
    with run.progress.step("Weighing deals and trends"):
        identities, bought = await _read_purchases(run)
        if not len(bought.day):
            return SusceptibilityReport(0, 0)
        communities, members = await _read_members(run, identities)
        price = estimate_price_sensitivity(bought)
        trend = estimate_trend_susceptibility(bought, members)
        of_identities = _figures({"price": price, "trend": trend}, least=1)
        averages = {"price": average(price, members), "trend": average(trend, members)}
        of_communities = _figures(averages, least=run.settings.k_look)
        for place, share in enumerate(measure_trend_shares(bought, members)):
            if share is not None and share.n >= run.settings.k_look:
                of_communities.setdefault(place, {}).update(_named("trend_share", "trend_share", share))
        people = [{"identity": identities[place], "figures": figures} for place, figures in of_identities.items()]
        groups = [{"community": communities[place], "figures": figures} for place, figures in of_communities.items()]
        for at in range(0, len(people), PAGE):
            rows = people[at : at + PAGE]
            await run.db.run_long("refresh/write_susceptibility", tenant=run.tenant, run=run.id, rows=rows)
        await run.db.run_long("refresh/write_community_susceptibility", tenant=run.tenant, run=run.id, rows=groups)
    return SusceptibilityReport(len(people), len(groups))


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


async def _read_members(run: Run, identities: list[str]) -> tuple[list[str], Matrix]:
    """The run's communities, sorted, and how strongly each identity belongs to each."""
    rows = await run.db.run_long("portraits/read_members", tenant=run.tenant, run=run.id)
    communities = sorted({community for row in rows for community in row["communities"]})
    place = {community: at for at, community in enumerate(communities)}
    people = {identity: at for at, identity in enumerate(identities)}
    source = np.repeat([people[row["identity_id"]] for row in rows], [len(row["communities"]) for row in rows])
    target = [place[community] for row in rows for community in row["communities"]]
    strengths = [strength for row in rows for strength in row["strengths"]]
    edges = Edges(source.astype(np.int64), np.array(target, dtype=np.int64), np.array(strengths, dtype=np.float64))
    return communities, edges.matrix(len(identities), len(communities))


def _figures(estimates: dict[str, Estimates], least: int) -> dict[int, Figures]:
    """By position: what is known of those for whom at least ``least`` trials, or people, speak."""
    found: dict[int, Figures] = {}
    for prefix, of in estimates.items():
        for place in np.flatnonzero(of.n >= least).tolist():
            one = Measured(float(of.value[place]), float(of.low[place]), float(of.high[place]), int(of.n[place]))
            found.setdefault(place, {}).update(_named(_NAMES[prefix], prefix, one))
    return found


def _named(name: str, prefix: str, one: Measured) -> Figures:
    """As properties of a node or relationship."""
    return {name: one.value, f"{prefix}_low": one.low, f"{prefix}_high": one.high, f"{prefix}_n": one.n}
