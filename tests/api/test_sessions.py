"""What was done in a session is told to its own page only; whoever guesses an id is answered like anybody."""

import asyncio
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import httpx2
import pytest
import pytest_asyncio

from app.domain.hashing import Hasher
from app.domain.keys import KeyRequest
from app.domain.session_tokens import SessionToken, write_token
from app.graph.catalogue import Statement
from app.graph.database import Database
from app.jobs.refresh import refresh
from app.services.hashing import load_hash_keys
from app.settings import Settings
from tests.api.conftest import ORIGIN, WHEN_DUE, Shop

EVENTS, ASK = "/v1/events", "/v1/recommendations"
PETS, GARDEN = ("dog-food", "dog-leash", "dog-bed"), ("spade", "seeds", "hose")
GA4_IDS = [str(1_795_000_000 + second) for second in range(120)]
"""As GA4 numbers sessions; the first ones of the list are taken."""


def event(event_id: str, *product_ids: str, hours_ago: float = 0, **who: Any) -> dict[str, Any]:
    at = (datetime.now(UTC) - timedelta(hours=hours_ago)).isoformat()
    lines = [{"product_id": product_id} for product_id in product_ids]
    return {"event_id": event_id, "type": "purchase", "at": at, "lines": lines, **who}


@pytest_asyncio.fixture(scope="module")
async def crowd(client: httpx2.AsyncClient, db: Database, settings: Settings) -> Shop:
    """Pet people and garden people with a run; Tom consented, and Ann did not: each was seen in a session."""
    shop = Shop("crowd-of-sessions", client, db)
    people = {f"{taste[0]}-{n}": taste for taste in (PETS, GARDEN) for n in range(8)}
    events = [event(id_, *ids, hours_ago=900, identity_id=id_) for id_, ids in people.items()]
    events += [
        event("tom-1", "dog-food", identity_id="tom", session_id=GA4_IDS[0]),
        event("tom-2", "dog-bed", hours_ago=24, identity_id="tom", session_id=GA4_IDS[1]),
        event("ann-1", "dog-food", identity_id="ann", session_id=GA4_IDS[2]),
        event("nobodys-1", "dog-food", session_id=GA4_IDS[3]),
    ]
    await shop.call("PUT", "/v1/products", {"products": [{"id": id_, "title": id_} for id_ in (*PETS, *GARDEN)]})
    assert (await shop.call("POST", EVENTS, {"events": events})).json()["accepted"] == len(events)
    granted = [(id_, "model_training") for id_ in people]
    granted += [("tom", "personalise_content"), (f"session:{GA4_IDS[3]}", "personalise_content")]
    paths = [f"/v1/identities/{id_}/consents/{purpose}" for id_, purpose in granted]
    await asyncio.gather(*(shop.call("PUT", path, {"status": "granted"}) for path in paths))
    await refresh(db, settings, shop.tenant)
    return shop


class Page:
    """A page of the shop, with what it was given."""

    def __init__(self, shop: Shop, key: str, token: str | None = None) -> None:
        self.shop, self.key, self.token = shop, key, token

    async def post(self, path: str, body: Any) -> httpx2.Response:
        headers = [(b"X-API-Key", self.key.encode()), (b"Origin", ORIGIN.encode())]
        headers.append((b"Accept-Encoding", b"identity"))  # how well a random id packs is no difference
        if self.token is not None:
            headers.append((b"X-Session-Token", self.token.encode("latin-1")))
        answer = await self.shop.client.post(path, json=body, headers=headers)
        assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
        return answer

    async def ask(self, session_id: str | None) -> httpx2.Response:
        named = {} if session_id is None else {"session_id": session_id}
        answer = await self.post(ASK, {**named, "explain": True})
        assert answer.status_code == 200, answer.text
        return answer


async def page_of(shop: Shop, token: str | None = None) -> Page:
    return Page(shop, await shop.token("browser"), token)


async def opened(shop: Shop) -> tuple[Page, str]:
    """A page that has opened a session, and the session's id."""
    page = await page_of(shop)
    answer = await page.post("/v1/sessions", None)
    assert answer.status_code == 201
    page.token = answer.json()["token"]
    return page, answer.json()["session_id"]


