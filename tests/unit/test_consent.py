"""What a log of consent records means at a moment."""

from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from app.domain.consent import effective_consent
from app.domain.models import Consent, ConsentStatus

START = datetime(2026, 1, 1, tzinfo=UTC)


def said(status: ConsentStatus, day: int, until: int | None = None) -> Consent:
    expires_at = None if until is None else START + timedelta(days=until)
    return Consent(f"c{day}{status}", "personalise_content", status, START + timedelta(days=day), expires_at)


def on(day: float, *records: Consent) -> str:
    return effective_consent(records, "personalise_content", START + timedelta(days=day))


def test_absent_means_denied() -> None:
    assert on(5) == "denied"
    assert on(5, Consent("c", "newsletter", "granted", START)) == "denied"


def test_the_latest_record_decides() -> None:
    assert on(5, said("granted", 1)) == "granted"
    assert on(5, said("granted", 1), said("withdrawn", 3)) == "denied"
    assert on(2, said("granted", 1), said("withdrawn", 3)) == "granted"


def test_of_two_records_at_one_time_the_stricter_decides() -> None:
    assert on(5, said("granted", 1), said("denied", 1)) == "denied"


def test_expiry_is_looked_at_when_asked() -> None:
    assert on(5, said("granted", 1, until=6)) == "granted"
    assert on(6, said("granted", 1, until=6)) == "denied"


def test_a_record_of_the_future_says_nothing_yet() -> None:
    assert on(5, said("granted", 6)) == "denied"


STATUSES: st.SearchStrategy[ConsentStatus] = st.sampled_from(["granted", "denied", "withdrawn"])
RECORDS = st.lists(st.builds(said, STATUSES, st.integers(0, 5), st.none() | st.integers(0, 9)), max_size=6)


@given(RECORDS, st.randoms(use_true_random=False), st.integers(0, 9))
def test_the_order_of_records_does_not_matter(records: list[Consent], random: Random, day: int) -> None:
    shuffled = list(records)
    random.shuffle(shuffled)

    assert on(day, *shuffled) == on(day, *records)


@given(RECORDS, st.integers(0, 9))
def test_a_further_denial_never_widens(records: list[Consent], day: int) -> None:
    assert on(day, *records, said("denied", day)) == "denied"
