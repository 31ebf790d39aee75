"""The limits that every field obeys, whatever shape it arrives in."""

import math
from datetime import UTC, datetime
from decimal import Context, Decimal
from typing import Annotated, Any, cast
from zoneinfo import available_timezones

import numpy as np
from babel.numbers import list_currencies
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)
from typing_extensions import TypeAliasType

from app.domain.anonymous import MAX_ID
from app.domain.identifiers import NO_ID
from app.intake.moments import read_moment

MAX_LINES = 500
"""Products that one event may name."""

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


MOST_EXACT = 2**53
"""The largest whole number up to which every one has a float of its own."""

NO_CURRENCY = "must be a currency of ISO 4217, such as EUR"
NOT_FINITE = "must not be NaN or Infinity"
NAMES_NOBODY = 'must be an id: "nan", "none", "null" and "undefined" name nobody'


def without_noise(value: object) -> object:
    """Round a float to what its sender meant, also when it is written as text: 0.1 + 0.2 is 0.3, float32 9.99 is 9.99.

    A double holds 15 digits, and a float of 32 bits that was made a double 7.
    """
    if type(value) is float:
        return _meant(value)
    return _without_printed_noise(value) if type(value) is str else value


def _without_printed_noise(text: str) -> str:
    """Round what a program printed from a float (``0.30000000000000004``); leave what somebody wrote."""
    if len(text.partition(".")[2]) <= _MONEY_PLACES:
        return text
    try:
        number = float(text)
    except ValueError:
        return text
    return _meant(number) if repr(number) == text else text


def _meant(number: float) -> str:
    shortest = _of_32_bits(number)
    if shortest is not None:
        return shortest
    # Zeros behind the point count as digits too.
    return f"{number:.15g}" if abs(number) >= 0.1 else f"{number:.15f}"


_MONEY_PLACES = 3
"""No currency that people pay in has more places behind its point: longer ones are looked at for a printed float."""


def _of_32_bits(number: float) -> str | None:
    """What a float of 32 bits was before it was widened; ``None`` when it cannot have been one."""
    if not 1e-4 <= abs(number) < 1e9 or number == round(number, _MONEY_PLACES):
        return None
    narrow = np.float32(number)
    return str(narrow) if float(narrow) == number else None


def as_text(value: object) -> object:
    """Take numbers for the text that they are as ids: 5, 5.0 and Decimal("5.00") are ``5``; text stays as it is."""
    if isinstance(value, str | bool):
        return value
    if isinstance(value, float | Decimal):
        return _number_as_text(value)
    return _whole_as_text(value) if isinstance(value, int) else value


def _number_as_text(value: float | Decimal) -> str:
    if not math.isfinite(value):
        raise ValueError(NOT_FINITE)
    if value != int(value):
        return str(value)
    if isinstance(value, float) and abs(value) > MOST_EXACT:
        raise ValueError("must be sent as text or whole: a float of this size has lost digits")
    return _whole_as_text(int(value))


def _whole_as_text(value: int) -> str:
    if value.bit_length() > 4 * MAX_ID:
        raise ValueError(f"must have at most {MAX_ID} characters")
    return str(value)


def names_nobody(value: object) -> bool:
    """Whether a text is what programs print where they had no id (``nan``, ``None``, ``undefined`` …)."""
    return isinstance(value, str) and value.strip().casefold() in NO_ID


def _somebody(value: str) -> str:
    if names_nobody(value):
        raise ValueError(NAMES_NOBODY)
    return value


def _given_or_none(value: object) -> object:
    return None if names_nobody(value) or value == "" else value


AsText = BeforeValidator(as_text)
"""Put behind what else a text must be: numbers are taken too."""

Id = Annotated[str, StringConstraints(min_length=1, max_length=MAX_ID, pattern=ID_PATTERN), AsText]
"""1 to 200 characters; no control characters, no blank at either end. Whole numbers are taken as text.

For questions: whatever was once taken in can be asked for and erased.
"""

GivenId = Annotated[Id, AfterValidator(_somebody)]
"""An id that becomes part of the graph: what programs print where they had none is refused."""

