"""Use case: which product, in which picture and words, through which channel, for an identity now; why not others."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol
from uuid import uuid4
from zoneinfo import ZoneInfo

from cachetools import LRUCache

from app.domain import clock
from app.domain.channels import CHANNELS, PURPOSE_OF, VISITED, Channel, ChannelBook, Contact, Refusal, refusal_of
from app.domain.creatives import Creative
from app.domain.decisions import Bar, Decided, RenderedItem, WhyNot
from app.domain.recommendation import NOTHING, Decision, Item, Ranking, RecommendationRequest
from app.recommend.choose_creatives import choose_creatives, usable, why_not_chosen
from app.recommend.model import RunModel
from app.recommend.placing import fit
from app.recommend.plan_candidates import CreativeWorth, expected_gain
from app.recommend.sampler import EVERYBODY, Outcomes, believe, chances, mixed, narrowed
from app.services.channels import ChannelStore
from app.services.creatives import CreativeBook
from app.services.rank import ModelStore
from app.services.recommend import DecisionSink, Recommender
from app.services.unsubscribe import Unsubscriber
from app.taste.values import Floats

CANDIDATES = 48
"""Products that creatives are looked for with, at least."""
_KEPT_CHANCES = 20_000

_PARTS = 20

Weights = tuple[tuple[str, float], ...]
"""Communities and how much each counts, summing to 1."""
_Key = tuple[str, Weights, tuple[str, ...], tuple[tuple[float, ...], ...]]
"""Tenant, communities, creatives and how their content fits each."""


class OutcomeSource(Protocol):
    """Where it is known what was shown and taken."""

    async def of(self, tenant: str) -> Outcomes:
        """Outcomes of those who may be learned from, of a short while ago; the same object until it is read anew."""
        ...


@dataclass(frozen=True, slots=True)
class _Look:
    """One channel that was looked at."""

    ranking: Ranking | None
    shown: tuple[RenderedItem, ...]
    why_not: list[WhyNot]
    is_final: bool = False
    """Whether nothing louder may be tried."""


class Decider:
    """Decides one question at a time; built once a process."""

    def __init__(
        self,
        recommender: Recommender,
        models: ModelStore,
        channels: ChannelStore,
        creatives: CreativeBook,
        outcomes: OutcomeSource,
        unsubscriber: Unsubscriber,
        log: DecisionSink,
    ) -> None:
        self._recommender = recommender
        self._models = models
        self._channels = channels
        self._creatives = creatives
        self._outcomes = outcomes
        self._unsubscriber = unsubscriber
        self._log = log
        self._kept = LRUCache[_Key, tuple[Outcomes, Floats]](_KEPT_CHANCES)

    async def decide(
        self, tenant: str, asked: RecommendationRequest, channel: Channel | None, bar: Bar | None = None
    ) -> Decided:
        """Decide for a channel, or else through which: the quietest that may be used and has something to show.

        ``bar`` is what must be expected of it beyond its cost; ``None``: whatever it costs.
        Past a channel that was refused or taken back, is full or quiet, nothing louder is tried. The same shape, from
        the same statements, for an identity that may not be contacted and for one that nobody knows.
        """
        now = clock.now()
        book, contact = await self._channels.read_contact(tenant, _contacted(asked), now)
        candidates: list[Channel] = [channel] if channel else _candidates(asked)
        decision_id = uuid4().hex
        why_not: list[WhyNot] = []
        for place, one in enumerate(candidates):
            look = await self._look(tenant, replace(asked, channel=one), one, book, contact, now, decision_id, bar)
            why_not += look.why_not
            if look.shown or look.is_final:
                why_not += _not_tried(candidates[place + 1 :], one, is_chosen=bool(look.shown))
            if look.shown and look.ranking:
                return self._decided(tenant, asked, one, look, candidates, why_not, decision_id, now)
            if look.is_final:
                break
        return _nothing(asked, candidates, why_not, decision_id)

    async def _look(
        self,
        tenant: str,
        asked: RecommendationRequest,
        channel: Channel,
        book: ChannelBook,
        contact: Contact,
        now: datetime,
        decision_id: str,
        bar: Bar | None,
    ) -> _Look:
        """Look whether a channel may be used, and what there is to show in it."""
        zone = ZoneInfo(contact.time_zone or book.time_zone)
        refusal = refusal_of(channel, book.rules[channel], contact, now, zone)
        if refusal:
            return _Look(None, (), [_of(refusal)], refusal.is_final)
        known = await self._creatives.all_of(tenant)
        creatives, why_not = usable(known, channel, book.rules[channel], now)
        if not creatives:
            return _Look(None, (), [WhyNot("no_creative", f"no creative for {channel}", channel), *why_not])
        ranking, items = await self._rank(tenant, asked, channel)
        if channel not in VISITED and not ranking.granted:  # taken back since it was read
            return _Look(None, (), [WhyNot("no_consent", f"no consent for {channel}", channel)], is_final=True)
        shown = await self._choose_creatives(tenant, items, creatives, ranking, asked.limit, decision_id)
        if not shown:
            why_not.insert(0, WhyNot("no_creative", f"no creative for {channel} fits a product", channel))
        elif bar:
            cost = float(book.rules[channel].cost)
            model = await self._models.of_run(tenant, ranking.run.id) if ranking.run else None
            worth = CreativeWorth(creatives, await self._outcomes.of(tenant), model)
            gain = expected_gain(shown, items, worth, weights_of(ranking), bar.margin)
            if gain - cost < bar.least_gain:
                text = f"costs {cost:g}, and a gain of {gain:.2g} is expected"
                return _Look(None, (), [WhyNot("does_not_pay", text, channel), *why_not])
        return _Look(ranking, shown, [*why_not, *why_not_chosen(creatives, shown, channel)])

    async def _rank(
        self, tenant: str, asked: RecommendationRequest, channel: Channel
    ) -> tuple[Ranking, tuple[Item, ...]]:
        question = replace(asked, purpose=PURPOSE_OF[channel], limit=max(CANDIDATES, 2 * asked.limit))
        return await self._recommender.imagine(tenant, question, None, NOTHING)

    async def _choose_creatives(
        self,
        tenant: str,
        items: Sequence[Item],
        creatives: Sequence[Creative],
        ranking: Ranking,
        limit: int,
        decision_id: str,
    ) -> tuple[RenderedItem, ...]:
        model = await self._models.of_run(tenant, ranking.run.id) if ranking.run else None
        outcomes = await self._outcomes.of(tenant)
        by_id = {one.id: one for one in creatives}

        whose = weights_of(ranking)

        def likely(ids: tuple[str, ...]) -> Floats:
            return self._chances(tenant, whose, [by_id[id_] for id_ in ids], outcomes, model)

        return choose_creatives(items, creatives, likely, model, limit, decision_id)

    def _chances(
        self, tenant: str, whose: Weights, creatives: Sequence[Creative], outcomes: Outcomes, model: RunModel | None
    ) -> Floats:
        """Chances of a set of creatives for a mixture of communities, kept while outcomes, run and creatives are so."""
        ids = tuple(one.id for one in creatives)
        fits = tuple(tuple(fit(one, community, model) for one in creatives) for community, _ in whose)
        key = (tenant, whose, ids, fits)
        kept = self._kept.get(key)
        if kept is None or kept[0] is not outcomes:
            each = [believe(outcomes, one, ids, row) for (one, _), row in zip(whose, fits, strict=True)]
            found = chances(narrowed(mixed([weight for _, weight in whose], each)))
            kept = self._kept[key] = (outcomes, found)
        return kept[1]

    def _decided(
        self,
        tenant: str,
        asked: RecommendationRequest,
        channel: Channel,
        look: _Look,
        candidates: Sequence[Channel],
        why_not: Sequence[WhyNot],
        decision_id: str,
        now: datetime,
    ) -> Decided:
        """Put the answer together and log it."""
        granted = look.ranking is not None and look.ranking.granted
        run = look.ranking.run if look.ranking else None
        identity_id = asked.identity_id if granted or _is_named(asked) else None
        contacted = _contacted(asked)
        may_unsubscribe = channel not in VISITED and contacted is not None
        answer = Decided(
            decision_id=decision_id,
            identity_id=identity_id,
            method="anonymous" if identity_id is None else asked.method,
            confidence=None if identity_id is None else 1.0 if asked.confidence is None else asked.confidence,
            outcome="granted" if granted else "contextual_only",
            channel=channel,
            items=look.shown,
            why_not=tuple(why_not),
            passed_over=tuple(one for one in candidates if one != channel),
            run=run,
            unsubscribe_token=self._unsubscriber.token(tenant, contacted, channel)
            if may_unsubscribe and contacted
            else None,
        )
        whose = weights_of(look.ranking) if look.ranking else ()
        self._log.offer(tenant, _logged(answer, asked, whose, now))
        return answer


def _contacted(asked: RecommendationRequest) -> str | None:
    """Who may be contacted: nobody who only probably is the one."""
    return asked.identity_id if asked.method in ("asserted", "resolved") else None


def _is_named(asked: RecommendationRequest) -> bool:
    return asked.method == "asserted" and asked.confidence is None


def _candidates(asked: RecommendationRequest) -> list[Channel]:
    """The quietest first; the web only where somebody is there."""
    return [one for one in CHANNELS if one not in VISITED or (one == "web" and asked.session_id is not None)]


def _of(refusal: Refusal) -> WhyNot:
    return WhyNot(refusal.why, refusal.text, refusal.channel, None, refusal.since, refusal.until)


def _not_tried(louder: Sequence[Channel], than: Channel, *, is_chosen: bool) -> list[WhyNot]:
    if is_chosen:
        return [WhyNot("quieter_chosen", f"{than} is quieter", one) for one in louder]
    return [WhyNot("louder_than_refused", f"louder than {than}, which may not be used", one) for one in louder]


def weights_of(ranking: Ranking) -> Weights:
    """Say whose beliefs are mixed: communities that may be named, by strength, and everybody for the rest.

    To a twentieth, so that what is reckoned for one holds for others; they sum to 1.
    """
    named = [one for one in ranking.communities if one.label is not None]
    total = max(1.0, sum(one.strength for one in named))
    parts = [(one.id, math.floor(_PARTS * one.strength / total + 1e-9)) for one in named]
    rest = _PARTS - sum(part for _, part in parts)
    return tuple((id_, part / _PARTS) for id_, part in (*parts, (EVERYBODY, rest)) if part)


def _nothing(
    asked: RecommendationRequest, candidates: Sequence[Channel], why_not: Sequence[WhyNot], decision_id: str
) -> Decided:
    identity_id = asked.identity_id if _is_named(asked) else None
    return Decided(
        decision_id=decision_id,
        identity_id=identity_id,
        method="anonymous" if identity_id is None else asked.method,
        confidence=None if identity_id is None else 1.0,
        outcome="not_allowed",
        channel=None,
        items=(),
        why_not=tuple(why_not),
        passed_over=tuple(candidates),
        run=None,
        unsubscribe_token=None,
    )


def _logged(answer: Decided, asked: RecommendationRequest, whose: Weights, at: datetime) -> Decision:
    """What the log keeps; the identity only where it has consented, and is known rather than likely."""
    is_kept = answer.outcome == "granted" and answer.method != "posterior"
    return Decision(
        id=answer.decision_id,
        at=at,
        channel=answer.channel or "",
        placement=asked.placement,
        outcome="granted" if answer.outcome == "granted" else "contextual_only",
        run_id=answer.run.id if answer.run else None,
        identity_id=answer.identity_id if is_kept else None,
        items=tuple(one.item for one in answer.items),
        scenario=asked.scenario,
        choices=tuple(one.choice for one in answer.items),
        communities=whose,
        experiment=asked.experiment if is_kept else None,
    )
