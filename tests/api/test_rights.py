"""Every operation of the OpenAPI document, called with every kind of key: nobody reads or writes for another."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx2
import pytest
import pytest_asyncio

from app.api.gate import is_keyed
from app.domain.keys import SCOPES, KeyRequest, Scope
from app.graph.audit import AuditTrail
from app.graph.database import Database
from app.graph.keys import KeyGraph
from app.main import create_app
from app.services.keys import revoke_key
from app.settings import Settings
from tests.api.conftest import ORIGIN, Shop
from tests.api.every_route import BY_ROW, CALLS, Ids, furnish, send_with
from tests.api.rights import DECISIONS
from tests.graph.sealing import everything_of
from tests.graph.shop import HASHER

DOCUMENT = create_app(Settings(_env_file=None)).openapi()  # pyright: ignore[reportCallIssue]
OPERATIONS = [
    f"{method.upper()} {path}" for path, item in DOCUMENT["paths"].items() for method in item if is_keyed(path)
]

SERVERS: tuple[Scope, ...] = ("ingest", "recommend", "insight")
"""Scopes that a bound key can have."""

OTHERS: dict[str, KeyRequest] = {
    "bound to another identity": KeyRequest(SERVERS, identity_id="eve-identity"),
    "bound to nobody that is known": KeyRequest(SERVERS, identity_id="nobody"),
    "bound to another session": KeyRequest(SERVERS, session_id="eve-session"),
    "bound to another identity in another session": KeyRequest(
        SERVERS, identity_id="eve-identity", session_id="eve-session"
    ),
    "a page's of another identity": KeyRequest(("browser",), identity_id="eve-identity", origins=(ORIGIN,)),
    "a page's of another session": KeyRequest(("browser",), session_id="eve-session", origins=(ORIGIN,)),
}
"""Keys that are bound to somebody else than the one whom all calls are about."""

OWN: dict[str, KeyRequest] = {
    "bound to the identity": KeyRequest(SERVERS, identity_id="tom-identity"),
    "bound to the session": KeyRequest(SERVERS, session_id="tom-session"),
    "bound to both": KeyRequest(SERVERS, identity_id="tom-identity", session_id="tom-session"),
    "a page's of the identity": KeyRequest(("browser",), identity_id="tom-identity", origins=(ORIGIN,)),
}


@pytest_asyncio.fixture(scope="module")
async def sealed(client: httpx2.AsyncClient, db: Database) -> tuple[Shop, Ids]:
    """A shop with one of everything, all of it Tom's, for tests after which it is as it was; and its ids."""
    shop = Shop(f"shop-{uuid4().hex[:12]}", client, db)
    return shop, await furnish(shop, "tom")


@pytest_asyncio.fixture
async def fresh(shop: Shop) -> tuple[Shop, Ids]:
    """A shop of this test's own, with one of everything, all of it Tom's; and its ids."""
    return shop, await furnish(shop, "tom")


def test_every_operation_is_called() -> None:
    assert set(OPERATIONS) == {operation for operation in CALLS if is_keyed(operation.split(" ")[1])}
    assert set(OPERATIONS) == set(DECISIONS)


@pytest.mark.parametrize("kind", OTHERS)
async def test_a_key_of_somebody_else_reads_and_writes_nothing(sealed: tuple[Shop, Ids], kind: str) -> None:
    tom, ids = sealed
    token = (await tom.issue(OTHERS[kind])).token
    before = await everything_of(tom)

    for operation in OPERATIONS:
        answer = await send_with(tom, token, operation, ids)
        if operation in BY_ROW and answer.text == "ok":  # told nothing; what is kept is looked at below
            continue
        if operation in BY_ROW and answer.status_code == 200:
            told, body = answer.json(), CALLS[operation].body
            assert (told["accepted"], told["duplicates"], told["erased"]) == (0, 0, 0), (kind, operation)
            rows = body.get("events", body.get("batch", [body]))
            assert {error["index"] for error in told["errors"]} == {*range(len(rows))}, (kind, operation)
        else:
            assert answer.status_code == 403, (operation, answer.text)
        assert "tom-" not in answer.text, operation
    assert await everything_of(tom) == before


