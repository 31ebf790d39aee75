"""Promise 1: what a sibling does leaves an identity's answer equal, byte for byte, unless a live grant says so."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from app.domain.journeys import Lane
from app.domain.models import Identifier, Identity, IdentityKind
from app.graph.audit import AuditTrail
from app.graph.belonging import BelongingGraph
from app.graph.journeys import JourneyGraph
from app.graph.retention import RetentionGraph
from app.graph.rules import RulesGraph
from app.services.belonging import Belongings
from app.services.journeys import JourneyGuide
from tests.graph.shop import HASHER
from tests.promises.examples import promised, rebuilt, refreshed
from tests.promises.logins import Login, User, Visit, families, visits
from tests.promises.page import Page
from tests.promises.world import Act, World, denial, histories, requests, same


@dataclass(frozen=True, slots=True)
class Sibling:
    """Somebody of the same person, account, household or device, and what becomes of them."""

    kind: IdentityKind
    shares: frozenset[str]
    history: list[Act]
    changes: tuple[str, ...]


kinds: st.SearchStrategy[IdentityKind] = st.sampled_from(("personal", "work", "marketing", "profile", "shared"))
siblings = st.lists(
    st.builds(
        Sibling,
        kinds,
        st.frozensets(st.sampled_from(("person", "account", "household", "device")), min_size=1),
        histories,
        st.lists(
            st.sampled_from(("consents", "refuses", "renamed kind", "grants a stranger", "granted", "excludes")),
            max_size=3,
        ).map(tuple),
    ),
    min_size=1,
    max_size=3,
)


def identity(id_: str, kind: IdentityKind, case: str, shares: frozenset[str]) -> Identity:
    """An identity that shares what it shares with the others of its case."""

    def shared(what: str) -> str:
        return f"{what}-of-{case if what in shares else id_}"

    device = (Identifier("device", shared("device")),)
    return Identity(id_, kind, shared("person"), shared("account"), shared("household"), device)


@promised
@given(histories, siblings, requests)
async def test_a_siblings_change_leaves_the_answer_equal(
    world: World, history: list[Act], around: list[Sibling], request: dict[str, Any]
) -> None:
    case = world.name("case")
    everything = frozenset(("person", "account", "household", "device"))
    await world.lives(identity(case, "personal", case, everything), history, "personalise_content")
    before = await world.told(case, **request)

    named = {world.name("sibling"): sibling for sibling in around}
    await world.knows(*(identity(id_, sibling.kind, case, sibling.shares) for id_, sibling in named.items()))
    await world.grants(*named, purposes=["personalise_content", "household_share"])
    await world.saw(*(event for id_, sibling in named.items() for event in world.events(id_, sibling.history)))
    for id_, sibling in named.items():
        for change in sibling.changes:
            await CHANGES[change](world, case, id_)

    assert same(before, await world.told(case, **request))


@promised
@given(histories, siblings)
async def test_stages_of_an_identity_do_not_move_when_a_sibling_acts(
    world: World, history: list[Act], around: list[Sibling]
) -> None:
    case = world.name("case")
    everything = frozenset(("person", "account", "household", "device"))
    await world.lives(identity(case, "personal", case, everything), history, "link_identities")
    before = await _lane(world, case, case)

    named = {world.name("sibling"): sibling for sibling in around}
    await world.knows(*(identity(id_, sibling.kind, case, sibling.shares) for id_, sibling in named.items()))
    await world.grants(*named, purposes=["link_identities", "household_share", "personalise_content"])
    for id_, sibling in named.items():
        events = world.events(id_, sibling.history)
        await world.saw(*(replace(event, session_id=f"session-of-{case}") for event in events))
        for change in sibling.changes:
            await CHANGES[change](world, case, id_)

    assert await _lane(world, case, case) == before


@rebuilt
@given(families, st.lists(visits, min_size=1, max_size=2))
async def test_stages_do_not_move_by_what_is_done_on_a_shared_login(
    world: World, family: list[User], done: list[Visit]
) -> None:
    """Not even of whoever a session is attributed to: who that is depends on how the others behave."""
    login = Login(world)
    await login.opens(family)
    await world.knows(*(Identity(id_, "personal", id_) for id_ in login.users))
    before = [await _lane(world, id_, id_, "") for id_ in login.users]

    for visit in done:
        await login.settles(await login.visited(visit))

    assert [await _lane(world, id_, id_, "") for id_ in login.users] == before


async def _lane(world: World, case: str, id_: str, person: str = "person-of-") -> Lane:
    """The line of an identity in the view of its person."""
    members, rules = BelongingGraph(world.db), RulesGraph(world.db, HASHER)
    views, stays = Belongings(members, rules), RetentionGraph(world.db, AuditTrail(HASHER))
    found = await JourneyGuide(JourneyGraph(world.db), members, views, stays).person(world.tenant, f"{person}{case}")
    return next(lane for lane in found.lanes if lane.identity_id == id_)


@refreshed
@given(histories, histories, st.booleans())
async def test_a_page_is_told_nothing_of_a_session_without_its_token(
    world: World, page: Page, named: list[Act], anonymous: list[Act], has_own: bool
) -> None:
    """Whoever was seen in it, known or not, and whatever they agreed to; a token of another session is none."""
    case, own = world.name("visitor"), await page.open()
    session_id, visitor = f"17950000{case}", f"session:17950000{case}"
    await world.lives(Identity(case, "personal"), [], "personalise_content")
    await world.lives(Identity(visitor, "anonymous"), [], "personalise_content")
    for id_, history in ((case, named), (visitor, anonymous)):
        seen = [world.event(a.type, id_, *a.product_ids, days_ago=a.days_ago, session_id=session_id) for a in history]
        await world.saw(*seen)

    token = own[1] if has_own else ""
    assert await page.ask(session_id, token) == await page.ask(f"nobodys-{case}", token)


async def _consents(world: World, case: str, id_: str) -> None:
    await world.grants(id_, purposes=["ads_audience", "model_training"])


async def _refuses(world: World, case: str, id_: str) -> None:
    await world.says(id_, denial("personalise_content"))


async def _renamed(world: World, case: str, id_: str) -> None:
    await world.knows(Identity(id_, "household"))


async def _grants_a_stranger(world: World, case: str, id_: str) -> None:
    stranger = world.name("stranger")
    await world.lives(Identity(stranger, "personal"), [])
    await world.grant(id_, stranger)


async def _granted(world: World, case: str, id_: str) -> None:
    """What the reader lets a sibling use comes not back."""
    await world.grants(case, purposes=["household_share"])
    await world.grant(case, id_)


async def _excludes(world: World, case: str, id_: str) -> None:
    await world.excludes(id_, "product", "bone")
    await world.excludes(id_, "tag", "tea")
    await world.excludes(id_, "event", "event-1")


CHANGES: dict[str, Callable[[World, str, str], Any]] = {
    "consents": _consents,
    "refuses": _refuses,
    "renamed kind": _renamed,
    "grants a stranger": _grants_a_stranger,
    "granted": _granted,
    "excludes": _excludes,
}


@rebuilt
@given(families, st.lists(visits, min_size=1, max_size=2))
async def test_a_session_of_a_shared_login_moves_no_answer_but_that_of_whoever_it_is_attributed_to(
    world: World, family: list[User], done: list[Visit]
) -> None:
    login = Login(world)
    await login.opens(family)
    before = await login.told()

    sessions = [await login.visited(visit) for visit in done]
    running = await login.told()
    for session in sessions:
        await login.settles(session)
    after, owners = await login.told(), {await login.owner(session) for session in sessions}

    for id_ in login.users:
        assert same(before[id_], running[id_])
        assert id_ in owners or same(before[id_], after[id_])
