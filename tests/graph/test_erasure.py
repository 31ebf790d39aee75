"""Erasing reaches everything of an identity, nothing of anybody else, and lasts."""

import asyncio
from collections import Counter
from typing import Any

import pytest

import app.graph.erasure as erasure_graph
from app.domain.audit import AuditQuery
from app.domain.consent import Signal
from app.domain.erasure import TRAINED, Counts, Erasure
from app.domain.errors import NotFoundError
from app.domain.models import Identifier, Identity
from app.domain.orders import SERVER, waiting_place
from app.domain.recommendation import Decision, Drawn, Item
from app.graph.audit import AuditGraph, AuditTrail
from app.graph.consents import ConsentGraph
from app.graph.database import Row
from app.graph.decisions import DecisionGraph
from app.graph.erasure import ErasureGraph
from app.graph.tombstones import Tombstones
from app.services.audit import verify_audit
from app.services.erase import Eraser, Preview
from app.services.unfinished import Unfinished
from tests.graph.shop import HASHER, NOW, Outside, Shop


def graph(shop: Shop) -> ErasureGraph:
    return ErasureGraph(shop.db, AuditTrail(HASHER), HASHER, shop.settings.evidence_rules)


def eraser(shop: Shop) -> Eraser:
    return Eraser(graph(shop), Outside(), shop.recommender)


async def erase(shop: Shop, id_: str, **more: Any) -> Erasure:
    receipt = await eraser(shop).erase(HASHER(shop.tenant), "identity", id_, "key-1", **more)
    assert isinstance(receipt, Erasure)
    return receipt


async def preview(shop: Shop, id_: str, kind: Any = "identity") -> Preview:
    return await eraser(shop).preview(HASHER(shop.tenant), kind, id_)


async def a_household(shop: Shop) -> None:
    """Tom (at home and at work) and Debbie: one login, one e-mail each, one shared phone."""
    digest = HASHER(shop.tenant)
    phone = Identifier("household_phone", digest("household_phone", "+49301234567"))
    mail = Identifier("email", digest("email", "tom@example.com"))
    await shop.offers("tea", "cup", "pot", "cake")
    await shop.knows(
        Identity("tom-home", "personal", "tom", "login-1", "home-1", (mail, phone)),
        Identity("tom-work", "work", "tom", "login-2", None, ()),
        Identity("debbie", "personal", "debbie", "login-1", "home-1", (phone,)),
    )
    await shop.grants("tom-home", "tom-work", "debbie")
    for who, *things in (("tom-home", "tea", "cup"), ("tom-work", "pot"), ("debbie", "tea", "cake")):
        await shop.buys(who, *things, order_id=f"order-{who}", session_id=f"session-{who}")
    await shop.saw(shop.event("refund", "tom-home", "cup", order_id="order-tom-home"))
    drawn = Drawn((Item("pot", 1, 0.5, "similar", "Pot"),), 0.1, 1)
    row = Decision("d-1", NOW, "web", "home", "granted", None, "tom-home", (), drawn=drawn)
    await DecisionGraph(shop.db).write_decisions(shop.tenant, [row])
    await shop.query(
        "MATCH (a:Identity {tenant: $tenant, id: 'debbie'}), (b:Identity {tenant: $tenant, id: 'tom-home'}) "
        "CREATE (a)-[:GRANTED {id: 'g1'}]->(b), (b)-[:FOLLOWS {id: 'f1', source: 'api'}]->(a) "
        "CREATE (b)-[:EXCLUDES]->(:Exclusion {tenant: $tenant, id: 'e1', kind: 'brand', value: 'acme'}) "
        "CREATE (b)-[:DISLIKES {weight: -1.0}]->(:Product {tenant: $tenant, id: 'disliked'}) "
        "CREATE (:EndedLink {tenant: $tenant, id: 'x', start_hash: $digest, end_hash: 'y'})",
        digest=digest.subject("identity", "tom-home"),
    )


