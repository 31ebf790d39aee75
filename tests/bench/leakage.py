"""Does learning leak between siblings? An experiment on the real crowd: `python -m tests.bench.leakage`.

Each of so many identities gets a sibling who likes some of the same things, so that learning could connect the two, and
who buys 50 products that nobody else has. After a refresh the identity's ten best places are compared with those of
before. Then the sibling becomes somebody else's, everything else stays as it is, and after another refresh the same is
compared again: now the same plants are a stranger's. If learning minded who is whose, the two would differ. A product
needs only one buyer to be learned from here, else no plant could travel at all; to keep that small, an identity's 80
strongest likes are learned from and a product has 20 edges at most. Grants at the end show that the experiment would
notice: they are what a merge of the two would have done to the same places.
"""

import argparse
import asyncio
import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray
from pydantic import SecretStr

from app.cli.progress import Bars
from app.domain.grants import GrantRequest
from app.domain.hashing import Hasher
from app.domain.links import seen_link
from app.domain.models import Consent, Identifier, Identity, Interaction, Line, Product, Purpose
from app.domain.recommendation import RecommendationRequest
from app.embedded import throwaway_server
from app.graph.audit import AuditTrail
from app.graph.consents import ConsentGraph
from app.graph.database import Database
from app.graph.descriptions import DescriptionGraph
from app.graph.event_writer import EventWriter
from app.graph.grants import GrantGraph
from app.graph.identities import IdentityGraph
from app.graph.links import LinkGraph
from app.graph.products import ProductGraph
from app.graph.ranking import GraphStores
from app.graph.tombstones import Tombstones
from app.jobs.refresh import refresh
from app.opening import open_database
from app.services.grants import give_grant
from app.services.recommend import NoLog, Recommender
from app.settings import Settings
from seed.load import load_seed
from seed.story import story_identities

TENANT = "demo"
PLANTS = 50
COPIED = 20
PLACES = 10
RESAMPLES = 10_000
CAST = frozenset(identity.id for identity in story_identities(lambda type_, value: Identifier(type_, "")))
"""They have siblings of their own already."""

Answers = Mapping[str, tuple[str, ...]]
"""Products of the ten best places by identity."""


@dataclass(frozen=True, slots=True)
class Pair:
    """An identity and who is planted beside it."""

    target: str
    planter: str
    person: str
    copied: tuple[str, ...]
    """What both like."""

    @property
    def plants(self) -> tuple[str, ...]:
        return tuple(f"{self.planter}-plant-{place}" for place in range(PLANTS))


@dataclass(frozen=True, slots=True)
class Leakage:
    """What came of it; places are shares of the ten best."""

    pairs: int
    households: int
    changed_by_sibling: float
    """Share of places that differ from those before the planting, when the planter is a sibling."""
    changed_by_stranger: float
    planted_by_sibling: float
    """Share of places that planted products took."""
    planted_by_stranger: float
    changed_by_grant: float
    """... when the planter grants the identity what it likes: what a merge would do."""
    difference: float
    """Sibling less stranger, of the changed shares."""
    low: float
    high: float
    """95 % interval of the difference, by bootstrap over the pairs."""


async def experiment(db: Database, settings: Settings, households: int, pairs: int, seed: int) -> Leakage:
    """Load, plant, refresh and compare."""
    progress = Bars()
    lab = Laboratory(db, settings)
    await load_seed(db, settings, tenant=TENANT, households=households, progress=progress)
    await refresh(db, settings, TENANT, progress=progress)
    chosen = await lab.choose(pairs, np.random.default_rng(seed))
    before = await lab.ask(chosen)
    await lab.plant(chosen)
    await lab.link(chosen, [pair.person for pair in chosen])
    await refresh(db, settings, TENANT, progress=progress)
    beside = await lab.ask(chosen)
    await lab.link(chosen, [pair.person for pair in (*chosen[1:], chosen[0])])
    await refresh(db, settings, TENANT, progress=progress)
    afar = await lab.ask(chosen)
    await lab.grant(chosen)
    granted = await lab.ask(chosen)
    sibling, stranger = _changed(chosen, before, beside), _changed(chosen, before, afar)
    low, high = _interval(sibling - stranger, np.random.default_rng(seed))
    return Leakage(
        pairs=len(chosen),
        households=households,
        changed_by_sibling=float(sibling.mean()),
        changed_by_stranger=float(stranger.mean()),
        planted_by_sibling=_planted(chosen, beside),
        planted_by_stranger=_planted(chosen, afar),
        changed_by_grant=float(_changed(chosen, afar, granted).mean()),
        difference=float((sibling - stranger).mean()),
        low=low,
        high=high,
    )


