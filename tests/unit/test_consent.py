"""What a log of consent records means at a moment."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.consent import Signal, as_heard, as_stored, consents_at, effective_consent, news_of, said_by
from app.domain.models import PURPOSES, Consent, ConsentStatus

START = datetime(2026, 1, 1, tzinfo=UTC)


def said(status: ConsentStatus, day: int, until: int | None = None) -> Consent:
    expires_at = None if until is None else START + timedelta(days=until)
    return Consent(f"c{day}{status}", "personalise_content", status, START + timedelta(days=day), expires_at)


def on(day: float, *records: Consent) -> str:
    """What it had come to on a day of the past."""
    at = START + timedelta(days=day)
    return effective_consent(said_by(records, at), "personalise_content", at)


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


def test_a_grant_of_the_future_says_nothing_yet() -> None:
    assert on(5, said("granted", 6)) == "denied"


def now_on(day: float, *records: Consent) -> str:
    return effective_consent(records, "personalise_content", START + timedelta(days=day))


def arriving(day: float, record: Consent) -> Consent:
    return as_stored(record, START + timedelta(days=day))


@given(st.integers(-9, 9), st.integers(0, 9), st.integers(0, 9))
def test_a_denial_that_is_there_counts_however_far_clocks_differ(skew: int, granted: int, later: int) -> None:
    """Whoever asks may have a clock that is behind, and what was said may be stamped by one that is ahead."""
    grant = arriving(granted, said("granted", granted))
    denial = arriving(granted + later, said("denied", granted + later + abs(skew)))

    assert now_on(granted + later + skew, grant, denial) == "denied"


def test_a_denial_of_the_future_stands_where_it_arrived() -> None:
    denial = arriving(2, said("denied", 9))

    assert now_on(4, denial, arriving(3, said("granted", 3))) == "granted"
    assert now_on(10, denial, arriving(3, said("granted", 3))) == "granted"


def test_a_denial_of_the_past_stays_in_its_place() -> None:
    assert now_on(4, arriving(3, said("denied", 1)), arriving(2, said("granted", 2))) == "granted"


def test_a_grant_of_a_clock_that_is_ahead_does_not_outlast_a_denial_that_came_after_it() -> None:
    grant, denial = arriving(2, said("granted", 5)), arriving(3, said("denied", 3))

    assert [now_on(day, grant, denial) for day in (3, 4, 6)] == ["denied"] * 3


def test_what_nobody_timed_is_said_when_it_arrives() -> None:
    record = arriving(3, replace(said("denied", 1), at_arrival=True))

    assert record.at == record.counts_from == START + timedelta(days=3)


def test_of_signals_of_the_future_only_what_is_allowed_waits() -> None:
    ahead = Signal("tom", {"newsletter": False, "measurement": True}, START + timedelta(days=2), "banner")

    at_once, later = as_heard(ahead, START)

    assert (at_once.allowed, at_once.at) == ({"newsletter": False}, START)
    assert (later.allowed, later.at) == ({"measurement": True}, ahead.at)


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


def test_all_ten_purposes_are_told() -> None:
    at = START + timedelta(days=2)
    told = consents_at(said_by([said("granted", 1), said("denied", 3)], at), at)

    assert [one.purpose for one in told] == list(PURPOSES)
    assert {one.purpose for one in told if one.effective == "granted"} == {"personalise_content"}
    assert [one.deciding for one in told if one.deciding] == [said("granted", 1)]


def signal(allowed: bool, day: float) -> Signal:
    return Signal("tom", {"personalise_content": allowed}, START + timedelta(days=day), "banner")


def log_after(batches: list[list[Signal]], log: dict[str, Consent] | None = None) -> dict[str, Consent]:
    """The log by record id, after batches of signals came in one after the other."""
    log = dict(log or {})
    for batch in batches:
        news = news_of({"tom": list(log.values())}, batch)
        for _, record in news.records:
            assert record.id not in log
            log[record.id] = record
        for id_, confirmed_at in news.confirmed.items():
            log[id_] = replace(log[id_], confirmed_at=confirmed_at)
    return log


def test_what_is_said_for_the_first_time_is_recorded_and_a_repetition_is_not() -> None:
    log = log_after([[signal(False, 1)], [signal(False, 2)], [signal(True, 3)], [signal(True, 4)]])

    assert [(record.status, record.at.day - 1) for record in log.values()] == [("denied", 1), ("granted", 3)]


def test_a_grant_that_expired_is_granted_again() -> None:
    old = said("granted", 1, until=2)

    assert len(log_after([[signal(True, 3)]], {old.id: old})) == 2
    assert len(log_after([[signal(True, 1.5)]], {old.id: old})) == 1


def test_a_late_grant_says_nothing_where_the_denial_was_said_again_since() -> None:
    assert [one.status for one in log_after([[signal(False, 1)], [signal(False, 5)], [signal(True, 3)]]).values()] == [
        "denied"
    ]


def test_a_late_denial_holds_until_the_grant_was_said_again() -> None:
    log = log_after([[signal(True, 1)], [signal(True, 5)], [signal(False, 3)]])

    assert [on(day, *log.values()) for day in (2, 3, 4, 5)] == ["granted", "denied", "denied", "granted"]


SIGNALS = st.lists(st.builds(signal, st.booleans(), st.integers(0, 6)), max_size=6)


@settings(max_examples=500)
@given(SIGNALS, st.data())
def test_neither_order_nor_batching_of_signals_changes_the_end_nor_widens_the_way(
    signals: list[Signal], data: st.DataObject
) -> None:
    in_order = log_after([[one] for one in sorted(signals, key=lambda one: one.at)])
    shuffled = data.draw(st.permutations(signals + signals))
    cut = data.draw(st.integers(0, len(shuffled)))
    log = log_after([shuffled[:cut], shuffled[cut:]])

    for after in (log, log_after([shuffled], log)):
        assert on(7, *after.values()) == on(7, *in_order.values())
        for day in range(8):
            assert on(day, *after.values()) == "denied" or on(day, *in_order.values()) == "granted"


@given(SIGNALS, st.randoms(use_true_random=False))
def test_a_replay_of_what_came_in_order_adds_nothing(signals: list[Signal], random: Random) -> None:
    log = log_after([[one] for one in sorted(signals, key=lambda one: one.at)])
    replayed = list(signals)
    random.shuffle(replayed)

    assert log_after([[one] for one in replayed], log) == log


@given(SIGNALS, st.integers(0, 6))
def test_of_signals_the_latest_decides_and_the_stricter_at_one_time(signals: list[Signal], day: int) -> None:
    heard = [one for one in signals if one.at <= START + timedelta(days=day)]
    latest = max((one.at for one in heard), default=None)
    is_granted = bool(heard) and all(one.allowed["personalise_content"] for one in heard if one.at == latest)

    assert on(day, *log_after([signals]).values()) == ("granted" if is_granted else "denied")