async def everything(shop: Shop, but: str = "Tombstone|Erasure|AuditEntry|Tenant") -> tuple[Counter[str], Counter[str]]:
    """All nodes by label and relationships by type, without what proves an erasure."""
    nodes = await shop.query(
        f"MATCH (n {{tenant: $tenant}}) WHERE NOT n:{but} RETURN labels(n)[0] AS name, count(*) AS number"
    )
    relationships = await shop.query("MATCH (n {tenant: $tenant})-[r]->() RETURN type(r) AS name, count(*) AS number")
    return _counted(nodes), _counted(relationships)


def _counted(rows: list[Row]) -> Counter[str]:
    return Counter({row["name"]: row["number"] for row in rows})


@pytest.fixture(params=[1, 3, 2000])
def batches(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erasure_graph, "BATCH", request.param)


@pytest.mark.usefixtures("batches")
async def test_exactly_what_was_shown_goes(shop: Shop) -> None:
    await a_household(shop)
    nodes_before, relationships_before = await everything(shop)
    shown = (await preview(shop, "tom-home")).plan

    receipt = await erase(shop, "tom-home")

    nodes, relationships = await everything(shop)
    gone = Counts(dict(nodes_before - nodes), dict(relationships_before - relationships))
    assert receipt.counts == shown.goes == gone
    assert gone.nodes == {
        "Identity": 1,
        "Interaction": 2,
        "Consent": 2,
        "Decision": 1,
        "Identifier": 1,  # the e-mail; the phone is Debbie's too
        "EndedLink": 1,
        "Exclusion": 1,
    }
    assert gone.relationships["EXCLUDES"] == gone.relationships["DISLIKES"] == 1
    assert shown.stays == {"Product": 3, "Person": 1, "Account": 1, "Identifier": 1, "Identity": 1}
    assert await shop.count("(:Identity {tenant: $tenant, id: 'tom-home'})") == 0


async def test_nobody_elses_answer_changes(shop: Shop) -> None:
    await a_household(shop)
    await shop.refreshes()
    before = {who: (await shop.asks(who)).items for who in ("debbie", "tom-work", None)}
    likes = await shop.likes("debbie")

    await erase(shop, "tom-home")

    assert {who: (await shop.asks(who)).items for who in before} == before
    assert await shop.likes("debbie") == likes


async def test_the_erased_gets_the_answer_of_a_stranger(shop: Shop) -> None:
    await a_household(shop)
    await shop.refreshes()
    assert (await shop.asks("tom-home")).outcome == "granted"

    await erase(shop, "tom-home")

    answer, stranger = await shop.asks("tom-home"), await shop.asks("nobody")
    assert (answer.outcome, answer.items) == ("contextual_only", stranger.items)


async def test_the_last_identity_takes_its_person_and_login_with_it(shop: Shop) -> None:
    await a_household(shop)
    first, second = await erase(shop, "tom-home"), await erase(shop, "tom-work")

    assert not first.counts.nodes.keys() & {"Person", "Account", "Household"}
    assert {label: second.counts.nodes[label] for label in ("Person", "Account")} == {"Person": 1, "Account": 1}
    assert await shop.count("(:Person {tenant: $tenant, id: 'tom'})") == 0
    assert await shop.count("(:Household {tenant: $tenant, id: 'home-1'})<-[:LIVES_IN]-(:Person {id: 'debbie'})") == 1

    last = await erase(shop, "debbie")
    assert {label: last.counts.nodes[label] for label in ("Person", "Account", "Household")} == {
        "Person": 1,
        "Account": 1,
        "Household": 1,
    }
    assert (await everything(shop))[0].keys() == {"Product", "Brand", "Tag"} & (await everything(shop))[0].keys()


async def test_a_replay_does_not_revive(shop: Shop) -> None:
    await a_household(shop)
    await erase(shop, "tom-home")
    before = await everything(shop)

    assert await shop.saw(shop.event("purchase", "tom-home", "tea", id="late")) == 0
    await shop.grants("tom-home")
    await shop.knows(Identity("tom-home", "personal", "tom", "login-1", "home-1"))

    assert await everything(shop) == before


async def test_erasing_again_returns_the_receipt(shop: Shop) -> None:
    await a_household(shop)
    receipt = await erase(shop, "tom-home")

    assert await erase(shop, "tom-home") == receipt
    with pytest.raises(NotFoundError):
        await erase(shop, "nobody")