def _changed(pairs: Sequence[Pair], before: Answers, after: Answers) -> NDArray[np.float64]:
    """Share of places by pair that show another product than before."""
    return np.array(
        [
            sum(old != new for old, new in zip(before[pair.target], after[pair.target], strict=True)) / PLACES
            for pair in pairs
        ]
    )


def _planted(pairs: Sequence[Pair], answers: Answers) -> float:
    return sum(len(set(pair.plants) & set(answers[pair.target])) for pair in pairs) / len(pairs) / PLACES


def _interval(differences: NDArray[np.float64], chance: np.random.Generator) -> tuple[float, float]:
    drawn = chance.integers(len(differences), size=(RESAMPLES, len(differences)))
    low, high = np.quantile(differences[drawn].mean(axis=1), (0.025, 0.975))
    return float(low), float(high)


class Laboratory:
    """The hands of the experiment: everything goes the way that a shop's own data goes."""

    def __init__(self, db: Database, settings: Settings) -> None:
        def hasher(tenant: str) -> Hasher:
            return Hasher(tenant, {1: b"only for this experiment, not a secret"})

        audit, tombstones = AuditTrail(hasher), Tombstones(hasher)
        self._settings = settings
        self._describe = DescriptionGraph(db, settings.evidence_rules)
        self._products = ProductGraph(db)
        self._people = IdentityGraph(db, hasher)
        self._consents = ConsentGraph(db, tombstones, audit)
        self._links = LinkGraph(db, audit, hasher)
        self._grants = GrantGraph(db, audit)
        self._writer = EventWriter(db, tombstones, settings.evidence_rules, settings.commit_lines)
        self._recommender = Recommender(GraphStores(db, settings), settings, NoLog())
        self._db = db
        self._now = datetime.now(UTC)

    async def choose(self, pairs: int, chance: np.random.Generator) -> list[Pair]:
        """Cards of the crowd at random, among those that like enough."""
        rows = await self._db.read("refresh/find_identity_page", tenant=TENANT, after="", limit=100_000)
        ids = sorted(row["id"] for row in rows)
        found: list[Pair] = []
        for place in chance.permutation(len(ids)).tolist():
            likes = await self._describe.read_likes(TENANT, ids[place], self._now, COPIED)
            if len(likes) == COPIED and ids[place] not in CAST:
                number = len(found)
                copied = tuple(like.product_id for like in likes)
                found.append(Pair(ids[place], f"planter-{number}", f"person-{number}", copied))
            if len(found) == pairs:
                break
        return found

    async def plant(self, pairs: Sequence[Pair]) -> None:
        """Let each planter like what the identity likes, and buy 50 things that nobody else has."""
        products = [Product(plant, plant, product_type="plants") for pair in pairs for plant in pair.plants]
        await self._products.upsert(TENANT, products)
        planters = [Identity(pair.planter, "personal") for pair in pairs]
        await self._people.upsert(TENANT, planters, "cli")
        asked: tuple[Purpose, ...] = ("personalise_content", "model_training", "household_share")
        targets = [(pair.target, "household_share") for pair in pairs]
        wanted = [*((pair.planter, purpose) for pair in pairs for purpose in asked), *targets]
        at = self._now - timedelta(days=30)
        records = [(id_, Consent(f"leak-{id_}-{p}", p, "granted", at)) for id_, p in wanted]  # pyright: ignore
        await self._consents.append(TENANT, records)
        async with self._writer as writer:
            await writer.append(TENANT, [event for pair in pairs for event in self._events(pair)])

    def _events(self, pair: Pair) -> list[Interaction]:
        at = self._now - timedelta(days=3)
        same = Interaction(f"{pair.planter}-same", "purchase", pair.planter, at, tuple(map(Line, pair.copied)))
        own = [Interaction(f"{one}-bought", "purchase", pair.planter, at, (Line(one),)) for one in pair.plants]
        return [same, *own]

    async def link(self, pairs: Sequence[Pair], persons: Sequence[str]) -> None:
        """Let each identity have its person and each planter one of ``persons``; earlier links of planters end."""
        now = datetime.now(UTC)
        for pair in pairs:
            for link in await self._links.list_links(TENANT, pair.planter, "", 10):
                await self._links.end(TENANT, str(link.id), now, "cli")
        seen = datetime.now(UTC)
        theirs = [seen_link("person_identity", pair.person, pair.target, "leakage", seen) for pair in pairs]
        planted = zip(pairs, persons, strict=True)
        both = [*theirs, *(seen_link("person_identity", who, pair.planter, "leakage", seen) for pair, who in planted)]
        await self._links.add_all(TENANT, both, "cli")

    async def grant(self, pairs: Sequence[Pair]) -> None:
        """Let each identity use what its planter likes."""
        for pair in pairs:
            asked = GrantRequest(pair.planter, pair.target, ("personalise_content",), self._now + timedelta(days=9))
            await give_grant(self._grants, TENANT, asked, self._now, "cli")

    async def ask(self, pairs: Sequence[Pair]) -> Answers:
        """The ten best places of each identity, all as of one moment."""
        found: dict[str, tuple[str, ...]] = {}
        for pair in pairs:
            request = RecommendationRequest(identity_id=pair.target, limit=PLACES)
            answer = await self._recommender.answer(TENANT, request, self._now)
            found[pair.target] = tuple(item.product_id for item in answer.items)
        return found


