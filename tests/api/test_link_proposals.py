"""Proposals of links over HTTP: a queue, accepted, rejected, undone; nothing without consent, nothing ever served."""

from collections.abc import Sequence
from typing import Any

import pytest

from app.domain import clock
from app.domain.proposals import FieldAgreement, LinkProposal, ProposalKind
from app.graph.audit import AuditTrail
from app.graph.proposals import ProposalGraph
from tests.api.conftest import Shop
from tests.api.test_links import person, says
from tests.graph.shop import HASHER

QUEUE = "/v1/link-proposals"
FIELDS = (FieldAgreement("surname", "equal", 9.5), FieldAgreement("birth", "missing", 0.0))


async def known(shop: Shop, *ids: str, consenting: bool = True) -> None:
    """Put identities that consented long ago."""
    await shop.call("PUT", "/v1/identities", {"identities": [{"id": id_, "kind": "personal"} for id_ in ids]})
    given = {"status": "granted", "at": "2026-01-01T00:00:00Z"}
    for id_ in ids if consenting else ():
        await shop.call("PUT", f"/v1/identities/{id_}/consents/link_identities", given)


async def proposes(
    shop: Shop, *pairs: tuple[str, str], probability: float = 0.97, kind: ProposalKind = "person"
) -> tuple[int, int]:
    """What `plural link` writes."""
    rows = [
        LinkProposal("", kind, *sorted(pair), probability, FIELDS, clock.now())  # pyright: ignore[reportCallIssue]
        for pair in pairs
    ]
    return await ProposalGraph(shop.db, AuditTrail(HASHER), HASHER).propose(shop.tenant, rows, "cli")


async def queue(shop: Shop, status: str = "open") -> list[dict[str, Any]]:
    return (await shop.call("GET", f"{QUEUE}?status={status}")).json()["proposals"]


async def decides(shop: Shop, act: str, status: int = 200) -> dict[str, Any]:
    """Decide the first proposal, whatever its status."""
    rows = await shop.query("MATCH (:Identity {tenant: $tenant})-[r:MAY_BE]->() RETURN r.id AS id ORDER BY id")
    answer = await shop.call("POST", f"{QUEUE}/{rows[0]['id']}:{act}")
    assert answer.status_code == status, answer.text
    return answer.json()


async def test_the_queue_shows_ids_probability_and_how_each_field_agrees(shop: Shop) -> None:
    await known(shop, "tom", "thomas")

    assert await proposes(shop, ("tom", "thomas")) == (1, 0)

    (one,) = await queue(shop)
    assert one["identities"] == ["thomas", "tom"]
    assert one["probability"] == 0.97
    assert one["fields"] == [
        {"field": "surname", "level": "equal", "weight": 9.5},
        {"field": "birth", "level": "missing", "weight": 0.0},
    ]
    assert await shop.count("(:Identity {tenant: $tenant})-[:HAS_IDENTITY]-()") == 0


async def test_accepting_makes_a_person_with_two_identities_and_undo_ends_both_links(shop: Shop) -> None:
    await known(shop, "tom", "thomas")
    await proposes(shop, ("tom", "thomas"))

    accepted = await decides(shop, "accept")

    assert accepted["status"] == "accepted"
    rows = await shop.query("MATCH (p:Person {tenant: $tenant}) RETURN p.id AS id")
    assert await person(shop, rows[0]["id"]) == [("thomas", ["asserted"]), ("tom", ["asserted"])]

    undone = await decides(shop, "undo")

    assert (undone["status"], undone["decided_at"]) == ("open", None)
    assert await shop.count("(:Person {tenant: $tenant})") == 0
    assert len(await queue(shop)) == 1
    assert (await decides(shop, "accept"))["status"] == "accepted"


async def test_undoing_the_middle_of_three_parts_those_it_held_together(shop: Shop) -> None:
    await known(shop, "a", "b", "c", "d")
    for pair in (("a", "b"), ("c", "d"), ("b", "c")):
        await proposes(shop, pair)
    ids = {tuple(one["identities"]): one["id"] for one in await queue(shop)}

    for id_ in ids.values():
        assert (await shop.call("POST", f"{QUEUE}/{id_}:accept")).status_code == 200
    assert await persons(shop) == [["a", "b", "c", "d"]]

    await shop.call("POST", f"{QUEUE}/{ids['b', 'c']}:undo")
    assert await persons(shop) == [["a", "b"], ["c", "d"]]

    await shop.call("POST", f"{QUEUE}/{ids['a', 'b']}:reject")
    assert await persons(shop) == [["c", "d"]]