async def test_an_erasure_that_was_broken_off_is_finished_by_the_next_call(shop: Shop) -> None:
    await a_household(shop)
    shown = (await preview(shop, "tom-home")).plan
    store = graph(shop)
    begun = await store.begin(shop.tenant, shown, "key-1")  # and the process is killed
    assert await shop.saw(shop.event("view", "tom-home", "tea", id="between")) == 0

    receipt = await erase(shop, "tom-home")

    assert (receipt.id, receipt.counts) == (begun, shown.goes)
    assert await shop.count("(:Identity {tenant: $tenant, id: 'tom-home'})") == 0
    assert await shop.count("(:Erasure {tenant: $tenant})") == 1


async def test_whoever_is_on_an_erasure_s_list_is_denied_from_its_first_commit_on(shop: Shop) -> None:
    await a_household(shop)
    await shop.grants("tom-home")
    await shop.refreshes()
    assert (await shop.asks("tom-home")).outcome == "granted"
    shown = (await preview(shop, "tom-home")).plan
    await graph(shop).begin(shop.tenant, shown, "key-1")  # and the process is killed

    consents = ConsentGraph(shop.db, Tombstones(HASHER))
    await shop.grants("tom-home", days_ago=0)
    signal = Signal("tom-home", {"personalise_content": True}, NOW, "consent_mode")
    heard = await consents.hear(shop.tenant, [signal], "test")

    assert heard.passed_over == {"tom-home"}
    assert await shop.count("(:Identity {tenant: $tenant, id: 'tom-home'})-[:GAVE]->()") == 0
    assert (await shop.asks("tom-home")).outcome == "contextual_only"


async def test_erasures_that_were_broken_off_go_on_at_the_next_start(shop: Shop) -> None:
    await a_household(shop)
    shown = [(await preview(shop, id_)).plan for id_ in ("tom-home", "tom-work")]
    begun = [await graph(shop).begin(shop.tenant, plan, "key-1") for plan in shown]

    async with Unfinished(graph(shop)):
        async with asyncio.timeout(60):
            while await shop.count("(e:Erasure {tenant: $tenant}) WHERE e.erased_at IS NULL"):
                await asyncio.sleep(0.05)

    assert await shop.count("(i:Identity {tenant: $tenant}) WHERE i.id STARTS WITH 'tom-'") == 0
    assert [(await eraser(shop).read(shop.tenant, id_ or "")).counts for id_ in begun] == [one.goes for one in shown]


async def test_an_erasure_that_was_broken_off_is_finished_by_the_next_refresh(shop: Shop) -> None:
    await a_household(shop)
    shown = (await preview(shop, "tom-home")).plan
    store = graph(shop)
    begun = await store.begin(shop.tenant, shown, "key-1")

    await shop.refreshes()

    assert await shop.count("(:Identity {tenant: $tenant, id: 'tom-home'})") == 0
    assert (await eraser(shop).read(shop.tenant, begun or "")).counts == shown.goes


async def test_the_receipt_waits_for_the_refresh_that_began_later(shop: Shop) -> None:
    await a_household(shop)
    await shop.refreshes()
    receipt = await erase(shop, "tom-home")
    assert (receipt.waiting, receipt.finished_at, receipt.finished_by) == (TRAINED, None, None)

    await shop.refreshes()
    assert (await eraser(shop).read(shop.tenant, receipt.id)).waiting == TRAINED  # one may go back to it
    run = await shop.refreshes()

    finished = await eraser(shop).read(shop.tenant, receipt.id)
    assert (finished.waiting, finished.finished_by) == ((), run.run)
    assert finished.finished_at is not None
    assert await shop.count("(:Run {tenant: $tenant})-[:LEARNED_FROM]->(:Identity {id: 'tom-home'})") == 0


