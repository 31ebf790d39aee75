"""One login, several people: who it is shows in what is done, in doubt it is nobody, and what was wrong is undone."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest_asyncio

from app.domain.models import Purpose
from app.graph.audit import AuditTrail
from app.graph.database import Database
from app.graph.shared_sessions import SharedSessionGraph
from app.jobs.refresh import refresh
from app.settings import Settings
from tests.api.conftest import Shop
from tests.graph.shop import HASHER

NOW = datetime.now(UTC)
DOGS, CATS, REST = ("dog-food", "lead", "bone"), ("cat-toy", "litter", "cat-food"), ("tea", "cup", "honey")
LOGIN = "family"
CONSENTS: tuple[Purpose, ...] = ("personalise_content", "model_training", "link_identities")


def last(weekday: int, hour: int, weeks_ago: int = 0) -> datetime:
    """The last such moment (Monday is 0) at least a day ago, and so many weeks before."""
    day = NOW - timedelta(days=1 + (NOW.weekday() - 1 - weekday) % 7)
    return day.replace(hour=hour, minute=5, second=0, microsecond=0) - timedelta(weeks=weeks_ago)


def event(event_id: str, at: datetime, *product_ids: str, type_: str = "view", **given: Any) -> dict[str, Any]:
    lines = [{"product_id": id_} for id_ in product_ids]
    return {"event_id": event_id, "type": type_, "at": at.isoformat(), "lines": lines, **given}


class Family:
    """A shop with a crowd, and Tom and Debbie who share a login there."""

    def __init__(self, shop: Shop, settings: Settings) -> None:
        self.shop, self.settings = shop, settings
        rules, threshold = settings.evidence_rules, settings.attribution_threshold
        self.sessions = SharedSessionGraph(shop.db, AuditTrail(HASHER), rules, threshold, settings.session_minutes)

    async def opens(self) -> None:
        groups = {"dogs": DOGS, "cats": CATS, "rest": REST}
        products = [{"id": id_, "title": id_, "product_type": name} for name, ids in groups.items() for id_ in ids]
        await self.good("PUT", "/v1/products", {"products": products})
        who = [{"id": id_, "kind": "personal", "account_id": LOGIN} for id_ in ("tom", "debbie")]
        who[0]["identifiers"] = [{"type": "email", "value": "tom@example.com"}]  # pyright: ignore[reportArgumentType]
        who += [{"id": "alone", "kind": "personal", "account_id": "own"}]
        crowd = [f"card-{n}" for n in range(9)]
        await self.good(
            "PUT", "/v1/identities", {"identities": [*who, *({"id": id_, "kind": "personal"} for id_ in crowd)]}
        )
        for id_ in ("tom", "debbie", "alone", *crowd):
            await self.consents(id_, *CONSENTS[: 3 if id_ in ("tom", "debbie") else 2])
        rows = [event(f"t{n}", last(2, 18, n), *DOGS, type_="purchase", identity_id="tom") for n in range(12)]
        rows += [event(f"d{n}", last(5, 10, n), *CATS, type_="purchase", identity_id="debbie") for n in range(12)]
        rows += [event("a", last(0, 9), "tea", type_="purchase", identity_id="alone")]
        for place, card in enumerate(crowd):
            for n in range(6):
                at = last((place + n) % 7, 8 + (5 * n + place) % 12, n)
                products_ = (DOGS, CATS, REST)[place % 3]
                rows.append(event(f"{card}-{n}", at, *products_, type_="purchase", identity_id=card))
        await self.sends(*rows)
        await refresh(self.shop.db, self.settings, self.shop.tenant)

    async def good(self, method: str, path: str, body: Any = None) -> Any:
        answer = await self.shop.call(method, path, body)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    async def consents(self, identity_id: str, *purposes: Purpose, status: str = "granted") -> None:
        for purpose in purposes:
            body = {"status": status, "at": (NOW - timedelta(days=300 if status == "granted" else 0)).isoformat()}
            await self.good("PUT", f"/v1/identities/{identity_id}/consents/{purpose}", body)

    async def sends(self, *rows: dict[str, Any]) -> None:
        assert (await self.good("POST", "/v1/events", {"events": list(rows)}))["errors"] == []

    async def asks(self, **body: Any) -> Any:
        return await self.good("POST", "/v1/recommendations", {"limit": 5, "explain": True, **body})

    async def who(self, session_id: str, **hints: Any) -> tuple[str | None, str, float | None]:
        answer = (await self.asks(session_id=session_id, **(hints or {"account_id": LOGIN})))["identity"]
        return answer["id"], answer["method"], answer["confidence"]

    async def likes(self, identity_id: str) -> set[str]:
        return {one["product_id"] for one in (await self.good("GET", f"/v1/identities/{identity_id}"))["likes"]}

    async def settles(self) -> None:
        await self.sessions.settle(self.shop.tenant)

    async def attributed(self, session_id: str) -> list[tuple[str, str]]:
        rows = await self.shop.query(
            "MATCH (:Session {tenant: $tenant, id: $id})-[a:ATTRIBUTED_TO]->(i) RETURN i.id AS id, a.method AS method, "
            "a.p AS p, a.model AS model",
            id=session_id,
        )
        assert all(0 < row["p"] <= 1 for row in rows)
        return [(row["id"], row["method"]) for row in rows]


@pytest_asyncio.fixture
async def family(shop: Shop, db: Database, settings: Settings) -> Family:
    made = Family(shop, settings)
    await made.opens()
    return made


async def wednesday(family: Family, session_id: str = "wed", **given: Any) -> None:
    who = {"session_id": session_id, "account_id": LOGIN, **given}
    await family.sends(event(f"{session_id}-1", last(2, 18), "dog-food", type_="cart", **who))


async def saturday(family: Family, session_id: str = "sat", **given: Any) -> None:
    who = {"session_id": session_id, "account_id": LOGIN, **given}
    await family.sends(event(f"{session_id}-1", last(5, 10), "cat-toy", "litter", **who))


async def test_what_is_done_says_who_it_is_and_a_neutral_page_is_nobodys(family: Family) -> None:
    await wednesday(family)
    await saturday(family)

    tom, debbie = await family.who("wed"), await family.who("sat")
    neutral = await family.asks(session_id="new", account_id=LOGIN)

    assert (tom[:2], debbie[:2]) == (("tom", "posterior"), ("debbie", "posterior"))
    assert tom[2] is not None
    assert 0.8 <= tom[2] < 1
    assert neutral["identity"] == {"id": None, "method": "anonymous", "confidence": None}
    asserted = await family.asks(identity_id="tom")
    assert asserted["identity"] == {"id": "tom", "method": "asserted", "confidence": 1.0}
    assert (await family.asks(session_id="wed", account_id=LOGIN))["items"] == asserted["items"]


async def test_a_login_alone_is_asserted_only_where_one_identity_uses_it(family: Family) -> None:
    shared, own, unknown = [await family.asks(account_id=id_) for id_ in (LOGIN, "own", "nobodys")]

    assert own["identity"] == {"id": "alone", "method": "asserted", "confidence": 1.0}
    assert shared["identity"] == unknown["identity"] == {"id": None, "method": "anonymous", "confidence": None}
    assert shared["items"] == unknown["items"]


async def test_a_named_identity_beside_a_session_is_a_hint_and_alone_it_is_asserted(family: Family) -> None:
    await saturday(family)

    assert (await family.who("sat"))[0] == "debbie"
    assert (await family.who("sat", identity_id="tom"))[0] != "tom"
    assert (await family.who("new", identity_id="tom"))[:2] == (None, "anonymous")
    assert (await family.who("new", identity_id="alone")) == ("alone", "asserted", 1.0)
    mail = [{"type": "email", "value": "tom@example.com"}]
    assert (await family.who("sat", identifiers=mail))[0] != "tom"
    assert (await family.asks(identifiers=mail))["identity"]["method"] == "resolved"


async def test_the_page_is_evidence_too_and_a_flip_drops_the_earlier_identity_at_once(family: Family) -> None:
    await wednesday(family)
    assert (await family.who("wed"))[0] == "tom"

    who = {"session_id": "wed", "account_id": LOGIN}
    await family.sends(event("wed-2", last(2, 18), "cat-toy", "litter", "cat-food", **who))
    flipped = await family.asks(**who)

    assert flipped["identity"]["id"] != "tom"
    assert not any(reason["id"] in DOGS for item in flipped["items"] for reason in item["reasons"])


async def test_a_session_becomes_likes_whole_when_it_ends_and_the_raw_events_stay(family: Family) -> None:
    who = {"session_id": "late", "account_id": LOGIN}
    await family.sends(event("late-1", last(2, 18), "dog-food", "lead", "bone", "tea", type_="cart", **who))
    await family.sends(event("now-1", NOW, "dog-food", "honey", session_id="now", account_id=LOGIN))
    assert "tea" not in await family.likes("tom")

    await family.settles()

    assert "tea" in await family.likes("tom")
    assert "tea" not in await family.likes("debbie")
    assert "honey" not in await family.likes("tom")  # it goes on
    assert await family.attributed("late") == [("tom", "posterior")]
    assert await family.shop.count("(:Identity {tenant: $tenant, id: 'session:late'})-[:DID]->(:Interaction)") == 1


async def test_a_doubtful_session_becomes_nobodys_likes(family: Family) -> None:
    before = [await family.likes(id_) for id_ in ("tom", "debbie")]
    await family.sends(event("e1", last(1, 3), "tea", "cup", type_="purchase", session_id="s", account_id=LOGIN))

    await family.settles()

    assert [await family.likes(id_) for id_ in ("tom", "debbie")] == before
    assert await family.attributed("s") == []


async def test_a_claim_moves_the_evidence_and_its_undoing_moves_it_back(family: Family) -> None:
    who = {"session_id": "late", "account_id": LOGIN}
    await family.sends(event("late-1", last(2, 18), "dog-food", "lead", "bone", "tea", type_="cart", **who))
    await family.settles()
    before = {id_: await family.likes(id_) for id_ in ("tom", "debbie")}

    claim = await family.good("POST", "/v1/sessions/late:claim", {"identity_id": "debbie"})
    assert "tea" not in await family.likes("tom")
    assert {"tea", "dog-food"} <= await family.likes("debbie")
    assert await family.who("late") == ("debbie", "asserted", 1.0)
    assert await family.attributed("late") == [("debbie", "asserted")]

    await family.good("DELETE", f"/v1/claims/{claim['id']}")
    await family.settles()
    assert {id_: await family.likes(id_) for id_ in ("tom", "debbie")} == before
    assert await family.attributed("late") == [("tom", "posterior")]


async def test_what_was_given_wrongly_is_taken_back_for_good(family: Family) -> None:
    who = {"session_id": "late", "account_id": LOGIN}
    await family.sends(event("late-1", last(2, 18), "dog-food", "lead", "tea", type_="cart", **who))
    await family.settles()

    await family.good("DELETE", "/v1/claims/posterior:late")
    await family.settles()

    assert "tea" not in await family.likes("tom")
    assert (await family.who("late"))[:2] == (None, "anonymous")
    assert await family.attributed("late") == []


async def test_without_consent_nobody_is_attributed_and_a_withdrawal_takes_the_evidence_back(family: Family) -> None:
    who = {"session_id": "late", "account_id": LOGIN}
    await family.sends(event("late-1", last(2, 18), "dog-food", "lead", "tea", type_="cart", **who))
    await family.settles()
    assert "tea" in await family.likes("tom")

    await family.consents("tom", "link_identities", status="withdrawn")
    assert (await family.who("late"))[:2] == (None, "anonymous")
    await family.settles()

    assert "tea" not in await family.likes("tom")
    assert await family.attributed("late") == []
    await refresh(family.shop.db, family.settings, family.shop.tenant)
    known = "(:Run {tenant: $tenant, active: true})-[:KNOWS_HABITS]->(:Identity {id: $id})"
    assert [await family.shop.count(known, id=id_) for id_ in ("tom", "debbie", "alone", "card-1")] == [0, 1, 0, 0]


async def test_a_visitor_who_denies_to_be_linked_is_nobody(family: Family) -> None:
    await wednesday(family)
    await family.consents("session:wed", "link_identities", status="denied")

    assert (await family.who("wed"))[:2] == (None, "anonymous")
    await family.settles()
    assert await family.attributed("wed") == []


async def test_an_email_of_a_shared_login_is_a_hint_for_a_session_and_names_an_event_alone(family: Family) -> None:
    mail = [{"type": "email", "value": "tom@example.com"}]
    await family.sends(
        event("m1", last(5, 10), "cat-toy", "litter", "honey", session_id="mail", identifiers=mail),
        event("m2", last(5, 10), "cup", identifiers=mail),
    )
    assert not {"cat-toy", "honey"} & await family.likes("tom")
    assert "cup" in await family.likes("tom")

    await family.settles()

    assert "honey" not in await family.likes("tom")


async def test_what_was_done_before_the_login_was_named_stays_the_sessions_own(family: Family) -> None:
    await family.sends(event("w0", last(2, 17), "honey", session_id="wed"))
    await wednesday(family)
    await family.settles()

    assert await family.attributed("wed") == [("tom", "posterior")]
    assert "honey" not in await family.likes("tom")


async def test_an_event_of_a_login_names_a_session_and_nobody(family: Family) -> None:
    rows = [event("x1", NOW, "tea", account_id=LOGIN), event("x2", NOW, "tea", account_id=LOGIN, identity_id="tom")]
    rows += [event("x3", NOW, "tea", account_id=LOGIN, identity_id="tom", session_id="s")]

    answer = await family.shop.call("POST", "/v1/events", {"events": rows})

    assert answer.status_code == 422
    assert [one["field"] for one in answer.json()["errors"]] == [f"events.{n}.account_id" for n in range(3)]


async def test_erasing_a_member_takes_its_habits_and_its_sessions(family: Family) -> None:
    await wednesday(family)
    await family.settles()

    await family.good("DELETE", "/v1/identities/tom")

    assert await family.shop.count("(:Session {tenant: $tenant})-->(:Identity)") == 0
    assert await family.shop.count("(:Run {tenant: $tenant})-[:KNOWS_HABITS]->(:Identity)") == 1
    await family.settles()
    assert "dog-food" not in await family.likes("debbie")  # who is left on the login
