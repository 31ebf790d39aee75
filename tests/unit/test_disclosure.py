"""What may be published of people in numbers, and what is expected of a brand."""

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array

from app.domain.disclosure import UNKNOWN, Disclosure, Figure, Noisy, significant
from app.graph.catalogue import load_catalogue
from app.taste import figures
from app.taste.facets import choose_aspects, count_buyers, group_lines
from app.taste.intervals import wilson
from app.taste.niches import expect_buyers
from app.taste.noise import CUT, REACH, SPREAD, WINSOR, Noise, published_count
from app.taste.publisher import Publisher
from app.taste.values import Edges, Ints, Matrix

RULE = Disclosure(50)
numbers = st.integers(0, 3000).map(published_count)


def matrix(rows: list[list[int]]) -> Matrix:
    return csr_array(np.array(rows, dtype=np.float64))


def noise(people: int, week: int = 1) -> Noise:
    return Noise(b"week %d" % week, [f"i{number}" for number in range(people)])


def test_what_may_be_fewer_than_k_is_not_published() -> None:
    assert RULE.count(published_count(50 + REACH)) == 50 + REACH
    assert RULE.count(published_count(49 + REACH)) is None
    assert RULE.is_too_few(published_count(500), published_count(3))


@pytest.mark.parametrize("people", [0, 1, 49, 50, 70, 5000])
def test_a_published_number_is_near_the_true_one_and_never_of_fewer_than_k(people: int) -> None:
    published = [noise(people, week).count(np.arange(people), "all") for week in range(300)]

    assert max(abs(one.value - people) for one in published if one.value) <= REACH
    if people > REACH:
        assert np.std([one.value for one in published]) == pytest.approx(SPREAD, rel=0.15)
        assert np.mean([one.value for one in published]) == pytest.approx(people, abs=4 * SPREAD / np.sqrt(300))
    assert all(people >= 50 for one in published if RULE.count(one) is not None)


def test_one_member_more_or_less_lies_inside_the_noise() -> None:
    assert 1.96 * SPREAD >= 1
    assert 2 * CUT == REACH


def test_the_same_people_have_the_same_noise_in_a_week_in_whatever_order_and_another_one_in_the_next() -> None:
    who = np.arange(80)
    first, later = noise(100), noise(100, week=2)

    assert first.count(who, "a").value == first.count(who[::-1], "a").value
    assert first.count(who, "a").value == noise(100).count(who, "a").value
    weeks = {noise(100, week).count(who, "a").value for week in range(20)}
    assert len(weeks) > 5
    assert first.total(who, np.ones(80), 1.0, "a").value != later.total(who, np.ones(80), 1.0, "a").value


def test_two_names_of_one_set_have_half_of_the_noise_in_common() -> None:
    who = np.arange(80)
    pairs = np.array(
        [[noise(80, week).total(who, np.zeros(80), 1.0, name).value for name in "ab"] for week in range(900)]
    )
    both = pairs[(pairs > 0).all(axis=1)]

    assert not np.allclose(both[:, 0], both[:, 1])
    many = np.array([[_unit(week, who, name) for name in "ab"] for week in range(900)])
    assert np.corrcoef(many.T)[0, 1] == pytest.approx(0.5, abs=0.1)


def _unit(week: int, who: Ints, name: str) -> float:
    """Noise of a sum that is large enough not to end at 0."""
    return noise(80, week).total(who, np.full(80, 1.0), 1.0, name).value - 80


def test_a_sum_hides_what_its_largest_member_adds() -> None:
    who, values = np.arange(80), np.ones(80)
    values[0] = 1e6
    published = noise(80).total(who, values, 5.0, "spend")

    assert published.value <= 79 + 5 + 5 * REACH
    assert published.spread == 5 * SPREAD
    assert published.spread * 1.96 >= 5


def test_a_sum_betrays_no_fraction_of_a_member() -> None:
    """Noise of whole numbers would leave the digits behind the point as they are."""
    who, values = np.arange(80), np.zeros(80)
    values[0] = 0.37
    parts = [noise(80, week).total(who, values + 1, 2.0, "deals").value % 1 for week in range(200)]

    assert np.std(parts) > 0.2