async def test_a_refresh_that_began_before_finishes_no_receipt(shop: Shop) -> None:
    await a_household(shop)
    await shop.refreshes()
    receipt = await erase(shop, "tom-home")
    run = (await shop.query("MATCH (r:Run {tenant: $tenant}) RETURN r.id AS id"))[0]["id"]

    await shop.db.write("erase/finish_receipts", tenant=shop.tenant, run=run, now=NOW)

    assert (await eraser(shop).read(shop.tenant, receipt.id)).finished_by is None


async def test_nothing_waits_for_one_that_was_never_learned_from(shop: Shop) -> None:
    await shop.buys("tom", "tea")
    receipt = await erase(shop, "tom")

    assert (receipt.waiting, receipt.finished_by) == ((), None)
    assert receipt.finished_at == receipt.erased_at


async def test_a_person_goes_with_the_confirmed_list_only(shop: Shop) -> None:
    await a_household(shop)
    seen = await preview(shop, "tom", "person")
    assert [one.id for one in seen.plan.identities] == ["tom-home", "tom-work"]
    await shop.knows(Identity("tom-loud", "profile", "tom"))
    before = await everything(shop)

    for confirm in (None, "", seen.confirm):
        again = await eraser(shop).erase(HASHER(shop.tenant), "person", "tom", "key-1", confirm)
        assert isinstance(again, Preview)
        assert [one.id for one in again.plan.identities] == ["tom-home", "tom-loud", "tom-work"]
    assert await everything(shop) == before

    receipt = await eraser(shop).erase(HASHER(shop.tenant), "person", "tom", "key-1", again.confirm)
    assert isinstance(receipt, Erasure)
    assert receipt.counts == again.plan.goes
    assert await shop.count("(:Person {tenant: $tenant, id: 'tom'})") == 0
    assert await shop.query("MATCH (i:Identity {tenant: $tenant}) RETURN i.id AS id") == [{"id": "debbie"}]


async def test_a_household_goes_with_its_people_and_logins_as_shown(shop: Shop) -> None:
    await a_household(shop)
    seen = await preview(shop, "home-1", "household")
    assert [one.id for one in seen.plan.identities] == ["debbie", "tom-home", "tom-work"]
    assert [(one.kind, one.id) for one in seen.plan.holders] == [
        ("account", "login-1"),
        ("account", "login-2"),
        ("household", "home-1"),
        ("person", "debbie"),
        ("person", "tom"),
    ]

    receipt = await eraser(shop).erase(HASHER(shop.tenant), "household", "home-1", "key-1", seen.confirm)

    assert isinstance(receipt, Erasure)
    assert receipt.counts == seen.plan.goes
    assert (await everything(shop))[0].keys() == {"Product"}


async def test_a_household_keeps_a_person_whom_another_identity_is_left_of(shop: Shop) -> None:
    await shop.knows(
        Identity("a", "personal", None, "login", "home"), Identity("b", "personal", "ann"), Identity("c", "work", "ann")
    )
    await shop.query(
        "MATCH (p:Person {tenant: $tenant, id: 'ann'}) CREATE (:Account {tenant: $tenant, id: 'other'}) "
        "WITH p MATCH (h:Household {tenant: $tenant, id: 'home'}) SET h.x = 1"
    )
    seen = await preview(shop, "home", "household")
    receipt = await eraser(shop).erase(HASHER(shop.tenant), "household", "home", "key-1", seen.confirm)

    assert isinstance(receipt, Erasure)
    assert [one.id for one in seen.plan.identities] == ["a"]
    assert await shop.count("(:Person {tenant: $tenant, id: 'ann'})-[:HAS_IDENTITY]->()") == 2


async def test_an_erasure_is_in_the_audit_log_without_an_id(shop: Shop) -> None:
    await a_household(shop)
    receipt = await erase(shop, "tom-home")
    digests = HASHER(shop.tenant).every_subject("identity", "tom-home")
    (entry,) = await AuditGraph(shop.db).read(shop.tenant, AuditQuery("erase", digests), 2**60, 10)

    assert (entry.actor, receipt.id in entry.detail) == ("key-1", True)
    assert "tom" not in f"{entry}"
    assert (await verify_audit(AuditGraph(shop.db), HASHER(shop.tenant))).broken is None


