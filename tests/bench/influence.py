"""`python -m tests.bench.influence`: is planted influence found, and is like taste ever taken for it?

The network is Last.fm's friend graph (its folder is named by `--data`); tastes and times are generated. Friends have
like taste, products come and go, the more so within a community, and everybody has a season. In some worlds one end of
some friendships takes up a share of what the other took up, some days later. Then the real dated tags: first tag of
each artist, as it was and with the days of everybody shuffled.
"""

# networkit comes without types.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false

import argparse
import csv
import gzip
import heapq
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from time import monotonic

import numpy as np
from networkit import Graph, setSeed
from networkit.community import PLM
from rich.console import Console
from rich.table import Table

from app.evaluation.datasets.lastfm import read_lastfm
from app.taste.leads import Leads, find_leads
from app.taste.uptake import Uptake
from app.taste.values import Floats, Ints

DAYS = 730
GENRES, PER_GENRE = 40, 400
RESOLUTION = 8.0
"""Of the communities: about as large as taste communities are."""
FOLLOWED = 0.05
"""Share of friendships along which one leads the other."""
TAKEN_UP = 0.3
"""Of what the leader took up, what the follower takes up beyond its own."""


@dataclass(frozen=True)
class Network:
    """Friends, each pair once, and their communities."""

    people: int
    friends: Ints
    home: Ints

    @property
    def ties(self) -> tuple[Ints, Ints]:
        """Both directions of all friendships."""
        return self.friends.ravel(), self.friends[:, ::-1].ravel()


@dataclass(frozen=True)
class World:
    """What was taken up, and along which ties (leader, follower) by influence."""

    uptake: Uptake
    planted: set[tuple[int, int]]


def read_network(folder: Path) -> Network:
    """Read the friend graph; communities by modularity."""
    data = read_lastfm(folder)
    assert data.friends is not None
    people = len(data.identities)
    graph = Graph(people)
    for one, other in data.friends.tolist():
        graph.addEdge(one, other)
    setSeed(0, False)
    found = PLM(graph, refine=True, gamma=RESOLUTION, par="none")
    found.run()
    home = np.unique(np.asarray(found.getPartition().getVector()), return_inverse=True)[1]
    return Network(people, data.friends, home.astype(np.int64))


def draw_world(network: Network, uptakes: int, seed: int, *, led: bool) -> World:
    """Draw tastes and times: everybody takes up about so many products; ``led``: and some follow a friend."""
    rng = np.random.default_rng(seed)
    tastes = rng.integers(0, GENRES, (int(network.home.max()) + 1, 3))
    hot = rng.uniform(0, DAYS, (len(tastes), GENRES * PER_GENRE))
    events = [
        (float(day), who, int(what))
        for who in range(network.people)
        for what, day in zip(*_draw_own(rng, tastes, hot, int(network.home[who]), uptakes), strict=True)
    ]
    chosen = network.friends[rng.random(len(network.friends)) < (FOLLOWED if led else 0.0)]
    chosen = np.where(rng.random((len(chosen), 1)) < 0.5, chosen, chosen[:, ::-1])
    rows = _spread(events, chosen, rng)
    who, what, day = (np.asarray(column, dtype=np.int64) for column in zip(*rows, strict=True))
    planted = {(one, other) for one, other in chosen.tolist()}
    return World(Uptake(network.people, GENRES * PER_GENRE, who, what, day), planted)


def _draw_own(rng: np.random.Generator, tastes: Ints, hot: Floats, home: int, uptakes: int) -> tuple[Ints, Floats]:
    """Draw what one takes up of its own: mostly of its community's genres, when that is hot there, in its season."""
    some = rng.random(uptakes) < 0.8
    genre = np.where(some, tastes[home][rng.integers(0, 3, uptakes)], rng.integers(0, GENRES, uptakes))
    rank = np.minimum(PER_GENRE - 1, rng.pareto(1.0, uptakes) * 20).astype(np.int64)
    what = np.unique(genre * PER_GENRE + rank)
    is_hot = rng.random(len(what)) < 0.5
    day = np.where(is_hot, hot[home, what] + rng.normal(0, 20, len(what)), rng.uniform(0, DAYS, len(what)))
    return what, np.clip(day + 30 * np.sin(day / 365 * 2 * np.pi), 0, DAYS - 1)


