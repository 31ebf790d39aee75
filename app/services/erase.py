"""Use case: somebody is erased; nothing beyond the list that was shown goes, and nothing of it comes back."""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol

from app.domain.erasure import Erasure, ErasurePlan, Pending, SubjectKind
from app.domain.errors import NotFoundError, UnavailableError
from app.domain.hashing import Hasher
from app.services.unfinished import Unfinished


class ErasureStore(Protocol):
    """Where people are erased from."""

    async def plan(self, tenant: str, kind: SubjectKind, id_: str) -> ErasurePlan | None:
        """All that would go; ``None`` when the tenant has nobody of that id."""
        ...

    async def begin(self, tenant: str, plan: ErasurePlan, actor: str) -> str | None:
        """Put up the tombstones and note what goes; the receipt's id, ``None`` when the plan holds no longer."""
        ...

    async def finish(self, tenant: str, erasure_id: str) -> None:
        """Remove what was noted; harmless when that is done."""
        ...

    async def find(self, tenant: str, kind: SubjectKind, id_: str) -> str | None:
        """The id of the receipt of somebody who was erased."""
        ...

    async def read(self, tenant: str, erasure_id: str) -> Erasure | None:
        """One receipt."""
        ...

    async def read_graves(self, tenant: str, erasure_id: str) -> list[str]:
        """The tombstones of an erasure, as keyed hashes."""
        ...


class OutsideLog(Protocol):
    """Where erasures are noted outside the database."""

    def note(self, graves: Mapping[tuple[str, str], Collection[str]]) -> None:
        """Note keyed hashes by tenant and erasure; they are on disk when this returns."""
        ...


class Forgetful(Protocol):
    """What keeps answers in memory."""

    def forget(self, tenant: str, identity_id: str) -> None:
        """Drop what is kept of an identity."""
        ...


@dataclass(frozen=True, slots=True)
class Preview:
    """What would go, and the word that says one has seen it."""

    plan: ErasurePlan
    confirm: str


class Eraser:
    """Erases identities, and persons and households by the explicit list of theirs."""

    def __init__(
        self, store: ErasureStore, outside: OutsideLog, *memories: Forgetful, unfinished: Unfinished | None = None
    ) -> None:
        self._store = store
        self._outside = outside
        self._memories = memories
        self._unfinished = unfinished

    async def preview(self, hasher: Hasher, kind: SubjectKind, id_: str) -> Preview:
        """Say what would go and what would stay; ``NotFoundError`` where there is nobody."""
        plan = await self._store.plan(hasher.tenant, kind, id_)
        if plan is None:
            raise NotFoundError(f"There is no such {kind}.")
        return Preview(plan, _token(hasher, plan))

    async def erase(
        self, hasher: Hasher, kind: SubjectKind, id_: str, actor: str, confirm: str | None = None
    ) -> Erasure | Preview:
        """Erase; the receipt, also of somebody who was erased before. An erasure that was broken off is finished.

        A person or household goes only with the ``confirm`` of the present list; else the present list is returned
        and nothing is changed. Raises ``NotFoundError`` for somebody who never was.
        """
        tenant = hasher.tenant
        plan = await self._store.plan(tenant, kind, id_)
        if plan is None or await self._is_under_way(tenant, plan):
            return await self._finish_earlier(tenant, kind, id_)
        preview = Preview(plan, _token(hasher, plan))
        if kind != "identity" and confirm != preview.confirm:
            return preview
        erasure_id = await self._store.begin(tenant, plan, actor)
        if erasure_id is None:  # it changed since it was looked at
            return await self.erase(hasher, kind, id_, actor, confirm)
        return await self._finish(tenant, erasure_id, plan)

    async def read(self, tenant: str, erasure_id: str) -> Erasure:
        """Return a receipt; ``NotFoundError`` when there is none of that id."""
        erasure = await self._store.read(tenant, erasure_id)
        if erasure is None:
            raise NotFoundError("There is no such erasure.")
        return erasure

    async def _is_under_way(self, tenant: str, plan: ErasurePlan) -> bool:
        """Whether an earlier erasure of the very same was broken off, or is being done right now."""
        erasure_id = await self._store.find(tenant, plan.kind, plan.id)
        erasure = await self._store.read(tenant, erasure_id) if erasure_id else None
        return erasure is not None and erasure.erased_at is None

    async def _finish_earlier(self, tenant: str, kind: SubjectKind, id_: str) -> Erasure:
        erasure_id = await self._store.find(tenant, kind, id_)
        if erasure_id is None:
            raise NotFoundError(f"There is no such {kind}.")
        await self._work_off(tenant, erasure_id)
        return await self.read(tenant, erasure_id)

    async def _note(self, tenant: str, erasure_id: str) -> None:
        """Note it outside the database before it is acknowledged, so that no backup brings anybody back."""
        graves = await self._store.read_graves(tenant, erasure_id)
        await asyncio.to_thread(self._outside.note, {(tenant, erasure_id): graves})

    async def _finish(self, tenant: str, erasure_id: str, plan: ErasurePlan) -> Erasure:
        try:
            await self._work_off(tenant, erasure_id)
        finally:
            for memory in self._memories:
                for identity in plan.identities:
                    memory.forget(tenant, identity.id)
        return await self.read(tenant, erasure_id)

    async def _work_off(self, tenant: str, erasure_id: str) -> None:
        try:
            await self._note(tenant, erasure_id)
            await self._store.finish(tenant, erasure_id)
        except UnavailableError:
            if self._unfinished is not None:
                self._unfinished.note(Pending(tenant, erasure_id))
            raise


def _token(hasher: Hasher, plan: ErasurePlan) -> str:
    """A word for one list of identities; keyed, since it travels in addresses."""
    listed = "\x1f".join((plan.kind, plan.id, *(identity.id for identity in plan.identities)))
    return hasher.subject("confirm", listed)[:32]
