"""How often the intervals of a replay hold the true value, on simulated logs, and whether logged chances are kept.

Logs are drawn by the code that fills places (``explore``) and read by the code that replays them. Identities come more
or less often, and click more or less; products differ, too. The true value is known from the rates: it is the average
over all logs of what the policy would have shown there. `python -m tests.bench.replay` takes about ten minutes.
"""

import argparse
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import numpy as np

from app.domain.creatives import Creative
from app.domain.disclosure import Disclosure, Figure
from app.domain.recommendation import Item, Offer, Rule
from app.domain.replay import LoggedDecision, Policy
from app.recommend.choose_creatives import choose_creatives
from app.recommend.explore import chances_at, explore
from app.recommend.replay import Collected, Replay
from app.recommend.sampler import Beliefs, chances, narrowed
from app.services.replay import PolicyFigures
from app.taste import off_policy
from app.taste.noise import Noise
from app.taste.off_policy import LEAST_REWARDS, Places, Ratio
from app.taste.values import Floats

PRODUCTS, POOL, LIMIT, BRANDS = 12, 5, 2, 3
CREATIVES, SETS = 5, 100
_AT = datetime(2026, 1, 1, tzinfo=UTC)
OFFERS: Mapping[str, Offer] = {f"p{one}": Offer(f"p{one}", f"P{one}", f"b{one % BRANDS}") for one in range(PRODUCTS)}
POLICIES: Mapping[str, Policy] = {
    "one brand times 3": Policy(rules=(Rule("brand", ("b0",), "boost", 3.0),)),
    "without a brand": Policy(rules=(Rule("brand", ("b1",), "exclude"),)),
    "all by lot": Policy(exploration=1.0),
}
ESTIMATORS: Mapping[str, Callable[[Places], Ratio]] = {
    "ips": off_policy.ips,
    "snips": off_policy.snips,
    "doubly robust": off_policy.doubly_robust,
}

PUBLISHED = "published"


@dataclass(frozen=True)
class Truth:
    """What only the simulation knows."""

    rates: Floats
    """By product."""


def name_of(rng: np.random.Generator) -> str:
    """Draw the id of a decision, as the service names them."""
    return UUID(bytes=rng.bytes(16), version=4).hex


def draw_decision(rng: np.random.Generator, taste: Floats, epsilon: float) -> LoggedDecision:
    """Let somebody ask: the best by taste are candidates, and places are drawn from them."""
    scores = taste + rng.normal(0, 0.1, PRODUCTS)
    best = np.argsort(-scores)[:POOL]
    pool = [Item(f"p{one}", rank, float(np.exp(scores[one])), "similar", "") for rank, one in enumerate(best, 1)]
    name = name_of(rng)
    shown = explore(pool, LIMIT, epsilon, name)
    return LoggedDecision(
        id=name,
        identity_id="",
        at=_AT,
        product_ids=tuple(one.product_id for one in shown),
        propensities=tuple(one.propensity for one in shown),
        candidate_ids=tuple(one.product_id for one in pool),
        candidate_scores=tuple(one.score for one in pool),
        exploration=epsilon,
    )


def simulate(
    rng: np.random.Generator, truth: Truth, identities: int, epsilon: float
) -> dict[str, tuple[Places, float, float]]:
    """Draw one log; by policy its places, and the sums of what the policy would have earned and of what is covered."""
    replays = {name: Replay(policy, OFFERS) for name, policy in POLICIES.items()}
    collected: defaultdict[str, Collected] = defaultdict(Collected)
    earned: defaultdict[str, float] = defaultdict(float)
    for who in range(identities):
        taste, eager = rng.normal(0, 0.4, PRODUCTS), rng.lognormal(0, 0.5)
        for _ in range(rng.geometric(0.3)):
            decision = draw_decision(rng, taste, epsilon)
            rates = {id_: min(0.9, eager * truth.rates[int(id_[1:])]) for id_ in decision.candidate_ids}
            clicked = {id_ for id_ in decision.product_ids if rng.random() < rates[id_]}
            for name, replay in replays.items():
                for place in replay.places(decision, "products"):
                    collected[name].add(str(who), place, float(place.product_id in clicked))
                    earned[name] += sum(chance * rates[id_] for id_, chance in place.wanted.items())
    places = {name: one.places() for name, one in collected.items()}
    return {name: (one, earned[name], float(one.covered.sum())) for name, one in places.items()}


def publish(places: Places, secret: str) -> Figure:
    """Publish the doubly robust estimate as the command does, with the noise of a shop of its own."""
    noise = Noise(secret.encode(), [str(one) for one in range(int(places.who.max()) + 1)])
    return PolicyFigures(noise, Disclosure(50), "bench").estimate("products", places).doubly_robust


