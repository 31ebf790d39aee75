"""How often an experiment's report names a winner where there is none, and how soon it finds one, looked at every day.

What is simulated goes through the code of the report, noise of published figures included: arms of rates that are
known, so many units a day, a look after each. `python -m tests.bench.experiments --runs 1000` takes about ten minutes.
"""

import argparse
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from app.domain.disclosure import Disclosure
from app.domain.experiments import Arm, Experiment, Plan
from app.services.experiments import judge
from app.taste.noise import CUT, HALF

_BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Run:
    """What one experiment said."""

    named: str | None
    """The verdict that was ever given, first of all."""
    day: int | None
    was_off: bool
    """Whether the split was ever called off."""


def noise(rng: np.random.Generator) -> float:
    """Draw the noise of a number of people, as ``app/taste/noise.py`` lays it."""
    halves = rng.normal(0, HALF, 2)
    while (np.abs(halves) > CUT).any():
        halves = rng.normal(0, HALF, 2)
    return float(halves.sum())


def simulate(rng: np.random.Generator, rates: Mapping[str, float], per_day: int, days: int) -> Run:
    """Run one experiment to its end or to the first verdict."""
    arms = tuple(Arm(name, name) for name in rates)
    plan = Plan("home", arms, _BEGIN, _BEGIN + timedelta(days=days + 1))
    experiment = Experiment("bench", plan, "", _BEGIN, "bench")
    shown, taken = np.zeros(len(rates)), np.zeros(len(rates))
    was_off = False
    for day in range(1, days + 1):
        came = rng.multinomial(per_day, np.full(len(rates), 1 / len(rates)))
        shown += came
        taken += rng.binomial(came, list(rates.values()))
        numbers: dict[str, tuple[float, float]] = {}
        for place, name in enumerate(rates):
            people = max(0.0, float(np.rint(shown[place] + noise(rng))))
            numbers[name] = people, min(people, max(0.0, float(np.rint(taken[place] + noise(rng)))))
        results = judge(experiment, numbers, _BEGIN, _BEGIN, Disclosure(50))
        was_off |= results.split == "off"
        named = next((one.verdict for one in results.comparisons if one.verdict in ("better", "worse")), None)
        if named:
            return Run(named, day, was_off)
    return Run(None, None, was_off)


def main() -> None:
    """Print shares of runs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--days", type=int, default=60)
    parser.add_argument("--per-day", type=int, default=400, help="units that come to an end a day, all arms together")
    parser.add_argument("--rate", type=float, default=0.04)
    parser.add_argument("--arms", type=int, default=2)
    parser.add_argument("--lift", type=float, default=0.0, help="of the last arm, as a share of the rate")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    rates = {f"arm {place}": asked.rate for place in range(asked.arms)}
    rates[f"arm {asked.arms - 1}"] *= 1 + asked.lift
    rng = np.random.default_rng(asked.seed)
    runs = [simulate(rng, rates, asked.per_day, asked.days) for _ in range(asked.runs)]
    verdicts = Counter(one.named or "none" for one in runs)
    named = [one.day for one in runs if one.day is not None]
    print(f"{asked.runs} runs of {asked.days} days, {asked.per_day} units a day, rate {asked.rate}, lift {asked.lift}")
    print({name: f"{100 * number / asked.runs:.1f} %" for name, number in sorted(verdicts.items())})
    print(f"called off: {100 * sum(one.was_off for one in runs) / asked.runs:.1f} %")
    if named:
        print(f"median day of the verdict: {np.median(named):.0f}")


if __name__ == "__main__":
    main()
