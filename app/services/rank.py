"""Use case: rank products for one question, from the facts of the moment and the run's model."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

import numpy as np

from app.domain.recommendation import (
    Near,
    Offer,
    Popular,
    Ranking,
    RankingQuery,
    Repeat,
    RunStamp,
    Seed,
)
from app.recommend.edit import without
from app.recommend.model import RunModel
from app.recommend.pipeline import Draft, Ordered, draft
from app.recommend.query import Likes, Moment, Query, Scored, Subject
from app.recommend.tuning import Tuning
from app.taste.values import Ints

FILTERED = 10
"""So many times the pool is looked at where rules may drop most of it."""
AUDIBLE = 10_000
"""A candidate of less than this part of the best may be rounded away, so it fills no place for certain."""


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
        """Rank by these facts. Empty lists before the first refresh."""
        reader = facts.reader
        ranking = Ranking(reader.stamp, reader.granted, reader.run, kind=reader.kind)
        if reader.run is None:
            return ranking
        model = await self._models.of_run(tenant, reader.run.id)
        if model.run != reader.run.id:
            # Of the run before: said as such, and not to be kept under the stamp of the new one.
            ranking = replace(ranking, stamp=f"{model.run} {reader.stamp}", run=RunStamp(model.run, model.version))
        drawn = draft(_query(query, facts, now), model, self._tuning)
        ranked = await _Listing(self._items, tenant, reader.catalogue, query, drawn, self._rows(query)).fill(ranking)
        members = () if query.member_id else tuple(one.identity_id for one in reader.members)
        return replace(ranked, members=members)

    def forget(self, tenant: str, identity_id: str) -> None:
        """Drop what is kept of an identity."""
        self._readers.forget(tenant, identity_id)

    def _rows(self, query: RankingQuery) -> int:
        """Rows kept a list; twice the places, as what rounding makes equal is sorted anew."""
        if query.places is not None:
            return min(2 * query.places, self._tuning.pool_size)
        return FILTERED * self._tuning.pool_size if query.with_rules else self._tuning.pool_size


def _query(query: RankingQuery, facts: Moment, now: datetime) -> Query:
    """What the pipeline needs to know of a question."""
    reader = without(facts.reader, query.left_out)
    own = reader.own
    history: tuple[Likes, ...] = () if own is None else (own, *reader.granted_by)
    if query.member_id is not None:
        history = tuple(one for one in history if one.identity_id == query.member_id)
    elif reader.members:
        history = ()
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
        exclude=query.exclude_ids,
        objective=query.objective,
        explain=query.explain,
        without_community=query.left_out.community,
    )


class _Listing:
    """Turns one draft into lists of products that are offered."""

    def __init__(
        self, items: ItemStore, tenant: str, catalogue: int, query: RankingQuery, drawn: Draft, rows: int
    ) -> None:
        self._items = items
        self._tenant = tenant
        self._catalogue = catalogue
        self._query = query
        self._draft = drawn
        self._rows = rows

    async def fill(self, ranking: Ranking) -> Ranking:
        """The best offered products of each list; popular ones only where the others leave places open."""
        drawn = self._draft
        ahead = [
            *self._ids(drawn.near, drawn.near.first(self._rows)),
            *self._ids(drawn.repeats, drawn.repeats.first(self._rows)),
        ]
        await self._read(ahead)
        near, near_offers = await self._offered(drawn.near)
        repeats, repeat_offers = await self._offered(drawn.repeats)
        popular = ()
        if "popular" in self._query.sources and self._open(near, repeats):
            popular = await self._popular()
        again: list[int] = repeats.tolist()
        return replace(
            ranking,
            near=self._near(near, near_offers),
            repeats=tuple(
                Repeat(offer, float(drawn.repeats.scores[entry]), drawn.repeats_via[entry])
                for entry, offer in zip(again, repeat_offers, strict=True)
            ),
            popular=popular,
            communities=drawn.memberships,
            seeds=await self._seeds(),
        )

    def _open(self, near: Ints, repeats: Ints) -> bool:
        """Whether the lists leave a place open for certain."""
        if self._query.places is None:
            return True
        lists = self._draft.near.scores[near], self._draft.repeats.scores[repeats]
        sure = sum(int((AUDIBLE * scores > scores[0]).sum()) for scores in lists if len(scores))
        return sure < self._query.places

    async def _popular(self) -> tuple[Popular, ...]:
        ordered, names = self._draft.popular()
        entries, offers = await self._offered(ordered)
        places: list[int] = entries.tolist()
        return tuple(
            Popular(offer, float(ordered.scores[entry]), names[entry])
            for entry, offer in zip(places, offers, strict=True)
        )

    async def _offered(self, ordered: Ordered) -> tuple[Ints, list[Offer]]:
        """The first rows of what is offered, best first; more is looked at while too few are."""
        looked = self._rows
        while True:
            entries = ordered.first(looked)
            ids = self._ids(ordered, entries)
            known = await self._read(ids)
            found = [(entry, known.get(id_)) for entry, id_ in zip(entries.tolist(), ids, strict=True)]
            kept = [(entry, offer) for entry, offer in found if offer is not None and offer.offered][: self._rows]
            if len(kept) == self._rows or looked >= len(ordered):
                return np.asarray([entry for entry, _ in kept], dtype=np.int64), [offer for _, offer in kept]
            looked *= 4

    def _near(self, entries: Ints, offers: Sequence[Offer]) -> tuple[Near, ...]:
        drawn = self._draft
        made = drawn.contributions(entries)
        columns = [made.by_kind.get(kind) for kind in ("session", "peers", "community", "genre")]
        session, peers, community, genre = (
            [0.0] * len(offers) if column is None else column.tolist() for column in columns
        )
        scores, popularity = drawn.near.scores[entries].tolist(), drawn.popularity[entries].tolist()
        rows = zip(offers, scores, session, made.parts, peers, community, genre, popularity, strict=True)
        return tuple(Near(*row) for row in rows)

    async def _seeds(self) -> tuple[Seed, ...]:
        """Seeds with the titles of products."""
        kinds = ("like", "next", "session", "context")
        known = await self._read([seed.id for seed in self._draft.seeds if seed.kind in kinds])
        return tuple(
            replace(seed, title=_title(known.get(seed.id), seed.id)) if seed.kind in kinds else seed
            for seed in self._draft.seeds
        )

    def _ids(self, ordered: Ordered, entries: Ints) -> list[str]:
        products = self._draft.model.products
        return [products[place] for place in ordered.places[entries].tolist()]

    async def _read(self, ids: Sequence[str]) -> Mapping[str, Offer | None]:
        if not ids:
            return {}
        return await self._items.read(self._tenant, self._catalogue, ids, with_tags=self._query.with_tags)


def _title(offer: Offer | None, id_: str) -> str:
    return offer.title if offer else id_