async def handed(shop: Shop, session_id: str) -> Page:
    """A page to which the shop's server has handed a session."""
    page = await page_of(shop)
    body = {"key_id": page.key.split("_")[2]}
    answer = await shop.call("POST", f"/v1/sessions/{session_id}:token", body)
    assert answer.status_code == 201, answer.text
    assert answer.json()["session_id"] == session_id
    page.token = answer.json()["token"]
    return page


def reasons(answer: httpx2.Response) -> set[str]:
    return {reason["code"] for item in answer.json()["items"] for reason in item["reasons"]}


def plain(answer: httpx2.Response) -> tuple[bytes, list[tuple[str, str]]]:
    """Body and headers without what differs from call to call."""
    body = re.sub(rb'"decision_id":"\w+"', b"", answer.content)
    return body, [one for one in answer.headers.items() if one[0] not in ("x-request-id", "ratelimit")]


async def test_guessed_ids_are_answered_like_ids_that_nobody_has(crowd: Shop) -> None:
    """Among them sessions of a named customer who has consented, one of a day ago, and an anonymous one."""
    page = await page_of(crowd)
    unknown = plain(await page.ask("nobody-had-this"))

    for session_id in GA4_IDS:
        assert plain(await page.ask(session_id)) == unknown, session_id
    assert plain(await page.ask(None)) == unknown
    assert b"in_this_session" not in unknown[0]