def test_a_cap_is_about_the_95th_percentile_and_few_values_may_be_one() -> None:
    rng = np.random.default_rng(1)
    values = rng.lognormal(3, 1, 2000)
    caps = {noise(2000, week).cap(values, "spend") for week in range(20)}

    assert len(caps) <= 2
    assert all(np.quantile(values, WINSOR) * 0.7 <= cap <= np.quantile(values, WINSOR) * 1.7 for cap in caps)
    assert noise(10).cap(np.zeros(10), "nothing") > 0


@pytest.mark.parametrize("people", [40, 100, 1000])
def test_a_cap_is_never_above_the_first_step_that_holds_all_values(people: int) -> None:
    """Noise over the nobody beyond it must not raise it: what is capped too high is drowned."""
    values = np.full(people, 4.0)
    everybody = csr_array(values[:, None])
    for week in range(100):
        drawn = noise(people, week)

        assert drawn.cap(values, "likes") <= 5
        assert drawn.caps(everybody, drawn.names(["brand"])).tolist() <= [5.0]


def test_numbers_are_rounded_to_what_is_significant() -> None:
    assert [significant(one) for one in (1234.0, 0.01234, 0.0, -0.999)] == [1200.0, 0.012, 0.0, -1.0]


def test_an_interval_agrees_with_a_published_example() -> None:
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)  # Newcombe 1998, table I


@given(numbers, numbers)
def test_a_share_is_never_more_than_all_and_lies_in_its_interval(hits: Noisy, people: Noisy) -> None:
    told = figures.share(RULE, hits, people)

    assert (told.value is None) == RULE.is_too_few(hits, people)
    if told.value is not None and told.low is not None and told.high is not None:
        assert 0 <= told.low <= told.value <= told.high <= 1


@given(numbers, numbers, numbers, numbers)
def test_a_lift_is_the_one_share_of_its_row_over_the_other(
    hits: Noisy, people: Noisy, all_hits: Noisy, everybody: Noisy
) -> None:
    here, overall = figures.share(RULE, hits, people), figures.share(RULE, all_hits, everybody)
    told = figures.lift(RULE, (hits, people), (all_hits, everybody))

    assert (told.value is None) == (here.value is None or overall.value is None)
    if told.value is not None and here.value is not None and overall.value is not None:
        assert told.value == pytest.approx(here.value / overall.value, rel=0.12)
        assert told.low is not None
        assert told.high is not None
        assert told.low <= told.value <= told.high


@given(st.integers(60, 3000), st.floats(0, 1), st.integers(0, 1000))
def test_parts_of_people_are_all_people(people: int, most: float, week: int) -> None:
    values = np.random.default_rng(week).random(people) * most
    publisher = Publisher(noise(people, week), RULE)
    whole = publisher.noise.count(np.arange(people), "c1")
    below = publisher.below(np.arange(people), values, (0.2, 0.35, 0.5), whole, "strength")
    parts = figures.between(below, whole)

    assert sum(part.value for part in parts) == whole.value
    assert all(part.value >= 0 for part in parts)
    shown = publisher.histogram(np.arange(people), values, (0.2, 0.35, 0.5), whole, "strength")
    assert all(one is None or one >= 50 for one in shown)
    edges = [0.0, 0.2, 0.35, 0.5, 2.0]
    true = np.histogram(values, edges)[0]
    assert all(one is None or fact >= 50 for one, fact in zip(shown, true, strict=True))


@pytest.mark.parametrize(("people", "share"), [(80, 0.3), (400, 0.5), (3000, 0.02)])
def test_intervals_hold_the_truth_with_the_noise(people: int, share: float) -> None:
    """In 95 of 100 weeks and crowds, an average's true value lies inside."""
    inside = 0
    for week in range(300):
        values = (np.random.default_rng(week).random(people) < share).astype(np.float64)
        publisher = Publisher(noise(people, week), RULE)
        whole = publisher.noise.count(np.arange(people), "c1")
        told = publisher.average(np.arange(people), values, 1.0, whole, "deals", of_all=True)
        inside += told == UNKNOWN or holds(told, share)

    assert inside >= 270


def holds(told: Figure, value: float) -> bool:
    return told.low is not None and told.high is not None and told.low - 0.005 <= value <= told.high + 0.005


@given(st.integers(0, 3000), st.integers(0, 3000))
def test_growth_is_of_published_sizes(now: int, before: int) -> None:
    told = figures.change(RULE, published_count(now), published_count(before))

    assert (told.value is None) == (min(now, before) < 50 + REACH)
    if told.value is not None and told.low is not None and told.high is not None:
        assert told.low <= told.value <= told.high
        assert told.value == pytest.approx(now / before - 1, abs=0.06 * (1 + now / before))


