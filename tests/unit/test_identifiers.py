"""Spellings of one value are one identifier, and placeholders name nobody."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.hashing import Hasher, identify
from app.domain.identifiers import is_blocked, normalise
from app.domain.identity_rules import IdentityRules
from app.domain.models import GivenIdentifier

GERMAN = IdentityRules(phone_region="DE", blocked_values=frozenset({"Till@Shop.example", "0800 123456"}))


@pytest.mark.parametrize(
    ("type_", "one", "other", "region"),
    [
        ("email", " Tom @Example.org", "tom@example.org ", None),
        ("email", "tom@example.org", "tom@example.org", None),
        ("phone", "+49 (0)170 1234567", "+491701234567", None),
        ("phone", "0170 / 123 45 67", "+49 170 1234567", "DE"),
        ("household_phone", "030-1234567", "+49 30 1234567", "DE"),
        ("card", "12\u00a034", "12 34", None),
    ],
)
def test_spellings_of_one_value_are_equal(type_: str, one: str, other: str, region: str | None) -> None:
    assert normalise(type_, one, region) == normalise(type_, other, region)


@pytest.mark.parametrize(
    ("type_", "one", "other"),
    [
        ("phone", "0170 1234567", "+49 170 1234567"),
        ("phone", "+49 30 1234567 ext. 1", "+49 30 1234567 ext. 2"),
        ("cookie", "aB3", "ab3"),
        ("email", "tom@example.org", "tom+shop@example.org"),
    ],
)
def test_what_may_be_somebody_else_stays_apart(type_: str, one: str, other: str) -> None:
    assert normalise(type_, one) != normalise(type_, other)


MEXICAN = "+52 55 1234 5678"
ARGENTINE = "+54 9 11 2345 6789"
BRAZILIAN = "+55 11 98765 4321"
RENUMBERED = [
    *((MEXICAN, one, None) for one in ("+52 1 55 1234 5678", "+52 044 55 1234 5678", "+52 01 55 1234 5678")),
    *((MEXICAN, one, "MX") for one in ("1 55 1234 5678", "045 55 1234 5678", "55 1234 5678")),
    *((ARGENTINE, one, None) for one in ("+54 11 15 2345 6789", "+54 011 15 2345 6789", "+54 9 11 15 2345 6789")),
    *((ARGENTINE, one, None) for one in ("+54 9 0 11 2345 6789", "+54 9 011 15 2345 6789")),
    (ARGENTINE, "011 15 2345-6789", "AR"),
    ("+54 9 3543 556789", "+54 9 3543 15 556789", None),
    *((BRAZILIAN, one, None) for one in ("+55 11 8765 4321", "+55 0 15 11 98765 4321", "+55 (011) 8765-4321")),
    (BRAZILIAN, "0 15 11 98765-4321", "BR"),
    ("+7 912 345 67 89", "+7 8 912 345 67 89", None),
    ("+36 30 123 4567", "+36 06 30 123 4567", None),
    ("+370 612 34567", "+370 8 612 34567", None),
    ("+57 300 1234567", "+57 03 300 1234567", None),
]


@pytest.mark.parametrize(("now", "before", "region"), RENUMBERED)
def test_a_number_of_before_its_country_changed_prefixes_is_the_number_of_today(
    now: str, before: str, region: str | None
) -> None:
    assert normalise("phone", before, region) == normalise("phone", now) == now.replace(" ", "")
    assert not is_blocked("phone", before, IdentityRules(phone_region=region))


@pytest.mark.parametrize(
    ("landline", "mobile"),
    [("+54 11 2345 6789", ARGENTINE), ("+55 11 3765 4321", "+55 11 93765 4321"), ("+49 30 1234567", "+49 170 1234567")],
)
def test_a_landline_and_a_mobile_stay_two(landline: str, mobile: str) -> None:
    assert normalise("phone", landline) != normalise("phone", mobile)


@pytest.mark.parametrize("value", ["12345", "+49 1", "+1 111 111 1111", "+52 1 55 1234 56789", "0170 1234567"])
def test_a_number_that_is_not_valid_links_nobody(value: str) -> None:
    assert is_blocked("phone", value, IdentityRules())
    assert normalise("phone", value) == normalise("phone", normalise("phone", value))


@given(type_=st.sampled_from(["email", "cookie"]), value=st.text(max_size=30))
def test_normalising_twice_changes_nothing_more(type_: str, value: str) -> None:
    once = normalise(type_, value)

    assert normalise(type_, once) == once


@given(
    value=st.from_regex(r"(\+(5[245])?)?[0-9 ()/-]{0,20}", fullmatch=True),
    region=st.sampled_from([None, "DE", "US", "MX", "AR", "BR"]),
)
def test_a_phone_is_read_once(value: str, region: str | None) -> None:
    once = normalise("phone", value, region)

    assert set(once) <= set("+0123456789")
    assert normalise("phone", once, region) == once


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        ("cookie", ""),
        ("device", "00000000-0000-0000-0000-000000000000"),
        ("ip", "0.0.0.0"),  # noqa: S104
        ("customer_number", "-1"),
        ("customer_number", " NULL "),
        ("email", "None"),
        ("cookie", "undefined"),
        ("email", "Anonymous"),
        ("phone", "unknown"),
        ("phone", "n/a"),
        ("phone", "+0 000"),
        ("email", "noreply@shop.example"),
        ("email", "No-Reply@shop.example"),
        ("email", "donotreply@shop.example"),
        ("email", "no-reply+17@shop.example"),
        ("email", "till@SHOP.example"),
        ("phone", "+49 800 123456"),
    ],
)
def test_a_value_that_stands_for_nobody_is_blocked(type_: str, value: str) -> None:
    assert is_blocked(type_, value, GERMAN)


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        ("email", "tom@example.org"),
        ("customer_number", "10"),
        ("phone", "0170 1234567"),
        ("email", "nora.reply@a.example"),
    ],
)
def test_a_value_that_may_be_somebody_is_not(type_: str, value: str) -> None:
    assert not is_blocked(type_, value, GERMAN)


def test_what_is_kept_of_a_value_does_not_show_it() -> None:
    hasher = Hasher("demo", {1: b"k" * 32, 2: b"l" * 32})
    known = identify(hasher, GERMAN, "phone", "0170 1234567")

    assert known == identify(hasher, GERMAN, "phone", "+49 170 1234567")
    assert (known.type, known.blocked, known.key_version) == ("phone", False, 2)
    assert known.other_digests == (Hasher("demo", {1: b"k" * 32})("phone", "+491701234567"),)
    assert known.digest not in known.other_digests
    assert "1234567" not in repr((known, GivenIdentifier("phone", "0170 1234567")))
