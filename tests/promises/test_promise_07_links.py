"""Promise 7: order and batches decide nothing, a replay changes nothing, link then unlink leaves no trace."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.domain.links import Link, joined_assertions
from app.graph.database import Database
from tests.graph.shop import NOW
from tests.promises.examples import rebuilt
from tests.promises.linked import START, Linked, assertions, histories
from tests.promises.world import World


@rebuilt
@given(histories(), st.lists(st.integers(0, 9), min_size=3, max_size=3), st.data())
async def test_order_and_batches_and_replays_end_in_one_graph(
    db: Database, history: list[list[Link]], ended: list[int], data: st.DataObject
) -> None:
    plain, other = (Linked(db, World.name("linked")) for _ in range(2))
    await plain.opens()
    await other.opens()
    past: list[Link] = []
    for n, period in enumerate(history):
        for link in sorted(period, key=lambda link: link.last_seen):
            await plain.hears([link])
        replayed = data.draw(st.lists(st.sampled_from(past), max_size=3)) if past else []
        shuffled = data.draw(st.permutations([*period, *period[:1], *replayed]))
        cut = data.draw(st.integers(0, len(shuffled)))
        for batch in (shuffled[:cut], shuffled[cut:]):
            await other.hears(batch)
        past += period
        at = START + timedelta(days=10 * n + 6)
        await plain.ends(ended[n], at)
        await other.ends(ended[n], at)

    assert await other.drawn() == await plain.drawn()


@rebuilt
@given(st.lists(assertions(day=3), max_size=6), st.lists(assertions(day=9), min_size=1, max_size=4), st.data())
async def test_link_and_unlink_leave_no_trace(
    db: Database, before: list[Link], new: list[Link], data: st.DataObject
) -> None:
    shop = Linked(db, World.name("linked"))
    await shop.opens()
    await shop.shop.offers("tea", "coffee")
    await shop.shop.grants("tom")
    await shop.shop.buys("tom", "tea")
    await shop.hears(before)
    graph, answer = await shop.drawn(), await shop.answer("tom")

    there = {link.key for link in before}
    fresh = [link for link in joined_assertions(new) if link.key not in there]
    ids = [await shop.adds(link) for link in fresh]
    assert await shop.answer("tom") == answer  # a link is never read when serving
    for id_ in data.draw(st.permutations(ids)):
        assert await shop.links.end(shop.tenant, id_, NOW, "test")
    await shop.hears(fresh)  # a late replay

    assert await shop.drawn() == graph
    assert await shop.answer("tom") == answer