def test_a_median_lies_where_half_of_the_people_are() -> None:
    values = np.random.default_rng(3).random(2000)
    publisher = Publisher(noise(2000), RULE)
    whole = publisher.noise.count(np.arange(2000), "c1")
    told = publisher.median(np.arange(2000), values, [step / 20 for step in range(21)], whole, "m", of_all=True)

    assert told.value == pytest.approx(0.5, abs=0.05)
    assert holds(told, 0.5)


def test_one_big_spender_does_not_carry_an_average() -> None:
    spend = np.concatenate([np.full(199, 10.0), [1e6]])
    publisher = Publisher(noise(200), RULE)
    whole = publisher.noise.count(np.arange(200), "c1")
    told = publisher.average(np.arange(200), spend, publisher.noise.cap(spend, "spend"), whole, "spend", of_all=True)

    assert told.value == pytest.approx(10.0, rel=0.2)


def test_only_the_noise_makes_what_figures_are_made_of() -> None:
    """So nothing exact can reach a figure: the types want ``Noisy``, and these alone make it."""
    makers = {"app/taste/noise.py", "app/taste/figures.py", "app/domain/disclosure.py"}
    root = Path(__file__).parents[2]
    found = {
        str(file.relative_to(root)) for file in (root / "app").rglob("*.py") if "Noisy(" in file.read_text("utf-8")
    }
    readers = {
        str(file.relative_to(root))
        for file in (root / "app").rglob("*.py")
        if "published_count(" in file.read_text("utf-8")
    }

    assert found == makers
    assert readers == {
        *("app/taste/noise.py", "app/taste/susceptible.py", "app/jobs/portraits.py"),  # of what was published
        *("app/graph/brands.py", "app/services/audiences.py", "app/services/portraits.py"),
        "app/services/experiments.py",
    }


def test_no_statement_that_looks_at_communities_reads_what_is_exact() -> None:
    """How many belong, exactly, stays on the node for the next run; who looks reads what was published."""
    looking = [
        text.text
        for name, text in load_catalogue().items()
        if name.startswith(("brands/", "communities/read_c", "communities/read_h", "communities/read_m"))
    ]
    assert len(looking) >= 6
    for text in looking:
        code = re.sub(r"//[^\n]*", "", text)
        assert ".size" not in code.replace("size(", "")
        assert "LEARNED_FROM" not in code
        assert "MEMBER_OF" not in code


def test_a_brand_is_what_its_buyers_in_a_community_choose_more_often() -> None:
    members = matrix([[1, 0], [1, 0], [0, 1], [0, 1]])
    bought = matrix([[1, 0], [1, 1], [0, 1], [0, 1]])
    brand_of = np.array([0, 0])
    lines = group_lines(brand_of, Edges(np.array([0, 1]), np.array([0, 1]), np.ones(2)))
    of_brand = count_buyers(members, bought, matrix([[1], [1]]))
    buyers = count_buyers(members, bought, lines.groups)

    first, second = choose_aspects(buyers, lines, 0, 0, of_brand, 1, 10)
    assert (first.other, first.buyers, first.overall) == (0, 2, 2)
    assert (second.other, second.buyers, second.overall) == (1, 1, 3)
    assert choose_aspects(buyers, lines, 0, 0, of_brand, 2, 10) == [first]


def test_a_brand_is_expected_where_its_microgenre_is_bought() -> None:
    """Half of those who buy in the microgenre buy the brand, all of them in the first community."""
    members = matrix([[1, 0]] * 10 + [[0, 1]] * 10 + [[0, 0]] * 20)
    bought = matrix([[1, 1]] * 10 + [[0, 1]] * 10 + [[0, 0]] * 20)
    genres, brands = matrix([[1], [1]]), matrix([[1], [0]])
    lines = group_lines(np.array([0, -1]), Edges(np.array([0, 1]), np.array([0, 0]), np.ones(2)))
    expected = expect_buyers(members, bought, genres, lines, brands)

    assert expected.buyers[:, 0] == pytest.approx([5.0, 5.0])
    assert expected.spread[1, 0] == pytest.approx(np.sqrt(10 * 0.25))
