"""What a file's columns hold: named by whoever runs it, else guessed from the headers."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from app.domain.errors import InvalidError

Kind = Literal[
    "identity_id",
    "given",
    "surname",
    "full_name",
    "birth",
    "email",
    "phone",
    "postcode",
    "street",
    "house",
    "place",
    "region",
    "number",
    "sex",
    "category",
    "text",
]
"""``house``: house number; ``place``: city, suburb; ``number``: one that an office or the shop gave; ``text``: else."""

KINDS: tuple[Kind, ...] = get_args(Kind)

_HEADERS: tuple[tuple[str, Kind], ...] = (
    (r"identity_?id", "identity_id"),
    (r"(first|given|fore|christian)_?names?|vorname|prenom|nombre", "given"),
    (r"(sur|last|family|second)_?names?|nachname|nom|apellidos?", "surname"),
    (r"(full_?)?name|customer_?name|(first|given)_and_(sur|last)name", "full_name"),
    (r"dob|date_of_birth|birth_?(date|day)?|geburtsdatum|born|year_of_birth|birth_?year", "birth"),
    (r"e_?mail(_?address)?", "email"),
    (r"(tele|mobile|cell)?_?(phone|mobile|tel|cell)(_?(no|num|number))?", "phone"),
    (r"(post(al)?|zip)_?(code)?(_\w+)?|plz", "postcode"),
    (r"(street|house|building)_?(no|num|number)|hausnummer", "house"),
    (r"(street|postal|home|res)?_?(street|address)(_?(name|line))?_?1?|strasse", "street"),
    (r"birth_?place|place_of_birth|city|town|suburb|locality|(res_)?city_desc|ort", "place"),
    (r"state(_cd)?|region|province|county(_desc)?|country(_code)?", "region"),
    (r"(soc_sec|ssn|social_security|national|nhs|passport|tax|licen[cs]e)_?(id|no|num|number)?", "number"),
    (r"sex|gender(_code)?|geschlecht", "sex"),
    (r"occupation|profession|job(_title)?|race(_code)?|ethnic(ity)?(_code)?|marital_?status", "category"),
    (r"(address|addr)_?(line)?_?[2-4]|middle_?names?|mid[a-z]*_name|company", "text"),
)  # fmt: skip
"""Patterns of whole header names in snake case; the first that fits."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column that is compared, or the identities' ids."""

    kind: Kind
    header: str
    """As the file writes it."""
    name: str
    """As the linkage calls it: the kind, from the second of a kind on with a number."""


def name_columns(named: Sequence[tuple[Kind, str]]) -> tuple[Column, ...]:
    """Give the columns their names, in the same order."""
    seen: Counter[str] = Counter()
    found: list[Column] = []
    for kind, header in named:
        seen[kind] += 1
        found.append(Column(kind, header, kind if seen[kind] == 1 else f"{kind}_{seen[kind]}"))
    return tuple(found)


def guess_columns(headers: Sequence[str]) -> tuple[Column, ...]:
    """Guess from the headers what columns hold; one whose header says nothing known is left out.

    Of what a person has one of, the first header counts.
    """
    named: list[tuple[Kind, str]] = []
    for header in headers:
        kind = _guess(header)
        if kind is not None and (kind in _SEVERAL or all(kind != known for known, _ in named)):
            named.append((kind, header))
    return name_columns(named)


def parse_columns(text: str, headers: Sequence[str]) -> tuple[Column, ...]:
    """Read ``kind=header,kind=header``; ``InvalidError`` for a kind or a header that is not there."""
    named: list[tuple[Kind, str]] = []
    for part in text.split(","):
        kind, equals, header = (piece.strip() for piece in part.partition("="))
        if not equals or kind not in KINDS:
            raise InvalidError(f"--columns {part}: say KIND=HEADER with a kind of {', '.join(KINDS)}.")
        if header not in headers:
            raise InvalidError(f"There is no column {header!r}; the file has {', '.join(headers)}.")
        named.append((kind, header))
    return name_columns(named)


_SEVERAL: frozenset[Kind] = frozenset({"email", "phone", "place", "region", "number", "category", "text"})


def _guess(header: str) -> Kind | None:
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", header.strip())
    snake = re.sub(r"[^a-z0-9]+", "_", snake.lower()).strip("_")
    if snake in KINDS:
        return snake
    return next((kind for pattern, kind in _HEADERS if re.fullmatch(pattern, snake)), None)
