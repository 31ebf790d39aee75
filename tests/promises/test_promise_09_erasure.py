"""Promise 9: erasure reaches everything and lasts, the receipt proves it, siblings keep their answers."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from app.domain.erasure import Counts, Erasure
from app.domain.models import Identifier, Identity
from app.domain.recommendation import Decision
from app.graph.audit import AuditTrail
from app.graph.decisions import DecisionGraph
from app.graph.erasure import ErasureGraph
from app.graph.traces import TraceGraph
from app.services.erase import Eraser
from app.services.find_traces import find_traces
from tests.graph.shop import HASHER, NOW, Outside
from tests.promises.examples import rebuilt
from tests.promises.world import Act, World, acts, histories, requests, same


@dataclass(frozen=True, slots=True)
class Relative:
    """Somebody around the one who is erased."""

    shares: frozenset[str]
    history: list[Act]
    grant: str
    """Who lets whom use what they like: "gives" to the erased, "takes" from them, or "none"."""


relatives = st.lists(
    st.builds(
        Relative,
        st.frozensets(st.sampled_from(("person", "account", "household", "phone", "email"))),
        histories,
        st.sampled_from(("none", "gives", "takes")),
    ),
    max_size=2,
)


def identity(id_: str, case: str, shares: frozenset[str]) -> Identity:
    def shared(what: str) -> str:
        return f"{what}-of-{case if what in shares else id_}"

    known = tuple(
        Identifier(type_, HASHER("").subject(type_, shared(name)))
        for type_, name in (("household_phone", "phone"), ("email", "email"))
    )
    return Identity(id_, "personal", shared("person"), shared("account"), shared("household"), known)


@rebuilt
@given(st.lists(acts, max_size=4), relatives, requests)
async def test_what_was_shown_goes_and_never_comes_back(
    world: World, history: list[Act], around: list[Relative], request: dict[str, Any]
) -> None:
    gone = world.name("erased")
    named = {world.name("relative"): relative for relative in around}
    rows = [identity(gone, gone, frozenset(("person", "account", "household", "phone", "email")))]
    rows += [identity(id_, gone, relative.shares) for id_, relative in named.items()]
    events = world.events(gone, history)
    await world.knows(*rows)
    await world.grants(gone, *named, purposes=["personalise_content", "household_share"])
    await world.saw(*events, *(event for id_, one in named.items() for event in world.events(id_, one.history)))
    for id_, relative in named.items():
        if relative.grant != "none":
            await world.grant(*((id_, gone) if relative.grant == "gives" else (gone, id_)))
    shown = Decision(world.name("decision"), NOW, "web", "home", "granted", None, gone, ())
    await DecisionGraph(world.db).write_decisions(world.tenant, [shown])
    # What was granted by the one who goes must go too; everybody else's answer stays.
    others = [id_ for id_, relative in named.items() if relative.grant != "takes"]
    answers = {id_: await world.told(id_, **request) for id_ in others}
    before = await counts(world)
    memory = Eraser(
        ErasureGraph(world.db, AuditTrail(HASHER), HASHER, world.settings.evidence_rules), Outside(), world.recommender
    )
    plan = (await memory.preview(HASHER(world.tenant), "identity", gone)).plan

    receipt = await memory.erase(HASHER(world.tenant), "identity", gone, "test")

    assert isinstance(receipt, Erasure)
    after = await counts(world)
    assert receipt.counts == plan.goes == Counts(dict(before[0] - after[0]), dict(before[1] - after[1]))
    await world.knows(rows[0])
    assert await world.saw(*events) == 0
    await world.grants(gone, days_ago=1)
    assert await counts(world) == after
    found = await find_traces(TraceGraph(world.db), HASHER, Path("/nowhere-at-all"), gone, world.tenant)
    assert [trace for trace in found if not trace.is_proof] == []
    for id_, answer in answers.items():
        assert same(answer, await world.told(id_, **request))
    assert (await world.told(gone, **request)).items == (await world.told(world.name("nobody"), **request)).items


async def counts(world: World) -> tuple[Counter[str], Counter[str]]:
    """Nodes by label and relationships by type, without what proves an erasure."""
    nodes = await world.query(
        "MATCH (n {tenant: $tenant}) WHERE NOT n:Tombstone|Erasure|AuditEntry|Tenant "
        "RETURN labels(n)[0] AS name, count(*) AS number"
    )
    relationships = await world.query("MATCH (n {tenant: $tenant})-[r]->() RETURN type(r) AS name, count(*) AS number")
    return Counter({r["name"]: r["number"] for r in nodes}), Counter({r["name"]: r["number"] for r in relationships})
