"""What `identify` and `alias` say of who is who is proposed and joins nobody."""

from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest

from app.domain.hashing import identify
from app.domain.identity_rules import IdentityRules
from app.domain.models import RowError
from app.intake.segment_links import IDENTIFIER_TYPE, parse_proposals
from tests.graph.shop import HASHER

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
RULES = IdentityRules()
KNOWN = partial(identify, HASHER("tea"), RULES)
ANN: dict[str, Any] = {"type": "identify", "userId": "ann", "anonymousId": "a-1", "timestamp": "2026-05-01T10:00:00Z"}


def test_identify_says_that_a_user_was_a_browser() -> None:
    [(position, link)] = parse_proposals(
        [{"type": "track"}, {**ANN, "traits": {"email": "x@y.z"}}], KNOWN, NOW, 24
    ).rows

    assert position == 1
    assert (link.type, link.start, link.source) == ("identity_identifier", "ann", "segment")
    assert link.identifier == KNOWN(IDENTIFIER_TYPE, "a-1")
    assert link.last_seen == datetime(2026, 5, 1, 10, tzinfo=UTC)


def test_alias_says_that_a_user_was_another_id() -> None:
    alias = {"type": "alias", "userId": "ann", "previousId": "a-1", "anonymousId": "a-2"}

    [link] = parse_proposals([alias], KNOWN, NOW, 24).values

    assert link.identifier == KNOWN(IDENTIFIER_TYPE, "a-1")


def test_a_proposal_joins_nobody_by_default() -> None:
    """Neither by its confidence nor by its identifier's class."""
    [link] = parse_proposals([ANN], KNOWN, NOW, 24).values

    assert link.confidence < RULES.min_confidence
    assert RULES.class_of(IDENTIFIER_TYPE) == "ephemeral"


@pytest.mark.parametrize(
    "changes",
    [{"anonymousId": None}, {"userId": None}, {"userId": ""}, {"anonymousId": "ann"}, {"anonymousId": "undefined"}],
)
def test_a_call_that_names_one_id_says_nothing(changes: dict[str, Any]) -> None:
    parsed = parse_proposals([{**ANN, **changes}], KNOWN, NOW, 24)

    assert (parsed.rows, parsed.errors) == ([], [])


@pytest.mark.parametrize(
    ("changes", "field"), [({"userId": {"id": 1}}, "userId"), ({"timestamp": "1901-01-01T00:00:00Z"}, "timestamp")]
)
def test_what_cannot_be_read_is_told(changes: dict[str, Any], field: str) -> None:
    [error] = parse_proposals([{"type": "page"}, {**ANN, **changes}], KNOWN, NOW, 24).errors

    assert isinstance(error, RowError)
    assert (error.index, error.field) == (1, field)
