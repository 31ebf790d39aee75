"""Use case: a shop's system names its customers, and passes on what they, or a shop that left, may demand by law.

Every call may come twice.
"""

from collections.abc import Callable
from typing import Protocol

from app.domain import clock
from app.domain.audit import Act
from app.domain.data_requests import DataRequest
from app.domain.hashing import Hasher, identify
from app.domain.models import Identity
from app.domain.webhooks import SHOPIFY, Customer
from app.services.erase import Eraser
from app.services.resolve_identity import IdentifierStore, IdentityResolver, Rules
from app.services.upsert_identities import IdentityStore

_DELETIONS = 5
"""So often a tenant is gone through, since others may be writing meanwhile."""


class RequestStore(Protocol):
    """Where requests wait for the shop's staff."""

    async def keep(self, tenant: str, request: DataRequest, act: Act) -> None:
        """Keep a request with its audit entry; a replay changes nothing."""
        ...

    async def note(self, tenant: str, act: Act) -> None:
        """Put into the audit log that something was asked for."""
        ...

    async def read(self, tenant: str, limit: int) -> list[DataRequest]:
        """The newest requests, newest first."""
        ...

    async def remove_tenant(self, tenant: str) -> int:
        """Remove a whole tenant, its log included; the number of nodes that went."""
        ...


class CustomerDesk:
    """Does what the webhooks ask for."""

    def __init__(
        self,
        identifiers: IdentifierStore,
        rules: Rules,
        hasher: Callable[[str], Hasher],
        eraser: Eraser,
        requests: RequestStore,
        resolver: IdentityResolver,
        identities: IdentityStore,
    ) -> None:
        self._resolver = resolver
        self._identities = identities
        self._identifiers = identifiers
        self._rules = rules
        self._hasher = hasher
        self._eraser = eraser
        self._requests = requests

    async def request_data(self, tenant: str, customer: Customer, request_id: str) -> None:
        """Leave a request for the shop's staff, who answer it from the export of the identities that it names."""
        identity_ids = await self.candidates(tenant, customer)
        request = DataRequest(f"shopify-{request_id}", clock.now(), SHOPIFY, tuple(identity_ids))
        await self._requests.keep(tenant, request, _act("customers/data_request", identity_ids))

    async def redact_customer(self, tenant: str, customer: Customer) -> int:
        """Erase the identities that a customer's own identifiers name; the number that went."""
        identity_ids = await self.candidates(tenant, customer)
        await self._requests.note(tenant, _act("customers/redact", identity_ids))
        for identity_id in identity_ids:
            await self._eraser.erase(self._hasher(tenant), "identity", identity_id, SHOPIFY)
        return len(identity_ids)

    async def customer_identity(self, tenant: str, customer: Customer) -> str | None:
        """The identity that a customer's own identifiers name; one of their own is made where they name nobody yet.

        ``None`` where there is doubt, or nothing that names anybody for good.
        """
        who = await self._resolver.resolve_one(tenant, customer.identifiers)
        if who.identity_id is not None or customer.id is None:
            return who.identity_id
        if await self.candidates(tenant, customer):
            return None
        rules, hasher = await self._rules.read(tenant), self._hasher(tenant)
        known = tuple(identify(hasher, rules, one.type, one.value) for one in customer.identifiers)
        made = Identity(f"{customer.system}-{customer.id}", "personal", identifiers=known, source=customer.system)
        await self._identities.upsert(tenant, [made], customer.system)
        return made.id

    async def redact_shop(self, tenant: str) -> None:
        """Remove a whole tenant: data, log and keys."""
        for _ in range(_DELETIONS):
            if not await self._requests.remove_tenant(tenant):
                return

    async def candidates(self, tenant: str, customer: Customer) -> list[str]:
        """The identities that are known by the customer's id, e-mail or phone themselves, by id; nobody beyond them.

        A value that is blocked, or known of more identities than its cap allows, names nobody.
        """
        rules = await self._rules.read(tenant)
        named: set[str] = set()
        for given in customer.identifiers:
            one = identify(self._hasher(tenant), rules, given.type, given.value)
            if one.blocked:
                continue
            found = await self._identifiers.find(tenant, [one.digest, *one.other_digests], [], clock.now())
            known = {candidate.identity_id for candidates in found.values() for candidate in candidates}
            if len(known) <= rules.cap_of(one.type):
                named |= known
        return sorted(named)


def _act(topic: str, identity_ids: list[str]) -> Act:
    subjects = tuple(("identity", identity_id) for identity_id in identity_ids)
    return Act(SHOPIFY, "webhook", subjects, {"topic": topic, "identities": len(identity_ids)})