async def test_guessed_ids_cost_the_statements_that_nobodys_cost(crowd: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    run, given = list[tuple[str, str]](), Statement.arguments

    def noted(statement: Statement, params: Mapping[str, object]) -> dict[str, object]:
        if not statement.name.startswith(WHEN_DUE):
            same = {name: value for name, value in params.items() if name not in ("now", "now_ms")}
            run.append((statement.name, repr(same)))
        return given(statement, params)

    async def statements(page: Page, session_id: str) -> list[tuple[str, str]]:
        run.clear()
        await page.ask(session_id)
        return run.copy()

    page = await page_of(crowd)
    await page.ask("nobody-had-this")
    monkeypatch.setattr(Statement, "arguments", noted)
    for token in (None, "made.up", (await handed(crowd, GA4_IDS[4])).token):
        page.token = token
        nobodys = await statements(page, "nobody-had-that")
        assert nobodys
        for session_id in GA4_IDS[:6]:
            if token is None or session_id != GA4_IDS[4]:
                assert await statements(page, session_id) == nobodys, session_id


async def test_a_page_that_opened_a_session_is_answered_from_it(crowd: Shop) -> None:
    page, session_id = await opened(crowd)
    before = await page.ask(session_id)

    rows = [event("opened-1", "spade", session_id=session_id)]
    assert (await page.post(EVENTS, {"events": rows})).json()["accepted"] == 1
    consents = f"/v1/identities/session:{session_id}/consents/personalise_content"
    await crowd.call("PUT", consents, {"status": "granted"})
    after = await page.ask(session_id)

    assert "in_this_session" not in reasons(before)
    assert "in_this_session" in reasons(after)
    page.token = None
    assert "in_this_session" not in reasons(await page.ask(session_id))


async def test_a_server_hands_a_session_over_to_its_page(crowd: Shop) -> None:
    for session_id in (GA4_IDS[0], GA4_IDS[3]):
        assert "in_this_session" in reasons(await (await handed(crowd, session_id)).ask(session_id))
    page = await handed(crowd, GA4_IDS[0])
    # Who has not consented is not told of, whoever holds the session.
    assert "in_this_session" not in reasons(await (await handed(crowd, GA4_IDS[2])).ask(GA4_IDS[2]))
    # It is no token for another session.
    assert "in_this_session" not in reasons(await page.ask(GA4_IDS[1]))


async def test_each_answer_renews_the_token_and_nothing_is_read_for_it(
    crowd: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, given = list[str](), Statement.arguments

    def noted(statement: Statement, params: Mapping[str, object]) -> dict[str, object]:
        run.append(statement.name)
        return given(statement, params)

    page, session_id = await opened(crowd)
    monkeypatch.setattr(Statement, "arguments", noted)
    await page.post("/v1/sessions", None)
    assert [name for name in run if not name.startswith(WHEN_DUE)] == []
    monkeypatch.undo()

    events = {"events": [event("renewed-1", "spade", session_id="another")]}
    for answer in (await page.ask(session_id), await page.ask("another"), await page.post(EVENTS, events)):
        assert answer.headers["Access-Control-Expose-Headers"] == "X-Session-Token, Retry-After, X-Request-ID"
        assert "in_this_session" not in answer.text
        page.token = answer.headers["X-Session-Token"]
    assert (await page.post(ASK, {"session_id": session_id, "limit": 0})).status_code == 422
    page.token = page.token + "0"
    assert "X-Session-Token" not in (await page.ask(session_id)).headers


async def test_a_token_of_another_key_tenant_or_time_is_as_good_as_none(
    crowd: Shop, other_shop: Shop, settings: Settings
) -> None:
    session_id = GA4_IDS[0]
    page = await handed(crowd, session_id)
    good, key_id = page.token, page.key.split("_")[2]
    anybody = plain(await (await page_of(crowd)).ask(session_id))
    assert plain(await page.ask(session_id)) != anybody
    now = int(datetime.now(UTC).timestamp())
    hashers = partial(Hasher, keys=load_hash_keys(settings))
    another = Page(crowd, (await crowd.issue(KeyRequest(("browser",), origins=(ORIGIN,)))).token)
    forged = {
        "idle": write_token(hashers(crowd.tenant), SessionToken(session_id, key_id, now - 3000, now - 1800)),
        "a day old": write_token(hashers(crowd.tenant), SessionToken(session_id, key_id, now - 86_400, now)),
        "another tenant's": write_token(hashers(other_shop.tenant), SessionToken(session_id, key_id, now, now)),
        "cut": good and good[:-1],
        "no token": "x" * 5_000,
        "not text": "\xe9.\xe9",
        "empty": "",
    }

    for kind, token in forged.items():
        page.token = token
        assert plain(await page.ask(session_id)) == anybody, kind
    another.token = good
    assert plain(await another.ask(session_id)) == anybody


async def test_a_session_is_handed_to_the_page_of_a_good_browser_key_only(crowd: Shop, other_shop: Shop) -> None:
    gone = await crowd.issue(KeyRequest(("browser",), origins=(ORIGIN,)))
    await crowd.call("DELETE", f"/v1/keys/{gone.key.id}")
    bound = await crowd.issue(KeyRequest(("browser",), session_id="s1", origins=(ORIGIN,)))
    server = await crowd.issue(KeyRequest(("recommend",)))
    theirs = await other_shop.token("browser")

    for key_id in (gone.key.id, bound.key.id, server.key.id, theirs.split("_")[2], "none"):
        answer = await crowd.call("POST", f"/v1/sessions/{GA4_IDS[0]}:token", {"key_id": key_id})
        assert answer.status_code == 404, key_id


async def test_a_key_of_one_session_needs_no_token(crowd: Shop) -> None:
    """A server made it for that visitor, so it says what a token says."""
    bound = await crowd.issue(KeyRequest(("browser",), session_id=GA4_IDS[0], origins=(ORIGIN,)))
    page = Page(crowd, bound.token)

    assert "in_this_session" in reasons(await page.ask(GA4_IDS[0]))
    assert (await page.post(ASK, {"session_id": GA4_IDS[1]})).status_code == 403
    assert (await page.post("/v1/sessions", None)).status_code == 403


def segment(number: int, session_id: str, **allowed: bool) -> dict[str, Any]:
    """A call of Segment's library in an anonymous session."""
    return {
        "type": "track",
        "event": "Product Viewed",
        "messageId": f"{session_id}-{number}",
        "anonymousId": f"session:{session_id}",
        "timestamp": datetime.now(UTC).isoformat(),
        "properties": {"product_id": "spade"},
        "context": {"sessionId": session_id, "consent": {"categoryPreferences": allowed}},
    }


async def test_without_its_token_a_session_may_deny_and_grants_nothing(shop: Shop) -> None:
    categories = {"All": ["personalise_content"], "Ads": ["ads_audience"]}
    await shop.call("PUT", "/v1/rules", {"consent_categories": categories})
    page, session_id = await opened(shop)
    token, page.token = page.token, None

    async def said(number: int, **allowed: bool) -> set[tuple[str, str]]:
        told = (await page.post(EVENTS, {"batch": [segment(number, session_id, **allowed)]})).json()
        assert told["accepted"] == 1, told
        rows = await shop.query(
            "MATCH (:Identity {tenant: $tenant, id: $id})-[:GAVE]->(c) RETURN c.purpose AS purpose, c.status AS status",
            id=f"session:{session_id}",
        )
        return {(row["purpose"], row["status"]) for row in rows}

    assert await said(1, All=True, Ads=True) == set()
    assert await said(2, All=True, Ads=False) == {("ads_audience", "denied")}
    page.token = token
    assert await said(3, All=True, Ads=False) == {("ads_audience", "denied"), ("personalise_content", "granted")}


def view(event_id: str, product_id: str, session_id: str, **who: Any) -> dict[str, Any]:
    return {**event(event_id, product_id, session_id=session_id, **who), "type": "view"}


async def kept(shop: Shop) -> list[tuple[str, str, str]]:
    """Whose events are on disk, in which session, of which product."""
    rows = await shop.query(
        "MATCH (i:Identity {tenant: $tenant})-[:DID]->(x:Interaction)-[:OF]->(p) "
        "RETURN i.id AS id, x.session_id AS session, p.id AS product ORDER BY id, session, product"
    )
    return [(row["id"], row["session"], row["product"]) for row in rows]


async def test_a_page_fills_the_session_whose_token_it_sends_and_no_other(shop: Shop) -> None:
    """Neither a server's session, before or after the server spoke of it, nor another page's."""
    await shop.call(
        "POST", EVENTS, {"events": [view("e1", "spade", "s1"), view("e2", "hose", "s2", identity_id="tom")]}
    )
    owner, session_id = await opened(shop)
    await owner.post(EVENTS, {"events": [view("e3", "seeds", session_id)]})
    before = await kept(shop)
    stranger = await page_of(shop)
    names = ("s1", "s2", "s3", session_id, "page:s1")

    answers = [await stranger.post(EVENTS, {"events": [view("e4", "bomb", name)]}) for name in names]

    assert all(plain(answer) == plain(answers[0]) for answer in answers)
    foreign = [row for row in await kept(shop) if row not in before]
    assert foreign == sorted((f"session:page:{name}", f"page:{name}", "bomb") for name in names)
    await shop.call("POST", EVENTS, {"events": [view("e5", "lamp", "s3")]})
    in_s3 = [row for row in await kept(shop) if row[1] == "s3"]
    assert in_s3 == [("session:s3", "s3", "lamp")], "filled before the server spoke of it"
    await shop.call("PUT", "/v1/identities", {"identities": [{"id": "ann", "kind": "personal"}]})
    claimed = await shop.call("POST", f"/v1/sessions/{session_id}:claim", {"identity_id": "ann"})
    assert claimed.json()["interactions"] == 1


async def test_a_key_of_one_identity_fills_no_session_but_its_own(shop: Shop) -> None:
    bound = await shop.issue(KeyRequest(("ingest",), identity_id="tom", session_id="toms"))
    of_any = await shop.issue(KeyRequest(("ingest",), identity_id="tom"))

    for key, session_id, event_id in ((bound, "toms", "e1"), (of_any, "s1", "e2")):
        rows = [view(event_id, "spade", session_id, identity_id="tom")]
        answer = await shop.client.post(EVENTS, json={"events": rows}, headers={"X-API-Key": key.token})
        assert answer.json()["accepted"] == 1, answer.text

    assert [row[1] for row in await kept(shop)] == ["page:s1", "toms"]


async def test_a_session_that_a_page_made_up_is_handed_to_it_under_the_name_it_has_here(crowd: Shop) -> None:
    """The page goes on to use its own name for it."""
    await (await page_of(crowd)).post(EVENTS, {"events": [event("made-up", "dog-food", session_id="ga.77")]})
    consent = "/v1/identities/session:page:ga.77/consents/personalise_content"
    await crowd.call("PUT", consent, {"status": "granted"})

    assert "in_this_session" not in reasons(await (await page_of(crowd)).ask("ga.77"))
    page = await handed(crowd, "page:ga.77")
    assert "in_this_session" in reasons(await page.ask("ga.77"))
    assert "in_this_session" in reasons(await page.ask("page:ga.77"))