@pytest.mark.parametrize("kind", OWN)
async def test_a_bound_key_opens_what_is_its_own_and_nothing_else(fresh: tuple[Shop, Ids], kind: str) -> None:
    tom, ids = fresh
    token = (await tom.issue(OWN[kind])).token
    own = [operation for operation in OPERATIONS if is_own(operation, OWN[kind])]
    before = await everything_of(tom)

    for operation in OPERATIONS:
        if operation not in own:
            answer = await send_with(tom, token, operation, ids)
            assert answer.status_code == 403, (operation, answer.text)
            assert "tom-" not in answer.text, operation
    assert await everything_of(tom) == before
    for operation in own:
        answer = await send_with(tom, token, operation, ids)
        assert answer.is_success, (operation, answer.text)


def is_own(operation: str, key: KeyRequest) -> bool:
    """Whether the good call of an operation names nobody but whom the key is bound to."""
    decision = DECISIONS[operation]
    if decision.bound == "refused" or not set(decision.scopes) & set(key.scopes):
        return False
    if operation in BY_ROW:
        return True
    if operation == "POST /v1/sessions:consent":
        return key.session_id is not None
    return key.identity_id is not None and (":claim" not in operation or key.session_id is not None)


@pytest.mark.parametrize("scope", [*SCOPES, "browser"])
async def test_an_unbound_key_opens_what_its_scope_says(fresh: tuple[Shop, Ids], scope: Scope) -> None:
    tom, ids = fresh
    token = await tom.token(scope)
    opened = [operation for operation in OPERATIONS if is_opened(operation, scope)]
    before = await everything_of(tom)

    for operation in OPERATIONS:
        if operation not in opened:
            answer = await send_with(tom, token, operation, ids)
            assert answer.status_code == 403, (operation, answer.text)
            assert "tom-" not in answer.text, operation
    assert await everything_of(tom) == before
    for operation in (one for one in CALLS if one in opened):
        answer = await send_with(tom, token, operation, ids)
        assert answer.is_success, (operation, answer.text)


def is_opened(operation: str, scope: Scope) -> bool:
    """Whether the good call of an operation, which mostly names an identity, is open to a key of one scope."""
    scopes = DECISIONS[operation].scopes
    if scope == "browser":
        return operation in ("POST /v1/sessions", "POST /v1/sessions:consent", *BY_ROW)
    return scope in scopes or (scope == "admin" and scopes != ("browser",))


async def worthless(shop: Shop) -> dict[str, str]:
    """Tokens that stand for nobody any more, or never did."""
    revoked, expired = await shop.issue(KeyRequest(SCOPES)), await shop.issue(KeyRequest(SCOPES))
    await revoke_key(KeyGraph(shop.db, AuditTrail(HASHER)), shop.tenant, revoked.key.id)
    past = datetime.now(UTC) - timedelta(seconds=1)
    await shop.query("MATCH (k:ApiKey {tenant: $tenant, id: $id}) SET k.expires_at = $at", id=expired.key.id, at=past)
    prefix, tenant, id_, secret = (await shop.token(*SCOPES)).split("_")
    return {
        "none": "",
        "revoked": revoked.token,
        "expired": expired.token,
        "another secret": "_".join((prefix, tenant, id_, secret[::-1])),
        "another key's id": "_".join((prefix, tenant, revoked.key.id, secret)),
        "a server's as a page's": "_".join(("pk", tenant, id_, secret)),
    }


async def test_a_token_that_stands_for_nobody_opens_nothing(sealed: tuple[Shop, Ids]) -> None:
    tom, ids = sealed
    tokens = await worthless(tom)
    before = await everything_of(tom)

    for kind, token in tokens.items():
        for operation in OPERATIONS:
            answer = await send_with(tom, token, operation, ids)
            assert answer.status_code == 401, (kind, operation)
            assert "tom-" not in answer.text, (kind, operation)
    assert await everything_of(tom) == before


async def test_a_pages_key_from_elsewhere_opens_nothing(sealed: tuple[Shop, Ids]) -> None:
    tom, ids = sealed
    token = await tom.token("browser")
    before = await everything_of(tom)

    for operation in OPERATIONS:
        method, _, path = operation.partition(" ")
        for origin in (None, "https://evil.example", "null"):
            headers = {"X-API-Key": token, **({"Origin": origin} if origin else {})}
            asked = path.format_map({**ids, "purpose": "newsletter"})
            answer = await tom.client.request(method, asked, headers=headers)
            assert answer.status_code == 403, (operation, origin)
            assert "tom-" not in answer.text, (operation, origin)
    assert await everything_of(tom) == before


