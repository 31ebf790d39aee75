"""Use case: what another policy would have earned on logged decisions, in figures that carry noise."""

import math
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

import numpy as np

from app.domain.credit import Credit
from app.domain.disclosure import DAYS_TO_COUNT, NOT_ENOUGH, UNKNOWN, Disclosure, Figure, Noisy, significant
from app.domain.hashing import Hasher
from app.domain.recommendation import Offer
from app.domain.replay import NO_OVERLAP, Estimate, Kind, LoggedDecision, Policy, Replayed, Reward
from app.recommend.replay import Collected, Replay
from app.services.hashing import figures_period, figures_secret
from app.services.rank import ItemStore
from app.taste import off_policy
from app.taste.noise import Noise, step_above
from app.taste.off_policy import LEAST_REWARDS, Places, Ratio
from app.taste.values import Ints

MOST_CANDIDATES = 8_000_000
"""Rows that are held in memory; of more the newest decisions are taken."""
LEAST_COVERED = 0.9
"""Which part of what the policy would show must have been a candidate in the log."""
_Z = 1.959964
_NOTHING: Mapping[Kind, str] = {
    "products": "in these days no place was drawn by lot (PLURAL_EXPLORATION) for anybody who consents to measurement",
    "creatives": "in these days nobody who consents to measurement was shown one of several creatives that fitted",
}
_FAR = 4.0
"""So many standard errors may the average weight lie from 1 before the logged chances are not believed."""


class LogStore(Protocol):
    """Where decisions and outcomes are logged."""

    def logged(
        self,
        tenant: str,
        now: datetime,
        span: tuple[datetime, datetime],
        arrived_before: datetime,
        scenario: str | None,
        outcome_days: float,
    ) -> AsyncGenerator[LoggedDecision]:
        """Yield decisions in which something was left to chance, of those who consent to be measured now."""
        ...

    async def credits(self, tenant: str, now: datetime, since: datetime) -> list[Credit]:
        """Orders after ``since`` with the decisions that they are credited to."""
        ...


@dataclass(frozen=True, slots=True)
class Question:
    """What is replayed, and on which decisions."""

    policy: Policy
    reward: Reward
    since: datetime
    scenario: str | None
    """Those alone that named it; ``None``: all."""
    outcome_days: float
    """So long after a decision its outcome counts."""


class Replayer:
    """Replays policies on the log of a tenant."""

    def __init__(
        self, log: LogStore, items: ItemStore, hasher: Callable[[str], Hasher], k: int, figures_days: int
    ) -> None:
        self._log = log
        self._items = items
        self._hasher = hasher
        self._disclosure = Disclosure(k)
        self._figures_days = figures_days

    async def replay(self, tenant: str, question: Question, now: datetime) -> Replayed:
        """Estimate what the policy would have earned a place, by kind of place that it says something of.

        Decisions count once the days of their outcome are over, and then by whole days, so nobody is seen to arrive.
        """
        until = start_of_day(now - timedelta(days=question.outcome_days))
        collected: dict[Kind, Collected] = {kind: Collected() for kind in question.policy.kinds}
        is_cut = await self._collect(tenant, question, until, now, collected)
        secret = figures_secret(self._hasher(tenant), figures_period(now, self._figures_days))
        estimates = tuple(
            PolicyFigures(
                Noise(secret, list(one.people)), self._disclosure, f"replay {question.reward} {kind}"
            ).estimate(kind, one.places())
            for kind, one in collected.items()
        )
        return Replayed(question.reward, question.since, until, is_cut, estimates)

    async def _collect(
        self, tenant: str, question: Question, until: datetime, now: datetime, collected: Mapping[Kind, Collected]
    ) -> bool:
        """Put together the places of the decisions, and say whether there were more than are held."""
        bought = await self._bought(tenant, question, now)
        offers: dict[str, Offer | None] = {}
        replayed = Replay(question.policy, offers)
        span, arrived_before = (question.since, until), now - timedelta(days=DAYS_TO_COUNT)
        decisions = self._log.logged(tenant, now, span, arrived_before, question.scenario, question.outcome_days)
        async for decision in decisions:
            if question.policy.rules:
                missing = [id_ for id_ in decision.candidate_ids if id_ not in offers]
                if missing:
                    known = await self._items.read(tenant, 0, missing, with_tags=True)
                    offers.update({id_: known.get(id_) for id_ in missing})
            taken = decision.clicked
            if question.reward == "bought":
                at_most = decision.at + timedelta(days=question.outcome_days)
                taken = frozenset(id_ for id_, at in bought.get(decision.id, ()) if at <= at_most)
            for kind, one in collected.items():
                for place in replayed.places(decision, kind):
                    one.add(decision.identity_id, place, float(place.product_id in taken))
            if sum(one.rows for one in collected.values()) > MOST_CANDIDATES:
                return True
        return False

    async def _bought(
        self, tenant: str, question: Question, now: datetime
    ) -> Mapping[str, Sequence[tuple[str, datetime]]]:
        """By decision, the products of the orders that are credited to it, and when."""
        if question.reward != "bought":
            return {}
        found: dict[str, list[tuple[str, datetime]]] = {}
        for credit in await self._log.credits(tenant, now, question.since):
            found.setdefault(credit.decision_id, []).extend((id_, credit.at) for id_ in credit.quantities)
        return found


