"""The limits that every field obeys, whatever shape it arrives in."""

from datetime import UTC, datetime
from decimal import Context, Decimal
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, ConfigDict, Field, StringConstraints

MAX_LINES = 500
"""Products that one event may name."""

MAX_ID = 200
"""Characters of an id."""

_CONTROLS = r"\x00-\x1f\x7f-\x9f"
"""Spelled out, since the patterns are in the OpenAPI document and not every reader knows ``\\p{Cc}``."""

ID_PATTERN = rf"^[^\s{_CONTROLS}](?:[^{_CONTROLS}]*[^\s{_CONTROLS}])?$"
TEXT_PATTERN = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"
"""Feeds break lines in their texts; what else controls a terminal is no text."""

CURRENCY_PATTERN = r"^[A-Za-z]{3}$"
URL_PATTERN = rf"^[Hh][Tt][Tt][Pp][Ss]?://[^\s{_CONTROLS}]+$"
WORD_PATTERN = r"^[a-z][a-z0-9_]*$"

EXACT = Context(prec=15)
"""Prices are stored as doubles: a decimal of 15 significant digits comes back from one as it went in."""


def without_noise(value: object) -> object:
    """Round a float to the 15 digits that it holds: a storefront's 0.1 + 0.2 means 0.3; also when written as text."""
    if type(value) is float:
        return _to_15_digits(value)
    return _without_printed_noise(value) if type(value) is str and len(value) > EXACT.prec + 1 else value


def _without_printed_noise(text: str) -> str:
    """Round what a program printed from a float (``0.30000000000000004``); leave what somebody wrote."""
    try:
        number = float(text)
    except ValueError:
        return text
    return _to_15_digits(number) if repr(number) == text else text


def _to_15_digits(number: float) -> str:
    # Zeros behind the point count as digits too.
    return f"{number:.15g}" if abs(number) >= 0.1 else f"{number:.15f}"


Id = Annotated[str, StringConstraints(min_length=1, max_length=MAX_ID, pattern=ID_PATTERN)]
"""1 to 200 characters; no control characters, no blank at either end. Whole numbers are taken as text."""

Word = Annotated[str, StringConstraints(min_length=1, max_length=50, pattern=WORD_PATTERN)]
"""A name of a kind of thing (an identifier's type, a consent's source): lower case, digits, underscores."""

Price = Annotated[Decimal, Field(ge=0, max_digits=15, allow_inf_nan=False), BeforeValidator(without_noise)]
"""0 or more, at most 15 digits (zeros behind the point count); text or number."""

Quantity = Annotated[float, Field(gt=0, allow_inf_nan=False)]
"""Above 0 and finite."""

Currency = Annotated[str, StringConstraints(pattern=CURRENCY_PATTERN, to_upper=True)]
"""Three letters as in ISO 4217."""

Url = Annotated[str, StringConstraints(max_length=2_000, pattern=URL_PATTERN)]
"""An http or https address: what a page links to must not be a script."""

Phrase = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=ID_PATTERN)]
"""A short name as people write it (a version, a place): no control characters, no blank at either end."""

Proof = Annotated[str, StringConstraints(min_length=1, max_length=2_000, pattern=ID_PATTERN)]
"""Free text or an address that shows how something was said."""

Moment = AwareDatetime
"""RFC 3339 text with a time zone (or Unix time as a number); without a zone it is refused."""

EARLIEST = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
"""Nothing was sold online before; an earlier stamp is a mistake."""

LATEST = datetime.fromisoformat("9999-01-01T00:00:00+00:00")
"""Beyond it no time zone can be changed without an overflow."""


def _in_range(moment: datetime) -> datetime:
    if not EARLIEST <= moment <= LATEST:
        raise ValueError("must lie between 1970 and 9999")
    return moment.astimezone(UTC)


AnyMoment = Annotated[AwareDatetime, AfterValidator(_in_range)]
"""A moment that may lie in the future; in UTC, since the database takes no offset beyond 18 hours."""

OWN = ConfigDict(extra="forbid", coerce_numbers_to_str=True, frozen=True, use_attribute_docstrings=True)
"""Our own shapes refuse what they do not know: a trait that nothing needs is not accepted."""

FOREIGN = ConfigDict(extra="ignore", coerce_numbers_to_str=True, populate_by_name=True)
"""Other people's shapes carry more than we use; the rest is dropped unread and never stored."""


def rounded(price: Decimal) -> Decimal:
    """Round a computed price to 4 places, and to the digits that can be stored."""
    return EXACT.plus(round(price, 4))


def text_or_none(text: str | None) -> str | None:
    """Take blank text for none given, as feeds mean it."""
    return (text.strip() or None) if text else None
