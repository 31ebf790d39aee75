"""Use case: an identity asks and is answered; what was shown is logged."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol
from uuid import uuid4

from cachetools import TTLCache

from app.domain import clock
from app.domain.catalogue import category_path
from app.domain.channels import OPEN_CHANNELS, OPEN_PURPOSES
from app.domain.recommendation import (
    NOTHING,
    Decision,
    Drawn,
    Item,
    LeftOut,
    Membership,
    Ranking,
    RankingQuery,
    Recommendation,
    RecommendationRequest,
    RunStamp,
    Source,
)
from app.recommend.choose import SOURCE_WEIGHTS, choose_items, take_turns
from app.recommend.explain import vary_first
from app.recommend.explore import RESERVE, explore
from app.recommend.group import one_each, places_for
from app.recommend.pins import beside, pinned_items, with_pinned
from app.recommend.query import Moment
from app.recommend.tuning import Tuning
from app.services.rank import Ranker, RankingStores
from app.settings import Settings


class DecisionSink(Protocol):
    """Takes decisions without making anybody wait."""

    def offer(self, tenant: str, decision: Decision) -> None:
        """Queue one decision for the log."""
        ...


class NoLog:
    """Keeps no decisions: what is measured or planned was shown to nobody."""

    def offer(self, tenant: str, decision: Decision) -> None:
        """Forget it."""


@dataclass(frozen=True, slots=True)
class _Kept:
    """An answer's items while nothing that they depend on has changed; more than asked for where places are drawn."""

    stamp: str
    items: tuple[Item, ...]
    pinned: tuple[Item, ...]
    """Of all pages."""
    communities: tuple[Membership, ...]
    run: RunStamp | None


class Recommender:
    """Answers one request at a time; built once a process."""

    def __init__(self, stores: RankingStores, settings: Settings, decisions: DecisionSink) -> None:
        self._tuning = Tuning.of(settings)
        self._ranker = Ranker(stores, self._tuning)
        self._decisions = decisions
        self._first = settings.recommenders
        self._fallback = settings.fallback
        self._weights: dict[Source, float] = {**SOURCE_WEIGHTS, **settings.source_weights}
        self._exploration = settings.exploration
        size, seconds = max(1, settings.ranking_cache_size), settings.ranking_cache_seconds
        self._kept = TTLCache[tuple[str, RecommendationRequest], _Kept](size, seconds)
        self._keeps = settings.ranking_cache_size > 0 and settings.ranking_cache_seconds > 0

    async def answer(self, tenant: str, request: RecommendationRequest, now: datetime | None = None) -> Recommendation:
        """Rank products for a subject; the same shape for everybody, known or not.

        Without a live consent for the purpose the answer is contextual: the page and the crowd, nothing of a past.
        ``now`` is another moment than the database's present, for evaluations. Raises ``InvalidError`` for rules that
        cannot be read.
        """
        moment = now or clock.now()
        key = (tenant, request)
        keeps = self._keeps and now is None and _may_be_kept(request)  # another moment is none of now
        query = self._query(request)
        facts = await self._ranker.read(tenant, query, now)
        kept = self._kept.get(key) if keeps else None
        if kept is None or kept.stamp != facts.reader.stamp:
            pinned = await self._pinned(tenant, request, facts)
            ranking, items = await self._rank(tenant, beside(request, pinned), facts, moment)
            named = tuple(one for one in ranking.communities if one.label is not None)
            kept = _Kept(ranking.stamp, items, pinned, named, ranking.run)
            if keeps and ranking.stamp == facts.reader.stamp:
                self._kept[key] = kept
        decision_id = uuid4().hex
        items, rest, drawn = kept.items, beside(request, kept.pinned), None
        if self._exploration and request.recommend == "products":
            drawn = Drawn(items, self._exploration, request.offset + 1)
            items = explore(items, rest.limit, self._exploration, decision_id, first_rank=rest.offset + 1)
        if kept.pinned:
            items = with_pinned(request, items, kept.pinned)
        answer = _recommendation(request, facts.reader.granted, kept, items, decision_id)
        self._decisions.offer(tenant, _decision(answer, request, moment, drawn))
        return answer

    async def imagine(
        self, tenant: str, request: RecommendationRequest, now: datetime | None, left_out: LeftOut
    ) -> tuple[Ranking, tuple[Item, ...]]:
        """Rank as ``answer`` does, without what is left out and without a trace: nothing is drawn, kept or logged."""
        facts = await self._ranker.read(tenant, replace(self._query(request), left_out=left_out), now)
        pinned = await self._pinned(tenant, request, facts)
        rest = beside(request, pinned)
        ranking, items = await self._rank(tenant, rest, facts, now or clock.now(), left_out)
        return ranking, with_pinned(request, items[: rest.limit], pinned)

    def forget(self, tenant: str, identity_id: str) -> None:
        """Drop every kept answer and fact of an identity from memory."""
        self._ranker.forget(tenant, identity_id)
        for key in [key for key in self._kept if key[0] == tenant and key[1].identity_id == identity_id]:
            del self._kept[key]

    async def _pinned(self, tenant: str, request: RecommendationRequest, facts: Moment) -> tuple[Item, ...]:
        """What the shop has put in its place itself, on any page; products alone are."""
        if not request.pins or request.recommend != "products":
            return ()
        offers = await self._ranker.offers(tenant, [pin.product_id for pin in request.pins], facts)
        return await self._with_attributes(tenant, request, pinned_items(request, offers))

    async def _rank(
        self,
        tenant: str,
        request: RecommendationRequest,
        facts: Moment,
        moment: datetime,
        left_out: LeftOut = NOTHING,
    ) -> tuple[Ranking, tuple[Item, ...]]:
        """Fill the places; a household's members have theirs in turn, the crowd fills what they leave open."""
        query = replace(self._query(request), left_out=left_out)
        ranking = await self._ranker.rank(tenant, query, facts, moment)
        wanted = self._wanted(request)
        items = choose_items(ranking, wanted, self._weights, self._tuning)
        if ranking.members:
            own = frozenset(query.sources - {"popular", "newest"})
            asked = [replace(query, member_id=member, sources=own) for member in ranking.members]
            ranked = [await self._ranker.rank(tenant, one, facts, moment) for one in asked]
            theirs = [choose_items(one, wanted, self._weights, self._tuning) for one in ranked]
            folds = request.variants == "fold"
            items = take_turns(theirs, items, wanted.offset + wanted.limit, folds=folds)
        page = items[wanted.offset :]
        if request.recommend != "products":
            model = await self._ranker.model_of(tenant, ranking)
            unwanted = facts.unwanted.microgenres if request.recommend == "microgenres" else ()
            groups = one_each(items, request.recommend, model, unwanted)
            page = groups[request.offset : request.offset + request.limit]
        return ranking, await self._with_attributes(tenant, request, vary_first(page))

    async def _with_attributes(
        self, tenant: str, request: RecommendationRequest, items: tuple[Item, ...]
    ) -> tuple[Item, ...]:
        """The items with what else of the products is wanted."""
        ids = [item.product_id for item in items]
        found = await self._ranker.attributes(tenant, ids, request.attributes)
        return tuple(replace(item, attributes=found.get(item.product_id, {})) for item in items) if found else items

    def _wanted(self, request: RecommendationRequest) -> RecommendationRequest:
        """Which products to choose: several a place where places are drawn, many where they stand for others."""
        if request.recommend != "products":
            return replace(request, offset=0, limit=places_for(request.offset + request.limit))
        reserve = RESERVE if self._exploration else 1
        return replace(request, offset=request.offset * reserve, limit=request.limit * reserve)

    def _query(self, request: RecommendationRequest) -> RankingQuery:
        """Say what to read: the page, the sources, and what the rules point at."""
        wanted_products = self._wanted(request)
        context_ids = dict.fromkeys((*request.product_ids, *request.context.viewing, *request.context.cart))
        only = [rule for rule in request.rules if rule.action == "include"]
        wanted = {rule.field: tuple(rule.values) for rule in only}
        categories = (*request.context.categories, *wanted.get("category", ()))
        return RankingQuery(
            identity_id=request.identity_id,
            session_id=request.session_id,
            context_ids=tuple(context_ids),
            purpose=request.purpose,
            sources=self._sources(request),
            exclude_ids=tuple(sorted({*request.exclude, *context_ids})),
            tag_ids=tuple(f"category:{category_path(name)}".lower() for name in categories)
            + tuple(value.lower() for value in wanted.get("tag", ())),
            tag_names=wanted.get("tag", ()),
            brand_ids=tuple(value.lower() for value in wanted.get("brand", ())),
            with_tags=request.diversity > 0 or any(rule.field == "tag" for rule in request.rules),
            explain=request.explain,
            places=wanted_products.offset + wanted_products.limit,
            objective=request.objective,
            shelf=request.shelf,
            variants=request.variants,
            rules=request.rules,
            about=(*categories, *wanted.get("tag", ()), *wanted.get("brand", ())),
            seen_by_others=request.channel in OPEN_CHANNELS or request.purpose in OPEN_PURPOSES,
        )

    def _sources(self, request: RecommendationRequest) -> frozenset[Source]:
        """Those that the shelf's purpose leaves of what is asked for."""
        fallback = (() if request.sources else self._fallback) if request.fallback is None else request.fallback
        asked = frozenset((*(request.sources or self._first), *fallback))
        repeat = frozenset[Source]({"repeat"})
        if request.shelf == "buy_again":
            return repeat
        return asked - repeat if request.shelf == "for_you" else asked


