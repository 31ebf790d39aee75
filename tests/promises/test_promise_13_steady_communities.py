"""Promise 13: same data and seed give the same communities; ids survive a rerun."""

from collections.abc import AsyncGenerator, Sequence
from datetime import timedelta
from itertools import count
from typing import NamedTuple
from uuid import uuid4

import numpy as np
import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st

from app.domain.models import Identity, Tag
from app.domain.progress import Silent
from app.graph.database import Database
from app.jobs.communities import REMOVALS, write_communities
from app.jobs.microgenres import write_microgenres
from app.jobs.run import Run
from app.taste.communities import Members
from app.taste.values import Edges, Likes, Tagging
from tests.graph.shop import NOW, Shop
from tests.promises.examples import refreshed

PRODUCTS = tuple(f"p{number:02}" for number in range(16))
PEOPLE = tuple(f"i{number:02}" for number in range(24))
TAGS = ("tag:green", "tag:red", "tag:soft")

_numbers = count(1)


class Evidence(NamedTuple):
    """What a run learns from."""

    likes: Likes
    tagging: Tagging
    similar: Edges


def ties(rng: np.random.Generator, sources: int, targets: int, likely: float) -> Edges:
    """Weighted edges between two lists, each with this probability."""
    source, target = np.nonzero(rng.random((sources, targets)) < likely)
    return Edges(source, target, rng.choice((0.3, 0.7, 1.0), len(source)))


def gathered(seed: int, liked: float, tagged: float, alike: float) -> Evidence:
    """Evidence without any order in it: communities of chance hang on a thread, so that whatever can move them does."""
    rng = np.random.default_rng(seed)
    similar = ties(rng, len(PRODUCTS), len(PRODUCTS), alike)
    apart = similar.source != similar.target
    return Evidence(
        Likes(PEOPLE, PRODUCTS, ties(rng, len(PEOPLE), len(PRODUCTS), liked)),
        Tagging(TAGS, ties(rng, len(PRODUCTS), len(TAGS), tagged)),
        Edges(similar.source[apart], similar.target[apart], similar.weight[apart]),
    )


evidence = st.builds(
    gathered, st.integers(0, 2**32), st.floats(0, 0.6), st.sampled_from((0.0, 0.1, 0.3)), st.floats(0, 0.5)
)


class Steady(Shop):
    """A shop whose evidence each case makes anew."""

    async def opens(self) -> None:
        await self.offers(*PRODUCTS, brand="maker", tags=tuple(Tag(tag.removeprefix("tag:")) for tag in TAGS))
        await self.knows(*(Identity(id_, kind="shared") for id_ in PEOPLE))

    async def forgets(self) -> None:
        """Stand as if nothing had ever been learned."""
        for statement in REMOVALS:
            await self.db.run_long(statement, tenant=self.tenant, keep=[])
        await self.query("MATCH (run:Run {tenant: $tenant}) DETACH DELETE run")
        await self.query("MATCH (shop:Tenant {tenant: $tenant}) REMOVE shop.last_community, shop.last_genre")

    async def learns(self, learned: Evidence) -> list[str]:
        """One run over this evidence, made the active one; all that it found, without the run's own name."""
        run = Run(self.db, self.settings, self.tenant, f"run-{next(_numbers):06}", NOW, Silent())
        await self.query(
            "CREATE (:Run {tenant: $tenant, id: $run, started_at: $now, active: false})", run=run.id, now=NOW
        )
        genres = await write_microgenres(run, learned.likes, learned.tagging, learned.similar)
        await write_communities(run, learned.likes, learned.similar, genres)
        await self.db.run_long(
            "refresh/activate_run",
            tenant=self.tenant,
            run=run.id,
            now=NOW + timedelta(hours=1),
            metrics="{}",
            published_at=None,
            k=2,
        )
        return await self.found(run.id)

    async def found(self, run: str) -> list[str]:
        nodes = await self.query(
            "MATCH (n:TasteCommunity|MicroGenre {tenant: $tenant, run: $run}) RETURN n {.*, born: null} AS n", run=run
        )
        tied = await self.query(
            "MATCH (n {tenant: $tenant})-[r:AT_HOME_IN|MEMBER_OF|FAVOURS|MATCHES|IN_GENRE {run: $run}]->(m) "
            "RETURN n.id AS n, type(r) AS type, properties(r) AS r, m.id AS m",
            run=run,
        )
        rows = [sorted(row["n"].items()) for row in nodes] + [
            [row["n"], row["type"], sorted(row["r"].items()), row["m"]] for row in tied
        ]
        return sorted(repr(row).replace(run, "").replace(self.tenant, "") for row in rows)


@pytest_asyncio.fixture(scope="module")
async def shops(db: Database) -> AsyncGenerator[tuple[Steady, Steady]]:
    """Two shops of the same products and people, the second stocked the other way round."""
    pair = Steady(db, f"promise-{uuid4().hex[:12]}", k_look=2), Steady(db, f"promise-{uuid4().hex[:12]}", k_look=2)
    for shop in pair:
        await shop.opens()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("app.jobs.communities._may_be_named", all_may_be_named)  # whose noise is of each tenant
        yield pair


async def all_may_be_named(run: Run, likes: Likes, members: Members, ids: Sequence[str]) -> np.ndarray:
    return np.full(len(ids), True)


@refreshed
@given(evidence)
async def test_the_same_evidence_gives_the_same_communities(shops: tuple[Steady, Steady], learned: Evidence) -> None:
    one, other = shops
    for shop in shops:
        await shop.forgets()

    first = await one.learns(learned)

    assert await one.learns(learned) == first
    assert await other.learns(learned) == first
    kept = (
        "MATCH (:TasteCommunity {tenant: $tenant})-[e:EVOLVED_TO]->() RETURN DISTINCT e.event AS event, e.overlap AS o"
    )
    assert [tuple(row.values()) for row in await one.query(kept)] in ([], [("stayed", 1.0)])
