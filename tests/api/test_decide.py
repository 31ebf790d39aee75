"""Which product, which picture, which channel for this identity, now: and why not the others."""

import asyncio
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx2
import pytest
import pytest_asyncio

from app.domain.credit import CreditRules
from app.domain.keys import KeyRequest
from app.graph.catalogue import Statement
from app.graph.outcomes import OutcomeGraph
from app.recommend.sampler import Count
from app.settings import Settings
from tests.api.conftest import WHEN_DUE, ServeWith, Shop

ASK = "/v1/decisions"
NOW = datetime.now(UTC).replace(microsecond=0)
EVERYWHERE = ["email", "push", "sms", "direct_mail"]
MARKETING = ("newsletter", "email_marketing", "push", "sms", "direct_mail", "packaging", "ads_audience")
ALL = ["packaging", "newsletter", "email", "push", "paid_social", "sms", "direct_mail"]
FREE = {"channels": [{"channel": channel} for channel in ("push", "sms")]}
"""Without quiet hours: tests run at any time."""


async def put_creatives(shop: Shop, *creatives: dict[str, Any]) -> None:
    usual = {
        "channels": ["web", *ALL],
        "headline": "{product.title}",
        "text": "Now",
        "image_link": "https://a.example/i",
    }
    answer = await shop.call("PUT", "/v1/creatives", {"creatives": [{**usual, **one} for one in creatives]})
    assert answer.json()["errors"] == []


async def consent(shop: Shop, who: str, *purposes: str, status: str = "granted", days_ago: float = 9) -> None:
    at = (NOW - timedelta(days=days_ago)).isoformat()
    for purpose in purposes:
        await shop.call("PUT", f"/v1/identities/{who}/consents/{purpose}", {"status": status, "at": at})


async def send(shop: Shop, who: str, channel: str, number: int = 1, **more: Any) -> None:
    event = {
        "type": "sent",
        "identity_id": who,
        "channel": channel,
        "at": (NOW - timedelta(days=1)).isoformat(),
        **more,
    }
    events = [{**event, "event_id": f"{who}-{channel}-{n}"} for n in range(number)]
    assert (await shop.call("POST", "/v1/events", {"events": events})).json()["accepted"] == number


async def decide(shop: Shop, who: str | None = "tom", **asked: Any) -> dict[str, Any]:
    answer = await shop.call("POST", ASK, {"identity_id": who, **asked})
    assert answer.status_code == 200, answer.text
    return answer.json()


def reasons(answer: dict[str, Any]) -> dict[str, str]:
    return {one["channel"]: one["text"] for one in answer["why_not"] if one["creative_id"] is None}


@pytest_asyncio.fixture
async def market(shop: Shop) -> Shop:
    """Three products, one picture for everything; Tom, whom everything reaches and who has agreed to nothing yet."""
    products = [
        {"id": "tea", "title": "Tea", "price": "4.50 EUR", "brand": "Leaf", "product_type": "Drinks > Tea"},
        {"id": "mug", "title": "Mug", "price": "9.00 EUR", "brand": "Clay", "product_type": "Kitchen"},
        {
            "id": "pot",
            "title": "Pot",
            "brand": "Clay",
            "product_type": "Kitchen",
            "image_link": "https://a.example/pot",
        },
    ]
    tom = {"id": "tom", "kind": "personal", "reachable": EVERYWHERE, "time_zone": "Europe/Berlin"}
    await shop.call("PUT", "/v1/products", {"products": products})
    await shop.call("PUT", "/v1/identities", {"identities": [tom]})
    await shop.call("PUT", "/v1/channels", FREE)
    await put_creatives(shop, {"id": "any"})
    return shop


