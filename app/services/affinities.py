"""Use case: whoever personalises pages asks what an identity is drawn to."""

from dataclasses import dataclass

import numpy as np

from app.domain import clock
from app.domain.recommendation import Outcome, RunStamp
from app.recommend.affinities import Affinities, find_affinities
from app.recommend.history import MS_A_DAY
from app.recommend.model import RunModel
from app.recommend.query import Moment, Subject
from app.recommend.rules import rules_as_factor
from app.services.rank import RankingStores


@dataclass(frozen=True, slots=True)
class Drawn:
    """The answer; of the same shape whoever is asked about."""

    outcome: Outcome
    affinities: Affinities
    run: RunStamp | None


class AffinityGuide:
    """Says what an identity is drawn to, by its own likes and under its consent alone."""

    def __init__(self, stores: RankingStores, decay_days: float) -> None:
        self._stores = stores
        self._decay_days = decay_days

    async def find(self, tenant: str, identity_id: str, most: int) -> Drawn:
        """Find the strongest of each kind; nothing without a live consent, of nobody, and of what is sensitive.

        What it has excluded is no evidence and is not named.
        """
        facts = await self._stores.readers.read(tenant, Subject(identity_id))
        reader = facts.reader
        model = await self._stores.models.of_run(tenant, reader.run.id) if reader.run else None
        run = RunStamp(model.run, model.version) if model else None
        if not reader.granted or reader.own is None or reader.kind == "anonymous":
            outcome: Outcome = "granted" if reader.granted else "contextual_only"
            return Drawn(outcome, Affinities(), run)
        found = await self._judge(tenant, facts, model)
        return Drawn("granted", found.first(most), run)

    async def _judge(self, tenant: str, facts: Moment, model: RunModel | None) -> Affinities:
        likes, unwanted = facts.reader.own, facts.unwanted
        assert likes is not None  # noqa: S101
        known = await self._stores.items.read(tenant, facts.reader.catalogue, likes.product_ids, with_tags=True)
        hidden = {*unwanted.product_ids, *(model.mostly_of(unwanted.microgenres) if model else ())}
        factor = rules_as_factor(unwanted.rules)
        kept = [
            (place, offer)
            for place, id_ in enumerate(likes.product_ids)
            if (offer := known.get(id_)) is not None and not offer.topics and id_ not in hidden and factor(offer) > 0
        ]
        age_days = np.maximum(0.0, clock.now().timestamp() * 1000 - likes.at_ms) / MS_A_DAY
        weights = likes.weight * np.exp(-age_days / self._decay_days)
        found = find_affinities([offer for _, offer in kept], weights[[place for place, _ in kept]], model)
        return found.without(await self._sensitive(tenant, found.labels))

    async def _sensitive(self, tenant: str, labels: frozenset[str]) -> frozenset[str]:
        """Which names are of something sensitive, though no product is that has them: little of it is."""
        if not await self._stores.items.topics(tenant, sorted(labels)):
            return frozenset()
        return frozenset([one for one in labels if await self._stores.items.topics(tenant, [one])])
