"""Which column holds what: guessed from headers, or said."""

import pytest

from app.domain.errors import InvalidError
from app.linkage.columns import guess_columns, parse_columns


def test_headers_of_shops_exports_are_guessed() -> None:
    headers = ["identity_id", "First Name", "last_name", "dateOfBirth", "E-Mail", "Mobile Number", "ZIP", "Address 1"]

    kinds = [column.kind for column in guess_columns(headers)]

    assert kinds == ["identity_id", "given", "surname", "birth", "email", "phone", "postcode", "street"]


def test_a_header_that_says_nothing_is_left_out() -> None:
    assert guess_columns(["cluster", "unique_id", "notes", "surname"]) == guess_columns(["surname"])


def test_of_what_a_person_has_one_of_the_first_header_counts() -> None:
    assert [column.header for column in guess_columns(["full_name", "name", "phone", "mobile"])] == [
        "full_name",
        "phone",
        "mobile",
    ]


def test_the_second_column_of_a_kind_has_a_number() -> None:
    named = parse_columns("phone=home,phone=work", ["home", "work"])

    assert [column.name for column in named] == ["phone", "phone_2"]


@pytest.mark.parametrize("text", ["given", "nickname=a", "given=b", ""])
def test_a_column_that_is_not_there_or_a_kind_that_is_none_is_an_error(text: str) -> None:
    with pytest.raises(InvalidError):
        parse_columns(text, ["a"])