async def persons(shop: Shop) -> list[list[str]]:
    rows = await shop.query("MATCH (p:Person {tenant: $tenant}) RETURN p.id AS id")
    return sorted([[id_ for id_, _ in await person(shop, row["id"])] for row in rows])


async def test_undo_leaves_what_others_said(shop: Shop) -> None:
    await known(shop, "tom", "thomas")
    await says(shop, "person_identity", "t", "tom", source="crm")
    await proposes(shop, ("tom", "thomas"))

    await decides(shop, "accept")
    assert await person(shop, "t") == [("thomas", ["asserted"]), ("tom", ["asserted"])]

    await decides(shop, "undo")
    assert await person(shop, "t") == [("tom", ["asserted"])]


async def test_a_rejected_proposal_does_not_come_back_and_parts_the_two(shop: Shop) -> None:
    await known(shop, "tom", "thomas")
    await proposes(shop, ("tom", "thomas"))

    await decides(shop, "reject")

    assert await proposes(shop, ("tom", "thomas"), probability=0.999) == (0, 1)
    assert await queue(shop) == []
    assert [one["probability"] for one in await queue(shop, "rejected")] == [0.97]
    assert await shop.count("(:Identity {tenant: $tenant})-[:NOT_SAME_AS]->()") == 1

    await decides(shop, "undo")
    assert len(await queue(shop)) == 1
    assert await shop.count("(:Identity {tenant: $tenant})-[:NOT_SAME_AS]->()") == 0


async def test_an_open_proposal_is_brought_up_to_date(shop: Shop) -> None:
    await known(shop, "tom", "thomas")
    await proposes(shop, ("tom", "thomas"), probability=0.6)
    await proposes(shop, ("tom", "thomas"), probability=0.8)

    assert [one["probability"] for one in await queue(shop)] == [0.8]


@pytest.mark.parametrize("withdrawn", ["tom", "thomas"])
async def test_nothing_is_proposed_shown_or_accepted_without_consent(shop: Shop, withdrawn: str) -> None:
    await known(shop, "tom", "thomas", "nobody", consenting=False)
    for id_ in ("tom", "thomas"):
        await shop.call("PUT", f"/v1/identities/{id_}/consents/link_identities", {"status": "granted"})

    assert await proposes(shop, ("tom", "nobody"), ("tom", "stranger")) == (0, 0)
    await proposes(shop, ("tom", "thomas"), probability=1.0)
    await shop.call("PUT", f"/v1/identities/{withdrawn}/consents/link_identities", {"status": "denied"})

    assert await queue(shop) == []
    assert (await decides(shop, "accept", 409))["title"]
    assert await shop.count("(:Person {tenant: $tenant})") == 0
    assert await written_to(shop, ["tom", "thomas"], "mail") == ["tom", "thomas"]


async def test_accepting_what_is_contradicted_is_a_conflict_with_its_path(shop: Shop) -> None:
    await known(shop, "tom", "thomas")
    await says(shop, "identity_identifier", "tom", ("customer_number", "1"))
    await says(shop, "identity_identifier", "thomas", ("customer_number", "2"))
    await proposes(shop, ("tom", "thomas"))

    problem = await decides(shop, "accept", 409)

    assert problem["path"]
    assert await shop.count("(:Person {tenant: $tenant})") == 0
    assert len(await queue(shop)) == 1


async def test_two_ends_of_not_same_as_are_not_accepted(shop: Shop) -> None:
    await known(shop, "tom", "thomas")
    await proposes(shop, ("tom", "thomas"))
    await says(shop, "not_same_as", "tom", "thomas")

    problem = await decides(shop, "accept", 409)

    assert {"identity tom", "identity thomas"} <= set(problem["path"])
    assert await shop.count("(:Person {tenant: $tenant})") == 0


async def test_a_household_is_proposed_of_two_persons_and_undone(shop: Shop) -> None:
    await known(shop, "tom", "debbie", "aaron")
    await proposes(shop, ("tom", "debbie"), ("debbie", "aaron"), kind="household")
    ids = [one["id"] for one in await queue(shop)]

    for id_ in ids:
        assert (await shop.call("POST", f"{QUEUE}/{id_}:accept")).status_code == 200

    homes = await shop.query("MATCH (h:Household {tenant: $tenant}) RETURN h.id AS id")
    assert len(homes) == 1
    home = (await shop.call("GET", f"/v1/households/{homes[0]['id']}")).json()
    assert [one["id"] for one in home["identities"]] == ["aaron", "debbie", "tom"]
    assert len(home["persons"]) == 3

    for id_ in ids:
        assert (await shop.call("POST", f"{QUEUE}/{id_}:undo")).status_code == 200
    assert await shop.count("(n:Person|Household {tenant: $tenant})") == 0


