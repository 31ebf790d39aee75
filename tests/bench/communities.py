"""`python -m tests.bench.communities`: are the communities any good, are they steady, and do they say anything?

Some questions. Does the step that parts a graph find communities that were planted (LFR, beside the figures of
leidenalg)? With `--lastfm DIR` (HetRec 2011): do ten seeds, and ten samples of nine tenths of the listeners, find the
same? Does a listener's membership alone say what else it listens to, better than popularity does, as it must not on a
graph that was rewired by chance? And would other methods find better ones? On
Complete Journey: how many belong where by our rule, and by a plain share of likes? `--only` asks one of them.
"""

import argparse
import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.cli.progress import Bars
from app.domain.progress import Progress
from app.embedded import throwaway_server
from app.evaluation import metrics
from app.evaluation.baselines import rank_by_popularity
from app.evaluation.datasets import Dataset, read_lastfm
from app.evaluation.item_models import rank_unseen
from app.evaluation.task import Task, build_task
from app.graph.database import Database
from app.jobs.communities import TYPICAL_PRODUCTS, find_homes
from app.jobs.graph_science import projected
from app.jobs.leiden import SEED, Grain, find_grained_partition, find_partition
from app.jobs.run import Run
from app.settings import Settings
from app.taste.communities import find_favours, find_members, link_products
from app.taste.partition import settle
from app.taste.ridge import RidgeRules, fit_similar
from app.taste.values import Edges, Floats, Ints, Likes
from tests.bench.agreement import ari, nmi, omega
from tests.bench.lfr import KINDS, LEIDEN, generate
from tests.bench.methods import (
    Grouping,
    as_identities,
    by_factors,
    by_likes,
    by_neighbours,
    compare_people,
    link_people,
)
from tests.bench.rewiring import rewire
from tests.bench.samples import no_tags, some_households, to_likes

QUESTIONS = ("lfr", "rules", "steadiness", "lift", "methods")

MIXINGS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6)
PLAIN = 1.0
"""The resolution of plain modularity, for which the table's figures are."""
KEPT = 0.9
"""Of the listeners, in a sample."""
GRAINS = (20, 60, 200)
"""Communities at most, of products; ours is the second."""
FACTORS = (20, 40)
METHOD_SEEDS = (SEED, 1, 2)


def main() -> None:
    """Measure and print."""
    arguments = _arguments()
    asyncio.run(_measure([arguments.only] if arguments.only else QUESTIONS, arguments))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.communities", description=__doc__)
    parser.add_argument("--only", choices=QUESTIONS, help="one of the questions; all unless given")
    parser.add_argument("--graphs", type=int, default=5, help="LFR graphs of each kind; 5 unless given")
    parser.add_argument("--repeats", type=int, default=10, help="seeds and samples for steadiness; 10 unless given")
    parser.add_argument("--lastfm", type=Path, metavar="DIR", help="folder of the HetRec 2011 Last.fm files")
    return parser.parse_args()


async def _measure(questions: Sequence[str], arguments: argparse.Namespace) -> None:
    async with _open_run(Bars()) as run:
        if "lfr" in questions:
            await _recover_planted(run, arguments.graphs)
        if "rules" in questions:
            await _compare_rules(run)
        if arguments.lastfm is None:
            print("The others are not measured: --lastfm names no data.")
            return
        dataset = read_lastfm(arguments.lastfm)
        if "steadiness" in questions:
            await _measure_steadiness(run, dataset, arguments.repeats)
        if "lift" in questions:
            await _measure_lift(run, dataset)
        if "methods" in questions:
            await _compare_methods(run, dataset)


@asynccontextmanager
async def _open_run(progress: Progress) -> AsyncGenerator[Run]:
    with throwaway_server(heap_mb=1024, page_cache_mb=128, progress=progress) as server:
        db = await Database.connect(server.bolt_uri, server.user, server.password, timeout_seconds=300)
        try:
            yield Run(db, Settings.load(), "bench", "bench", datetime.now(UTC), progress)
        finally:
            await db.close()


async def _recover_planted(run: Run, graphs: int) -> None:
    """Print the NMI with the planted communities beside the table of leidenalg."""
    print(f"\nLFR, NMI with what was planted, mean of {graphs} graphs (sd), beside leidenalg")
    for kind in KINDS:
        for mixing in MIXINGS:
            with run.progress.step(f"LFR {kind.name}, mixing {mixing}", total=graphs) as step:
                found: list[float] = []
                for seed in range(graphs):
                    edges, planted = generate(kind, mixing, seed)
                    found.append(nmi(await _part(run, edges, len(planted), PLAIN), planted))
                    step.advance()
            table = LEIDEN[kind.name].get(mixing)
            beside = "" if table is None else f"  leidenalg {table:.3f}  {np.mean(found) - table:+.3f}"
            print(f"  {kind.name}  mixing {mixing:.1f}  {np.mean(found):.3f} ({np.std(found):.3f}){beside}")