MaybeId = Annotated[Id | None, BeforeValidator(_given_or_none)]
"""An id that may be left out; empty text and what programs print where they had none are "not given"."""

Word = Annotated[str, StringConstraints(min_length=1, max_length=50, pattern=WORD_PATTERN)]
"""A name of a kind of thing (an identifier's type, a consent's source): lower case, digits, underscores."""

Price = TypeAliasType(
    "Price",
    Annotated[Decimal, Field(title="Price", ge=0, max_digits=15, allow_inf_nan=False), BeforeValidator(without_noise)],
)
"""0 or more, at most 15 digits (zeros behind the point count); text or number."""

_TIME_ZONES = frozenset(available_timezones())


def check_time_zone(name: str) -> str:
    """Return a name of the IANA database; ``ValueError`` for any other."""
    if name not in _TIME_ZONES:
        raise ValueError("must be a time zone of the IANA database, such as Europe/Berlin")
    return name


TimeZone = Annotated[str, StringConstraints(min_length=1, max_length=50), AfterValidator(check_time_zone)]
"""A name such as ``Europe/Berlin``."""

Quantity = Annotated[float, Field(gt=0, allow_inf_nan=False)]
"""Above 0 and finite."""

_CURRENCIES = frozenset(list_currencies())


def check_currency(code: str) -> str:
    """Return a code of ISO 4217, also one that was withdrawn; ``ValueError`` for any other."""
    if code not in _CURRENCIES:
        raise ValueError(NO_CURRENCY)
    return code


Currency = Annotated[
    str,
    StringConstraints(pattern=CURRENCY_PATTERN, to_upper=True, strip_whitespace=True),
    AfterValidator(check_currency),
]
"""Three letters of ISO 4217; withdrawn ones too, since old orders were paid in them."""

Url = Annotated[str, StringConstraints(max_length=2_000, pattern=URL_PATTERN)]
"""An http or https address: what a page links to must not be a script."""

Phrase = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=ID_PATTERN), AsText]
"""A short name as people write it (a version, a place): no control characters, no blank at either end."""

Proof = Annotated[str, StringConstraints(min_length=1, max_length=2_000, pattern=ID_PATTERN), AsText]
"""Free text or an address that shows how something was said."""

Moment = Annotated[AwareDatetime, BeforeValidator(read_moment)]
"""RFC 3339 text with a time zone, a date, or time since 1970 as a number (``moments.py``)."""

EARLIEST = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
"""Nothing was sold online before; an earlier stamp is a mistake."""

LATEST = datetime.fromisoformat("9999-01-01T00:00:00+00:00")
"""Beyond it no time zone can be changed without an overflow."""


def _in_range(moment: datetime) -> datetime:
    if not EARLIEST <= moment <= LATEST:
        raise ValueError("must lie between 1970 and 9999")
    return moment.astimezone(UTC)


AnyMoment = Annotated[AwareDatetime, BeforeValidator(read_moment), AfterValidator(_in_range)]
"""A moment that may lie in the future; in UTC, since the database takes no offset beyond 18 hours."""

OWN = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)
"""Our own shapes refuse what they do not know: a trait that nothing needs is not accepted."""

FOREIGN = ConfigDict(extra="ignore", populate_by_name=True)
"""Other people's shapes carry more than we use; the rest is dropped unread and never stored."""


class Nullable(BaseModel):
    """A shape in which ``null`` means "not given", whichever field it stands in."""

    @model_validator(mode="before")
    @classmethod
    def _leave_out_nulls(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        fields = cast("dict[str, Any]", given)
        if None not in fields.values():
            return fields
        return {name: value for name, value in fields.items() if value is not None}


def rounded(price: Decimal) -> Decimal:
    """Round a computed price to 4 places, and to the digits that can be stored."""
    return EXACT.plus(round(price, 4))


def text_or_none(text: str | None) -> str | None:
    """Take blank text, and what programs print for none, for none given, as feeds mean it."""
    return (text.strip() or None) if text and not names_nobody(text) else None