def start_of_day(moment: datetime) -> datetime:
    """Return the beginning of the day of a moment, in its own time zone."""
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


@dataclass(frozen=True)
class PolicyFigures:
    """Publishes estimates over identities; ``name`` says what of."""

    noise: Noise
    rule: Disclosure
    name: str

    def estimate(self, kind: Kind, places: Places) -> Estimate:
        """Publish all of one kind, or why nothing."""
        if not places.size:
            return Estimate(kind, _NOTHING[kind])
        everybody, shown = np.arange(int(places.who.max()) + 1), places.by_identity((places.weight > 0).astype(float))
        people, weighed = self._count(everybody, "people"), self._count(np.flatnonzero(shown > 0), "weighed")
        if self.rule.is_too_few(people):
            return Estimate(kind, f"{NOT_ENOUGH}: at least {self.rule.k} people are needed to look")
        blur = weighed.value / max(1, np.count_nonzero(shown))
        covered = float(places.covered.sum()) / places.size
        said_places = round(significant(places.size * people.value / len(everybody)))
        said = Estimate(
            kind,
            people=people.people,
            places=said_places,
            covered=round(covered, 2),
            effective_places=min(said_places, round(significant(off_policy.effective_size(places.weight) * blur))),
            logged=self._figure(off_policy.logged(places), "logged") if covered >= LEAST_COVERED else UNKNOWN,
        )
        rewards = off_policy.effective_rewards(places) * blur
        note = _doubt(places, covered, rewards, is_few=self.rule.is_too_few(weighed))
        return replace(said, note=note) if note else self._estimated(said, places)

    def _estimated(self, said: Estimate, places: Places) -> Estimate:
        return replace(
            said,
            ips=self._figure(off_policy.ips(places), "ips"),
            snips=self._figure(off_policy.snips(places), "snips"),
            doubly_robust=self._figure(off_policy.doubly_robust(places), "dr"),
            change=self._figure(off_policy.change(places), "change"),
        )

    def _count(self, who: Ints, name: str) -> Noisy:
        return self.noise.count(who, f"{self.name} {name}")

    def _figure(self, ratio: Ratio, name: str) -> Figure:
        """Publish an estimate: its interval holds chance and noise, which covers the largest pull of any identity."""
        pull, below = ratio.pull, float(ratio.below.sum())
        cap = step_above(float(np.abs(pull).max()))
        up, down = np.flatnonzero(pull > 0), np.flatnonzero(pull < 0)
        plus = self.noise.total(up, pull[up], cap, f"{self.name} {name} up")
        minus = self.noise.total(down, -pull[down], cap, f"{self.name} {name} down")
        squares = self.noise.total(np.arange(len(pull)), pull**2, cap**2, f"{self.name} {name} squares")
        value = ratio.value + (plus.value - minus.value) / below
        chance = off_policy.quantile(pull) * math.sqrt(squares.value + squares.spread)
        half = math.hypot(chance, _Z * plus.spread, _Z * minus.spread) / below
        # To the same places all: to as many as the half of the interval has with two digits that say something.
        digits = 1 - math.floor(math.log10(half)) if half > 0 else 6
        low, high = value - half, value + half
        return Figure(round(value, digits), round(low, digits), round(high, digits))


def _doubt(places: Places, covered: float, rewards: float, *, is_few: bool) -> str | None:
    """Say why the log says too little of the policy; ``None`` where it says enough."""
    if covered < LEAST_COVERED:
        return f"{NO_OVERLAP}: {1 - covered:.0%} of what the policy would show was no candidate in the log"
    if is_few:
        return f"{NO_OVERLAP}: what the policy would show was shown to too few people"
    if rewards < LEAST_REWARDS:
        about = f"about {rewards:.0f}" if rewards >= 1 else "less than one"
        return (
            f"{NO_OVERLAP}: it would rest on {about} of the rewards in the log, at least {LEAST_REWARDS:.0f} are needed"
        )
    balance = Ratio(places.by_identity(places.weight), places.by_identity(places.covered))
    if abs(balance.value - 1) > _FAR * balance.error + 1e-6:
        return f"{NO_OVERLAP}: what was shown does not fit the logged chances"
    return None
