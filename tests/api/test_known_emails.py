"""A key that asks for recommendations does not find out whether an e-mail is known."""

import re
from collections.abc import Mapping
from typing import Any

import httpx2
import pytest
import pytest_asyncio

from app.graph.catalogue import Statement
from app.graph.database import Database
from app.jobs.refresh import refresh
from app.recommend.choose import choose_items
from app.settings import Settings
from tests.api.conftest import WHEN_DUE, Shop

ASK, IMAGINE = "/v1/recommendations", "/v1/recommendations:counterfactual"
WITHOUT: dict[str, Any] = {"without": {"interaction_ids": ["denied-1"], "deals_full": True}}
CALLS: list[tuple[str, dict[str, Any]]] = [
    (ASK, {"explain": True}),
    (ASK, {"purpose": "newsletter"}),
    (IMAGINE, WITHOUT),
    (IMAGINE, {"without": {}}),
]
AT = "2026-11-01T10:00:00Z"
PRODUCTS = ("p1", "p2", "p3", "p4")
LINES = [{"product_id": id_, "list_price": "10.00", "price_paid": "5.00"} for id_ in PRODUCTS[1:]]
SAID: dict[str, tuple[str, dict[str, Any]]] = {
    "denied": ("personalise_content", {"status": "denied"}),
    "withdrawn": ("personalise_content", {"status": "withdrawn"}),
    "another purpose": ("direct_mail", {"status": "granted"}),
    "expired": ("personalise_content", {"status": "granted", "at": AT, "expires_at": "2026-11-02T10:00:00Z"}),
}
STATES = ("nothing said", *SAID)


def mail(name: str) -> dict[str, Any]:
    return {"identifiers": [{"type": "email", "value": f"{name}@example.com"}]}


@pytest_asyncio.fixture(scope="module")
async def crowd(client: httpx2.AsyncClient, db: Database, settings: Settings) -> Shop:
    """A crowd with a run, and somebody in each state who is known by an e-mail."""
    shop = Shop("crowd-of-emails", client, db)
    await shop.call("PUT", "/v1/products", {"products": [{"id": id_, "title": id_} for id_ in PRODUCTS]})
    people = [f"card-{number}" for number in range(8)]
    known = {state: state.replace(" ", "-") for state in STATES}
    rows = [{"id": id_, "kind": "personal", **mail(id_)} for id_ in known.values()]
    assert (await shop.call("PUT", "/v1/identities", {"identities": rows})).json()["accepted"] == len(rows)
    events = [
        {"event_id": f"{id_}-1", "type": "purchase", "identity_id": id_, "at": AT, "lines": [{"product_id": product}]}
        for id_ in (*people, *known.values())
        for product in PRODUCTS[:1]
    ]
    events += [{**one, "event_id": f"{one['event_id']}-2", "lines": LINES} for one in events[: len(people)]]
    assert (await shop.call("POST", "/v1/events", {"events": events})).json()["accepted"] == len(events)
    for id_ in people:
        await shop.call("PUT", f"/v1/identities/{id_}/consents/model_training", {"status": "granted"})
    for state, (purpose, body) in SAID.items():
        answer = await shop.call("PUT", f"/v1/identities/{known[state]}/consents/{purpose}", body)
        assert answer.is_success, answer.text
    await refresh(db, settings, shop.tenant)
    return shop


async def ask(shop: Shop, path: str, body: dict[str, Any]) -> httpx2.Response:
    answer = await shop.client.post(path, json=body, headers={"X-API-Key": await shop.token("recommend")})
    assert answer.status_code == 200, answer.text
    return answer


def plain(answer: httpx2.Response) -> tuple[bytes, list[tuple[str, str]]]:
    """Body and headers without what differs from call to call."""
    body = re.sub(rb'"decision_id":"\w+"', b"", answer.content)
    return body, [one for one in answer.headers.items() if one[0] not in ("x-request-id", "ratelimit")]


@pytest.mark.parametrize("state", STATES)
async def test_an_email_without_a_consent_is_answered_like_one_that_nobody_has(
    crowd: Shop, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same bytes, and the same statements with as much to do, however often either was asked before."""
    await ask(crowd, ASK, {})  # makes the key
    tom = state.replace(" ", "-")
    run, given = list[str](), Statement.arguments

    def noted(statement: Statement, params: Mapping[str, object]) -> dict[str, object]:
        if not statement.name.startswith(WHEN_DUE):
            run.append(statement.name)
        return given(statement, params)

    def ranked(*given: Any) -> Any:
        run.append("ranked")
        return choose_items(*given)

    monkeypatch.setattr(Statement, "arguments", noted)
    monkeypatch.setattr("app.services.recommend.choose_items", ranked)
    for path, body in CALLS:
        for names in (("nobody", "nobody", tom, tom, "nobody-else"), (tom, "nobody")):
            told, cost = list[object](), list[list[str]]()
            for name in names:
                run.clear()
                told.append(plain(await ask(crowd, path, {**mail(name), **body})))
                cost.append(run.copy())
            assert told == [told[0]] * len(names), (path, state)
            assert cost == [cost[0]] * len(names), (path, state)
            assert "ranked" in cost[0]


async def test_who_has_consented_is_told_by_name(crowd: Shop) -> None:
    told = (await ask(crowd, ASK, {**mail("another-purpose"), "purpose": "direct_mail"})).json()

    assert told["identity"] == {"id": "another-purpose", "method": "resolved", "confidence": 1.0}
