"""Influence in figures: planted sums are published with noise, of too few and of no ties nothing is."""

import numpy as np

from app.domain.disclosure import Disclosure, Figure
from app.domain.influence_figures import FIGURES, InfluenceFigures
from app.graph.influence import influence_of, text_of
from app.taste.influence import Drawing, Spreading, with_flows
from app.taste.leads import Leads
from app.taste.noise import Noise
from app.taste.publisher import Publisher
from app.taste.uptake import Uptake
from app.taste.values import Ints

PEOPLE, OWN = 1_000, 50
HALF = PEOPLE // 2
MEMBERS = {"c1": np.arange(HALF, dtype=np.int64), "c2": np.arange(HALF, PEOPLE, dtype=np.int64)}


def uptake() -> Uptake:
    """Everybody takes up the same new products: one in forty on its first day, the others evenly within 100 days."""
    who = np.repeat(np.arange(PEOPLE, dtype=np.int64), OWN + 1)
    what = np.tile(np.arange(OWN + 1, dtype=np.int64), PEOPLE)
    place = (who * 7 + what * 31) % PEOPLE
    day = np.where(what == 0, 0, 100 + what + np.where(place < 25, 0, place // 10))
    return Uptake(PEOPLE, OWN + 1, who, what, day.astype(np.int64))


def leads(leader: Ints, follower: Ints) -> Leads:
    """Along each tie a fifth of fifty-one exposures, after six days."""
    excess, low, high, lag = (np.full(len(leader), value) for value in (0.2, 0.1, 0.3, 6.0))
    return Leads(leader, follower, excess, low, high, lag, np.full(len(leader), OWN + 1, dtype=np.int64))


def publish(followers: Ints, found: Leads, members: dict[str, Ints] = MEMBERS) -> dict[str, InfluenceFigures]:
    ids = [f"person {number}" for number in range(PEOPLE)]
    spreading = Spreading.of(uptake(), found, followers, np.arange(PEOPLE, dtype=np.int64))
    drawing = Drawing(Publisher(Noise(b"secret", ids), Disclosure(50)), spreading, "run-1")
    drawn = {id_: drawing.draw(who, id_) for id_, who in members.items()}
    return with_flows(drawn, drawing.flows(members))


def holds(figure: Figure, truth: float) -> bool:
    assert figure.low is not None
    assert figure.high is not None
    return figure.low <= truth <= figure.high


def test_planted_sums_of_a_community_are_published_with_where_they_come_from_and_go_to() -> None:
    led = np.arange(200, dtype=np.int64)
    found = publish(np.arange(PEOPLE, dtype=np.int64), leads(led + HALF, led))
    one, other = found["c1"], found["c2"]

    assert (one.status, other.status) == ("excess", "no_excess")
    assert "association" in one.reason
    assert holds(one.figures["excess_share"], 0.2 * 200 / HALF)
    assert holds(one.figures["led_share"], 200 / HALF)
    assert one.figures["inside_share"].value is None
    assert holds(one.figures["outside_share"], 1.0)
    assert holds(other.figures["branching"], 0.2 * 200 / HALF)
    assert holds(one.figures["innovator_share"], 0.025)
    assert [holds(one.figures[f"days_to_{part}"], part) for part in (10, 50, 90)] == [True, True, True]
    (flow,) = one.comes_from
    assert (flow.community_id, one.goes_to, other.comes_from) == ("c2", (), ())
    assert holds(flow.share, 200 / HALF)
    assert holds(flow.lag_days, 6)
    assert [end.community_id for end in other.goes_to] == ["c1"]
    assert influence_of(text_of(one)) == one


def test_where_hardly_anybody_follows_there_is_not_enough_data_and_of_few_nothing_is_published() -> None:
    led = np.arange(30, dtype=np.int64)
    found = publish(led, leads(led + HALF, led))
    assert {one.status for one in found.values()} == {"not_enough_data"}
    assert found["c1"].figures["led_share"].value is None
    assert found["c1"].figures["days_to_50"].value is not None
    assert not found["c1"].comes_from

    few = publish(np.arange(PEOPLE, dtype=np.int64), leads(led + HALF, led), {"c1": led, "c2": MEMBERS["c2"]})["c1"]
    assert few.status == "not_enough_data"
    assert set(few.figures) == set(FIGURES)
    assert all(figure.value is None for figure in few.figures.values())


def test_without_any_lead_no_excess_is_published() -> None:
    nobody = np.empty(0, dtype=np.int64)
    found = publish(np.arange(PEOPLE, dtype=np.int64), leads(nobody, nobody))
    assert {one.status for one in found.values()} == {"no_excess"}
    assert holds(found["c1"].figures["excess_share"], 0.0)


def test_of_a_shop_without_ties_there_is_not_enough_data() -> None:
    nobody = np.empty(0, dtype=np.int64)
    spreading = Spreading.of(
        Uptake(0, 0, nobody, nobody, nobody), leads(nobody, nobody), nobody, np.full(PEOPLE, -1, dtype=np.int64)
    )
    ids = [f"person {number}" for number in range(PEOPLE)]
    drawn = Drawing(Publisher(Noise(b"secret", ids), Disclosure(50)), spreading, "run-1").draw(MEMBERS["c1"], "c1")
    assert drawn.status == "not_enough_data"
    assert all(figure.value is None for figure in drawn.figures.values())
