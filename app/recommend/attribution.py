"""Who is at the keyboard: how likely each member of an account or device is, and that it is somebody else. Pure.

A member's **habits** say of each clue (an hour of the week, a product, a tag …) how much likelier it is of this member
than of anybody, as a logarithm. The clues of a session are a set, so the order of its events does not matter. Members
who may not be attributed lend their share to *somebody else*, of whom nothing is known: every clue counts 0 for them.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from app.taste.values import Floats

Feature = Literal["hour", "device", "channel", "product", "tag", "genre", "price", "rhythm"]
Clue = tuple[Feature, str]

WEIGHTS: Mapping[Feature, float] = {
    "hour": 0.4,
    "device": 1.0,
    "channel": 1.0,
    "product": 0.6,
    "tag": 0.4,
    "genre": 0.3,
    "price": 0.4,
    "rhythm": 0.6,
}
"""How much each feature counts. Product, tags and genre of one event say the same to a part; the hour says less."""
OF_A_SESSION: frozenset[Feature] = frozenset({"hour", "device", "channel"})
"""Features of which a session has one value, or the mean of several; of the others each new value adds something."""
MOST = 3.0
"""One clue makes a member at most e^3 = 20 times as likely, or as unlikely."""
STRANGER = 0.05
"""Least share of somebody who is no member: guests, and whoever has borrowed the login."""
HINTED = 0.5
"""Share that goes to an identity because the page named it beside the session."""


@dataclass(frozen=True, slots=True)
class Habits:
    """What an identity is known by."""

    ratios: Mapping[Feature, Mapping[str, float]] = field(default_factory=dict[Feature, Mapping[str, float]])
    """log(how likely a value is of this identity / of anybody), by feature and value."""
    unseen: Mapping[Feature, float] = field(default_factory=dict[Feature, float])
    """The same of values that are not in ``ratios``; 0 for features that are not in here."""

    def ratio(self, clue: Clue) -> float:
        """What one clue says for this identity, between -``MOST`` and ``MOST``; 0 where nothing is known."""
        feature, value = clue
        found = self.ratios.get(feature, {}).get(value, self.unseen.get(feature, 0.0))
        return min(MOST, max(-MOST, found))


@dataclass(frozen=True, slots=True)
class Member:
    """One identity that uses the account or device."""

    identity_id: str
    may_be_named: bool
    """Whether it consents to ``link_identities`` now; else nothing of it is looked at."""
    visits: float = 0.0
    """How often it was here, 0 where that is not known."""
    habits: Habits = Habits()


@dataclass(frozen=True, slots=True)
class Belief:
    """How likely each member is; with ``somebody_else`` it sums to 1."""

    members: Mapping[str, float]
    """By identity id; only those who may be named."""
    somebody_else: float

    def surest(self, threshold: float) -> tuple[str, float] | None:
        """The member that reaches the threshold, with its probability; ``None`` where nobody does."""
        best = max(self.members.items(), key=lambda one: (one[1], one[0]), default=None)
        return best if best is not None and best[1] >= threshold else None


NOBODY = Belief({}, 1.0)


def believe(members: Sequence[Member], clues: Iterable[Clue], hinted: str | None = None) -> Belief:
    """How likely each member is after these clues; the order of either does not matter.

    ``hinted`` is an identity that the page has named: a hint, not a proof. Without members it is somebody else.
    """
    named = sorted((one for one in members if one.may_be_named), key=lambda one: one.identity_id)
    if not named:
        return NOBODY
    seen = _by_feature(clues)
    prior = _prior(members, named, hinted)
    odds = np.array([*(weigh_clues(one.habits, seen) for one in named), 0.0])
    found: list[float] = posterior(prior, odds).tolist()
    return Belief({one.identity_id: p for one, p in zip(named, found, strict=False)}, found[-1])


def believe_by_event(
    members: Sequence[Member], events: Iterable[Iterable[Clue]], hinted: str | None = None
) -> Iterator[Belief]:
    """How the belief moves: before the first event, and after each."""
    seen: set[Clue] = set()
    yield believe(members, seen, hinted)
    for clues in events:
        seen.update(clues)
        yield believe(members, seen, hinted)


def posterior(prior: Floats, log_odds: Floats) -> Floats:
    """Bayes' rule along the last axis: prior times e to the log odds, normalised.

    Where the prior is 0 the posterior is 0; some of it must be above 0.
    """
    with np.errstate(divide="ignore"):
        total = np.log(prior) + log_odds
    grown = np.exp(total - total.max(axis=-1, keepdims=True))
    return grown / grown.sum(axis=-1, keepdims=True)


def weigh_clues(habits: Habits, seen: Mapping[Feature, Sequence[str]]) -> float:
    """What all clues together say for one member.

    Values of one feature go together (who looks at one dog food looks at the next), so n of them count as sqrt(n).
    """
    total = 0.0
    for feature, values in seen.items():
        ratios = math.fsum(habits.ratio((feature, value)) for value in values)
        total += WEIGHTS[feature] * ratios / (len(values) if feature in OF_A_SESSION else math.sqrt(len(values)))
    return total


def _by_feature(clues: Iterable[Clue]) -> dict[Feature, list[str]]:
    seen: dict[Feature, list[str]] = {}
    for feature, value in sorted(set(clues)):
        seen.setdefault(feature, []).append(value)
    return seen


def _prior(members: Sequence[Member], named: Sequence[Member], hinted: str | None) -> Floats:
    """Shares of the named, and last that of somebody else: what the others have of the account, never nothing."""
    everybody = {one.identity_id for one in members}
    stranger = max(STRANGER, 1 - len(named) / len(everybody))
    visits = np.array([one.visits + 1 for one in named])
    prior = np.append((1 - stranger) * visits / visits.sum(), stranger)
    if hinted is None:
        return prior
    told = [one.identity_id == hinted for one in named]
    return (1 - HINTED) * prior + HINTED * np.array([*told, not any(told)], dtype=float)
