"""Whatever people agreed to, were sent, and a plan may spend: nobody refused is in it, and no limit is passed."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, LiteralString
from uuid import uuid4

import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st

from app.domain import clock
from app.graph.database import Database
from app.settings import Settings
from tests.api.conftest import ServeWith, Shop
from tests.api.test_audiences import ENOUGH, K, put
from tests.api.test_decide import put_creatives
from tests.promises.examples import shown

CROWD: LiteralString = """
    UNWIND $rows AS row
    CREATE (i:Identity {tenant: $tenant, id: row.id, kind: row.kind, reachable: row.reachable, reachable_at: $before})
    FOREACH (one IN row.consents |
      CREATE (i)-[:GAVE]->(c:Consent {tenant: $tenant, id: randomUUID(), purpose: 'newsletter'})
      SET c.status = one.status, c.at = one.at, c.counts_from = one.at, c.expires_at = one.expires_at
    )
    FOREACH (one IN row.events |
      CREATE (i)-[:DID]->(x:Interaction {tenant: $tenant, id: randomUUID(), channel: 'newsletter'})
      SET x.type = one.type, x.at = one.at
    )
"""
CLEAR: LiteralString = """
    MATCH (n:Identity|Consent|Interaction|Plan|ExportedList|AudienceSize|Decision {tenant: $tenant}) DETACH DELETE n
"""
PRODUCTS = 4
Consented = Literal["granted", "never", "withdrawn", "expired", "ends later", "granted anew", "granted, denied at once"]


@dataclass(frozen=True)
class Person:
    """What decides whether somebody may be contacted."""

    consented: Consented = "granted"
    is_reachable: bool = True
    has_bounced: bool = False
    sent: int = 0
    """In the last 7 days; 2 are the most."""
    kind: str = "personal"

    @property
    def may_be_contacted(self) -> bool:
        agrees = self.consented in ("granted", "ends later", "granted anew")
        return agrees and self.is_reachable and not self.has_bounced and self.sent < 2 and self.kind != "anonymous"

    def row(self, id_: str, now: datetime) -> dict[str, Any]:
        def said(status: str, days_ago: int, ends: int | None = None) -> dict[str, Any]:
            expires_at = None if ends is None else now + timedelta(days=ends)
            return {"status": status, "at": now - timedelta(days=days_ago), "expires_at": expires_at}

        consents = {
            "granted": [said("granted", 3)],
            "never": [],
            "withdrawn": [said("granted", 3), said("withdrawn", 2)],
            "expired": [said("granted", 3, -1)],
            "ends later": [said("granted", 3, 5)],
            "granted anew": [said("withdrawn", 3), said("granted", 2)],
            "granted, denied at once": [said("granted", 2), said("denied", 2)],
        }[self.consented]
        events = [{"type": "sent", "at": now - timedelta(days=1 + number)} for number in range(self.sent)]
        events += [{"type": "sent", "at": now - timedelta(days=9)}] * 2
        events += [{"type": "bounced", "at": now - timedelta(days=1)}] * self.has_bounced
        reachable = ["email"] if self.is_reachable else []
        return {"id": id_, "kind": self.kind, "reachable": reachable, "consents": consents, "events": events}


people = st.builds(
    Person,
    st.sampled_from(Consented.__args__),  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownArgumentType]
    st.booleans(),
    st.booleans(),
    st.integers(0, 3),
    st.sampled_from(("personal", "work", "shared", "anonymous")),
)


@pytest_asyncio.fixture(scope="module")
async def market(serve_with: ServeWith, settings: Settings, db: Database) -> AsyncGenerator[Shop]:
    """A shop of four products in which few are enough; each case brings its own people."""
    async with serve_with(settings.model_copy(update={"k_look": K, "k_export": K})) as client:
        shop = Shop(f"planned-{uuid4().hex[:12]}", client, db)
        products = [
            {"id": f"p{number}", "title": f"P{number}", "price": f"{number + 1} EUR"} for number in range(PRODUCTS)
        ]
        await shop.call("PUT", "/v1/products", {"products": products})
        await put_creatives(shop, {"id": "block", "headline": "{product.title}"})
        await put(shop, "all")
        yield shop


@shown
@given(
    st.lists(people, max_size=25),
    st.none() | st.integers(0, ENOUGH + 20),
    st.none() | st.integers(0, ENOUGH + 5),
    st.integers(1, 3),
    st.booleans(),
)
async def test_nobody_refused_is_in_a_plan_and_no_limit_is_passed(
    market: Shop, some: list[Person], contacts: int | None, pieces: int | None, slots: int, by_name: bool
) -> None:
    everybody = {f"i{number:02}": one for number, one in enumerate([*[Person()] * (ENOUGH + 2), *some])}
    await market.query(CLEAR)
    now = clock.now()
    rows = [one.row(id_, now) for id_, one in everybody.items()]
    await market.query(CROWD, rows=rows, before=now - timedelta(days=30))
    whom = {"identity_ids": list(everybody), "channel": "newsletter"} if by_name else {"audience": "all"}
    limits = {"budget": None if contacts is None else str(contacts / 1000), "pieces_each": pieces, "slots": slots}

    made = await market.call("POST", "/v1/plans", {**whom, **limits, "dry_run": False})

    few = min(contacts if contacts is not None else ENOUGH, PRODUCTS * (pieces if pieces is not None else ENOUGH))
    if made.status_code == 409:
        assert few < ENOUGH
        return
    answer = await market.call("POST", f"/v1/plans/{made.json()['id']}:export", {})
    assert answer.status_code == 200, answer.text
    lines = answer.json()["lines"]
    allowed = {id_ for id_, one in everybody.items() if one.may_be_contacted}
    planned = [line["identity_id"] for line in lines]
    assert len(set(planned)) == len(planned)
    assert set(planned) <= allowed
    assert contacts is not None or pieces is not None or set(planned) == allowed
    assert contacts is None or len(planned) <= contacts
    used = [block["product_id"] for line in lines for block in line["blocks"]]
    assert all(pieces is None or used.count(one) <= pieces for one in used)
    assert all(1 <= len(line["blocks"]) <= slots for line in lines)
    again = await market.call("POST", "/v1/plans", {**whom, "slots": 3, "least_gain": 1e-12, "dry_run": False})
    if again.status_code == 200:  # what left counts: one more is the second of this week
        export = (await market.call("POST", f"/v1/plans/{again.json()['id']}:export", {})).json()
        for line in export.get("lines", ()):
            before = everybody[line["identity_id"]].sent + (line["identity_id"] in planned)
            assert before < 2
