"""Turns the candidates of one question into lists of products that may be shown now."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np

from app.domain import clock
from app.domain.recommendation import (
    Introduced,
    Near,
    Offer,
    Popular,
    Ranking,
    RankingQuery,
    Repeat,
    Seed,
)
from app.recommend.model import NOWHERE
from app.recommend.pipeline import Draft, Ordered
from app.recommend.query import Likes, Query
from app.recommend.rules import rules_as_factor
from app.recommend.tuning import Tuning
from app.taste.values import Ints

BOOSTED = 10
"""So many times the pool is looked at where a rule may bring up what stands far behind."""
VARIANTS = 20
"""Variants of a product among which one that may be shown is looked for, the most liked."""
SENSITIVE = 0.999
"""What the most popular sensitive product scores at most, beside the last one that is not."""
NEWEST = 100
"""Newest products that are looked at first."""


MayShow = Callable[[int, Offer], bool]
"""Whether the entry of a list may be this product's."""


class ItemReader(Protocol):
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


class Listing:
    """Looks further down each list until enough of it is offered and allowed: what is not takes nobody's place."""

    def __init__(
        self,
        items: ItemReader,
        tenant: str,
        catalogue: int,
        query: RankingQuery,
        tuning: Tuning,
        currency: str | None = None,
    ) -> None:
        self._items = items
        self._tenant = tenant
        self._now = clock.now()
        self._catalogue = catalogue
        self._query = query
        self._tuning = tuning
        self._factor = rules_as_factor(query.rules, currency)
        self._folds = query.variants == "fold"
        self._about: frozenset[str] = frozenset()

    async def fill(self, ranking: Ranking, asked: Query, drawn: Draft | None) -> Ranking:
        """The best of each list; popular and newest ones only where the others leave places open.

        What is sensitive is in no list but that of the reader's own repeats, unless the page is about it, and behind
        everything else that is popular or new; where others may see what is shown, it is in none.
        """
        self._about = await self._topics_of_page(asked)
        if drawn is not None:
            ranking = await self._fill_from(drawn, ranking)
        if "newest" in self._query.sources and self._open(ranking):
            ranking = replace(ranking, newest=await self._newest(asked, drawn))
        if drawn is not None and self._may_repeat_all and not _holds_any(ranking):
            # Whoever has all that there is gets some of it again.
            ranking = replace(ranking, popular=await self._popular(drawn, owned=True))
        return ranking

    async def _fill_from(self, drawn: Draft, ranking: Ranking) -> Ranking:
        await self._read_ahead(drawn)
        near, near_offers = await self._offered(drawn, drawn.near, self._rows)
        repeats, repeat_offers = await self._repeats(drawn)
        again: list[int] = repeats.tolist()
        ranking = replace(
            ranking,
            near=self._near(drawn, near, near_offers),
            repeats=tuple(
                Repeat(offer, float(drawn.repeats.scores[entry]), drawn.repeats_via[entry])
                for entry, offer in zip(again, repeat_offers, strict=True)
            ),
            introduced=await self._introduced(drawn) if "introduced" in self._query.sources else (),
            communities=drawn.memberships,
            seeds=await self._seeds(drawn),
        )
        if "popular" in self._query.sources and self._open(ranking):
            ranking = replace(ranking, popular=await self._popular(drawn))
        return ranking

    async def _read_ahead(self, drawn: Draft) -> None:
        """Read what most answers show at once, since statements cost more than what they bring."""
        some = ((drawn.near, False), (drawn.repeats, True))
        places = [
            (place, as_they_are)
            for ordered, as_they_are in some
            for place in ordered.places[ordered.first(self._rows)].tolist()
        ]
        products = drawn.model.products
        variants = (self._variants(drawn, place, as_they_are=as_they_are) for place, as_they_are in places)
        await self._read([products[one] for some_ in variants for one in some_])

    @property
    def _rows(self) -> int:
        """Rows kept a list; twice the places, as what rounding makes equal is sorted anew, and lists share products."""
        least = 2 * self._query.places
        if any(rule.action == "boost" for rule in self._query.rules):
            return max(least, BOOSTED * self._tuning.pool_size)
        return max(least, self._tuning.pool_size) if self._query.with_tags else least

    @property
    def _may_repeat_all(self) -> bool:
        return self._query.shelf == "mixed" and {"popular", "repeat"} <= self._query.sources

    def _open(self, ranking: Ranking) -> bool:
        """Whether the lists leave a place open; repeats fill those of a mixed shelf only where nothing new does."""
        repeats = () if self._query.shelf == "mixed" and not ranking.popular else ranking.repeats
        near = (one for one in ranking.near if one.score > 0)  # below that popularity speaks against it
        return len({one.offer.id for one in (*near, *repeats, *ranking.popular)}) < self._query.places

    async def _repeats(self, drawn: Draft) -> tuple[Ints, list[Offer]]:
        """The reader's own may be sensitive; what others granted may not."""

        def may_show(entry: int, offer: Offer) -> bool:
            own = drawn.repeats_via[entry] is None and not self._query.seen_by_others
            return self._is_allowed(offer) and (own or self._is_harmless(offer))

        return await self._offered(drawn, drawn.repeats, self._rows, may_show, as_they_are=True)

    async def _popular(self, drawn: Draft, *, owned: bool = False) -> tuple[Popular, ...]:
        ordered, names = drawn.popular(owned=owned)
        found: list[Popular] = []
        for may_show in (self._may_infer, self._may_list_last):
            if len(found) == self._rows:
                break
            entries, offers = await self._offered(drawn, ordered, self._rows - len(found), may_show)
            rows: list[tuple[int, Offer]] = list(zip(entries.tolist(), offers, strict=True))
            below = SENSITIVE * min(one.score for one in found) / ordered.scores.max() if found else 1.0
            found += [Popular(offer, below * float(ordered.scores[entry]), names[entry]) for entry, offer in rows]
        return tuple(found)

    async def _introduced(self, drawn: Draft) -> tuple[Introduced, ...]:
        """As many as have a place, and some more: one may be near as well."""
        ordered, genres = drawn.introduced()
        every = self._tuning.introduced_every
        only_these = self._query.sources <= {"introduced"}
        rows = self._rows if only_these or not every else 2 * (self._query.places // every) + 2
        entries, offers = await self._offered(drawn, ordered, rows)
        ids, labels = drawn.model.genres, drawn.model.genre_labels
        scores: list[float] = ordered.scores[entries].tolist()
        kinds: list[int] = genres[entries].tolist()
        rows = zip(offers, scores, kinds, strict=True)
        return tuple(
            Introduced(offer, score) if kind == NOWHERE else Introduced(offer, score, ids[kind], labels[kind])
            for offer, score, kind in rows
        )

    async def _newest(self, asked: Query, drawn: Draft | None) -> tuple[Offer, ...]:
        """What no list of the run holds: what nobody likes, or what came after it."""
        owned = {*asked.page, *(id_ for likes in asked.history for id_ in bought_ids(likes))}
        hidden = owned | {*asked.exclude}
        of_owned = await self._read(sorted(owned) if self._folds else ())
        looked = NEWEST + self._query.places
        while True:
            ids = asked.only
            if ids is None:
                ids = await self._items.newest(self._tenant, self._catalogue, looked)
            known = await self._read(ids[:looked])
            fresh = [offer for id_ in ids[:looked] if id_ not in hidden and (offer := known.get(id_)) is not None]
            # What is excluded and not on offer has no variants on the pages before.
            closed = [of_owned.get(id_) or known.get(id_) for id_ in hidden]
            taken = {key for offer in closed if offer is not None for key in offer.keys}
            kept = self._one_a_group(fresh, taken, self._may_infer)[: self._rows]
            if len(kept) == self._rows or looked >= len(ids):
                return (*kept, *self._one_a_group(fresh, taken, self._may_list_last))
            looked *= 4

    def _one_a_group(self, offers: Sequence[Offer], taken: set[str], may_show: MayShow) -> list[Offer]:
        """Those that may be shown, the first of each group where variants are one."""
        kept: list[Offer] = []
        for place, offer in enumerate(offers):
            if may_show(place, offer) and (not self._folds or taken.isdisjoint(offer.keys)):
                kept.append(offer)
                taken.update(offer.keys)
        return kept

    async def _offered(
        self,
        drawn: Draft,
        ordered: Ordered,
        rows: int,
        may_show: MayShow | None = None,
        *,
        as_they_are: bool = False,
    ) -> tuple[Ints, list[Offer]]:
        """The first rows of what may be shown, best first, one a group; more is looked at while too few are.

        The variant shown is the one that most like, or, with ``as_they_are``, the candidate itself; another one where
        that is not on offer.
        """
        may_show = may_show or self._may_infer
        looked = rows
        while True:
            entries = ordered.first(looked)
            places: list[int] = ordered.places[entries].tolist()
            variants = [self._variants(drawn, place, as_they_are=as_they_are) for place in places]
            products = drawn.model.products
            known = await self._read([products[one] for some in variants for one in some])
            kept: dict[int, tuple[int, Offer]] = {}
            for entry, place, some in zip(entries.tolist(), places, variants, strict=True):
                group = int(drawn.model.groups[place]) if self._folds else place
                offers = (known.get(products[one]) for one in some)
                offer = next((one for one in offers if one is not None and may_show(entry, one)), None)
                if offer is not None:
                    kept.setdefault(group, (entry, offer))
            found = [*kept.values()][:rows]
            if len(found) == rows or looked >= len(ordered):
                return np.asarray([entry for entry, _ in found], dtype=np.int64), [offer for _, offer in found]
            looked *= 4

    def _variants(self, drawn: Draft, place: int, *, as_they_are: bool) -> list[int]:
        """Products that may stand for one, those that are preferred first."""
        if not self._folds:
            return [place]
        variants = drawn.model.variants_of(place)[:VARIANTS]
        return [place, *(one for one in variants if one != place)] if as_they_are else variants

    async def _topics_of_page(self, asked: Query) -> frozenset[str]:
        """What is sensitive of what the page shows and is about."""
        if self._query.seen_by_others:
            return frozenset()
        known = await self._read(asked.page)
        shown = (offer.topics for id_ in asked.page if (offer := known.get(id_)) is not None)
        return (await self._items.topics(self._tenant, self._query.about)).union(*shown)

    def _is_allowed(self, offer: Offer) -> bool:
        return offer.offered and self._factor(offer) > 0

    def _is_harmless(self, offer: Offer) -> bool:
        return offer.topics <= self._about

    def _may_infer(self, _: int, offer: Offer) -> bool:
        return self._is_allowed(offer) and self._is_harmless(offer)

    def _may_list_last(self, _: int, offer: Offer) -> bool:
        return self._is_allowed(offer) and not self._is_harmless(offer) and not self._query.seen_by_others

    def _near(self, drawn: Draft, entries: Ints, offers: Sequence[Offer]) -> tuple[Near, ...]:
        made = drawn.contributions(entries)
        columns = [made.by_kind.get(kind) for kind in ("session", "followed", "community")]
        session, followed, community = (
            [0.0] * len(offers) if column is None else column.tolist() for column in columns
        )
        scores, popularity = drawn.near.scores[entries].tolist(), drawn.popularity[entries].tolist()
        rows = zip(offers, scores, session, made.parts, followed, community, popularity, strict=True)
        return tuple(Near(*row) for row in rows)

    async def _seeds(self, drawn: Draft) -> tuple[Seed, ...]:
        """Seeds with the titles of products; the sensitive have neither title nor id, unless the page is about it."""
        kinds = ("like", "next", "session", "context")
        known = await self._read([seed.id for seed in drawn.seeds if seed.kind in kinds])

        def named(seed: Seed) -> Seed:
            offer = known.get(seed.id)
            if offer is None or self._is_harmless(offer):
                return replace(seed, title=_title(offer, seed.id))
            return replace(seed, id="", title="")

        return tuple(named(seed) if seed.kind in kinds else seed for seed in drawn.seeds)

    async def _read(self, ids: Sequence[str]) -> Mapping[str, Offer | None]:
        if not ids:
            return {}
        known = await self._items.read(self._tenant, self._catalogue, ids, with_tags=self._query.with_tags)
        # The catalogue is kept between questions; what it says of times is judged at each.
        return {id_: offer.at(self._now) for id_ in ids if (offer := known.get(id_)) is not None}


def _holds_any(ranking: Ranking) -> bool:
    return bool(ranking.near or ranking.repeats or ranking.introduced or ranking.popular or ranking.newest)


def bought_ids(likes: Likes) -> list[str]:
    """What of it was bought, in its order."""
    return [id_ for id_, bought in zip(likes.product_ids, likes.bought.tolist(), strict=True) if bought]


def _title(offer: Offer | None, id_: str) -> str:
    return offer.title if offer else id_