async def _measure_steadiness(run: Run, dataset: Dataset, repeats: int) -> None:
    """Print how far seeds, and samples of the listeners, agree pair by pair."""
    likes = to_likes(dataset, dataset.interactions)
    whole, resolution, similar = await _find(run, likes)
    linked = link_products(similar, likes.likers)
    print(f"\nLast.fm: {whole.count} communities at resolution {resolution:g}")
    seeds = [await _part(run, linked, len(likes.products), resolution, seed) for seed in range(repeats)]
    _print_agreement(f"{repeats} seeds", likes, seeds)
    rng = np.random.default_rng(0)
    people = len(dataset.identities)
    samples = [np.sort(rng.permutation(people)[: round(KEPT * people)]) for _ in range(repeats)]
    homes = [await _homes_of_sample(run, dataset, sample, resolution) for sample in samples]
    _print_agreement(f"{repeats} samples of {KEPT:.0%} of the listeners", likes, homes)


async def _homes_of_sample(run: Run, dataset: Dataset, people: Ints, resolution: float) -> Ints:
    """The community of each product when only some identities are learned from, at the resolution of all."""
    rows = dataset.interactions[np.isin(dataset.interactions.identity, people)]
    likes = to_likes(dataset, rows)
    linked = link_products(fit_similar(likes, no_tags(), RidgeRules()), likes.likers)
    return await _part(run, linked, len(likes.products), resolution)


async def _part(run: Run, edges: Edges, nodes: int, resolution: float, seed: int = SEED) -> Ints:
    """Part as a refresh without a former run does."""
    return settle(edges, await find_partition(run, edges, nodes, resolution, seed=seed), resolution)


def _belonging(likes: Likes, found: Grouping) -> NDArray[np.bool_]:
    """Who is in which community, shape (identities, communities)."""
    return found.members.matrix(len(likes.identities), found.count).toarray() > 0


def _print_agreement(name: str, likes: Likes, homes: list[Ints]) -> None:
    """Means and spread over all pairs; of products those that both have at home somewhere."""
    belonging = [_belonging(likes, _by_surprise(likes, one)) for one in homes]
    figures: dict[str, list[float]] = {"ARI of products": [], "NMI of products": [], "omega of identities": []}
    for one, other in combinations(range(len(homes)), 2):
        housed = (homes[one] >= 0) & (homes[other] >= 0)
        figures["ARI of products"].append(ari(homes[one][housed], homes[other][housed]))
        figures["NMI of products"].append(nmi(homes[one][housed], homes[other][housed]))
        figures["omega of identities"].append(omega(belonging[one], belonging[other]))
    for figure, values in figures.items():
        low, high = np.quantile(values, [0.05, 0.95])
        print(f"  {name}: {figure} {np.mean(values):.3f} (sd {np.std(values):.3f}, 5 to 95 %: {low:.3f} to {high:.3f})")


async def _measure_lift(run: Run, dataset: Dataset) -> None:
    """Print what recommending by memberships alone adds to popularity, on the data and on a rewired copy."""
    print("\nNDCG@10 on held-out listens, by memberships alone and by popularity; ± 1.96 standard errors")
    for data in (dataset, rewire(dataset, seed=0)):
        task = build_task(data, "ratio", "test", seed=0)
        likes = to_likes(data, task.train)
        found, _, _ = await _find(run, likes)
        by_communities = _gains(task, rank_by_communities(run.settings, task, likes, found))
        by_popularity = _gains(task, rank_by_popularity(task, 10))
        difference = by_communities - by_popularity
        error = 1.96 * difference.std() / np.sqrt(len(difference))
        print(
            f"  {data.name}: {by_communities.mean():.4f} through {found.count} communities, popularity"
            f" {by_popularity.mean():.4f}, lift {difference.mean():+.4f} ± {error:.4f}"
        )


