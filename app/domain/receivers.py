"""In which form each receiver of an audience wants people's identifiers: they are hashed, and each spells them its way.

Formats as documented by Meta (Custom Audiences, hashing and normalising) and Google (Data Manager and Customer Match,
formatting user data). No I/O.
"""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

import phonenumbers
from phonenumbers import PhoneNumberFormat

from app.domain.phones import read_phone

Receiver = Literal["meta", "google"]
RECEIVERS: tuple[Receiver, ...] = get_args(Receiver)


@dataclass(frozen=True, slots=True)
class Customer:
    """What a shop hands in of one identity for one export; used in memory and kept nowhere."""

    email: str | None = None
    phone: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    country: str | None = None
    """ISO 3166-1, two letters; also where a phone number without its country's code is dialled."""
    postcode: str | None = None


Cells = tuple[str | None, ...]
"""In the order of a receiver's columns; ``None``: there is none, or none that is valid."""

COLUMNS: Mapping[Receiver, tuple[str, ...]] = {
    "meta": ("email", "phone", "fn", "ln", "country", "zip"),
    "google": ("Email", "Phone", "First Name", "Last Name", "Country", "Zip"),
}
"""As each receiver calls them in a file."""


def is_matchable(cells: Cells) -> bool:
    """Whether a receiver could find somebody by these cells: an address of mail, a number, or a full postal address."""
    email, phone, *postal = cells
    return bool(email or phone or all(postal))


def cells_of(receiver: Receiver, one: Customer, region: str | None = None) -> Cells:
    """Spell and hash what is known of one person as a receiver does, so that its hashes and ours are equal.

    ``region`` (ISO 3166) is where numbers without a country's code are dialled when the customer has no country. A
    phone number that is not valid is left out; nothing is sent unhashed but what Google wants so, country and postcode.
    """
    return _FORMS[receiver](one, (one.country or region or "").strip().upper() or None)


def _meta(one: Customer, region: str | None) -> Cells:
    e164 = _e164(one.phone, region)
    country = (one.country or "").strip().lower()
    return (
        _sha256(_email(one.email)),
        _sha256(e164.removeprefix("+")),  # with the plus it matches nobody
        _sha256(_letters(one.first_name)),
        _sha256(_letters(one.last_name)),
        _sha256(country),
        _sha256(_postcode(one.postcode, country).lower().replace(" ", "")),
    )


def _google(one: Customer, region: str | None) -> Cells:
    country = (one.country or "").strip().upper()
    return (
        _sha256(_google_email(one.email)),
        _sha256(_e164(one.phone, region)),
        _sha256(_lower(one.first_name)),
        _sha256(_lower(one.last_name)),
        country or None,
        (one.postcode or "").strip() or None,
    )


def _email(value: str | None) -> str:
    plain = "".join((value or "").lower().split())
    return plain if re.fullmatch(r"[^@]+@[^@]+", plain) else ""


def _google_email(value: str | None) -> str:
    """Google's own mailboxes ignore points and what follows a plus; other providers' do not."""
    plain = _email(value)
    name, _, host = plain.partition("@")
    if host not in {"gmail.com", "googlemail.com"}:
        return plain
    return f"{name.partition('+')[0].replace('.', '')}@{host}"


def _e164(value: str | None, region: str | None) -> str:
    """Write a number with its plus and without an extension; empty when it is not valid."""
    number = read_phone(value, region) if value else None
    return phonenumbers.format_number(number, PhoneNumberFormat.E164) if number else ""


def _lower(value: str | None) -> str:
    return " ".join((value or "").lower().split())


def _letters(value: str | None) -> str:
    """Leave letters and digits of any script: no blanks, hyphens, points or apostrophes."""
    return "".join(filter(str.isalnum, (value or "").lower()))


def _postcode(value: str | None, country: str) -> str:
    """Of the United States the first five digits; elsewhere as it is."""
    plain = (value or "").strip()
    return plain[:5] if country == "us" else plain


def _sha256(plain: str) -> str | None:
    return hashlib.sha256(plain.encode()).hexdigest() if plain else None


_FORMS: Mapping[Receiver, Callable[[Customer, str | None], Cells]] = {"meta": _meta, "google": _google}
