"""The chain of the audit log: any change to it is found, and where."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.audit import NOTHING_BEFORE, AuditEntry, Break, Chain, Head, find_break, seal_of
from app.domain.hashing import Hasher

HASHER = Hasher("demo", {1: b"k" * 32})
START = datetime(2026, 5, 1, tzinfo=UTC)
WORDS = st.sampled_from(["erase", "link", "export", "consent"])


def chain(actions: list[str], key_version: int | None = 1) -> list[AuditEntry]:
    entries: list[AuditEntry] = []
    for place, action in enumerate(actions, 1):
        previous = entries[-1].seal if entries else NOTHING_BEFORE
        at = START + timedelta(seconds=place)
        entry = AuditEntry(place, at, "key", action, ("abc",), "{}", previous, "", key_version)
        entries.append(replace(entry, seal=seal_of(entry, HASHER)))
    return entries


def head_of(entries: list[AuditEntry]) -> Head:
    return Head(entries[-1].sequence, entries[-1].seal) if entries else Head()


@given(st.lists(WORDS, max_size=12))
def test_a_log_as_it_was_written_is_whole(actions: list[str]) -> None:
    entries = chain(actions)

    assert find_break(entries, head_of(entries), HASHER) is None


CHANGES: dict[str, Any] = {
    "actor": "somebody else",
    "action": "revoke",
    "at": START,
    "subjects": ("abd",),
    "detail": '{"n": 1}',
    "previous": "f" * 64,
    "seal": "f" * 64,
}


@given(st.lists(WORDS, min_size=1, max_size=8), st.data(), st.sampled_from(sorted(CHANGES)))
def test_a_changed_entry_is_found_where_it_is(actions: list[str], data: st.DataObject, field: str) -> None:
    entries = chain(actions)
    head = head_of(entries)
    place = data.draw(st.integers(0, len(entries) - 1))
    entries[place] = replace(entries[place], **{field: CHANGES[field]})

    found = find_break(entries, head, HASHER)

    assert found is not None
    assert found.sequence == place + 1


@given(st.lists(WORDS, min_size=1, max_size=8), st.data())
def test_a_changed_and_resealed_entry_is_found_behind_it(actions: list[str], data: st.DataObject) -> None:
    entries = chain(actions)
    head = head_of(entries)
    place = data.draw(st.integers(0, len(entries) - 1))
    forged = replace(entries[place], actor="somebody else")
    entries[place] = replace(forged, seal=seal_of(forged, HASHER))

    found = find_break(entries, head, HASHER)

    assert found is not None
    assert found.sequence in {place + 1, place + 2}


@given(st.lists(WORDS, min_size=1, max_size=8), st.data())
def test_a_removed_entry_is_found_where_it_was(actions: list[str], data: st.DataObject) -> None:
    entries = chain(actions)
    head = head_of(entries)
    place = data.draw(st.integers(0, len(entries) - 1))
    del entries[place]

    found = find_break(entries, head, HASHER)

    why = "the end of the log was cut off" if place == len(entries) else "the entry is missing"
    assert found == Break(place + 1, why)


@pytest.mark.parametrize("place", [1, 2, 3])
def test_an_inserted_entry_is_found(place: int) -> None:
    entries = chain(["link", "erase", "export"])
    head = head_of(entries)
    forged = replace(entries[place - 1], action="grant")
    entries.insert(place, replace(forged, seal=seal_of(forged, HASHER)))

    assert find_break(entries, head, HASHER) == Break(place, "there is an entry too many")


def test_an_entry_appended_past_the_end_is_found() -> None:
    entries = chain(["link", "erase"])

    assert find_break(entries, head_of(entries[:1]), HASHER) == Break(2, "there is an entry too many")


def test_a_log_whose_end_was_forgotten_is_found() -> None:
    assert find_break(chain(["link"]), Head(), HASHER) == Break(1, "there is an entry too many")


def test_who_has_no_key_cannot_write_a_log() -> None:
    """Cut at its end and written on, with the seals of another key, of none, or of a key that is not here."""
    entries = chain(["link", "erase", "export"])
    forged = replace(entries[2], action="grant")
    other = Hasher("demo", {1: b"x" * 32})

    for entry, why in [
        (replace(forged, seal=seal_of(forged, other)), "the entry was changed"),
        (replace(forged, key_version=None), "the entry is not sealed with a key, and those before it are"),
        (replace(forged, key_version=7), "the entry is sealed with hash key 7, which is not here"),
    ]:
        assert find_break([*entries[:2], entry], Head(3, entry.seal), HASHER) == Break(3, why)


def test_a_log_from_before_seals_had_a_key_goes_on() -> None:
    entries = chain(["link", "erase"], None)
    more = replace(chain(["export"])[0], sequence=3, previous=entries[-1].seal)
    entries.append(replace(more, seal=seal_of(more, HASHER)))
    walk = Chain(HASHER)

    assert [walk.follow(entry) for entry in entries] == [None, None, None]
    assert walk.sealed_from == 3


def test_seals_of_two_shops_differ() -> None:
    entry = chain(["link"])[0]

    assert seal_of(entry, HASHER) != seal_of(entry, Hasher("other", HASHER.keys))
