"""Worlds whose threshold is known, or that have none, through all that a run does: noise, cells, test and interval.

Customers' engagement is negative binomial, and the chance to be gone falls to a threshold (or steadily, or along a
logistic curve, or not at all). Nothing here was used to choose the method's numbers but its own first worlds.
"""

import argparse
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from rich.console import Console
from rich.table import Table

from app.domain.disclosure import Disclosure
from app.domain.retention import Ladder, RetentionRules
from app.taste.ladder import Engaged, climb, find_scale
from app.taste.noise import Noise
from app.taste.publisher import Publisher

Kind = Literal["threshold", "little after", "flat", "line", "logistic"]
KINDS: tuple[Kind, ...] = ("threshold", "little after", "flat", "line", "logistic")
WITH: frozenset[Kind] = frozenset({"threshold", "little after"})
NEAR = 0.1
TARGETS = "Targets: within 10 % in 900 of 1,000, no threshold where there is none in 935, coverage .93 to .97"


@dataclass(frozen=True)
class World:
    """A shop whose truth is known."""

    engaged: Engaged
    at: float
    """The threshold; of no meaning where there is none."""


def draw_world(kind: Kind, people: int, seed: int) -> World:
    """Draw a shop: engagement of 1 and more, mean 9, a threshold from 4 to 9, where .5 fall to .1."""
    rng = np.random.default_rng([KINDS.index(kind), seed])
    engagement = 1 + rng.negative_binomial(2.0, 0.2, people)
    most, at = float(np.quantile(engagement, 0.95)), float(rng.uniform(4, 9))
    slope = 0.4 / at
    match kind:
        case "threshold":
            chance = 0.5 - slope * np.minimum(engagement, at)
        case "little after":
            chance = 0.6 - slope * np.minimum(engagement, at) - 0.1 * slope * np.maximum(engagement - at, 0.0)
        case "flat":
            chance = np.full(people, rng.uniform(0.1, 0.5))
        case "line":
            chance = 0.5 - 0.4 * engagement / most
        case "logistic":
            chance = 1 / (1 + np.exp(2.5 * engagement / most))
    gone = rng.random(people) < np.clip(chance, 0.005, 1.0)
    return World(Engaged(np.ones(people, dtype=np.bool_), engagement.astype(np.int64), gone), at)


def climb_world(world: World, seed: int) -> Ladder:
    """Publish its ladder as a run does."""
    ids = [f"c{number}" for number in range(len(world.engaged.gone))]
    publisher = Publisher(Noise(f"secret {seed}".encode(), ids), Disclosure(50))
    scale = find_scale(publisher, world.engaged)
    return climb(publisher, world.engaged, scale, np.arange(len(ids)), "all", RetentionRules())


def measure(kind: Kind, people: int, worlds: int) -> dict[str, float | int | str]:
    """Count over so many worlds how often the status was right, the threshold near and its interval true."""
    counts: Counter[str] = Counter()
    widths: list[float] = []
    for seed in range(worlds):
        world = draw_world(kind, people, seed)
        ladder = climb_world(world, seed)
        counts[ladder.status] += 1
        found = ladder.threshold
        if found.value is not None and found.low is not None and found.high is not None:
            counts["near"] += abs(found.value / world.at - 1) <= NEAR
            counts["held"] += found.low <= world.at <= found.high
            widths.append((found.high - found.low) / world.at)
    told = counts["threshold"]
    return {
        "kind": kind,
        "people": people,
        "worlds": worlds,
        "threshold": told,
        "no_threshold": counts["no_threshold"],
        "not_enough_data": counts["not_enough_data"],
        "within_10_percent": counts["near"] if kind in WITH else 0,
        "coverage": round(counts["held"] / told, 3) if kind in WITH and told else "",
        "width": round(float(np.median(widths)), 2) if kind in WITH and widths else "",
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.retention", description=__doc__)
    parser.add_argument("--worlds", type=int, default=1000, help="of each kind; 1,000 unless given")
    parser.add_argument("--people", type=int, default=10_000, help="customers of a shop; 10,000 unless given")
    parser.add_argument("--kinds", nargs="*", choices=KINDS, default=KINDS, help="all unless given")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures here")
    given = parser.parse_args()
    rows = [measure(kind, given.people, given.worlds) for kind in given.kinds]
    table = Table(*rows[0], title=TARGETS)
    for row in rows:
        table.add_row(*map(str, row.values()))
    Console(width=140).print(table)
    if given.json:
        given.json.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
