"""How long a plan for many takes, how much memory, and how far it may be from the best: without a database.

A simulated shop: products in communities, identities that like some of one to three of them. Each is scored by the
pipeline that serves, then all are assigned under stock and a budget. ``python -m tests.bench.plans``
"""

import argparse
import json
import resource
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from app.domain.creatives import Creative
from app.domain.plans import PlanRequest
from app.domain.recommendation import Item, Offer, Source
from app.recommend.model import RunModel, rows_of
from app.recommend.pipeline import draft
from app.recommend.plan_candidates import Collected, CreativeWorth, propose
from app.recommend.query import Likes, Query
from app.recommend.sampler import Outcomes
from app.recommend.solve_plan import Limits, solve
from app.recommend.tuning import Tuning
from app.taste.values import Ints

PRODUCTS, COMMUNITIES, NEIGHBOURS, CANDIDATES, BLOCK = 5_000, 25, 40, 24, 1_000
NOW_MS = 1_800_000_000_000
SOURCES: frozenset[Source] = frozenset({"similar", "community", "popular"})


def a_model(rng: np.random.Generator) -> RunModel:
    """Products each at home in a community, and like others of it."""
    homes = np.sort(rng.integers(0, COMMUNITIES, PRODUCTS))
    by_home = [np.flatnonzero(homes == home) for home in range(COMMUNITIES)]
    sources = np.repeat(np.arange(PRODUCTS), NEIGHBOURS)
    named: list[int] = homes.tolist()
    targets = np.concatenate([rng.choice(by_home[home], NEIGHBOURS, replace=False) for home in named])
    likers = np.sort(rng.pareto(1.2, PRODUCTS) * 50 + 1)[::-1][rng.permutation(PRODUCTS)].astype(np.float32)
    none = rows_of(PRODUCTS, np.zeros(0, int), np.zeros(0, int), np.zeros(0))
    top = np.concatenate([home[np.argsort(-likers[home])[:50]] for home in by_home])
    return RunModel(
        run="r", version="bench", products=tuple(f"p{one:05}" for one in range(PRODUCTS)), likers=likers,
        full_price=np.ones(PRODUCTS, np.float32), groups=np.arange(PRODUCTS, dtype=np.int32),
        most_likers=int(likers.max()),
        similar=rows_of(PRODUCTS, sources, targets, rng.uniform(0.05, 0.5, len(sources))), next=none,
        repeat_share=np.zeros(PRODUCTS, np.float32), repeat_days=np.zeros(PRODUCTS, np.float32),
        communities=tuple(f"c{one:02}" for one in range(COMMUNITIES)), community_labels=("label",) * COMMUNITIES,
        baseline_share=np.full(COMMUNITIES, 1 / COMMUNITIES, np.float32), homes=homes.astype(np.int32),
        favourites=rows_of(COMMUNITIES, np.repeat(np.arange(COMMUNITIES), 50), top, np.ones(len(top))),
        genres=(), genre_labels=(), in_genre=none, anchors=("",), anchor_names=("",),
        popular=rows_of(1, np.zeros(200, int), np.argsort(-likers)[:200], np.sort(likers)[::-1][:200].astype(float)),
        brackets=np.asarray([1]), followed_weight=np.zeros(1), community_weight=np.full(1, 0.3),
        popularity_weight=np.full(1, 0.05), next_weight=np.zeros(1), rarity_weight=np.zeros(1), fading=1.0,
    )  # fmt: skip


def likes_of(rng: np.random.Generator, by_home: Sequence[Ints], model: RunModel, count: int) -> Likes:
    """Likes of somebody of one to three communities."""
    homes: list[int] = rng.choice(COMMUNITIES, rng.integers(1, 4), replace=False).tolist()
    places: list[int] = np.unique(
        np.concatenate([rng.choice(by_home[one], count // len(homes)) for one in homes])
    ).tolist()
    ids = tuple(model.products[place] for place in places)
    ones, at = np.ones(len(ids)), np.full(len(ids), NOW_MS - 10 * 86_400_000.0)
    bought, days = np.ones(len(ids), np.bool_), np.ones(len(ids), np.int64)
    return Likes("i", "personal", ids, rng.uniform(0.2, 3, len(ids)), ones, at, bought, at, days, ones * 0)


def measure(identities: int, likes: int, slots: int, pieces: int, budget_share: float) -> dict[str, Any]:
    """Plan once; processor seconds, so that others on the machine count for little."""
    rng = np.random.default_rng(0)
    model, tuning = a_model(rng), Tuning()
    by_home = [np.flatnonzero(model.homes == home) for home in range(COMMUNITIES)]
    offers = [Offer(id_, id_, price=float(rng.uniform(2, 60))) for id_ in model.products]
    creatives = [Creative(f"k{one}", ("newsletter",), headline="{product.title}") for one in range(12)]
    worth, collected = CreativeWorth(creatives, Outcomes(), model), Collected()
    request = PlanRequest("newsletter", None, slots=slots, pieces_each=pieces, margin=0.3)
    before, scoring = _peak_mb(), 0.0
    for start in range(0, identities, BLOCK):
        histories = {
            f"i{one:07}": likes_of(rng, by_home, model, likes) for one in range(start, min(start + BLOCK, identities))
        }
        began = time.process_time()
        collected.add(
            {
                one: _propose(history, model, tuning, offers, worth, request.value_of)
                for one, history in histories.items()
            }
        )
        scoring += time.process_time() - began
    began = time.process_time()
    problem = collected.problem()
    limits = Limits(
        slots, np.full(len(collected.product_ids), pieces), int(budget_share * identities), cost=0.001, least_gain=0.0
    )
    found = solve(problem, limits)
    return {
        "identities": identities,
        "likes": likes,
        "slots": slots,
        "proposals": len(problem.gains),
        "score_seconds": round(scoring, 1),
        "solve_seconds": round(time.process_time() - began, 1),
        "gap": round(found.gap, 4),
        "planned": len(found.chosen),
        "peak_mb_before": before,
        "peak_mb": _peak_mb(),
    }


def _propose(
    history: Likes,
    model: RunModel,
    tuning: Tuning,
    offers: Sequence[Offer],
    worth: CreativeWorth,
    value_of: Callable[[float | None], float],
) -> Any:
    drawn = draft(Query(NOW_MS, SOURCES, (history,), "i"), model, tuning)
    entries = drawn.near.first(CANDIDATES)
    places: list[int] = drawn.near.places[entries].tolist()
    scores: list[float] = drawn.near.scores[entries].tolist()
    items = [
        Item(offers[place].id, rank, score, "similar", "", offer=offers[place])
        for rank, (place, score) in enumerate(zip(places, scores, strict=True), start=1)
    ]
    named = [one for one in drawn.memberships if one.label is not None]
    rest = max(0.0, 1 - sum(one.strength for one in named))
    return propose(items, worth, [*((one.id, one.strength) for one in named), ("", rest)], value_of)


def _peak_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.bench.plans", description=__doc__)
    parser.add_argument("--identities", type=int, default=100_000)
    parser.add_argument("--likes", type=int, default=50)
    parser.add_argument("--slots", type=int, default=5)
    parser.add_argument("--pieces", type=int, default=60, help="of each product; 60 of 5,000 are 60 % of all places")
    parser.add_argument("--budget-share", type=float, default=0.8, help="of the identities that it pays for")
    given = parser.parse_args()
    print(json.dumps(measure(given.identities, given.likes, given.slots, given.pieces, given.budget_share)))
