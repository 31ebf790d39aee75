"""Customers that a shop lists for one export: rows of a file of its own, read into memory and kept nowhere."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import AfterValidator, StringConstraints, TypeAdapter

from app.domain.receivers import Customer
from app.intake.batches import Parsed, parse_rows
from app.intake.fields import OWN, TEXT_PATTERN, AsText, GivenId, Nullable

_Cell = Annotated[str, StringConstraints(max_length=500, strip_whitespace=True, pattern=TEXT_PATTERN), AsText]


def _country(value: str) -> str:
    if value and not (len(value) == 2 and value.isascii() and value.isalpha()):
        raise ValueError("must be the two letters of ISO 3166, such as DE")
    return value.upper()


class CustomerRow(Nullable):
    """One identity of the shop, and what a receiver may know it by."""

    model_config = OWN

    identity_id: GivenId
    email: _Cell | None = None
    phone: _Cell | None = None
    first_name: _Cell | None = None
    last_name: _Cell | None = None
    country: Annotated[_Cell, AfterValidator(_country)] | None = None
    postcode: _Cell | None = None


_ROWS = TypeAdapter(list[CustomerRow])


def parse_customers(rows: Sequence[object]) -> Parsed[tuple[str, Customer]]:
    """Turn rows into identity ids with what is known of each."""
    return parse_rows(rows, _ROWS, _customer)


def _customer(row: CustomerRow) -> tuple[str, Customer]:
    return row.identity_id, Customer(row.email, row.phone, row.first_name, row.last_name, row.country, row.postcode)
