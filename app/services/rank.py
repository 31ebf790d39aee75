"""Use case: rank products for one question, from the facts of the moment and the run's model."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from app.domain.exclusions import ALL_WANTED
from app.domain.recommendation import (
    AttributeValue,
    Offer,
    Ranking,
    RankingQuery,
    Rule,
    RunStamp,
)
from app.recommend.edit import without
from app.recommend.model import RunModel
from app.recommend.pipeline import draft
from app.recommend.query import Likes, Moment, Query, Scored, Subject
from app.recommend.rules import rules_as_factor
from app.recommend.tuning import Tuning
from app.services.listing import Listing, bought_ids


class ReaderStore(Protocol):
    """Where the facts of identities are."""

    async def read(self, tenant: str, subject: Subject, at: datetime | None = None) -> Moment:
        """Read one moment: the database's present, or ``at``."""
        ...

    def forget(self, tenant: str, identity_id: str) -> None:
        """Drop what is kept of an identity."""
        ...


class ModelStore(Protocol):
    """Where the models of runs are."""

    async def of_run(self, tenant: str, run: str) -> RunModel:
        """The model of the active run, or of the one before for a while."""
        ...


class ItemStore(Protocol):
    """Where products are."""

    async def read(
        self, tenant: str, catalogue: int, ids: Sequence[str], *, with_tags: bool = False
    ) -> Mapping[str, Offer | None]:
        """What is known of some products, at least as of this version of the catalogue."""
        ...

    async def topics(self, tenant: str, texts: Sequence[str]) -> frozenset[str]:
        """What is sensitive of names of categories, tags or brands."""
        ...

    async def newest(self, tenant: str, catalogue: int, most: int) -> Sequence[str]:
        """Ids of what is on offer, the newest first; fewer where there are no more."""
        ...

    async def named(self, tenant: str, catalogue: int, rule: Rule) -> Sequence[str]:
        """Ids of what is on offer of some brands, categories or tags, the newest first."""
        ...

    async def currency(self, tenant: str, catalogue: int) -> str | None:
        """In which most of what is on offer has its price; ``None`` where no price has one."""
        ...

    async def attributes(
        self, tenant: str, ids: Sequence[str], names: Sequence[str]
    ) -> Mapping[str, Mapping[str, AttributeValue]]:
        """Properties and facets of some products, those that they have."""
        ...


class RankingStores(Protocol):
    """All that a ranking reads from."""

    @property
    def readers(self) -> ReaderStore:
        """Facts of identities."""
        ...

    @property
    def models(self) -> ModelStore:
        """Models of runs."""
        ...

    @property
    def items(self) -> ItemStore:
        """Products."""
        ...