class Seen:
    """How often what had some chance was drawn."""

    def __init__(self) -> None:
        self._sums: defaultdict[str, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])

    def note(self, likely: Mapping[str, float], drawn: str) -> None:
        """Note one draw, with the logged chances of all that might have been."""
        for id_, chance in likely.items():
            sums = self._sums[f"{10 ** (round(4 * np.log10(chance)) / 4):.3g}"]
            for place, part in enumerate((float(id_ == drawn), chance, chance * (1 - chance))):
                sums[place] += part

    def tell(self, title: str) -> None:
        """Print how often each chance came true."""
        print(title)
        for about, (drawn, expected, variance) in sorted(self._sums.items(), key=lambda one: float(one[0])):
            off = (drawn - expected) / max(variance, 1e-9) ** 0.5
            print(f"  chance about {about}: drawn {drawn:.0f} times, expected {expected:.1f} ({off:+.2f} sd)")


def measure_coverage(runs: int, identities: int, epsilon: float, rate: float, seed: int) -> None:
    """Print how often each interval held the true value."""
    rng = np.random.default_rng(seed)
    truth = Truth(rate * np.exp(rng.normal(0, 0.5, PRODUCTS)))
    found: defaultdict[tuple[str, str], list[tuple[float, float, float]]] = defaultdict(list)
    sums: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)
    sizes: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)
    for run in range(runs):
        if run % 100 == 0:
            print(f"{run} of {runs}", file=sys.stderr, flush=True)
        for name, (places, earned, covered) in simulate(rng, truth, identities, epsilon).items():
            sums[name].append((earned, covered))
            rewards = off_policy.effective_rewards(places)
            sizes[name].append((off_policy.effective_size(places.weight), rewards))
            if rewards >= LEAST_REWARDS:
                for which, estimator in ESTIMATORS.items():
                    ratio = estimator(places)
                    found[name, which].append((*ratio.interval, ratio.value))
                figure = publish(places, str(run))
                if figure.value is not None:
                    found[name, PUBLISHED].append((figure.low or 0, figure.high or 0, figure.value))
    print(f"{runs} logs of {identities} identities, {epsilon:.0%} by lot, seed {seed}")
    print(f"{'policy':20} {'estimator':14} {'true':>7} {'bias':>8} {'width':>7} {'held':>7} {'judged':>7}  effective")
    for name, pairs in sums.items():
        true = sum(one for one, _ in pairs) / sum(covered for _, covered in pairs)
        size, rewards = np.median(np.asarray(sizes[name]), axis=0)
        for which in (*ESTIMATORS, PUBLISHED):
            rows = np.asarray(found[name, which]).reshape(-1, 3)
            held = float(((rows[:, 0] <= true) & (true <= rows[:, 1])).mean()) if len(rows) else float("nan")
            number = max(1, len(rows))
            bias, width = rows[:, 2].sum() / number, (rows[:, 1] - rows[:, 0]).sum() / number
            print(
                f"{name:20} {which:14} {true:7.4f} {bias - true:+8.4f} {width:7.4f} {held:7.1%} {len(rows) / runs:7.1%}"
                f"  {size:.0f} places, {rewards:.0f} rewards"
            )


def measure_calibration(draws: int, epsilon: float, seed: int) -> None:
    """Print how often places of one chance each were shown, over so many draws of ``explore`` in all."""
    rng, seen = np.random.default_rng(seed), Seen()
    done = 0
    while done < draws:
        decision = draw_decision(rng, rng.normal(0, 0.4, PRODUCTS), epsilon)
        for place, id_ in enumerate(decision.product_ids):
            above = decision.product_ids[:place]
            seen.note(dict(chances_at(decision.candidate_ids, decision.exploration, above)), id_)
            done += 1
    seen.tell(f"{done} draws of products")


def measure_creatives(draws: int, seed: int) -> None:
    """Print the same of creatives, with chances that beliefs of many kinds lead to."""
    rng, seen = np.random.default_rng(seed), Seen()
    creatives = [Creative(f"c{one}", ("web",), headline="Now") for one in range(CREATIVES)]
    items = [Item("p0", 1, 1.0, "similar", "P0", offer=OFFERS["p0"])]
    for _ in range(draws // SETS):
        shown, rates = rng.integers(1, 3000, CREATIVES).astype(float), rng.uniform(0.02, 0.06, CREATIVES)
        likely = chances(narrowed(Beliefs(1 + shown * rates, 30 + shown * (1 - rates))))
        for _ in range(SETS):
            [one] = choose_creatives(items, creatives, lambda _, likely=likely: likely, None, 1, name_of(rng))
            seen.note(dict(one.choice.eligible), one.choice.creative_id)
    seen.tell(f"{draws} draws of creatives")


def main() -> None:
    """Print coverage and calibration."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--identities", type=int, default=350)
    parser.add_argument("--exploration", type=float, default=0.3)
    parser.add_argument("--rate", type=float, default=0.2)
    parser.add_argument("--draws", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    began = time.monotonic()
    measure_coverage(asked.runs, asked.identities, asked.exploration, asked.rate, asked.seed)
    measure_calibration(asked.draws, asked.exploration, asked.seed)
    measure_creatives(asked.draws, asked.seed)
    print(f"{time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
