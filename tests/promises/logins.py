"""A login that several use, with generated habits and sessions, for the shop in which promises are tried."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

from hypothesis import strategies as st

from app.domain import clock
from app.domain.models import Consent, Identity, Interaction
from app.domain.recommendation import Recommendation
from app.graph.audit import AuditTrail
from app.graph.claims import ClaimGraph
from app.graph.shared_sessions import SharedSessionGraph
from app.recommend.attribution import Habits
from app.recommend.habits import Portrait
from app.recommend.session import SessionQuestion, Who
from app.services.shared_sessions import Attributor
from tests.graph.shop import HASHER
from tests.promises.world import PRODUCTS, TASTES, World

THRESHOLD = 0.8
_numbers = count(1)


@dataclass(frozen=True, slots=True)
class User:
    """One of those who use a login."""

    may_be_named: bool
    taste: str | None
    """What it is known by; None before a refresh has looked at it."""
    also_private: bool = True
    """Whether it consents to be shown what it likes."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A session on the login."""

    product_ids: tuple[str, ...]
    hinted: int | None = None
    """Place of the user whom the page takes it for."""
    refuses: bool = False
    """The visitor denies to be linked."""


users = st.builds(User, st.sampled_from((True, True, False)), st.sampled_from((*TASTES, None)), st.booleans())
families = st.lists(users, min_size=2, max_size=4)
visits = st.builds(
    Visit,
    st.sampled_from(tuple(TASTES)).flatmap(
        lambda taste: st.lists(st.sampled_from((*TASTES[taste], *PRODUCTS)), min_size=1, max_size=4, unique=True)
    ).map(tuple),
    st.sampled_from((None, None, 0, 1)),
    st.sampled_from((False, False, False, True)),
)  # fmt: skip


class Login:
    """A login of one case."""

    def __init__(self, world: World) -> None:
        self.world, self.id = world, world.name("login")
        self.users: list[str] = []
        rules, audit = world.settings.evidence_rules, AuditTrail(HASHER)
        self.graph = SharedSessionGraph(world.db, audit, rules, THRESHOLD, 30)
        self.attributor = Attributor(self.graph, THRESHOLD)
        self.claims = ClaimGraph(world.db, audit, rules)

    async def opens(self, family: Sequence[User]) -> None:
        """Let the users exist, consent, and be known by their taste in the active run."""
        self.users = [f"{self.id}-user-{place}" for place in range(len(family))]
        await self.world.knows(*(Identity(id_, "personal", account_id=self.id) for id_ in self.users))
        for id_, user in zip(self.users, family, strict=True):
            if user.may_be_named:
                await self.world.grants(id_, purposes=("link_identities",))
            if user.also_private:
                await self.world.grants(id_, purposes=("personalise_content",))
            if user.taste is not None:
                await self._is_known_by(id_, TASTES[user.taste])

    async def _is_known_by(self, identity_id: str, product_ids: Sequence[str]) -> None:
        """As a refresh keeps it; who may not be named is known, too: nothing of that must show."""
        habits = Habits({"product": dict.fromkeys(product_ids, 3.0)}, {"product": -2.0})
        await self.world.query(
            "MATCH (run:Run {tenant: $tenant, active: true}) MATCH (i:Identity {tenant: $tenant, id: $id}) "
            "MERGE (run)-[known:KNOWS_HABITS]->(i) SET known.portrait = $portrait",
            id=identity_id,
            portrait=Portrait(habits, 10.0).to_json(),
        )

    async def visited(self, visit: Visit) -> str:
        """Do what is done in a session that has ended; its id."""
        session_id = f"{self.id}-session-{next(_numbers)}"
        if visit.refuses:
            await self.world.knows(Identity(f"session:{session_id}", "anonymous"))
            await self.world.says(f"session:{session_id}", _denial())
        await self.world.saw(*self.events(session_id, visit))
        return session_id

    def events(self, session_id: str, visit: Visit) -> list[Interaction]:
        hinted = self.users[visit.hinted] if visit.hinted is not None else None
        return [
            self.world.event(
                "purchase",
                f"session:{session_id}",
                id_,
                days_ago=1 - place / 1000,
                session_id=session_id,
                account_id=self.id,
                hinted_id=hinted,
            )
            for place, id_ in enumerate(visit.product_ids)
        ]

    async def who(self, session_id: str) -> Who:
        return await self.attributor.find(self.world.tenant, SessionQuestion(session_id, self.id))

    async def settles(self, session_id: str) -> None:
        await self.graph.settle_one(self.world.tenant, session_id)

    async def owner(self, session_id: str) -> str | None:
        """Whose the session is, as it stands on its edge."""
        rows = await self.world.query(
            "MATCH (:Session {tenant: $tenant, id: $id})-[:ATTRIBUTED_TO]->(i) RETURN i.id AS id", id=session_id
        )
        assert len(rows) <= 1
        return rows[0]["id"] if rows else None

    async def liked(self) -> dict[str, dict[str, int]]:
        """How often each user was seen with each product."""
        return {
            id_: {product: like["count"] for product, like in (await self.world.likes(id_)).items()}
            for id_ in self.users
        }

    async def told(self) -> dict[str, Recommendation]:
        return {id_: await self.world.told(id_) for id_ in self.users}


def _denial() -> Consent:
    return Consent(World.name("record"), "link_identities", "denied", clock.now())
