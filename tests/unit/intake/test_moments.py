"""Times as programs send them, and no other time than was meant."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.intake.events import parse_events
from app.intake.moments import AMBIGUOUS, as_micros, read_moment

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)
SECONDS = 1_795_953_600
MOMENTS = st.datetimes(datetime(1973, 3, 4), datetime(2100, 1, 1)).map(lambda at: at.replace(tzinfo=UTC, microsecond=0))  # noqa: DTZ001 (given a zone at once)


@pytest.mark.parametrize("given", [20261129, "20261129", 20261129.0, " 20261129 "])
def test_a_date_begins_its_day(given: object) -> None:
    assert read_moment(given) == datetime(2026, 11, 29, tzinfo=UTC)


@pytest.mark.parametrize(
    "given", [SECONDS, SECONDS * 10**3, SECONDS * 10**6, str(SECONDS), f"{SECONDS}000", float(SECONDS)]
)
def test_the_unit_of_a_number_shows_in_its_size(given: object) -> None:
    assert read_moment(given) == NOON


@pytest.mark.parametrize("given", [SECONDS + 0.25, f"{SECONDS}.25", SECONDS * 1000 + 250, SECONDS * 10**6 + 250_000])
def test_parts_of_a_second_are_kept(given: object) -> None:
    assert read_moment(given) == NOON + timedelta(seconds=0.25)


@pytest.mark.parametrize(
    "given",
    [
        20261399,
        "00000000",
        202611,
        2026,
        0,
        -1,
        2026112910,
        202611291000,
        20261129100000,
        17959536000,
        10**400,
        10**17,
        "1" * 30,
    ],
)
def test_a_number_that_could_be_two_times_or_none_is_refused_with_the_ways_to_write_it(given: object) -> None:
    row = {"event_id": "e", "type": "view", "identity_id": "i", "at": given, "lines": [{"product_id": "p"}]}
    parsed = parse_events([row], NOON, 24)

    assert [error.field for error in parsed.errors] == ["at"] or not parsed.rows
    if str(given) != "1" * 30:
        assert parsed.errors[0].reason == AMBIGUOUS


def test_text_is_left_to_be_read_as_rfc_3339() -> None:
    assert read_moment("2026-11-29T12:00:00+01:00") == "2026-11-29T12:00:00+01:00"
    assert read_moment(True) is True


@given(MOMENTS, st.sampled_from([1, 10**3, 10**6]))
def test_every_number_of_our_times_is_read_in_its_own_unit_or_refused(at: datetime, unit: int) -> None:
    number = int(at.timestamp()) * unit
    try:
        assert read_moment(number) == at
        assert as_micros(number) == int(at.timestamp()) * 10**6
    except ValueError:
        assert len(str(number)) in (10, 12, 14)


def test_microseconds_may_be_sent_as_seconds_or_milliseconds() -> None:
    assert [as_micros(SECONDS), as_micros(str(SECONDS * 1000)), as_micros(SECONDS * 10**6)] == [
        SECONDS * 10**6,
        SECONDS * 10**6,
        SECONDS * 10**6,
    ]
    assert [as_micros(0), as_micros("soon"), as_micros(-1)] == [0, "soon", -1]
