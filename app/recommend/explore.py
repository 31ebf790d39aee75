"""Leaves a share of the places to chance, so that what is never shown can be learned of too. Pure.

Epsilon-greedy by place: of the candidates that are left the best is shown with probability 1 - epsilon, and with
probability epsilon any of them, all alike. The probability of what was shown is its propensity, the weight that
unbiased estimates from the decision log divide by (Horvitz and Thompson, 1952; Li et al., WSDM 2011).
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from random import Random

from app.domain.recommendation import Item

RESERVE = 3
"""Candidates drawn from, in multiples of the places."""


def propensities(candidates: int, epsilon: float) -> tuple[float, ...]:
    """Probability of each of the candidates that are left to be shown at a place, best first.

    All above 0, and they sum to 1; without exploration only the best one is a candidate. ``()`` when none is left.
    """
    if candidates == 0:
        return ()
    if epsilon <= 0:
        return (1.0,)
    share = epsilon / candidates
    return (1 - epsilon + share, *(share for _ in range(candidates - 1)))


def chances_at(candidates: Sequence[str], epsilon: float, above: Collection[str]) -> tuple[tuple[str, float], ...]:
    """Return what may stand at a place, with its chance, best first: the candidates that are not ``above`` it.

    ``candidates`` are all that places of the answer were drawn from, best first, as the decision log has them.
    """
    left = [one for one in candidates if one not in above]
    return tuple(zip(left, propensities(len(left), epsilon), strict=True))


def explore(ranked: Sequence[Item], limit: int, epsilon: float, seed: str, *, first_rank: int = 1) -> tuple[Item, ...]:
    """Fill ``limit`` places from ``ranked`` (best first); fewer when it is shorter. The same seed draws the same.

    Each item carries its propensity given the places above it. Scores stay what they were.
    """
    chance = Random(seed)  # noqa: S311 (it hides nothing: the seed is the decision's public id)
    left = list(ranked)
    shown: list[Item] = []
    while left and len(shown) < limit:
        likely = propensities(len(left), epsilon)
        place = chance.choices(range(len(likely)), weights=likely)[0]
        shown.append(replace(left.pop(place), rank=first_rank + len(shown), propensity=likely[place]))
    return tuple(shown)
