"""Use case: what a backup remembers of a graph, and that nobody comes back by its restore."""

import hashlib
import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Protocol

from app.domain.audit import Head
from app.domain.backup import Facts
from app.domain.errors import NotFoundError
from app.domain.hashing import Hasher
from app.domain.recommendation import Recommendation, RecommendationRequest
from app.services.erase import Eraser, Preview

ANSWERS = 100
_ERASED_WHOLE = ("identity", "person", "household")

Ask = Callable[[str, RecommendationRequest, datetime], Awaitable[Recommendation]]
"""Answers a tenant's request as of a moment, without a trace."""


class FactStore(Protocol):
    """The graph that is backed up, or was restored."""

    async def count(self) -> tuple[Mapping[str, int], Mapping[str, int]]:
        """Nodes by label and relationships by type."""
        ...

    async def read_heads(self) -> Mapping[str, Head]:
        """End of the audit log by tenant."""
        ...

    async def sample(self, limit: int) -> list[tuple[str, str]]:
        """Some identities, as (tenant, id)."""
        ...


class RestoredStore(Protocol):
    """The graph that was restored."""

    def list_subjects(self, tenant: str, kind: str) -> AsyncGenerator[list[str]]:
        """Yield the ids of one kind, page by page."""
        ...

    async def bury(self, tenant: str, digests: Collection[str]) -> None:
        """Put up tombstones that are not there yet."""
        ...


async def gather_facts(store: FactStore, ask: Ask, at: datetime, whose: Collection[str] | None = None) -> Facts:
    """Gather what must be equal after a restore; ``whose`` names the answers to ask for again."""
    names = [f"{tenant}/{id_}" for tenant, id_ in await store.sample(ANSWERS)] if whose is None else sorted(whose)
    answers = await fingerprint_answers(ask, names, at)
    nodes, relationships = await store.count()
    return Facts(nodes, relationships, await store.read_heads(), answers)


async def fingerprint_answers(ask: Ask, names: Collection[str], at: datetime) -> dict[str, str]:
    """SHA-256 of the answers as of a moment, by ``tenant/identity``."""
    return {name: await _fingerprint(ask, name, at) for name in names}


async def erase_again(
    store: RestoredStore, eraser: Eraser, hasher: Callable[[str], Hasher], erased: Mapping[str, Collection[str]]
) -> int:
    """Erase from a restored graph whoever is noted as erased outside of it; how many were there.

    ``erased`` holds keyed hashes by tenant. Their tombstones are put up first, for those too who are not there.
    """
    number = 0
    for tenant, digests in erased.items():
        await store.bury(tenant, digests)
        for kind in _ERASED_WHOLE:
            async for ids in store.list_subjects(tenant, kind):
                for id_ in ids:
                    if not set(digests).isdisjoint(hasher(tenant).every_subject(kind, id_)):
                        number += await erase_subject(eraser, hasher(tenant), kind, id_)
    return number


async def erase_subject(eraser: Eraser, hasher: Hasher, kind: str, id_: str) -> int:
    """Erase somebody with all that an erasure of that kind takes along; 0 where there is nobody, else 1."""
    try:
        done = await eraser.erase(hasher, kind, id_, "plural")  # pyright: ignore[reportArgumentType]
        if isinstance(done, Preview):
            await eraser.erase(hasher, kind, id_, "plural", done.confirm)  # pyright: ignore[reportArgumentType]
    except NotFoundError:  # went with another
        return 0
    return 1


async def _fingerprint(ask: Ask, name: str, at: datetime) -> str:
    tenant, _, id_ = name.partition("/")
    answer = asdict(await ask(tenant, RecommendationRequest(identity_id=id_), at))
    del answer["decision_id"]  # drawn anew each time
    return hashlib.sha256(json.dumps(answer, default=str, sort_keys=True).encode()).hexdigest()