async def test_another_tenants_identity_of_the_same_id_stays(shop: Shop) -> None:
    other = Shop(shop.db, f"{shop.tenant}-2")
    for one in (shop, other):
        await a_household(one)
    before = await everything(other)

    await erase(shop, "tom-home")

    assert await everything(other) == before
    assert await other.saw(other.event("view", "tom-home", "tea")) == 1


async def test_a_decision_that_waited_for_its_log_is_dropped(shop: Shop) -> None:
    await a_household(shop)
    await erase(shop, "tom-home")
    late = [
        Decision(id_, NOW, "web", "home", "granted", None, identity_id, ())
        for id_, identity_id in (("late", "tom-home"), ("other", "debbie"), ("anonymous", None))
    ]
    await DecisionGraph(shop.db).write_decisions(shop.tenant, late)

    rows = await shop.query("MATCH (d:Decision {tenant: $tenant}) RETURN d.id AS id ORDER BY id")
    assert [row["id"] for row in rows] == ["anonymous", "other"]


async def test_a_list_that_changed_since_it_was_shown_begins_nothing(shop: Shop) -> None:
    await a_household(shop)
    shown = (await preview(shop, "tom", "person")).plan
    await shop.knows(Identity("tom-loud", "profile", "tom"))
    before = await everything(shop)

    assert await graph(shop).begin(shop.tenant, shown, "key-1") is None
    assert await everything(shop) == before
    assert await shop.count("(:Tombstone {tenant: $tenant})") == 0


async def test_a_login_that_somebody_else_took_up_meanwhile_stays(shop: Shop) -> None:
    await shop.knows(Identity("tom", "personal", None, "login"))
    shown = (await preview(shop, "tom")).plan
    begun = await graph(shop).begin(shop.tenant, shown, "key-1")
    await shop.query(
        "MATCH (a:Account {tenant: $tenant, id: 'login'}) "
        "CREATE (a)-[:USED_BY {id: 'l', source: 'api'}]->(:Identity {tenant: $tenant, id: 'ann', kind: 'personal'})"
    )

    await graph(shop).finish(shop.tenant, begun or "")

    assert await shop.count("(:Account {tenant: $tenant, id: 'login'})-[:USED_BY]->(:Identity {id: 'ann'})") == 1
    assert await shop.count("(:Erasure {tenant: $tenant})-[:ERASES]->()") == 0


@pytest.mark.parametrize("arriving", ["refund", "refund then purchase", "purchase then refund", "both at once"])
async def test_nothing_waits_for_an_order_of_somebody_who_was_erased(shop: Shop, arriving: str) -> None:
    """A back office returns the order, and names nobody; a replay of the order itself brings nobody back."""
    bought = shop.event("purchase", "tom", "tea", order_id="o")
    back = shop.event("refund", waiting_place("o"), "tea", order_id="o", trust=SERVER)
    if arriving == "refund":
        await shop.saw(bought)
    else:
        await shop.saw(shop.event("view", "tom", "cup"))
    await erase(shop, "tom")

    batches = {
        "refund": [(back,)],
        "refund then purchase": [(back,), (bought,)],
        "purchase then refund": [(bought,), (back,)],
        "both at once": [(back, bought)],
    }
    for batch in batches[arriving]:
        await shop.saw(*batch)

    assert await shop.count("(:Identity {tenant: $tenant})") == 0
    assert await shop.count("(:Interaction {tenant: $tenant})") == 0
    await shop.saw(shop.event("refund", waiting_place("o"), order_id="o", trust=SERVER))
    assert await shop.count("(:Identity {tenant: $tenant})") == 0


async def test_an_order_that_a_server_says_another_made_stays_theirs(shop: Shop) -> None:
    await shop.buys("tom", "tea", order_id="o", days_ago=2)
    await shop.buys("eve", "tea", order_id="o", days_ago=1)
    await erase(shop, "tom")

    await shop.saw(shop.event("refund", waiting_place("o"), "tea", order_id="o", trust=SERVER))

    assert await shop.count("(:Identity {tenant: $tenant, id: 'eve'})-[:DID]->(:Interaction {type: 'refund'})") == 1
    assert await shop.likes("eve") == {}
