"""Generated crowds with communities, seen through the API; a promise about figures is tried on what it says."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

import httpx2
from hypothesis import strategies as st

from app.domain.keys import KeyRequest
from app.graph.audit import AuditTrail
from app.graph.database import Database
from app.graph.keys import KeyGraph
from app.services.keys import create_key
from tests.graph.shop import HASHER
from tests.graph.taste import Taste

K = 6
COMMUNITIES = ("c1", "c2", "c3")
SHELVES = {"meow": (("cat food", "g1"), ("cat toy", "g1")), "woof": (("bone", "g2"), ("leash", "g2"))}
PRODUCTS = tuple(product for shelf in SHELVES.values() for product, _ in shelf)
GENRES = {product: genre for shelf in SHELVES.values() for product, genre in shelf}
BRANDS = {product: brand for brand, shelf in SHELVES.items() for product, _ in shelf}

_numbers = count(1)


@dataclass(frozen=True)
class Kind:
    """So many people who belong to the same communities and buy the same."""

    communities: frozenset[str]
    products: frozenset[str]
    number: int


kinds = st.builds(
    Kind,
    st.frozensets(st.sampled_from(COMMUNITIES), min_size=1),
    st.frozensets(st.sampled_from(PRODUCTS)),
    st.integers(1, 8 * K),
)
crowds = st.lists(kinds, min_size=1, max_size=5)


class Gallery:
    """A tenant in which each case is a run of its own, and a key to look at it."""

    def __init__(self, db: Database, tenant: str, client: httpx2.AsyncClient) -> None:
        self._db, self.tenant, self._client = db, tenant, client
        self._key: dict[str, str] = {}

    async def opens(self) -> None:
        """Make the key and fill the shelves."""
        issued = await create_key(KeyGraph(self._db, AuditTrail(HASHER)), self.tenant, KeyRequest(("insight",)))
        self._key = {"X-API-Key": issued.token}

    async def shows(self, crowd: Sequence[Kind]) -> dict[str, Any]:
        """Let a crowd be learned from in a new run; all that the API says of it, by path."""
        number = next(_numbers)
        taste = await Taste.begins(self._db, self.tenant, f"run-{number:09}")
        await taste.finds(*COMMUNITIES)
        await taste.forms(*set(GENRES.values()))
        for brand, shelf in SHELVES.items():
            await taste.stocks(brand, *(product for product, _ in shelf), genre=shelf[0][1])
        named = [[f"{number}-{place}-{one}" for one in range(kind.number)] for place, kind in enumerate(crowd)]
        pairs = list(zip(crowd, named, strict=True))
        await taste.learns_from(
            {id_: dict.fromkeys(kind.communities, 1 / len(kind.communities)) for kind, ids in pairs for id_ in ids}
        )
        for kind, ids in pairs:
            if kind.products:
                await taste.buy(ids, *kind.products)
        for community in COMMUNITIES:
            for target in (*set(GENRES.values()), *SHELVES):
                if (support := len_of(crowd, community, target)) >= K:  # the job for them writes no others
                    await taste.matches(community, target, 2.0, support)
        await taste.draws(K)
        return {path: await self._read(path) for path in PATHS}

    async def _read(self, path: str) -> Any:
        answer = await self._client.get(f"/v1/{path}", headers=self._key)
        assert answer.status_code in (200, 404), answer.text
        return answer.json() if answer.status_code == 200 else None


PATHS = (
    *("communities", "matches"),
    *(f"communities/{community}" for community in COMMUNITIES),
    *(f"communities/{community}/history" for community in COMMUNITIES),
    *(f"brands/{brand}/{question}" for brand in SHELVES for question in ("facets", "niches")),
)


def len_of(crowd: Sequence[Kind], community: str, target: str | None = None) -> int:
    """How many of a community there are, or buy something of a microgenre, a brand or a product."""
    return sum(
        kind.number
        for kind in crowd
        if community in kind.communities
        and (target is None or any(target in (p, GENRES[p], BRANDS[p]) for p in kind.products))
    )


def figures_in(said: Any, path: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield every figure of an answer, with its path."""
    match said:
        case {"value": _, "low": _, "high": _, "n": _, "note": _}:
            yield path, said
        case dict():
            for name, part in said.items():  # pyright: ignore[reportUnknownVariableType]
                yield from figures_in(part, f"{path}/{name}")
        case list():
            for place, part in enumerate(said):  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
                yield from figures_in(part, f"{path}/{_name_of(part) or place}")
        case _:
            return


def people_in(said: Any, path: str = "") -> Iterator[tuple[str, int]]:
    """Yield every number of people of an answer, with its path; those of structure and overlap count products."""
    match said:
        case dict():
            for name, part in said.items():  # pyright: ignore[reportUnknownVariableType]
                if name in ("size", "members", "n") and isinstance(part, int):
                    yield f"{path}/{name}", part
                elif name not in ("density", "conductance", "core_share", "stayed_share", "overlap"):
                    yield from people_in(part, f"{path}/{name}")
        case list():
            for place, part in enumerate(said):  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
                yield from people_in(part, f"{path}/{_name_of(part) or place}")
        case _:
            return


def _name_of(part: Any) -> str | None:
    """What tells one of a list from the others, whatever its place."""
    if not isinstance(part, dict):
        return None
    names = ("community_id", "kind", "id", "from_id", "from_value", "run")
    return " ".join(str(part[name]) for name in names if name in part) or None  # pyright: ignore[reportUnknownArgumentType]
