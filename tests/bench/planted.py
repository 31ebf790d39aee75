"""`python -m tests.bench.planted`: does a refresh find tastes that are known, and do deals and a trend bend them?

A shop is generated in which everybody has three of twelve tastes. A fifth hunt for deals: they buy the promoted
community's products for the price alone. Lately half of all bought what was the fashion. It is loaded and refreshed
as any shop is, and the memberships that come out are compared with the truth: as the general weight has them, where
a deal counts fully, and as the full-price weight does.
"""

import argparse
import asyncio
from dataclasses import dataclass

import numpy as np

from app.cli.progress import Bars
from app.domain.progress import Progress
from app.embedded import throwaway_server
from app.evaluation.loading import last_time, load_training
from app.evaluation.task import Task
from app.graph.database import Database
from app.graph.migrations import migrate
from app.jobs.refresh import refresh
from app.settings import Settings
from app.taste.communities import find_members
from app.taste.values import Edges, Ints, Likes
from tests.bench.agreement import f1
from tests.bench.planted_shop import COMMUNITIES, Mask, PlantedShop, generate
from tests.graph.shop import Shop

LIKES = """
MATCH (i:Identity {tenant: $tenant})-[l:LIKES]->(p:Product)
WITH i, p, l, exp((l.last_at.epochMillis - $now_ms) / 86400000.0 / $decay_days) AS left
RETURN i.id AS identity, p.id AS product, left * l.weight AS balanced, left * l.full_price_weight AS full_price
ORDER BY identity, product
"""
HOMES = """
MATCH (run:Run {tenant: $tenant, active: true})
MATCH (p:Product {tenant: $tenant})-[home:AT_HOME_IN]->(c:TasteCommunity)
WHERE home.run = run.id
RETURN p.id AS product, c.community AS community
"""


@dataclass(frozen=True, slots=True)
class Belonging:
    """Who was found to be in what, in communities as they were planted."""

    found: Mask
    strength: np.ndarray
    """Share of likes, shape (identities, communities)."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.planted", description=__doc__)
    parser.add_argument("--seed", type=int, default=0, help="of the generated shop")
    asyncio.run(_measure(parser.parse_args().seed, Bars()))


async def _measure(seed: int, progress: Progress) -> None:
    with throwaway_server(heap_mb=1024, page_cache_mb=128, progress=progress) as server:
        db = await Database.connect(server.bolt_uri, server.user, server.password, timeout_seconds=300)
        await migrate(db)
        for name, deals, trend in (
            ("neither", False, False),
            ("deals", True, False),
            ("deals and a trend", True, True),
        ):
            await _recover(db, name, generate(seed, deals=deals, trend=trend), progress)
        await db.close()


async def _recover(db: Database, name: str, planted: PlantedShop, progress: Progress) -> None:
    settings = Settings.load()
    shop = Shop(db, f"planted-{name.replace(' ', '-')}")
    task = _everything(planted)
    await load_training(db, settings, shop.tenant, task, progress)
    report = await refresh(db, settings, shop.tenant, now=last_time(task), progress=progress)
    moment = {"now_ms": round(last_time(task).timestamp() * 1000), "decay_days": settings.decay_days}
    rows = await shop.query(LIKES, **moment)
    homes = {row["product"]: row["community"] for row in await shop.query(HOMES)}
    print(f"\nA shop with {name}: {report.communities} communities found where {COMMUNITIES} were planted")
    for kind in ("balanced", "full_price"):
        likes = _likes(planted, [(row["identity"], row["product"], row[kind]) for row in rows])
        _print(planted, kind, _belonging(planted, likes, homes))


def _everything(planted: PlantedShop) -> Task:
    """A task that learns from all and asks nobody."""
    nobody = np.empty(0, dtype=np.int64)
    return Task(planted.dataset, planted.dataset.interactions, nobody, (), (), None, True)


def _likes(planted: PlantedShop, rows: list[tuple[str, str, float]]) -> Likes:
    """Likes of one weight, as a refresh reads them, in the order of the data set."""
    data = planted.dataset
    people, products = (
        {id_: n for n, id_ in enumerate(ids)} for ids in (data.identities, [p.id for p in data.products])
    )
    source = np.asarray([people[row[0]] for row in rows], dtype=np.int64)
    target = np.asarray([products[row[1]] for row in rows], dtype=np.int64)
    evidence = np.asarray([row[2] for row in rows])
    order = np.lexsort((target, source))
    source, target, evidence = source[order], target[order], evidence[order]
    mean = np.bincount(source, evidence) / np.bincount(source)
    weight = np.log1p(evidence / mean[source])
    return Likes(data.identities, tuple(product.id for product in data.products), Edges(source, target, weight))


def _belonging(planted: PlantedShop, likes: Likes, homes: dict[str, str]) -> Belonging:
    """Memberships in found communities, read as memberships in the planted ones that most of their products are of."""
    names = sorted(set(homes.values()))
    number = {name: n for n, name in enumerate(names)}
    home: Ints = np.asarray([number.get(homes.get(id_, ""), -1) for id_ in likes.products], dtype=np.int64)
    counts = np.zeros((len(names), COMMUNITIES))
    np.add.at(counts, (home[home >= 0], planted.community[home >= 0]), 1)
    meant = counts.argmax(axis=1)
    strength = np.zeros((len(likes.identities), COMMUNITIES))
    edges = find_members(likes, home).edges
    np.add.at(strength, (edges.source, meant[edges.target]), edges.weight)
    return Belonging(strength > 0, strength)


def _print(planted: PlantedShop, kind: str, belonging: Belonging) -> None:
    others = ~planted.hunters
    told = [
        f"{name} {figure:.3f}"
        for name, figure in zip(("precision", "recall", "F1"), f1(belonging.found, planted.tastes), strict=True)
    ]
    print(f"  {kind:<10} all: {', '.join(told)}; {belonging.found.sum(axis=1).mean():.2f} memberships each")
    for who, rows in (("deal hunters", planted.hunters), ("the others", others)):
        score = f1(belonging.found[rows], planted.tastes[rows])[2]
        astray = rows & ~planted.tastes[:, planted.promoted]
        late = rows & ~planted.tastes[:, planted.trend]
        print(
            f"  {'':<10} {who}: F1 {score:.3f}; of those without that taste "
            f"{belonging.found[astray, planted.promoted].mean():.1%} are put into the promoted community "
            f"(mean strength {belonging.strength[astray, planted.promoted].mean():.3f}), "
            f"{belonging.found[late, planted.trend].mean():.1%} into the fashionable one"
        )


if __name__ == "__main__":
    main()