async def _compare_methods(run: Run, dataset: Dataset) -> None:
    """Print how ways to find communities come out, each from some seeds."""
    task = build_task(dataset, "ratio", "test", seed=0)
    likes = to_likes(dataset, task.train)
    print(f"\nLast.fm, ways to find communities; means over {len(METHOD_SEEDS)} seeds (sd)")
    async for name, found in _find_by_all_methods(run, likes):
        sizes = [np.bincount(one.members.target, minlength=one.count) for one in found]
        each = np.bincount(found[0].members.source, minlength=len(likes.identities))
        gains = [_gains(task, rank_by_communities(run.settings, task, likes, one)).mean() for one in found]
        pairs = list(combinations(found, 2))
        housed = [(one.parts >= 0) & (other.parts >= 0) for one, other in pairs]
        same = [ari(one.parts[kept], other.parts[kept]) for (one, other), kept in zip(pairs, housed, strict=True)]
        alike = [omega(_belonging(likes, one), _belonging(likes, other)) for one, other in pairs]
        print(
            f"  {name}: {np.mean([one.count for one in found]):.0f} communities, "
            f"largest {np.mean([size.max() for size in sizes]):.0f}, "
            f"median {np.mean([np.median(size) for size in sizes]):.0f}, "
            f"memberships median {np.median(each):g} mean {each.mean():.1f} none {(each == 0).mean():.1%}, "
            f"NDCG@10 {np.mean(gains):.4f} ({np.std(gains):.4f}), ARI {np.mean(same):.2f}, omega {np.mean(alike):.2f}"
        )


async def _compare_rules(run: Run) -> None:
    """Print who belongs where in a shop in which everybody buys much of the same."""
    dataset = some_households()
    likes = to_likes(dataset, dataset.interactions)
    people = len(likes.identities)
    ours, _, _ = await _find(run, likes)
    print(f"\nComplete Journey, {people} households, {len(likes.products)} products, {ours.count} communities")
    for name, found in (("above the crowd", ours), ("plain rule", by_likes(likes, ours.parts))):
        sizes = np.bincount(found.members.target, minlength=found.count)
        each = np.bincount(found.members.source, minlength=people)
        print(
            f"  {name}: largest {sizes.max() / people:.0%} of households, median {np.median(sizes):g}, "
            f"{np.median(each):g} memberships of the median household, none {(each == 0).mean():.1%}"
        )


async def _find_by_all_methods(run: Run, likes: Likes) -> AsyncGenerator[tuple[str, list[Grouping]]]:
    """Each way to find communities, and what it found from each seed."""
    products, people = len(likes.products), len(likes.identities)
    linked = link_products(fit_similar(likes, no_tags(), RidgeRules()), likes.likers)
    for most in GRAINS:
        homes = await _part_from_seeds(run, linked, products, Grain(most, TYPICAL_PRODUCTS))
        yield f"products, at most {most}, above the crowd", [_by_surprise(likes, home) for home in homes]
        yield f"products, at most {most}, plain rule", [by_likes(likes, home) for home in homes]
    by_ridge = fit_similar(as_identities(likes), no_tags(), RidgeRules())
    for name, similar in (("cosine", compare_people(likes)), ("ridge", by_ridge)):
        linked = link_people(similar, likes)
        for most in GRAINS:
            parts = await _part_from_seeds(run, linked, people, Grain(most, 1))
            yield f"people, {name}, at most {most}", [by_neighbours(linked, one) for one in parts]
    for factors in FACTORS:
        yield f"{factors} factors", [by_factors(likes, factors, seed) for seed in METHOD_SEEDS]


async def _part_from_seeds(run: Run, edges: Edges, nodes: int, grain: Grain) -> list[Ints]:
    """Partitions at the finest resolution that the grain allows."""
    async with projected(run, edges, nodes) as graph:
        found = await find_grained_partition(graph, np.full(nodes, -1), grain)
    return [await _part(run, edges, nodes, found.resolution, seed) for seed in METHOD_SEEDS]


def _by_surprise(likes: Likes, home: Ints) -> Grouping:
    """Identities by our rule."""
    found = find_members(likes, home)
    return Grouping(found.edges, home, len(found.usual))


def rank_by_communities(settings: Settings, task: Task, likes: Likes, found: Grouping) -> Ints:
    """The ten products that the communities of everybody asked favour most, unseen ones; shape (asked, 10)."""
    favours = find_favours(
        likes, found.members, found.count, gamma=settings.community_gamma, most=settings.favours_per_community
    ).matrix(found.count, len(likes.products))
    strength = found.members.matrix(len(likes.identities), found.count)
    return rank_unseen(task, lambda identities: (strength[identities] @ favours).toarray(), 10)


def _gains(task: Task, ranked: Ints) -> Floats:
    return metrics.ndcg(metrics.find_hits(ranked, task.relevant), metrics.sizes(task.relevant))


async def _find(run: Run, likes: Likes) -> tuple[Grouping, float, Edges]:
    """Communities and members in likes, their resolution, and the similar products that they come of."""
    with run.progress.step("Learning what is similar", total=len(likes.products)) as step:
        similar = fit_similar(likes, no_tags(), RidgeRules(), step.advance)
    homes, resolution = await find_homes(run, likes, similar)
    return _by_surprise(likes, homes), resolution, similar


if __name__ == "__main__":
    main()