async def test_product_creative_and_channel_are_decided_together(market: Shop) -> None:
    await consent(market, "tom", "email_marketing")
    await put_creatives(
        market,
        {"id": "any", "about": {"products": ["mug"]}, "text": "{product.title} of {product.brand}: {product.price}"},
    )

    answer = await decide(market, channel="email")

    assert (answer["channel"], answer["outcome"]) == ("email", "granted")
    assert answer["identity"] == {"id": "tom", "method": "asserted", "confidence": 1.0}
    [chosen] = answer["items"]
    assert chosen["product"]["product_id"] == "mug"
    assert chosen["creative"] == {
        "id": "any",
        "image_link": "https://a.example/i",
        "headline": "Mug",
        "text": "Mug of Clay: 9.00 EUR",
    }
    assert (chosen["propensity"], chosen["deterministic"]) == (1.0, False)
    assert chosen["product"]["reasons"]


async def test_why_not_is_told_in_full_to_the_shops_own_staff(market: Shop) -> None:
    await consent(market, "tom", "direct_mail", status="withdrawn", days_ago=20)
    await consent(market, "tom", "email_marketing", "sms", "push")
    await send(market, "tom", "email", 2)
    await market.call(
        "PUT", "/v1/identities", {"identities": [{"id": "tom", "kind": "personal", "reachable": ["email"]}]}
    )

    for channel, text in {
        "direct_mail": f"no consent for direct_mail since {NOW - timedelta(days=20):%Y-%m-%d}",
        "newsletter": "no consent for newsletter",
        "email": "cap of 2 in 7 days reached",
        "sms": "not reachable by sms",
    }.items():
        answer = await decide(market, channel=channel)
        assert (answer["channel"], answer["items"], answer["outcome"]) == (None, [], "not_allowed")
        assert reasons(answer) == {channel: text}
    capped = (await decide(market, channel="email"))["why_not"][0]
    assert datetime.fromisoformat(capped["until"]) == NOW + timedelta(days=6)


async def test_whether_it_pays_does_not_hang_on_the_creative_that_was_drawn(market: Shop) -> None:
    """Were letters with one of two creatives held back, the other would be logged with a chance that it never had."""
    await consent(market, "tom", "direct_mail", "measurement", "model_training")
    both = ({"id": id_, "about": {"products": ["mug"]}, "channels": ["direct_mail"]} for id_ in ("any", "loud"))
    await put_creatives(market, *both)
    await market.query(
        "MATCH (i:Identity {tenant: $tenant, id: 'tom'}) CREATE (i)-[:RECEIVED]->(:Decision {tenant: $tenant, "
        "id: 'd', at: $at, channel: 'web', product_ids: ['mug'], creative_ids: ['loud'], deterministic: [false], "
        "community_ids: [''], community_weights: [1.0]})",
        at=NOW - timedelta(days=2),
    )
    click = {"event_id": "c", "type": "click", "identity_id": "tom", "decision_id": "d"}
    lines = [{"product_id": "mug"}]
    event = {**click, "at": (NOW - timedelta(days=2)).isoformat(), "lines": lines}
    assert (await market.call("POST", "/v1/events", {"events": [event]})).json()["accepted"] == 1

    rules = [{"channel": "direct_mail", "cost": "9.00"}]
    [free] = (await decide(market, channel="direct_mail"))["items"]
    await market.call("PUT", "/v1/channels", {"channels": rules})
    dear = [await decide(market, channel="direct_mail", margin=0.5) for _ in range(30)]

    assert free["propensity"] < 0.95  # either is drawn now and then
    assert len({reasons(one)["direct_mail"] for one in dear}) == 1


async def test_a_letter_goes_out_only_while_it_pays(market: Shop) -> None:
    await consent(market, "tom", "direct_mail")
    await put_creatives(market, {"id": "any", "about": {"products": ["mug"]}, "channels": ["direct_mail"], "text": "!"})

    async def at(cost: str, **asked: Any) -> dict[str, Any]:
        rules = [{"channel": "direct_mail", "cost": cost}]
        assert (await market.call("PUT", "/v1/channels", {"channels": rules})).status_code == 200
        return await decide(market, channel="direct_mail", **asked)

    # Of 9.00 half is kept, and before anything is known one in fifty takes what it is shown: .09.
    assert (await at("0.08", margin=0.5))["channel"] == "direct_mail"
    dear = await at("0.10", margin=0.5)
    assert (dear["channel"], dear["items"]) == (None, [])
    assert dear["why_not"][0]["code"] == "does_not_pay"
    assert reasons(dear) == {"direct_mail": "costs 0.1, and a gain of 0.09 is expected"}
    assert (await at("0.08", margin=0.5, least_gain=0.02))["channel"] is None
    assert (await at("0.10"))["channel"] == "direct_mail"  # nobody asked whether it pays
    assert (await market.call("POST", ASK, {"identity_id": "tom", "least_gain": 1})).status_code == 422


