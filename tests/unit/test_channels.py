"""A channel is used for whom it may be used, as often and at the hours that are allowed, and says why not."""

from datetime import UTC, datetime, time, timedelta
from typing import get_args
from zoneinfo import ZoneInfo

import pytest

from app.domain.channels import (
    CHANNELS,
    DEFAULT_RULES,
    OPEN_CHANNELS,
    PURPOSE_OF,
    Cap,
    Channel,
    ChannelRules,
    Contact,
    QuietHours,
    refusal_of,
)
from app.domain.models import PURPOSES, Address, Consent, ConsentStatus

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
EVERYWHERE = frozenset(get_args(Address))
FREE = ChannelRules()


def contact(
    channel: Channel, status: ConsentStatus = "granted", *sent: datetime, expires_at: datetime | None = None
) -> Contact:
    said = Consent("c", PURPOSE_OF[channel], status, NOW - timedelta(days=9), expires_at)
    return Contact((said,), EVERYWHERE, None, {channel: sent})


def why(channel: Channel, known: Contact, rules: ChannelRules = FREE, now: datetime = NOW) -> str | None:
    refusal = refusal_of(channel, rules, known, now, BERLIN)
    return refusal and refusal.text


def test_every_channel_has_its_rules_and_a_purpose_that_there_is() -> None:
    assert set(CHANNELS) == set(DEFAULT_RULES) == set(PURPOSE_OF)
    assert set(PURPOSE_OF.values()) <= set(PURPOSES)


@pytest.mark.parametrize("channel", sorted(OPEN_CHANNELS))
def test_the_shop_goes_to_nobody_without_the_consent_of_the_channel(channel: Channel) -> None:
    assert why(channel, Contact(reachable=EVERYWHERE)) == f"no consent for {channel}"
    for status in ("denied", "withdrawn"):
        assert why(channel, contact(channel, status)) == f"no consent for {channel} since 2026-11-21"
    assert why(channel, contact(channel)) is None


def test_a_consent_to_another_channel_is_none() -> None:
    assert why("email", contact("newsletter")) == "no consent for email"


def test_a_consent_that_ran_out_is_none_from_then_on() -> None:
    ended = NOW - timedelta(days=2)

    refusal = refusal_of("email", FREE, contact("email", expires_at=ended), NOW, BERLIN)

    assert refusal
    assert (refusal.since, refusal.is_final) == (ended, False)


@pytest.mark.parametrize("channel", ["web", "app"])
def test_whoever_comes_by_is_shown_something(channel: Channel) -> None:
    assert why(channel, Contact()) is None


@pytest.mark.parametrize(
    ("channel", "address"), [("newsletter", "email"), ("sms", "sms"), ("direct_mail", "direct_mail")]
)
def test_whom_nothing_reaches_is_not_contacted(channel: Channel, address: str) -> None:
    known = contact(channel)

    assert why(channel, Contact(known.consents, EVERYWHERE - {address})) == f"not reachable by {address}"


def test_a_parcel_needs_no_address_of_its_own() -> None:
    assert why("packaging", Contact(contact("packaging").consents)) is None


def test_a_cap_counts_what_was_sent_in_its_days_and_says_when_it_ends() -> None:
    twice = ChannelRules(cap=Cap(2, 7))
    three = [NOW - timedelta(days=days) for days in (6, 1, 3)]

    refusal = refusal_of("email", twice, contact("email", "granted", *three), NOW, BERLIN)

    assert refusal
    assert (refusal.text, refusal.until) == ("cap of 2 in 7 days reached", NOW + timedelta(days=4))
    assert why("email", contact("email", "granted", *three[1:]), twice, NOW + timedelta(days=4)) is None
    assert why("email", contact("email", "granted", three[1]), twice) is None


def test_a_cap_of_none_closes_a_channel() -> None:
    assert why("sms", contact("sms"), ChannelRules(cap=Cap(0, 1))) == "cap of 0 in 1 days reached"


@pytest.mark.parametrize(
    ("utc_hour", "expected"),
    [(6, "quiet until 08:00 Europe/Berlin"), (7, None), (18, None), (19, "quiet until 08:00 Europe/Berlin")],
)
def test_it_is_quiet_by_the_identitys_own_clock_over_midnight(utc_hour: int, expected: str | None) -> None:
    night = ChannelRules(quiet=QuietHours(time(20), time(8)))

    assert why("push", contact("push"), night, NOW.replace(hour=utc_hour)) == expected


def test_quiet_hours_end_today_or_tomorrow_also_when_clocks_change() -> None:
    night, noon = QuietHours(time(20), time(8)), QuietHours(time(12), time(14))
    before_the_change = datetime(2026, 3, 28, 21, tzinfo=UTC)

    assert night.until(before_the_change, BERLIN) == datetime(2026, 3, 29, 6, tzinfo=UTC)
    assert night.until(datetime(2026, 3, 29, 1, tzinfo=UTC), BERLIN) == datetime(2026, 3, 29, 6, tzinfo=UTC)
    assert noon.until(NOW, BERLIN) == datetime(2026, 11, 30, 13, tzinfo=UTC)
    assert noon.until(NOW.replace(hour=13), BERLIN) is None