def _may_be_kept(request: RecommendationRequest) -> bool:
    """Say whether an answer may come from memory.

    A session's events carry no stamp. Of somebody named by identifiers, how fast an answer comes would tell whether
    they name anybody: all that name nobody are one question.
    """
    return request.session_id is None and request.method == "asserted" and request.confidence is None


def _recommendation(
    request: RecommendationRequest, granted: bool, kept: _Kept, items: tuple[Item, ...], decision_id: str
) -> Recommendation:
    # Whom identifiers name is told to nobody who may not use what they like: known and unknown are answered alike.
    is_told = granted or (request.method == "asserted" and request.confidence is None)
    identity_id = request.identity_id if is_told else None
    return Recommendation(
        decision_id=decision_id,
        identity_id=identity_id,
        method="anonymous" if identity_id is None else request.method,
        confidence=None if identity_id is None else 1.0 if request.confidence is None else request.confidence,
        purpose=request.purpose,
        outcome="granted" if granted else "contextual_only",
        items=items,
        communities=kept.communities,
        run=kept.run,
    )


def _decision(answer: Recommendation, request: RecommendationRequest, at: datetime, drawn: Drawn | None) -> Decision:
    """What the log keeps; the identity only where it has consented, and is known rather than likely."""
    is_kept = answer.outcome == "granted" and answer.method != "posterior"
    return Decision(
        id=answer.decision_id,
        at=at,
        channel=request.channel,
        placement=request.placement,
        outcome=answer.outcome,
        run_id=answer.run.id if answer.run else None,
        identity_id=answer.identity_id if is_kept else None,
        items=answer.items,
        scenario=request.scenario,
        experiment=request.experiment if is_kept else None,
        drawn=drawn if is_kept and answer.identity_id is not None else None,
    )