async def test_quiet_hours_are_those_of_the_identity(market: Shop) -> None:
    await consent(market, "tom", "push")
    berlin = NOW.astimezone(ZoneInfo("Europe/Berlin"))
    start, end = berlin - timedelta(hours=1), berlin + timedelta(hours=1)
    quiet = {"start": f"{start:%H:%M}", "end": f"{end:%H:%M}"}
    await market.call("PUT", "/v1/channels", {"channels": [{"channel": "push", "quiet_hours": quiet}]})

    assert reasons(await decide(market, channel="push")) == {"push": f"quiet until {end:%H:%M} Europe/Berlin"}
    away = {"id": "tom", "kind": "personal", "time_zone": "Asia/Tokyo"}
    await market.call("PUT", "/v1/identities", {"identities": [away]})
    assert (await decide(market, channel="push"))["channel"] == "push"


async def test_without_a_channel_the_quietest_is_taken_that_may_be_used(market: Shop) -> None:
    await consent(market, "tom", "sms", "email_marketing")

    answer = await decide(market)

    assert answer["channel"] == "email"
    assert reasons(answer) == {
        "packaging": "no consent for packaging",
        "newsletter": "no consent for newsletter",
        **dict.fromkeys(("push", "paid_social", "sms", "direct_mail"), "email is quieter"),
    }


@pytest.mark.parametrize("refused", ["withdrawn", "denied", "full"])
async def test_a_refused_channel_is_never_replaced_by_a_louder_one(market: Shop, refused: str) -> None:
    await consent(market, "tom", "sms", "direct_mail", "email_marketing")
    if refused == "full":
        await send(market, "tom", "email", 2)
    else:
        await consent(market, "tom", "email_marketing", status=refused, days_ago=1)

    answer = await decide(market)

    assert answer["channel"] is None
    told = reasons(answer)
    assert {told[channel] for channel in ("push", "sms", "direct_mail")} == {"louder than email, which may not be used"}
    assert (await decide(market, channel="sms"))["channel"] == "sms"
    await consent(market, "tom", "newsletter")
    assert (await decide(market))["channel"] == "newsletter"


async def test_others_read_the_same_bytes_as_for_an_id_that_nobody_has(market: Shop) -> None:
    await consent(market, "tom", "sms", status="withdrawn")
    await consent(market, "tom", "direct_mail")
    await send(market, "tom", "direct_mail", 1)
    key = {"X-API-Key": await market.token("recommend")}

    async def bytes_of(who: str, channel: str | None) -> str:
        answer = await market.client.post(ASK, json={"identity_id": who, "channel": channel}, headers=key)
        return re.sub(r'"decision_id":"\w+"', "", answer.text).replace(f'"{who}"', '"who"')

    for channel in (*ALL, None):
        told = await bytes_of("tom", channel)
        assert told == await bytes_of("nobody", channel)
        assert told.count('"not_allowed"') == 1 + (len(ALL) if channel is None else 1)