def _spread(events: list[tuple[float, int, int]], chosen: Ints, rng: np.random.Generator) -> list[tuple[int, int, int]]:
    """Let followers take up what they saw, in the order of time."""
    followers: dict[int, list[int]] = defaultdict(list)
    for leader, follower in chosen.tolist():
        followers[leader].append(follower)
    heapq.heapify(events)
    taken: dict[tuple[int, int], int] = {}
    while events:
        day, who, what = heapq.heappop(events)
        if day >= DAYS or (who, what) in taken:
            continue
        taken[who, what] = int(day)
        for follower in followers[who]:
            if rng.random() < TAKEN_UP:
                heapq.heappush(events, (day + 1 + rng.exponential(7.0), follower, what))
    return [(who, what, day) for (who, what), day in taken.items()]


def read_tags(folder: Path) -> Uptake:
    """Read when each first tagged each artist."""
    first: dict[tuple[str, str], int] = {}
    with gzip.open(folder / "user_taggedartists.dat.gz", "rt", encoding="latin-1", newline="") as lines:
        next(lines)
        for who, what, _, day, month, year in csv.reader(lines, delimiter="\t"):
            if int(year) >= 2005:
                at = date(int(year), int(month), int(day)).toordinal()
                first[who, what] = min(at, first.get((who, what), at))
    people = {id_: n for n, id_ in enumerate(read_lastfm(folder).identities)}
    rows = [(people[who], what, day) for (who, what), day in first.items() if who in people]
    products = {what: n for n, what in enumerate(sorted({what for _, what, _ in rows}))}
    columns = np.asarray([(who, products[what], day) for who, what, day in rows], dtype=np.int64).T
    return Uptake(len(people), len(products), columns[0], columns[1], columns[2])


def shuffle_days(uptake: Uptake, seed: int) -> Uptake:
    """Give everybody its own days in another order."""
    rng = np.random.default_rng(seed)
    by_who = np.lexsort((uptake.day, uptake.who))
    any_order = np.lexsort((rng.random(len(by_who)), uptake.who))
    day = np.empty_like(uptake.day)
    day[any_order] = uptake.day[by_who]
    return Uptake(uptake.people, uptake.products, uptake.who, uptake.what, day)


def _judge(network: Network, world: World) -> tuple[str, ...]:
    started = monotonic()
    leads = find_leads(world.uptake, *network.ties, network.home)
    seconds = monotonic() - started
    found = set(zip(leads.leader.tolist(), leads.follower.tolist(), strict=True))
    right = len(found & world.planted)
    return (
        f"{len(world.uptake.who):,}",
        f"{len(world.planted):,}",
        f"{len(found):,}",
        f"{right / len(found):.3f}" if found else "-",
        f"{right / len(world.planted):.3f}" if world.planted else "-",
        f"{np.median(leads.excess):.3f}" if len(leads) else "-",
        f"{_share_with(network, leads):.1%}",
        f"{seconds:.1f}",
    )


def _share_with(network: Network, leads: Leads) -> float:
    """Share of communities (of ten members and more) in which anybody is said to lead anybody."""
    sizes = np.bincount(network.home)
    of = network.home[leads.leader]
    inside = np.unique(of[of == network.home[leads.follower]])
    return float(np.isin(np.flatnonzero(sizes >= 10), inside).mean())


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.influence", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of hetrec2011-lastfm-2k")
    parser.add_argument("--worlds", type=int, default=3, help="of each kind; 3 unless given")
    parser.add_argument("--only", choices=("planted", "homophily", "real"), help="one part")
    arguments = parser.parse_args()
    network = read_network(arguments.data)
    table = Table("world", "taken up", "planted", "found", "precision", "recall", "excess", "communities", "seconds")
    for kind in ("planted", "homophily"):
        for uptakes in (20, 50, 200):
            for seed in range(arguments.worlds) if arguments.only in (None, kind) else ():
                world = draw_world(network, uptakes, seed, led=kind == "planted")
                table.add_row(f"{kind}, {uptakes} exposures, seed {seed}", *_judge(network, world))
    if arguments.only in (None, "real"):
        tags = read_tags(arguments.data)
        table.add_row("real tags", *_judge(network, World(tags, set())))
        for seed in range(arguments.worlds):
            table.add_row(
                f"real tags, days shuffled, seed {seed}", *_judge(network, World(shuffle_days(tags, seed), set()))
            )
    Console(width=160).print(table)


if __name__ == "__main__":
    main()
