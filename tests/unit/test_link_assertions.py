"""What one source says of two things comes together in one link, whatever the order."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.domain.links import Link, joined_assertions, seen_link

START = datetime(2026, 1, 1, tzinfo=UTC)


def said(day: int, confidence: float = 1.0, until: int | None = None, source: str = "crm") -> Link:
    valid_until = None if until is None else START + timedelta(days=until)
    at = START + timedelta(days=day)
    return seen_link("person_identity", "p", "i", source, at, confidence=confidence, valid_until=valid_until)


assertions = st.builds(
    said,
    st.integers(0, 3),
    st.sampled_from((0.1, 0.5, 1.0)),
    st.none() | st.integers(5, 7),
    st.sampled_from(("a", "b")),
)


@given(st.lists(assertions, max_size=12), st.data())
def test_order_repetition_and_batches_do_not_matter(links: list[Link], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations([*links, *links[:3]]))
    cut = data.draw(st.integers(0, len(shuffled)))

    assert joined_assertions([*joined_assertions(shuffled[:cut]), *shuffled[cut:]]) == joined_assertions(links)


def test_the_latest_word_counts_and_of_two_at_once_the_doubtful_one() -> None:
    (latest,) = joined_assertions([said(2, 0.4, until=9), said(1, 0.9)])
    assert (latest.confidence, latest.valid_until) == (0.4, START + timedelta(days=9))
    assert (latest.first_seen, latest.last_seen) == (START + timedelta(days=1), START + timedelta(days=2))

    (doubtful,) = joined_assertions([said(1, 0.4), said(1, 0.9, until=9)])
    assert (doubtful.confidence, doubtful.valid_until) == (0.4, START + timedelta(days=9))


def test_not_the_same_reads_the_same_both_ways() -> None:
    one = seen_link("not_same_as", "b", "a", "crm", START)

    assert one == seen_link("not_same_as", "a", "b", "crm", START)
    assert seen_link("follows", "b", "a", "crm", START) != seen_link("follows", "a", "b", "crm", START)


def test_a_link_lives_from_when_it_was_seen_until_it_runs_out() -> None:
    link = said(1, until=3)

    assert [link.is_live(START + timedelta(days=day)) for day in range(4)] == [False, True, True, False]