async def test_a_refusal_costs_the_statements_that_nobody_costs(market: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    await consent(market, "tom", "sms", status="withdrawn")
    given, run = Statement.arguments, list[str]()

    def noted(statement: Statement, params: Any) -> dict[str, object]:
        if not statement.name.startswith(WHEN_DUE):
            run.append(statement.name)
        return given(statement, params)

    await decide(market, channel="sms")
    monkeypatch.setattr(Statement, "arguments", noted)
    cost: list[list[str]] = []
    for who in ("tom", "nobody"):
        run.clear()
        await decide(market, who, channel="sms")
        cost.append(run.copy())
    assert cost[0] == cost[1] == ["channels/read_contacts"]


async def test_whoever_comes_by_is_shown_something_without_any_consent(market: Shop) -> None:
    known, unknown = await decide(market, channel="web"), await decide(market, "nobody", channel="web")

    assert known["channel"] == unknown["channel"] == "web"
    assert known["outcome"] == unknown["outcome"] == "contextual_only"
    assert [one["product"] for one in known["items"]] == [one["product"] for one in unknown["items"]]
    assert known["unsubscribe_token"] is None


async def test_nobody_is_contacted_on_a_guess(market: Shop) -> None:
    answer = await decide(market, None, session_id="s", channel="email")

    assert (answer["channel"], answer["identity"]["id"]) == (None, None)
    assert (await decide(market, None, session_id="s"))["channel"] == "web"


async def test_creatives_that_are_not_used_say_why(market: Shop) -> None:
    await consent(market, "tom", "email_marketing")
    await put_creatives(
        market,
        {"id": "any", "about": {"brands": ["clay"]}},
        {"id": "traits", "text": "For pregnant women"},
        {"id": "bare", "headline": None},
        {"id": "elsewhere", "about": {"brands": ["nobody's"]}},
        {"id": "over", "valid_until": "2026-01-01T00:00:00Z"},
        {"id": "other-channel", "channels": ["web"]},
    )

    told = {one["creative_id"]: one["code"] for one in (await decide(market, channel="email"))["why_not"]}

    assert told == {"traits": "names_traits", "bare": "lacks_part", "elsewhere": "fits_nothing", "over": "over"}
    for id_ in ("any", "other-channel"):
        await market.call("DELETE", f"/v1/creatives/{id_}")
    answer = await decide(market, channel="email")
    assert (answer["channel"], reasons(answer)) == (None, {"email": "no creative for email fits a product"})


async def test_a_creative_whose_picture_is_dead_is_not_used_until_it_is_there_again(
    serve_with: ServeWith, settings: Settings, market: Shop
) -> None:
    there = {"/i.png"}

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        path = (await reader.readuntil(b"\r\n\r\n")).split()[1].decode()
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n" if path in there else b"HTTP/1.1 404 Not Found\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        place = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with serve_with(settings.model_copy(update={"feed_hosts": (place,)})) as client:
            shop = Shop(market.tenant, client, market.db)
            await put_creatives(shop, {"id": "any", "channels": ["web"], "image_link": f"http://{place}/i.png"})

            async def check() -> str | None:
                answer = await shop.call("POST", "/v1/creatives/any:check")
                assert answer.status_code == 200, answer.text
                return answer.json()["unused_text"]

            assert await check() is None
            there.clear()
            assert (await decide(shop, channel="web"))["items"]  # nobody has looked since
            assert await check() == "The picture's server answered 404."
            dead = await decide(shop, channel="web")
            assert dead["items"] == []
            assert ("any", "dead_picture") in {(one["creative_id"], one["code"]) for one in dead["why_not"]}
            await put_creatives(shop, {"id": "any", "channels": ["web"], "image_link": f"http://{place}/i.png"})
            assert (await decide(shop, channel="web"))["items"] == []  # the same link again
            there.add("/i.png")
            assert await check() is None
            assert (await decide(shop, channel="web"))["items"]

            await put_creatives(shop, {"id": "any", "channels": ["web"], "image_link": "http://127.0.0.1:1/inner.png"})
            assert "inner" not in str(await check())  # an inner address is asked for nothing
            await put_creatives(shop, {"id": "any", "channels": ["web"], "image_link": None})
            assert (await shop.call("POST", "/v1/creatives/any:check")).status_code == 409
            assert (await shop.call("POST", "/v1/creatives/none:check")).status_code == 404


async def test_a_product_without_a_price_is_shown_in_no_creative_that_names_it(market: Shop) -> None:
    await put_creatives(market, {"id": "any", "text": "{product.price}"})
    answers = [await decide(market, channel="web", limit=3, exclude=[id_]) for id_ in ("tea", "mug")]

    assert [[one["product"]["product_id"] for one in answer["items"]] for answer in answers] == [["mug"], ["tea"]]


async def test_a_creative_for_a_category_a_brand_or_a_product_is_shown_with_that_alone(market: Shop) -> None:
    await put_creatives(
        market,
        {"id": "any", "about": {"categories": ["drinks"]}},
        {"id": "clay", "about": {"brands": ["Clay"]}, "image_link": None},
        {"id": "pot", "about": {"products": ["pot"]}, "pinned": True},
    )

    items = (await decide(market, channel="web", limit=3))["items"]

    assert {one["product"]["product_id"]: one["creative"]["id"] for one in items} == {
        "tea": "any",
        "mug": "clay",
        "pot": "pot",
    }
    assert {one["creative"]["id"]: one["deterministic"] for one in items} == {"any": False, "clay": False, "pot": True}


async def test_what_is_logged_is_the_chance_that_each_had(market: Shop) -> None:
    await put_creatives(market, *({"id": id_, "about": {"products": ["tea"]}} for id_ in ("any", "b", "c")))
    answers = [await decide(market, channel="web") for _ in range(60)]
    seen = Counter(answer["items"][0]["creative"]["id"] for answer in answers)

    assert set(seen) == {"any", "b", "c"}
    assert [answer["items"][0]["propensity"] for answer in answers] == pytest.approx([1 / 3] * 60)
    decision = await logged(market, answers[0]["decision_id"])
    assert decision["creative_ids"] == [answers[0]["items"][0]["creative"]["id"]]
    assert decision["creative_propensities"] == [answers[0]["items"][0]["propensity"]]
    assert (decision["channel"], decision["deterministic"]) == ("web", [False])
    assert (decision["community_ids"], decision["community_weights"]) == ([""], [1.0])


async def logged(shop: Shop, decision_id: str) -> dict[str, Any]:
    for _ in range(100):
        rows = await shop.query("MATCH (d:Decision {tenant: $tenant, id: $id}) RETURN d", id=decision_id)
        if rows:
            return rows[0]["d"]
        await asyncio.sleep(0.1)
    raise AssertionError


async def test_the_token_of_a_contact_unsubscribes_from_its_channel(market: Shop) -> None:
    await consent(market, "tom", "email_marketing", "newsletter")
    token = (await decide(market, channel="email"))["unsubscribe_token"]

    assert (await market.client.post(f"/unsubscribe/{token}")).json()["channel"] == "email"

    assert reasons(await decide(market, channel="email")) == {"email": f"no consent for email since {NOW:%Y-%m-%d}"}
    assert (await decide(market, channel="newsletter"))["channel"] == "newsletter"


async def test_siblings_consents_and_contacts_are_their_own(market: Shop) -> None:
    both = [{"id": id_, "kind": "work", "person_id": "tom", "reachable": ["email"]} for id_ in ("tom-work", "tom-home")]
    await market.call("PUT", "/v1/identities", {"identities": both})
    await consent(market, "tom-work", "email_marketing")
    await consent(market, "tom-home", "email_marketing")
    await send(market, "tom-work", "email", 2)

    assert (await decide(market, "tom-home", channel="email"))["channel"] == "email"
    assert (await decide(market, "tom-work", channel="email"))["channel"] is None
    await consent(market, "tom-home", "email_marketing", status="withdrawn", days_ago=1)
    assert (await decide(market, "tom-home", channel="email"))["channel"] is None


async def test_another_tenants_identity_is_nobody(market: Shop, other_shop: Shop) -> None:
    await other_shop.call(
        "PUT", "/v1/identities", {"identities": [{"id": "eve", "kind": "personal", "reachable": EVERYWHERE}]}
    )
    await consent(other_shop, "eve", *MARKETING)

    assert reasons(await decide(market, "eve", channel="email")) == {"email": "no consent for email"}


async def test_a_key_bound_to_one_identity_decides_for_it_alone(market: Shop) -> None:
    key = {"X-API-Key": (await market.issue(KeyRequest(("recommend",), identity_id="tom"))).token}

    async def status(who: str) -> int:
        found: httpx2.Response = await market.client.post(ASK, json={"identity_id": who, "channel": "web"}, headers=key)
        return found.status_code

    assert (await status("tom"), await status("eve")) == (200, 403)


async def outcomes(shop: Shop) -> dict[tuple[str, str], Count]:
    now = datetime.now(UTC)
    return dict((await OutcomeGraph(shop.db, CreditRules()).tally(shop.tenant, now, now - timedelta(days=90))).counts)


async def happens(shop: Shop, type_: str, decision_id: str, who: str = "tom", **more: Any) -> None:
    event = {"type": type_, "identity_id": who, "decision_id": decision_id, "at": NOW.isoformat(), **more}
    event["event_id"] = f"{type_}-{decision_id}"
    report = (await shop.call("POST", "/v1/events", {"events": [event]})).json()
    assert (report["accepted"], report["errors"]) == (1, [])


async def test_what_was_shown_and_taken_is_counted_of_those_who_may_be_learned_from(market: Shop) -> None:
    await consent(market, "tom", "personalise_content", "measurement", "model_training")
    await consent(market, "eve", "personalise_content", "measurement")
    first, second, hers = [await decide(market, who, channel="web") for who in ("tom", "tom", "eve")]
    for one in (first, second, hers):
        await logged(market, one["decision_id"])
    product_id = first["items"][0]["product"]["product_id"]
    await happens(market, "click", first["decision_id"], lines=[{"product_id": product_id}])
    await happens(market, "click", second["decision_id"], lines=[{"product_id": "something-else"}])
    await happens(market, "click", hers["decision_id"], "eve")

    assert await outcomes(market) == {("", "any"): Count(2, 1)}

    await consent(market, "eve", "model_training")
    assert await outcomes(market) == {("", "any"): Count(3, 2)}
    await consent(market, "tom", "measurement", status="withdrawn", days_ago=0)
    assert await outcomes(market) == {("", "any"): Count(1, 1)}


async def test_whoever_is_erased_is_in_no_number_any_more(market: Shop) -> None:
    await consent(market, "tom", "personalise_content", "measurement", "model_training")
    decision_id = (await decide(market, channel="web"))["decision_id"]
    await logged(market, decision_id)
    await happens(market, "click", decision_id)
    assert await outcomes(market) == {("", "any"): Count(1, 1)}

    receipt = (await market.call("DELETE", "/v1/identities/tom")).json()

    assert receipt["counts"]["nodes"]["Decision"] == 1
    assert await outcomes(market) == {}
    assert await market.count("(:Decision {tenant: $tenant, id: $id})", id=decision_id) == 0


async def test_a_contact_counts_once_it_was_sent_and_a_pinned_creative_never(market: Shop) -> None:
    await consent(market, "tom", "email_marketing", "measurement", "model_training")
    kept, sent = [(await decide(market, channel="email"))["decision_id"] for _ in range(2)]
    for one in (kept, sent):
        await logged(market, one)
    await happens(market, "sent", sent, channel="email")
    assert await outcomes(market) == {("", "any"): Count(1, 0)}

    await put_creatives(market, {"id": "any", "pinned": True})
    pinned = (await decide(market, channel="email"))["decision_id"]
    await logged(market, pinned)
    await happens(market, "click", pinned)
    assert await outcomes(market) == {("", "any"): Count(1, 0)}


async def test_another_tenants_outcomes_are_none_of_ours(market: Shop, other_shop: Shop) -> None:
    await consent(market, "tom", "personalise_content", "measurement", "model_training")
    await logged(market, (await decide(market, channel="web"))["decision_id"])

    assert await outcomes(other_shop) == {}


async def test_two_ways_to_name_somebody_are_one_too_many(market: Shop) -> None:
    both = {"identity_id": "tom", "identifiers": [{"type": "email", "value": "tom@example.com"}]}

    assert (await market.call("POST", ASK, both)).status_code == 422
