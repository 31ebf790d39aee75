"""Use case: links that linkage proposes wait for somebody to accept or reject them; both can be undone."""

from collections.abc import Sequence
from typing import Protocol

from app.domain.errors import NotFoundError
from app.domain.identity_rules import IdentityRules
from app.domain.proposals import (
    LinkProposal,
    ProposalKind,
    ProposalStatus,
    Use,
    without_duplicates,
)
from app.services.links import RulesReader


class ProposalStore(Protocol):
    """Where proposals are kept."""

    async def propose(self, tenant: str, proposals: Sequence[LinkProposal], actor: str) -> tuple[int, int]:
        """Keep proposals between identities that consent now; how many are open, and how many were decided before."""
        ...

    async def read(
        self, tenant: str, status: ProposalStatus, kind: ProposalKind | None, below: float, after: str, limit: int
    ) -> list[LinkProposal]:
        """Proposals of a status by falling probability, those behind ``below`` and ``after``."""
        ...

    async def read_among(self, tenant: str, ids: Sequence[str]) -> list[LinkProposal]:
        """Proposals of persons among identities that consent now, accepted and open ones."""
        ...

    async def find(self, tenant: str, proposal_id: str) -> LinkProposal | None:
        """One proposal by its id."""
        ...

    async def decide(
        self, tenant: str, proposal_id: str, status: ProposalStatus, rules: IdentityRules, actor: str
    ) -> LinkProposal | None:
        """Decide a proposal, and bring the links of all that hangs together with it up to date, in one commit.

        ``None`` without a proposal. ``ConflictError`` when accepting it contradicts what is known.
        """
        ...


class ProposalBook:
    """What linkage proposes, and what was decided."""

    def __init__(self, store: ProposalStore, rules: RulesReader) -> None:
        self._store = store
        self._rules = rules

    async def propose(self, tenant: str, proposals: Sequence[LinkProposal], actor: str) -> tuple[int, int]:
        """Keep proposals; how many are open now, and how many had been decided and stay so."""
        return await self._store.propose(tenant, proposals, actor)

    async def read(
        self, tenant: str, status: ProposalStatus, kind: ProposalKind | None, after: str | None, limit: int
    ) -> list[LinkProposal]:
        """Proposals of a status, the most likely first, those behind the one with the id ``after``.

        Raises ``NotFoundError`` when that one is not there.
        """
        last = None if after is None else await self._find(tenant, after)
        below, behind = (2.0, "") if last is None else (last.probability, last.id)
        return await self._store.read(tenant, status, kind, below, behind, limit)

    async def accept(self, tenant: str, proposal_id: str, actor: str) -> LinkProposal:
        """Make one person of two identities, or one household. Raises ``NotFoundError`` and ``ConflictError``."""
        return await self._decide(tenant, proposal_id, "accepted", actor)

    async def reject(self, tenant: str, proposal_id: str, actor: str) -> LinkProposal:
        """Say that the two are not one person; the proposal does not come back. Raises ``NotFoundError``."""
        return await self._decide(tenant, proposal_id, "rejected", actor)

    async def undo(self, tenant: str, proposal_id: str, actor: str) -> LinkProposal:
        """End the links that the decision made; the proposal is open again. Raises ``NotFoundError``."""
        return await self._decide(tenant, proposal_id, "open", actor)

    async def write_once(self, tenant: str, ids: Sequence[str], use: Use) -> list[str]:
        """Of identities that are to be written to, those that are left when each person is written to once.

        Always some of ``ids``, never others.
        """
        return without_duplicates(ids, await self._store.read_among(tenant, ids), use)

    async def _find(self, tenant: str, proposal_id: str) -> LinkProposal:
        found = await self._store.find(tenant, proposal_id)
        if found is None:
            raise NotFoundError("There is no such proposal.")
        return found

    async def _decide(self, tenant: str, proposal_id: str, status: ProposalStatus, actor: str) -> LinkProposal:
        rules = await self._rules.read(tenant)
        kept = await self._store.decide(tenant, proposal_id, status, rules, actor)
        if kept is None:
            raise NotFoundError("There is no such proposal.")
        return kept
