"""What a policy would have shown at logged places, given what stands above: chances of the logged candidates. Pure."""

from array import array
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from math import inf, isclose, prod

import numpy as np

from app.domain.recommendation import Offer
from app.domain.replay import Kind, LoggedDecision, Policy
from app.recommend.explore import RESERVE, chances_at
from app.recommend.rules import rules_as_factor
from app.taste.off_policy import Places

Offers = Mapping[str, Offer | None]


@dataclass(frozen=True, slots=True)
class Place:
    """One place that was left to chance."""

    shown: str
    chances: tuple[tuple[str, float], ...]
    """Of what might have stood there, as logged."""
    wanted: Mapping[str, float]
    """Under the policy; below 1 together where it would have shown what was not logged."""
    product_id: str
    """Whose outcome it has."""


class Replay:
    """Says of logged decisions what a policy would have shown."""

    def __init__(self, policy: Policy, offers: Offers) -> None:
        """``offers`` are the products of the catalogue, with tags; a rule cannot be applied to others."""
        self._policy = policy
        self._offers = offers
        self._factor = rules_as_factor(policy.rules)
        self._most = prod(max(1.0, rule.boost) for rule in policy.rules if rule.action == "boost")

    def places(self, decision: LoggedDecision, kind: Kind) -> Iterator[Place]:
        """Yield the places of a decision where more than one candidate had a chance.

        Left out is what was pinned or planned, and what the logged chances do not fit.
        """
        at = self._product_place if kind == "products" else self._creative_place
        for place in range(len(decision.product_ids)):
            if not (decision.deterministic and decision.deterministic[place]):
                found = at(decision, place)
                if found is not None:
                    yield found

    def _creative_place(self, decision: LoggedDecision, place: int) -> Place | None:
        if not decision.eligible:
            return None
        likely, shown = decision.eligible[place], decision.creative_ids[place]
        if len(likely) < 2 or not _fits(likely.get(shown), decision.creative_propensities[place]):
            return None
        return Place(shown, tuple(likely.items()), self._creatives(likely), decision.product_ids[place])

    def _creatives(self, likely: Mapping[str, float]) -> Mapping[str, float]:
        left = {id_: chance for id_, chance in likely.items() if id_ not in self._policy.without}
        for one in self._policy.first:
            if one in left:
                return {one: 1.0}
        if self._policy.uniform:
            return {id_: 1 / len(left) for id_ in left}
        total = sum(left.values())
        return {id_: chance / total for id_, chance in left.items()}

    def _product_place(self, decision: LoggedDecision, place: int) -> Place | None:
        above = frozenset(decision.product_ids[:place])
        likely = chances_at(decision.candidate_ids, decision.exploration, above)
        shown = decision.product_ids[place]
        if len(likely) < 2 or not _fits(dict(likely).get(shown), decision.propensities[place]):
            return None
        return Place(shown, likely, self._products(decision, place, above), shown)

    def _products(self, decision: LoggedDecision, place: int, above: Collection[str]) -> Mapping[str, float]:
        pinned = {pin.product_id: pin.place for pin in self._policy.pins if pin.is_valid(decision.at)}
        for id_, number in pinned.items():
            if number == decision.first_place + place:
                return {id_: 1.0} if id_ in decision.candidate_ids and id_ not in above else {}
        epsilon = decision.exploration if self._policy.exploration is None else self._policy.exploration
        left = _Left(decision, above, self._rescored(decision, above, pinned), self._most)
        if not left.number:
            return {}
        share = epsilon / left.number
        wanted = dict.fromkeys(left.ordered, share)
        if left.is_best_known:
            wanted[left.ordered[0]] = 1 - epsilon + share
        return wanted

    def _rescored(
        self, decision: LoggedDecision, above: Collection[str], pinned: Collection[str]
    ) -> dict[str, float | None]:
        """Scores of candidates under the rules; ``None`` where one cannot be applied."""
        found: dict[str, float | None] = {}
        for id_, score in zip(decision.candidate_ids, decision.candidate_scores, strict=True):
            if id_ not in above and id_ not in pinned:
                offer = self._offers.get(id_)
                known = offer is not None or not self._policy.rules
                found[id_] = score * (self._factor(offer) if offer is not None else 1.0) if known else None
        return found


class _Left:
    """What a policy chooses of at one place."""

    def __init__(
        self, decision: LoggedDecision, above: Collection[str], scores: Mapping[str, float | None], most: float
    ) -> None:
        """``most`` is the largest factor that a rule may give."""
        kept = {id_: score for id_, score in scores.items() if score is not None and score > 0}
        unsure = [id_ for id_, score in scores.items() if score is None]
        logged = dict(zip(decision.candidate_ids, decision.candidate_scores, strict=True))
        drawn = len(decision.product_ids) - sum(decision.deterministic)
        # A pool that is full may have left out others, which take the places of those that a rule takes away.
        is_full = len(logged) >= RESERVE * drawn
        ceiling = max((logged[id_] * most for id_ in unsure), default=-inf)
        if is_full:
            ceiling = max(ceiling, min(logged.values()) * most)
        self.ordered = sorted(kept, key=lambda id_: -kept[id_])
        self.number = sum(id_ not in above for id_ in logged) if is_full else len(kept) + len(unsure)
        self.is_best_known = bool(kept) and kept[self.ordered[0]] >= ceiling


def _fits(computed: float | None, logged: float) -> bool:
    return computed is not None and computed > 0 and isclose(computed, logged, rel_tol=1e-9)


@dataclass(slots=True)
class Collected:
    """Places of one kind as they come in, to be put together as arrays."""

    people: dict[str, int] = field(default_factory=dict[str, int])
    """Identities in the order of their first place."""
    _actions: dict[str, int] = field(default_factory=dict[str, int])
    _who: "array[int]" = field(default_factory=lambda: array("q"))
    _reward: "array[float]" = field(default_factory=lambda: array("d"))
    _shown: "array[int]" = field(default_factory=lambda: array("q"))
    _chance: "array[float]" = field(default_factory=lambda: array("d"))
    _place: "array[int]" = field(default_factory=lambda: array("q"))
    _action: "array[int]" = field(default_factory=lambda: array("q"))
    _wanted: "array[float]" = field(default_factory=lambda: array("d"))

    @property
    def rows(self) -> int:
        """Candidates so far."""
        return len(self._action)

    def add(self, identity_id: str, place: Place, reward: float) -> None:
        """Take one place with what came of it, 0 to 1."""
        number = len(self._who)
        self._who.append(self.people.setdefault(identity_id, len(self.people)))
        self._reward.append(reward)
        for id_, chance in place.chances:
            if id_ == place.shown:
                self._shown.append(len(self._action))
                self._chance.append(chance)
            self._place.append(number)
            self._action.append(self._actions.setdefault(id_, len(self._actions)))
            self._wanted.append(place.wanted.get(id_, 0.0))

    def places(self) -> Places:
        """Return all places."""
        return Places(
            who=np.asarray(self._who, dtype=np.int64),
            reward=np.asarray(self._reward, dtype=np.float64),
            shown=np.asarray(self._shown, dtype=np.int64),
            chance=np.asarray(self._chance, dtype=np.float64),
            place=np.asarray(self._place, dtype=np.int64),
            action=np.asarray(self._action, dtype=np.int64),
            wanted=np.asarray(self._wanted, dtype=np.float64),
        )
