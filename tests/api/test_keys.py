"""No key, no answer; and a key opens its own tenant's doors of its own kind only."""

import pytest
from httpx2 import AsyncClient

from app.domain.errors import InvalidError, NotFoundError
from app.domain.keys import SCOPES, ApiKey, KeyRequest, Scope, StoredKey, check_tenant, parse_scopes
from app.graph.audit import AuditTrail
from app.graph.database import Database
from app.graph.keys import KeyGraph
from app.services.keys import KeyRing, create_key, revoke_key
from tests.api.conftest import Shop
from tests.graph.shop import HASHER

ROUTES: list[tuple[Scope, str, str, dict[str, object] | None]] = [
    ("recommend", "POST", "/v1/recommendations", {}),
    ("ingest", "POST", "/v1/events", {"events": [{}]}),
    ("ingest", "PUT", "/v1/products", {"products": [{}]}),
    ("ingest", "DELETE", "/v1/products/p1", None),
    ("recommend", "GET", "/v1/products/p1/similar", None),
    ("ingest", "PUT", "/v1/identities", {"identities": [{}]}),
    ("admin", "GET", "/v1/identities/tom", None),
    ("insight", "GET", "/v1/communities", None),
    ("insight:members", "GET", "/v1/communities/c1/members", None),
    ("ingest", "PUT", "/v1/identities/tom/consents/newsletter", {"status": "denied"}),
    ("ingest", "GET", "/v1/identities/tom/consents/newsletter", None),
]


@pytest.mark.parametrize(
    "token",
    [
        None,
        "",
        "nonsense",
        "plural_demo_0011_22",
        "plural_demo_001122334455_" + "0" * 64,
        "x" * 5000,
        "plural_démo_0_0",
    ],
)
async def test_no_valid_key_no_answer(client: AsyncClient, token: str | None) -> None:
    headers = {} if token is None else {"X-API-Key": token.encode("latin-1")}
    response = await client.post("/v1/recommendations", json={}, headers=headers)  # pyright: ignore[reportArgumentType]

    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == "ApiKey"
    assert response.json()["status"] == 401


async def test_without_a_key_not_even_the_body_is_looked_at(client: AsyncClient) -> None:
    response = await client.post("/v1/recommendations", content=b"{not json")

    assert response.status_code == 401


@pytest.mark.parametrize(("scope", "method", "path", "body"), ROUTES, ids=[f"{r[1]} {r[2]}" for r in ROUTES])
async def test_every_route_wants_its_scope(
    shop: Shop, scope: Scope, method: str, path: str, body: dict[str, object] | None
) -> None:
    others: tuple[Scope, ...] = tuple(other for other in SCOPES if other not in (scope, "admin"))
    cases: list[tuple[tuple[Scope, ...], bool]] = [((scope,), True), (("admin",), True), (others, False)]

    for scopes, allowed in cases:
        headers = {"X-API-Key": await shop.token(*scopes)}
        response = await shop.client.request(method, path, json=body, headers=headers)
        assert (response.status_code != 403) == allowed, (scopes, response.text)
        assert response.status_code != 401


async def test_a_revoked_key_is_worthless(shop: Shop, db: Database) -> None:
    store = KeyGraph(db, AuditTrail(HASHER))
    issued = await create_key(store, shop.tenant, KeyRequest(("recommend",)))
    believing = KeyRing(store, cache_seconds=0)
    assert await believing.verify(issued.token) == issued.key

    await revoke_key(store, shop.tenant, issued.key.id)

    assert await believing.verify(issued.token) is None
    response = await shop.client.post("/v1/recommendations", json={}, headers={"X-API-Key": issued.token})
    assert response.status_code == 401


async def test_a_token_that_names_another_tenant_is_worthless(shop: Shop, other_shop: Shop, db: Database) -> None:
    issued = await create_key(KeyGraph(db, AuditTrail(HASHER)), shop.tenant, KeyRequest(("admin",)))
    forged = issued.token.replace(shop.tenant, other_shop.tenant)

    assert await KeyRing(KeyGraph(db, AuditTrail(HASHER)), 5).verify(issued.token)
    assert await KeyRing(KeyGraph(db, AuditTrail(HASHER)), 5).verify(forged) is None


async def test_the_graph_holds_no_token(shop: Shop, db: Database) -> None:
    issued = await create_key(KeyGraph(db, AuditTrail(HASHER)), shop.tenant, KeyRequest(("admin",), "till"))

    stored = await KeyGraph(db, AuditTrail(HASHER)).find_key(shop.tenant, issued.key.id)
    secret = issued.token.split("_")[-1]
    assert len(secret) == 64
    assert stored is not None
    assert secret not in repr(stored)
    assert await shop.count("(k:ApiKey {tenant: $tenant} WHERE any(name IN keys(k) WHERE k[name] = $tenant))") == 1
    assert [key.label for key in await KeyGraph(db, AuditTrail(HASHER)).list_keys(shop.tenant)] == ["till"]


async def test_revoking_another_tenants_key_finds_none(shop: Shop, other_shop: Shop, db: Database) -> None:
    issued = await create_key(KeyGraph(db, AuditTrail(HASHER)), shop.tenant, KeyRequest(("admin",)))

    with pytest.raises(NotFoundError, match="no key"):
        await revoke_key(KeyGraph(db, AuditTrail(HASHER)), other_shop.tenant, issued.key.id)


async def test_a_good_key_is_believed_for_a_while() -> None:
    class CountingStore:
        asked = 0
        stored: StoredKey

        async def add_key(self, stored: StoredKey, actor: str) -> None:
            self.stored = stored

        async def find_key(self, tenant: str, key_id: str) -> StoredKey | None:
            self.asked += 1
            return self.stored

        async def list_keys(self, tenant: str) -> list[ApiKey]:
            return [self.stored.key]

        async def revoke_key(self, tenant: str, key_id: str, at: object, actor: str) -> bool:
            return True

    store, seconds = CountingStore(), [0.0]
    token = (await create_key(store, "demo", KeyRequest(("ingest",)))).token
    ring = KeyRing(store, cache_seconds=5, clock=lambda: seconds[0])

    for moment, asked in ((0, 1), (4.9, 1), (5.1, 2)):
        seconds[0] = moment
        assert await ring.verify(token)
        assert store.asked == asked
    assert await ring.verify(token[:-1] + ("0" if token[-1] != "0" else "1")) is None


@pytest.mark.parametrize("name", ["", "Demo", "a_b", "-a", "a" * 64, "a b", "ä"])
def test_a_tenant_whose_name_a_token_cannot_carry_is_refused(name: str) -> None:
    with pytest.raises(InvalidError, match="tenant"):
        check_tenant(name)


def test_scopes_are_read_in_order_and_once() -> None:
    assert parse_scopes("recommend, ingest,recommend") == ("ingest", "recommend")
    for text in ("", " , ", "ingest,root"):
        with pytest.raises(InvalidError, match="scope"):
            parse_scopes(text)
