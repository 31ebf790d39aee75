"""Use case: identifiers are given, and one identity is meant, or nobody."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from app.domain import clock
from app.domain.hashing import Hasher, identify
from app.domain.identifiers import normalise
from app.domain.identity_rules import IdentityRules
from app.domain.models import GivenIdentifier, Identifier, Interaction
from app.domain.orders import NAMED
from app.domain.resolution import NAMING, Candidate, Evidence, Resolution, resolve


class IdentifierStore(Protocol):
    """Where identifiers are kept."""

    async def find(
        self, tenant: str, digests: Sequence[str], unique_types: Sequence[str], now: datetime
    ) -> Mapping[str, tuple[Candidate, ...]]:
        """Candidates by digest in one read; with each the types among ``unique_types`` that it is known by."""
        ...

    async def sharing(self, tenant: str, identity_ids: Sequence[str], now: datetime) -> frozenset[str]:
        """Those of some identities that use a login which others use, too."""
        ...


class Rules(Protocol):
    """Knows how a tenant judges identifiers."""

    async def read(self, tenant: str) -> IdentityRules:
        """The rules of a tenant."""
        ...


class IdentityResolver:
    """Says whom identifiers name; the only place that decides it. One read a batch, whatever its size."""

    def __init__(self, store: IdentifierStore, rules: Rules, hasher: Callable[[str], Hasher]) -> None:
        self._store = store
        self._rules = rules
        self._hasher = hasher

    async def resolve_one(self, tenant: str, given: Iterable[GivenIdentifier]) -> Resolution:
        """Resolve the identifiers of one subject; nobody when there is doubt."""
        return (await self.resolve(tenant, [tuple(given)]))[0]

    async def resolve(self, tenant: str, subjects: Sequence[Sequence[GivenIdentifier]]) -> list[Resolution]:
        """Resolve each subject's identifiers by themselves, in their order."""
        rules = await self._rules.read(tenant)
        hasher = self._hasher(tenant)
        known = {one: identify(hasher, rules, one.type, one.value) for given in subjects for one in given}
        found = await self._find(tenant, list(known.values()), rules)
        evidence = {one: _evidence(identifier, rules, found) for one, identifier in known.items()}
        return [resolve([evidence[one] for one in given], rules.min_confidence) for given in subjects]

    async def name(self, tenant: str, interactions: Sequence[Interaction]) -> Sequence[Interaction]:
        """Say whose interactions these are that came with identifiers; the others pass as they are.

        Where there is doubt it is the anonymous identity of the session, of the cookie, or of the one event. Whoever
        shares a login with others is a hint for a session, no more: whose it is shows in what is done in it.
        """
        unnamed = [one for one in interactions if one.identifiers]
        if not unnamed:
            return interactions
        rules = await self._rules.read(tenant)
        resolutions = await self.resolve(tenant, [one.identifiers for one in unnamed])
        in_sessions = {
            resolution.identity_id
            for one, resolution in zip(unnamed, resolutions, strict=True)
            if one.session_id is not None and resolution.identity_id is not None
        }
        hints = await self._store.sharing(tenant, sorted(in_sessions), clock.now()) if in_sessions else frozenset[str]()
        named = iter(
            self._named(tenant, one, resolution.identity_id, rules, hints)
            for one, resolution in zip(unnamed, resolutions, strict=True)
        )
        return [next(named) if one.identifiers else one for one in interactions]

    def _named(
        self, tenant: str, one: Interaction, identity_id: str | None, rules: IdentityRules, hints: frozenset[str]
    ) -> Interaction:
        """Return the event with whose it is."""
        if identity_id is not None and one.account_id is None and (one.session_id is None or identity_id not in hints):
            return replace(one, identity_id=identity_id, identifiers=(), trust=NAMED)
        return replace(one, identity_id=self._anonymous(tenant, one, rules), hinted_id=identity_id, identifiers=())

    async def _find(
        self, tenant: str, known: Sequence[Identifier], rules: IdentityRules
    ) -> Mapping[str, tuple[Candidate, ...]]:
        """Look up what may name somebody, under every key; nothing else need be asked."""
        naming = [one for one in known if not one.blocked and rules.class_of(one.type) in NAMING]
        if not naming:
            return {}
        digests = dict.fromkeys(digest for one in naming for digest in (one.digest, *one.other_digests))
        unique_types = {one.type for one in naming if rules.class_of(one.type) == "unique"}
        return await self._store.find(tenant, list(digests), sorted(unique_types), clock.now())

    def _anonymous(self, tenant: str, interaction: Interaction, rules: IdentityRules) -> str:
        """Whose it is when nobody is named: the session's, else the browser's, else nobody's else."""
        if interaction.session_id is not None:
            return interaction.identity_id
        hasher = self._hasher(tenant)
        for one in interaction.identifiers:
            if rules.class_of(one.type) == "ephemeral" and not identify(hasher, rules, one.type, one.value).blocked:
                return f"anonymous:{hasher.subject(f'anonymous:{one.type}', normalise(one.type, one.value))}"
        return interaction.identity_id


def _evidence(identifier: Identifier, rules: IdentityRules, found: Mapping[str, tuple[Candidate, ...]]) -> Evidence:
    """Join what was found under the digests of one value."""
    candidates: dict[str, Candidate] = {}
    for digest in (identifier.digest, *identifier.other_digests):
        for one in found.get(digest, ()):
            same = candidates.get(one.identity_id, one)
            candidates[one.identity_id] = replace(one, confidence=max(one.confidence, same.confidence))
    return Evidence(
        type=identifier.type,
        digest=identifier.digest,
        class_=rules.class_of(identifier.type),
        blocked=identifier.blocked,
        cap=rules.cap_of(identifier.type),
        candidates=tuple(candidates.values()),
    )
