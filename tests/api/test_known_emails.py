"""A key that asks for recommendations does not find out whether an e-mail is known."""

import re
from collections.abc import Mapping
from typing import Any

import httpx2
import pytest

from app.graph.catalogue import Statement
from tests.api.conftest import Shop

ASK, IMAGINE = "/v1/recommendations", "/v1/recommendations:counterfactual"
WITHOUT: dict[str, Any] = {"without": {"interaction_ids": ["tom-1"], "deals_full": True}}
CALLS: list[tuple[str, dict[str, Any]]] = [
    (ASK, {"explain": True}),
    (ASK, {"purpose": "newsletter"}),
    (IMAGINE, WITHOUT),
    (IMAGINE, {"without": {}}),
]
STATES = ("nothing said", "denied", "withdrawn", "another purpose", "expired")


def mail(name: str) -> dict[str, Any]:
    return {"identifiers": [{"type": "email", "value": f"{name}@example.com"}]}


async def somebody_known(shop: Shop, state: str) -> None:
    """Tom, who is known by his e-mail, and what he has said."""
    row = {"id": "tom", "kind": "personal", **mail("tom")}
    await shop.call("PUT", "/v1/identities", {"identities": [row]})
    line = {"product_id": "p1", "list_price": "10.00", "price_paid": "5.00"}
    event = {"event_id": "tom-1", "type": "purchase", "identity_id": "tom", "at": "2026-05-01T10:00:00Z"}
    await shop.call("POST", "/v1/events", {"events": [{**event, "lines": [line]}]})
    said: dict[str, dict[str, Any]] = {
        "denied": {"status": "denied"},
        "withdrawn": {"status": "withdrawn"},
        "another purpose": {"status": "granted"},
        "expired": {"status": "granted", "at": "2026-05-01T10:00:00Z", "expires_at": "2026-05-02T10:00:00Z"},
    }
    if state in said:
        purpose = "direct_mail" if state == "another purpose" else "personalise_content"
        answer = await shop.call("PUT", f"/v1/identities/tom/consents/{purpose}", said[state])
        assert answer.is_success, answer.text


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
    shop: Shop, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same bytes, and the same statements with as much to do, however often either was asked before."""
    await somebody_known(shop, state)
    await ask(shop, ASK, {})  # makes the key
    run, given = list[tuple[str, bool]](), Statement.arguments

    def noted(statement: Statement, params: Mapping[str, object]) -> dict[str, object]:
        if not statement.name.startswith(("keys/find_key", "rules/read_rules", "decisions/")):
            run.append((statement.name, params.get("known") is None))
        return given(statement, params)

    monkeypatch.setattr(Statement, "arguments", noted)
    for path, body in CALLS:
        for names in (("nobody", "nobody", "tom", "tom", "nobody-else"), ("tom", "nobody")):
            told, cost = list[object](), list[object]()
            for name in names:
                run.clear()
                told.append(plain(await ask(shop, path, {**mail(name), **body})))
                cost.append(run.copy())
            assert told == [told[0]] * len(names), (path, state)
            assert cost == [cost[0]] * len(names), (path, state)
            assert cost[0]


async def test_who_has_consented_is_told_by_name(shop: Shop) -> None:
    await somebody_known(shop, "another purpose")

    told = (await ask(shop, ASK, {**mail("tom"), "purpose": "direct_mail"})).json()

    assert told["identity"] == {"id": "tom", "method": "resolved"}
