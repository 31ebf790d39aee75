"""Promise 3: grants are directed, purposeful, expiring and revocable; revoking restores the exact earlier answer."""

from dataclasses import dataclass
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from app.domain.models import Identity, Purpose
from app.domain.recommendation import Recommendation
from tests.promises.examples import promised
from tests.promises.world import Act, World, acts, denial, requests, same


@dataclass(frozen=True, slots=True)
class Giver:
    """Who might let the reader use what it likes."""

    history: list[Act]
    purpose: Purpose
    days: float
    to_reader: bool
    """Else the reader grants it."""
    shares: bool
    """Whether it consents to household_share."""
    consents: bool
    """Whether it consents to the purpose itself."""

    def speaks(self, purpose: Purpose, at_days: float) -> bool:
        return self.to_reader and self.shares and self.consents and self.purpose == purpose and at_days < self.days


givers = st.builds(
    Giver,
    st.lists(acts.filter(lambda act: act.type != "refund"), min_size=1, max_size=3),
    st.sampled_from(("personalise_content", "newsletter")),
    st.sampled_from((1, 30)),
    st.sampled_from((True, True, False)),
    st.sampled_from((True, True, False)),
    st.sampled_from((True, True, False)),
)


def from_others(answer: Recommendation) -> set[str]:
    """Products of others that the answer gives as reasons."""
    return {r.id for item in answer.items for r in item.reasons if r.code == "from_your_identity"}


@promised
@given(
    st.lists(acts, max_size=3),
    st.lists(givers, min_size=1, max_size=3),
    st.sampled_from(("personalise_content", "newsletter")),
    st.sampled_from((0, 2)),
    requests,
)
async def test_only_live_grants_speak_and_revoking_restores_the_answer(
    world: World, history: list[Act], around: list[Giver], purpose: Purpose, at_days: float, request: dict[str, Any]
) -> None:
    both: tuple[Purpose, ...] = ("personalise_content", "newsletter")
    reader = world.name("reader")
    named = {world.name("giver"): giver for giver in around}
    await world.knows(Identity(reader, "marketing"), *(Identity(id_, "personal") for id_ in named))
    await world.grants(reader, *(id_ for id_, giver in named.items() if giver.consents), purposes=both)
    await world.grants(reader, *(id_ for id_, giver in named.items() if giver.shares), purposes=["household_share"])
    events = [event for id_, giver in named.items() for event in world.events(id_, giver.history)]
    await world.saw(*world.events(reader, history), *events)
    asked: dict[str, Any] = {**request, "purpose": purpose, "at_days": at_days}
    before = await world.told(reader, **asked)
    givers_before = {id_: await world.told(id_, **asked) for id_ in named}

    grants = [
        await (
            world.grant(id_, reader, giver.purpose, days=giver.days)
            if giver.to_reader
            else world.grant(reader, id_, giver.purpose, days=giver.days)
        )
        for id_, giver in named.items()
    ]
    granted = await world.told(reader, **asked)
    silent = [giver for giver in around if not giver.speaks(purpose, at_days)]
    speaking = [giver for giver in around if giver not in silent]
    allowed = {product for giver in speaking for act in giver.history for product in act.product_ids}
    assert from_others(granted) <= allowed
    if not speaking:
        assert same(before, granted)
    for id_, giver in named.items():
        if giver.to_reader:
            assert same(givers_before[id_], await world.told(id_, **asked))

    for grant in grants:
        await world.revoke(grant)
    assert same(before, await world.told(reader, **asked))


@promised
@given(st.lists(acts.filter(lambda act: act.type == "purchase"), min_size=1, max_size=3))
async def test_a_consent_withdrawn_silences_the_grant_at_once(world: World, history: list[Act]) -> None:
    giver, reader = world.name("giver"), world.name("reader")
    await world.knows(Identity(giver, "personal"), Identity(reader, "marketing"))
    await world.grants(giver, reader, purposes=["personalise_content", "household_share"])
    await world.saw(*world.events(giver, history))
    before = await world.told(reader)
    await world.grant(giver, reader)
    assert from_others(await world.told(reader))

    await world.says(giver, denial("household_share"))

    assert same(before, await world.told(reader))