async def written_to(shop: Shop, ids: Sequence[str], use: str) -> list[str]:
    answer = await shop.call("POST", "/v1/identities:write-once", {"identity_ids": list(ids), "use": use})
    return answer.json()["identity_ids"]


async def test_each_person_is_written_to_once_and_nobody_is_added(shop: Shop) -> None:
    await known(shop, "a", "b", "c", "d")
    await proposes(shop, ("a", "b"), probability=0.995)
    await proposes(shop, ("c", "d"), probability=0.9)

    assert await written_to(shop, ["b", "a", "c", "d"], "mail") == ["b", "c", "d"]
    assert await written_to(shop, ["b", "a", "c", "d"], "transactional") == ["b", "a", "c", "d"]
    assert await written_to(shop, ["a"], "mail") == ["a"]

    await decides(shop, "accept")
    accepted = (await queue(shop, "accepted"))[0]["identities"]
    assert await written_to(shop, accepted, "transactional") == accepted[:1]


async def test_pages_follow_each_other_by_probability(shop: Shop) -> None:
    await known(shop, "a", "b", "c", "d")
    for pair, probability in ((("a", "b"), 0.9), (("a", "c"), 0.9), (("a", "d"), 0.7), (("b", "c"), 0.99)):
        await proposes(shop, pair, probability=probability)

    seen: list[float] = []
    after = ""
    while True:
        page = (await shop.call("GET", f"{QUEUE}?limit=1{after}")).json()
        seen += [one["probability"] for one in page["proposals"]]
        if page["next_after"] is None:
            break
        after = f"&after={page['next_after']}"

    assert seen == [0.99, 0.9, 0.9, 0.7]


async def test_another_tenants_proposals_are_not_there(shop: Shop, other_shop: Shop) -> None:
    await known(shop, "tom", "thomas")
    await proposes(shop, ("tom", "thomas"))
    (one,) = await queue(shop)

    for act in ("accept", "reject", "undo"):
        assert (await other_shop.call("POST", f"{QUEUE}/{one['id']}:{act}")).status_code == 404
    assert await queue(other_shop) == []
    assert (await other_shop.call("GET", f"{QUEUE}?after={one['id']}")).status_code == 404


async def test_an_erased_identity_takes_its_proposals_along(shop: Shop) -> None:
    await known(shop, "tom", "thomas")
    await proposes(shop, ("tom", "thomas"))

    await shop.call("DELETE", "/v1/identities/tom")

    assert await shop.count("(:Identity {tenant: $tenant})-[:MAY_BE]-()") == 0
    assert await queue(shop) == []
    assert await proposes(shop, ("tom", "thomas")) == (0, 0)


async def test_answers_to_both_are_the_same_before_and_after(shop: Shop) -> None:
    await known(shop, "tom", "thomas")
    products = [{"id": f"p{n}", "title": f"Thing {n}", "tags": [{"name": f"t{n % 2}"}]} for n in range(6)]
    await shop.call("PUT", "/v1/products", {"products": products})
    for id_ in ("tom", "thomas"):
        await shop.call("PUT", f"/v1/identities/{id_}/consents/personalise_content", {"status": "granted"})
    events = [
        {"event_id": f"e{n}", "type": "purchase", "identity_id": "tom", "lines": [{"product_id": f"p{n}"}]}
        for n in (0, 2, 4)
    ]
    await shop.call("POST", "/v1/events", {"events": events})

    async def answers() -> list[bytes]:
        found: list[bytes] = []
        for id_ in ("tom", "thomas"):
            answer = await shop.call("POST", "/v1/recommendations", {"identity_id": id_, "explain": True})
            body = answer.json()
            decision = body.pop("decision_id")
            found.append(answer.content.replace(decision.encode(), b""))
        return found

    before = await answers()
    await proposes(shop, ("tom", "thomas"), probability=1.0)
    proposed = await answers()
    await decides(shop, "accept")
    accepted = await answers()
    await decides(shop, "undo")

    assert before == proposed == accepted == await answers()