@asynccontextmanager
async def _throwaway(arguments: argparse.Namespace) -> AsyncGenerator[tuple[Database, Settings]]:
    """A database for the experiment, on which one buyer is enough to learn from."""
    with TemporaryDirectory(prefix="plural-leakage-") as home, throwaway_server(progress=Bars()) as server:
        settings = Settings.load(
            home=home,
            neo4j_uri=server.bolt_uri,
            neo4j_user=server.user,
            neo4j_password=SecretStr(server.password),
            similar_min_likers=arguments.min_likers,
            similar_per_product=20,
            likes_per_identity=80,
            query_timeout_seconds=300,
        )
        async with open_database(settings) as db:
            yield db, settings


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.leakage", description=__doc__)
    parser.add_argument("--pairs", type=int, default=200, help="identities with a sibling; 200 unless given")
    parser.add_argument("--households", type=int, default=500, help="of the demo's crowd; 500 unless given")
    parser.add_argument("--min-likers", type=int, default=1, help="PLURAL_SIMILAR_MIN_LIKERS; 1 unless given")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here")
    return parser.parse_args()


async def _run(arguments: argparse.Namespace) -> Leakage:
    async with _throwaway(arguments) as (db, settings):
        return await experiment(db, settings, arguments.households, arguments.pairs, arguments.seed)


def main() -> None:
    """Run the experiment and print what came of it."""
    arguments = _arguments()
    found = asyncio.run(_run(arguments))
    for name, value in asdict(found).items():
        print(f"{name:<22}{value if isinstance(value, int) else f'{value:.4%}'}")
    if arguments.json:
        arguments.json.write_text(json.dumps(asdict(found), indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
