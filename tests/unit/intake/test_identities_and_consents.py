"""Identity rows and consent rows."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.domain.models import Identifier, Identity, RowError
from app.intake.consents import parse_consents
from app.intake.identities import parse_identities

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
TOM: dict[str, Any] = {
    "id": "tom-work",
    "kind": "work",
    "person_id": "tom",
    "account_id": "company-card",
    "household_id": "elm-street",
    "identifiers": [{"type": "email", "value": " Tom@Example.org "}, {"type": "card", "value": 4711}],
}
GRANT: dict[str, Any] = {
    "identity_id": "tom-work",
    "purpose": "personalise_content",
    "status": "granted",
    "at": "2026-04-01T00:00:00Z",
    "expires_at": "2027-04-01T00:00:00+02:00",
    "source": "web_form",
}


def hashed(type_: str, value: str) -> Identifier:
    return Identifier(type_, f"<{type_} {len(value)}>")


def test_an_identity_keeps_its_links_and_only_hashes_of_its_identifiers() -> None:
    parsed = parse_identities([TOM], hashed, source="file")

    expected = Identity(
        id="tom-work",
        kind="work",
        person_id="tom",
        account_id="company-card",
        household_id="elm-street",
        identifiers=(Identifier("email", "<email 15>"), Identifier("card", "<card 4>")),
        source="file",
    )
    assert (parsed.rows, parsed.errors) == ([(0, expected)], [])


def test_identifiers_come_from_one_column_of_a_csv() -> None:
    row = {"id": "i", "kind": "personal", "identifiers": "email:a@example.org|device:x:y"}

    [identity] = parse_identities([row], Identifier).values

    assert identity.identifiers == (Identifier("email", "a@example.org"), Identifier("device", "x:y"))


@pytest.mark.parametrize("trait", ["age", "gender", "name", "email", "traits", "segment"])
def test_a_trait_that_nothing_needs_is_refused(trait: str) -> None:
    errors = parse_identities([TOM | {trait: "x"}], hashed).errors

    assert errors == [RowError(0, trait, "is not a field that Plural takes")]


@pytest.mark.parametrize(
    ("changes", "field", "reason"),
    [
        ({"kind": "persona"}, "kind", "must be one of 'personal'"),
        ({"kind": None}, "kind", "is missing"),
        ({"identifiers": [{"type": "E-Mail", "value": "x"}]}, "identifiers.0.type", "must be a lower-case word"),
        ({"identifiers": [{"type": "email", "value": " "}]}, "identifiers.0.value", "must not be empty"),
        ({"identifiers": [{"type": "email", "value": "x", "raw": 1}]}, "identifiers.0.raw", "is not a field"),
        ({"identifiers": "email"}, "identifiers.0.value", "must not be empty"),
        ({"person_id": "a\u0000"}, "person_id", "must have no control characters"),
    ],
)
def test_a_bad_identity_is_refused_with_its_reason(changes: dict[str, object], field: str, reason: str) -> None:
    [error] = parse_identities([{**TOM, **changes}], hashed).errors

    assert error.field == field
    assert error.reason.startswith(reason)


def test_rows_of_one_identity_all_stand_in_their_order() -> None:
    parsed = parse_identities([TOM, TOM | {"kind": "personal"}], hashed)

    assert [identity.kind for identity in parsed.values] == ["work", "personal"]


def test_a_consent_keeps_who_what_when_and_where() -> None:
    [given] = parse_consents([GRANT], NOW, 24).values

    consent = given.consent
    assert (given.identity_id, consent.purpose, consent.status, consent.source) == (
        "tom-work",
        "personalise_content",
        "granted",
        "web_form",
    )
    assert (consent.at, consent.expires_at) == (
        datetime(2026, 4, 1, tzinfo=UTC),
        datetime(2027, 3, 31, 22, tzinfo=UTC),
    )


def test_a_consent_without_a_time_is_given_now() -> None:
    [given] = parse_consents([{**GRANT, "at": None}], NOW, 24).values

    assert given.consent.at == NOW


def test_the_same_consent_has_the_same_id_and_another_one_another() -> None:
    rows = [GRANT, GRANT, {**GRANT, "status": "withdrawn"}, {**GRANT, "identity_id": "debbie"}]

    first, again, withdrawn, other = (given.consent.id for given in parse_consents(rows, NOW, 24).values)

    assert first == again
    assert len({first, withdrawn, other}) == 3


@pytest.mark.parametrize(
    ("changes", "field", "reason"),
    [
        ({"purpose": "everything"}, "purpose", "must be one of 'personalise_content'"),
        ({"status": "maybe"}, "status", "must be one of 'granted'"),
        ({"at": NOW + timedelta(hours=25)}, "at", "must not be more than 24 h in the future"),
        ({"at": "2026-04-01"}, "at", "needs a time zone"),
        ({"expires_at": "2026-04-01T00:00:00Z"}, "expires_at", "must be after the decision"),
        ({"expires_at": "9999-12-31T23:59:59-14:00"}, "expires_at", "must lie between 1970 and 9999"),
        ({"policy_version": "v" * 101}, "policy_version", "must have at most 100 characters"),
        ({"proof": "a\u0000"}, "proof", "must have no control characters"),
        ({"note": "called"}, "note", "is not a field that Plural takes"),
    ],
)
def test_a_bad_consent_is_refused_with_its_reason(changes: dict[str, object], field: str, reason: str) -> None:
    [error] = parse_consents([{**GRANT, **changes}], NOW, 24).errors

    assert error.field == field
    assert error.reason.startswith(reason)
