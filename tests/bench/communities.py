"""`python -m tests.bench.communities`: are the communities any good, are they steady, and do they say anything?

Three questions. Does the step that parts a graph find communities that were planted (LFR, beside the figures of
leidenalg)? With `--lastfm DIR` (HetRec 2011): do ten seeds, and ten samples of nine tenths of the listeners, find the
same? And does a listener's membership alone say what else it listens to, better than popularity does, as it must not
on a graph that was rewired by chance?
"""

import argparse
import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
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
from app.evaluation.datasets.values import Interactions
from app.evaluation.item_models import rank_unseen
from app.evaluation.protocols import merge_pairs
from app.evaluation.task import Task, build_task
from app.graph.database import Database
from app.jobs.communities import find_homes
from app.jobs.leiden import SEED, find_partition
from app.jobs.run import Run
from app.settings import Settings
from app.taste.communities import Members, find_favours, find_members, link_products
from app.taste.partition import settle
from app.taste.ridge import RidgeRules, fit_similar
from app.taste.values import Edges, Floats, Ints, Likes, Tagging
from tests.bench.agreement import ari, nmi, omega
from tests.bench.lfr import KINDS, LEIDEN, generate
from tests.bench.rewiring import rewire

MIXINGS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6)
PLAIN = 1.0
"""The resolution of plain modularity, for which the table's figures are."""
KEPT = 0.9
"""Of the listeners, in a sample."""


@dataclass(frozen=True, slots=True)
class Found:
    """What was found in some likes."""

    homes: Ints
    """Community of each product, -1 for none."""
    resolution: float
    members: Members


def main() -> None:
    """Measure and print."""
    arguments = _arguments()
    asyncio.run(_measure(arguments.graphs, arguments.repeats, arguments.lastfm))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.communities", description=__doc__)
    parser.add_argument("--graphs", type=int, default=5, help="LFR graphs of each kind; 5 unless given, 0: none")
    parser.add_argument("--repeats", type=int, default=10, help="seeds and samples; 10 unless given, 0: none")
    parser.add_argument("--lastfm", type=Path, metavar="DIR", help="folder of the HetRec 2011 Last.fm files")
    return parser.parse_args()


async def _measure(graphs: int, repeats: int, lastfm: Path | None) -> None:
    progress = Bars()
    async with _open_run(progress) as run:
        if graphs:
            await _recover_planted(run, graphs)
        if lastfm is None:
            print("Steadiness and lift are not measured: --lastfm names no data.")
            return
        dataset = read_lastfm(lastfm)
        if repeats:
            await _measure_steadiness(run, dataset, repeats)
        await _measure_lift(run, dataset)


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
    whole, similar = await _find(run, likes)
    linked = link_products(similar, likes.likers)
    print(f"\nLast.fm: {whole.homes.max() + 1} communities at resolution {whole.resolution:g}")
    seeds = [await _part(run, linked, len(whole.homes), whole.resolution, seed) for seed in range(repeats)]
    _print_agreement(f"{repeats} seeds", seeds, [_belonging(likes, homes) for homes in seeds])
    rng = np.random.default_rng(0)
    people = len(dataset.identities)
    samples = [np.sort(rng.permutation(people)[: round(KEPT * people)]) for _ in range(repeats)]
    homes = [await _homes_of_sample(run, dataset, sample, whole.resolution) for sample in samples]
    _print_agreement(
        f"{repeats} samples of {KEPT:.0%} of the listeners", homes, [_belonging(likes, one) for one in homes]
    )


async def _homes_of_sample(run: Run, dataset: Dataset, people: Ints, resolution: float) -> Ints:
    """The community of each product when only some identities are learned from, at the resolution of all."""
    rows = dataset.interactions[np.isin(dataset.interactions.identity, people)]
    likes = to_likes(dataset, rows)
    linked = link_products(fit_similar(likes, _no_tags(), RidgeRules()), likes.likers)
    return await _part(run, linked, len(likes.products), resolution)


async def _part(run: Run, edges: Edges, nodes: int, resolution: float, seed: int = SEED) -> Ints:
    """Part as a refresh without a former run does."""
    return settle(edges, await find_partition(run, edges, nodes, resolution, seed=seed), resolution)


def _belonging(likes: Likes, homes: Ints) -> NDArray[np.bool_]:
    """Who is in which community, shape (identities, communities)."""
    edges = find_members(likes, homes).edges
    return edges.matrix(len(likes.identities), int(homes.max()) + 1).toarray() > 0


def _print_agreement(name: str, homes: list[Ints], belonging: list[NDArray[np.bool_]]) -> None:
    """Means and spread over all pairs; of products those that both have at home somewhere."""
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
        found, _ = await _find(run, likes)
        by_communities = _gains(task, rank_by_communities(run.settings, task, likes, found))
        by_popularity = _gains(task, rank_by_popularity(task, 10))
        difference = by_communities - by_popularity
        error = 1.96 * difference.std() / np.sqrt(len(difference))
        print(
            f"  {data.name}: {by_communities.mean():.4f} through {found.homes.max() + 1} communities, popularity"
            f" {by_popularity.mean():.4f}, lift {difference.mean():+.4f} ± {error:.4f}"
        )


def rank_by_communities(settings: Settings, task: Task, likes: Likes, found: Found) -> Ints:
    """The ten products that the communities of everybody asked favour most, unseen ones; shape (asked, 10)."""
    count = len(found.members.usual)
    favours = find_favours(
        likes, found.members.edges, count, gamma=settings.community_gamma, most=settings.favours_per_community
    ).matrix(count, len(likes.products))
    strength = found.members.edges.matrix(len(likes.identities), count)
    return rank_unseen(task, lambda identities: (strength[identities] @ favours).toarray(), 10)


def _gains(task: Task, ranked: Ints) -> Floats:
    return metrics.ndcg(metrics.find_hits(ranked, task.relevant), metrics.sizes(task.relevant))


async def _find(run: Run, likes: Likes) -> tuple[Found, Edges]:
    """Communities and members in likes, and the similar products that they come of."""
    with run.progress.step("Learning what is similar", total=len(likes.products)) as step:
        similar = fit_similar(likes, _no_tags(), RidgeRules(), step.advance)
    homes, resolution = await find_homes(run, likes, similar)
    return Found(homes, resolution, find_members(likes, homes)), similar


def to_likes(dataset: Dataset, rows: Interactions) -> Likes:
    """Likes as a refresh reads them, but over all identities and products of the data set, in its order."""
    pairs = merge_pairs(rows)
    evidence = 1.0 + np.log(pairs.weight)
    people = len(dataset.identities)
    had = np.maximum(1, np.bincount(pairs.identity, minlength=people))
    mean = np.bincount(pairs.identity, evidence, minlength=people) / had
    weight = np.log1p(evidence / mean[pairs.identity])
    products = tuple(product.id for product in dataset.products)
    return Likes(dataset.identities, products, Edges(pairs.identity, pairs.product, weight))


def _no_tags() -> Tagging:
    nothing = np.empty(0, dtype=np.int64)
    return Tagging((), Edges(nothing, nothing, np.empty(0)))


if __name__ == "__main__":
    main()
