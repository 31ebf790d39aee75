"""Reads one ranking (cypher/recommend/rank_products.cypher); implements ``Ranker``."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from app.domain.evidence import Like
from app.domain.models import OFFERED
from app.domain.recommendation import (
    LeftOut,
    Membership,
    Near,
    Offer,
    Popular,
    Ranking,
    RankingQuery,
    Repeat,
    RunStamp,
    Seed,
)
from app.graph.database import Database, Row
from app.graph.times import from_optional_ms
from app.settings import Settings

REACH = 3
"""Near products looked at for each that is kept, since popularity moves some of them down."""
WIDE_REACH = 20_000
"""Near products looked at when rules may drop most of them."""


RANKINGS_AT_ONCE = 16
"""More at a time only wait for the server's processors, and each holds its memory meanwhile."""


class GraphRanker:
    """Likes x similar products, repeats and popular ones, behind the consent gate, in one statement."""

    def __init__(self, db: Database, settings: Settings) -> None:
        self._db = db
        self._fixed = {
            "decay_days": settings.decay_days,
            "history_size": settings.history_size,
            "far_reaching_likes": settings.far_reaching_likes,
            "session_ms": round(settings.session_minutes * 60_000),
            "rhythm_min_share": settings.rhythm_min_share,
            "offered": list(OFFERED),
            "context_weight": 1.0,
            "genre_weight": settings.microgenre_weight,
        }
        self._pool_size = settings.pool_size
        self._places = asyncio.Semaphore(RANKINGS_AT_ONCE)

    async def rank(self, tenant: str, query: RankingQuery, now: datetime, known: str | None) -> Ranking:
        """Rank in one read; with empty lists when the stamp still is ``known``."""
        async with self._places:
            rows = await self._read(tenant, query, now, known)
        return _ranking(rows[0])

    def _rows(self, query: RankingQuery) -> int:
        """Rows kept a source; twice the places, as what rounding makes equal is sorted anew."""
        if query.places is not None:
            return min(2 * query.places, self._pool_size)
        return 10 * self._pool_size if query.with_rules else self._pool_size

    async def _read(self, tenant: str, query: RankingQuery, now: datetime, known: str | None) -> list[Row]:
        return await self._db.read(
            "recommend/rank_products",
            tenant=tenant,
            now=now,
            now_ms=round(now.timestamp() * 1000),
            known=known,
            identity_id=query.identity_id,
            session_id=query.session_id,
            voice_id=query.voice_id,
            context_ids=list(query.context_ids),
            purpose=query.purpose,
            likes_weight=float("similar" in query.sources),
            session_weight=float("session" in query.sources),
            use_history=bool(set(query.sources) - {"repeat", "popular"}),
            use_peers="peers" in query.sources,
            use_community="community" in query.sources,
            use_genre="microgenre" in query.sources,
            use_repeat="repeat" in query.sources,
            use_popular="popular" in query.sources,
            exclude_ids=list(query.exclude_ids),
            reach=WIDE_REACH if query.with_rules else REACH * self._rows(query),
            pool_size=self._rows(query),
            places=query.places,
            tag_ids=list(query.tag_ids),
            tag_names=list(query.tag_names),
            brand_ids=list(query.brand_ids),
            with_tags=query.with_tags,
            explain=query.explain,
            full_price=query.objective == "full_price",
            without=_without(query.left_out),
            **self._fixed,
        )


def _without(left_out: LeftOut) -> dict[str, Any]:
    """What the statement leaves out; a like that would not be there weighs nothing."""
    gone: dict[str, Like | None] = dict.fromkeys(left_out.product_ids)
    return {
        "likes": {id_: _like(like) for id_, like in {**left_out.likes, **gone}.items()} or None,
        "product_ids": list(left_out.product_ids),
        "interaction_ids": list(left_out.interaction_ids),
        "community": left_out.community,
    }


def _like(like: Like | None) -> dict[str, Any]:
    if like is None:
        return {"weight": 0.0, "full_price_weight": 0.0, "purchases": 0, "last_at": None, "last_bought_at": None}
    return {
        "weight": like.weight,
        "full_price_weight": like.full_price_weight,
        "purchases": like.purchases,
        "last_at": like.last_at,
        "last_bought_at": like.last_bought_at,
    }


def _ranking(row: Row) -> Ranking:
    return Ranking(
        stamp=row["stamp"],
        granted=row["granted"],
        run=_run(row),
        seeds=tuple(
            Seed(seed["id"], seed["title"], seed["bought"], seed["kind"], seed["via"] or None) for seed in row["seeds"]
        ),
        near=tuple(
            Near(
                _offer(near["product"]),
                near["score"],
                near["session_score"],
                _parts(near["parts"]),
                near["peers_score"],
                near["community_score"],
                near["genre_score"],
                near["popular_score"],
            )
            for near in row["near"]
        ),
        repeats=tuple(
            Repeat(_offer(repeat["product"]), repeat["score"], repeat["via"] or None) for repeat in row["repeats"]
        ),
        popular=tuple(Popular(_offer(one["product"]), one["score"], one["anchor"]) for one in row["popular"]),
        communities=tuple(Membership(one["id"], one["label"], one["strength"]) for one in row["communities"]),
        kind=row["kind"],
        members=tuple(row["members"]),
    )


def _run(row: Row) -> RunStamp | None:
    if row["run"] is None:
        return None
    return RunStamp(row["run"], row["model_version"], from_optional_ms(row["run_finished_ms"]))


def _offer(product: dict[str, Any]) -> Offer:
    return Offer(
        id=product["id"],
        title=product["title"] or product["id"],
        brand=product["brand"],
        category=product["category"],
        price=product["price"],
        tags=frozenset(product["tags"]),
    )


def _parts(parts: Sequence[Sequence[Any]]) -> tuple[tuple[int, float], ...]:
    return tuple((place, part) for place, part in parts)