async def test_another_tenants_key_reads_and_writes_nothing(sealed: tuple[Shop, Ids]) -> None:
    tom, ids = sealed
    other = Shop(f"shop-{uuid4().hex[:12]}", tom.client, tom.db)
    tokens = [await other.token(*SCOPES), await other.token("browser")]
    before = await everything_of(tom)

    for token in tokens:
        for operation in OPERATIONS:
            answer = await send_with(other, token, operation, ids)
            assert answer.status_code < 500, (operation, answer.text)
    assert await everything_of(tom) == before


async def test_a_bound_key_does_not_join_what_is_only_half_its_own(sealed: tuple[Shop, Ids]) -> None:
    tom, _ = sealed
    await tom.call("PUT", "/v1/identities", {"identities": [{"id": "eve", "kind": "personal"}]})
    before = await everything_of(tom)

    for identity_id, session_id in (("eve", None), (None, "tom-session"), ("eve", "eve-session")):
        asked = KeyRequest(("ingest",), identity_id=identity_id, session_id=session_id)
        token = (await tom.issue(asked)).token
        before = await everything_of(tom)
        for body in ({"identity_id": "eve"}, {"identifiers": [{"type": "email", "value": "tom@example.com"}]}):
            answer = await tom.client.post("/v1/sessions/tom-session:claim", json=body, headers={"X-API-Key": token})
            assert answer.status_code == 403, (asked, body)
    assert await everything_of(tom) == before


@pytest.mark.parametrize("kind", ["a page's", "bound to another identity"])
async def test_nobody_takes_the_ids_of_events_that_are_to_come(shop: Shop, kind: str) -> None:
    """Nor learns which are taken: order numbers can be guessed, and the first event of an id is the one that counts."""
    who = {"session_id": "s1"} if kind == "a page's" else {"identity_id": "eve-identity"}
    token = await shop.token("browser") if kind == "a page's" else (await shop.issue(OTHERS[kind])).token
    order = {"type": "purchase", "at": "2026-05-01T10:00:00Z", "lines": [{"product_id": "p1"}]}

    async def tell(*ids: str) -> Any:
        rows = [{**order, "event_id": id_, **who} for id_ in ids]
        headers = {"X-API-Key": token, "Origin": ORIGIN}
        return (await shop.client.post("/v1/events", json={"events": rows}, headers=headers)).json()

    hers = [{**order, "event_id": id_, "identity_id": "tom"} for id_ in ("order-1", "order-2")]
    assert (await shop.call("POST", "/v1/events", {"events": hers[:1]})).json()["accepted"] == 1
    assert (await tell("order-1", "order-2"))["accepted"] == 2
    assert (await tell("order-1", "order-2"))["duplicates"] == 2
    assert (await shop.call("POST", "/v1/events", {"events": hers})).json() == {
        "accepted": 1,
        "duplicates": 1,
        "erased": 0,
        "unmatched": 1,
        "errors": [],
    }
    assert await shop.count("(:Identity {tenant: $tenant, id: 'tom'})-[:DID]->()") == 2


async def test_the_attack_in_four_calls_ends_at_the_first(sealed: tuple[Shop, Ids]) -> None:
    """Resolve her e-mail, consent in her name, grant to oneself, and ask what she likes."""
    tom, _ = sealed
    await tom.call("PUT", "/v1/identities", {"identities": [{"id": "eve", "kind": "personal"}]})
    token = (await tom.issue(KeyRequest(SERVERS, identity_id="eve"))).token
    before = await everything_of(tom)

    async def attack(method: str, path: str, body: Any) -> httpx2.Response:
        return await tom.client.request(method, path, json=body, headers={"X-API-Key": token})

    email = {"identifiers": [{"type": "email", "value": "tom@example.com"}]}
    grant = {"from": "tom-identity", "to": "eve", "purposes": ["personalise_content"], "until": "2099-01-01T00:00:00Z"}
    consents = "/v1/identities/tom-identity/consents/household_share"
    answers = [
        await attack("POST", "/v1/identities:resolve", {"subjects": [email]}),
        await attack("PUT", consents, {"status": "granted"}),
        await attack("POST", "/v1/grants", grant),
        await attack("POST", "/v1/recommendations", {"identity_id": "tom-identity", "explain": True}),
        await attack("POST", "/v1/recommendations", {**email, "explain": True}),
    ]

    assert [answer.status_code for answer in answers] == [403] * 5
    assert await everything_of(tom) == before