class Ranker:
    """Reads the facts of a moment, scores candidates with the run's model, looks up what is shown."""

    def __init__(self, stores: RankingStores, tuning: Tuning) -> None:
        self._readers = stores.readers
        self._models = stores.models
        self._items = stores.items
        self._tuning = tuning

    async def read(self, tenant: str, query: RankingQuery, at: datetime | None) -> Moment:
        """Read the facts of one moment: consent, grants, run and history in one statement."""
        subject = Subject(query.identity_id, query.purpose, query.session_id, query.context_ids, query.left_out)
        return await self._readers.read(tenant, subject, at)

    async def rank(self, tenant: str, query: RankingQuery, facts: Moment, now: datetime) -> Ranking:
        """Rank by these facts; before the first refresh only what is newest."""
        reader, unwanted = facts.reader, facts.unwanted
        if unwanted.rules:
            with_tags = query.with_tags or bool(unwanted.tags)
            query = replace(query, rules=(*query.rules, *unwanted.rules), with_tags=with_tags)
        currency = await self._items.currency(tenant, reader.catalogue) if _compares_prices(query) else None
        ranking = Ranking(reader.stamp, reader.granted, reader.run, kind=reader.kind, currency=currency)
        only = await self._only(tenant, query, reader.catalogue)
        asked = _asked(query, facts, now, only)
        drawn = None
        if reader.run is not None:
            model = await self._models.of_run(tenant, reader.run.id)
            if model.run != reader.run.id:
                # Of the run before: said as such, and not to be kept under the stamp of the new one.
                run = RunStamp(model.run, model.version)
                ranking = replace(ranking, stamp=f"{model.run} {reader.stamp}", run=run)
            if unwanted.microgenres:
                asked = replace(asked, exclude=(*asked.exclude, *model.mostly_of(unwanted.microgenres)))
            drawn = draft(asked, model, self._tuning)
        listing = Listing(self._items, tenant, reader.catalogue, query, self._tuning, currency)
        ranked = await listing.fill(ranking, asked, drawn)
        # Who likes nothing yet has nothing to name in turn; the crowd fills what the others leave.
        members = () if query.member_id else tuple(one.identity_id for one in reader.members if one.product_ids)
        return replace(ranked, members=members)

    async def model_of(self, tenant: str, ranking: Ranking) -> RunModel | None:
        """Return the model that was ranked with; ``None`` before the first run."""
        return await self._models.of_run(tenant, ranking.run.id) if ranking.run else None

    async def offers(self, tenant: str, ids: Sequence[str], facts: Moment) -> Mapping[str, Offer | None]:
        """What is known of some products, at least as of these facts; None for what the subject has excluded."""
        unwanted = facts.unwanted
        known = await self._items.read(tenant, facts.reader.catalogue, ids, with_tags=bool(unwanted.tags))
        if unwanted == ALL_WANTED:
            return known
        factor, hidden = rules_as_factor(unwanted.rules), {*unwanted.product_ids}
        if unwanted.microgenres and facts.reader.run is not None:
            model = await self._models.of_run(tenant, facts.reader.run.id)
            hidden |= {*model.mostly_of(unwanted.microgenres)}
        return {
            id_: None if offer is None or id_ in hidden or not factor(offer) else offer for id_, offer in known.items()
        }

    async def attributes(
        self, tenant: str, ids: Sequence[str], names: Sequence[str]
    ) -> Mapping[str, Mapping[str, AttributeValue]]:
        """What else of some products is wanted."""
        return await self._items.attributes(tenant, ids, names) if names and ids else {}

    async def _only(self, tenant: str, query: RankingQuery, catalogue: int) -> tuple[str, ...] | None:
        """The ids that a rule leaves, where one leaves few: looking through all others for them would take long."""
        rule = next((rule for rule in query.rules if rule.action == "include" and rule.field != "price"), None)
        return None if rule is None else tuple(await self._items.named(tenant, catalogue, rule))

    def forget(self, tenant: str, identity_id: str) -> None:
        """Drop what is kept of an identity."""
        self._readers.forget(tenant, identity_id)


def _compares_prices(query: RankingQuery) -> bool:
    return any(rule.field == "price" for rule in query.rules)


def _asked(query: RankingQuery, facts: Moment, now: datetime, only: tuple[str, ...] | None) -> Query:
    """What the pipeline needs to know of a question."""
    reader = without(facts.reader, query.left_out)
    own = reader.own
    exclude = (*query.exclude_ids, *facts.unwanted.product_ids)
    history: tuple[Likes, ...] = () if own is None else (own, *reader.granted_by)
    if query.member_id is not None:
        history = tuple(one for one in history if one.identity_id == query.member_id)
    elif reader.members:
        history, exclude = (), (*exclude, *(id_ for one in reader.members for id_ in bought_ids(one)))
    own_reads = own is not None and own in history
    anchors = (*facts.page_tags, *query.tag_ids)
    return Query(
        now_ms=round(now.timestamp() * 1000),
        sources=query.sources,
        history=history,
        own_id=own.identity_id if own else None,
        followed=reader.followed if own_reads else Scored(),
        session=facts.session,
        page=facts.page,
        page_size=len(query.context_ids),
        anchors=(*(f"tag {tag}" for tag in anchors), *(f"brand {brand}" for brand in query.brand_ids)),
        tag_names=query.tag_names,
        exclude=exclude,
        only=only,
        objective=query.objective,
        shelf=query.shelf,
        folds=query.variants == "fold",
        explain=query.explain,
        without_community=query.left_out.community,
    )
