"""Which identity could ever move which one's answers, and why not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from app.domain.consent import Effective
from app.domain.grants import Grant
from app.domain.influence import CircleIdentity, find_influences
from app.domain.models import Purpose

NOW = datetime(2026, 11, 22, tzinfo=UTC)
BOTH: dict[Purpose, Effective] = {"personalise_content": "granted", "household_share": "granted"}
PRIVATE = CircleIdentity("private", "personal", ("aaron",), (), (), ("email",), BOTH)
OFFERS = CircleIdentity("offers", "marketing", ("aaron",), (), (), (), {"personalise_content": "granted"})
GRANT = Grant(
    "g1", "private", "personal", "offers", "marketing", ("personalise_content",), NOW, NOW + timedelta(days=30)
)


def judge(private: CircleIdentity, offers: CircleIdentity, *grants: Grant) -> dict[tuple[str, str], tuple[bool, str]]:
    found = find_influences([private, offers], grants, "personalise_content", NOW)
    return {(one.source_id, one.reader_id): (one.may, one.why) for one in found}


def test_without_a_grant_everybody_moves_only_their_own_answers() -> None:
    assert judge(PRIVATE, OFFERS) == {
        ("private", "private"): (True, "its own"),
        ("offers", "private"): (False, "nothing granted"),
        ("offers", "offers"): (True, "its own"),
        ("private", "offers"): (False, "nothing granted"),
    }


def test_a_grant_opens_one_direction() -> None:
    found = judge(PRIVATE, OFFERS, GRANT)

    assert found["private", "offers"] == (True, "granted until 2026-12-22")
    assert found["offers", "private"] == (False, "nothing granted")


def test_what_silences_a_grant_is_said() -> None:
    ended = replace(GRANT, until=NOW)
    other = replace(GRANT, purposes=("newsletter",))
    silent = replace(PRIVATE, consents={"personalise_content": "granted", "household_share": "denied"})
    mute = replace(OFFERS, consents={})

    assert judge(PRIVATE, OFFERS, ended)["private", "offers"] == (False, "the grant ended on 2026-11-22")
    assert judge(PRIVATE, OFFERS, other)["private", "offers"] == (False, "granted for newsletter only")
    assert judge(silent, OFFERS, GRANT)["private", "offers"][1].startswith("granted, but private has no live")
    assert judge(PRIVATE, mute, GRANT)["private", "offers"][1].startswith("offers has no live consent")
