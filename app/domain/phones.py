"""Phone numbers: spellings of one number become one, also where a country changed its prefixes. No I/O."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat, PhoneNumberType

_MEXICO, _ARGENTINA, _BRAZIL = 52, 54, 55


def dialled(plain: str, region: str | None) -> str:
    """Write a number as E.164, with its extension; one that is not valid keeps its + and digits.

    ``region`` (ISO 3166) is where numbers without a country code are dialled. Reading the outcome again gives itself.
    """
    number = read_phone(plain, region)
    if number is None:
        return _digits(plain)
    e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    # Desks behind one switchboard are not one person.
    return f"{e164};ext={number.extension}" if number.extension else e164


def read_phone(plain: str, region: str | None) -> PhoneNumber | None:
    """Return the valid number that is meant; ``None`` when there is none.

    A number that is not valid as it is written is tried in the form that its country gave such numbers since.
    """
    for written in (plain, _digits(plain)):
        with suppress(phonenumbers.NumberParseException):
            number = phonenumbers.parse(written, region)
            for tried in (number, *_renumbered(number)):
                if phonenumbers.is_valid_number(tried):
                    return tried
    return None


def _digits(plain: str) -> str:
    return ("+" if plain.startswith("+") else "") + "".join(filter(str.isdecimal, plain))


def _renumbered(number: PhoneNumber) -> Iterator[PhoneNumber]:
    """What a number may be now that its country dials without a former prefix, or with a newer one."""
    change = _CHANGES.get(number.country_code or 0)
    if change is None:
        return
    now = change(phonenumbers.national_significant_number(number))
    if now is not None:
        with suppress(phonenumbers.NumberParseException):
            extension = f";ext={number.extension}" if number.extension else ""
            yield phonenumbers.parse(f"+{number.country_code}{now}{extension}")


def _in_mexico(national: str) -> str | None:
    """Leave out 1 (mobiles from abroad), 044 and 045 (mobiles inside) and 01 (long distance): all gone since 2019."""
    former = re.match(r"0(?:1|4[45])|1", national)
    return national[former.end() :] if former else None


def _in_argentina(national: str) -> str | None:
    """Say once that it is a mobile: 9, area, number from abroad and 0, area, 15, number inside are written at once."""
    if not national.startswith("9"):
        return None
    with suppress(phonenumbers.NumberParseException):
        # The metadata knows every area, so it finds the 15 behind it, and the 0 before it.
        inside = phonenumbers.parse(f"+{_ARGENTINA}{national[1:]}")
        found = phonenumbers.national_significant_number(inside)
        return found if found.startswith("9") else f"9{found}"
    return None


def _in_brazil(national: str) -> str | None:
    """Put a 9 before the eight digits of a mobile, as all got until 2016; landlines begin with 2 to 5."""
    mobile = re.fullmatch(r"0?([1-9][0-9])([6-9][0-9]{7})", national)
    if mobile is None:
        return None
    now = f"{mobile[1]}9{mobile[2]}"
    with suppress(phonenumbers.NumberParseException):
        if phonenumbers.number_type(phonenumbers.parse(f"+{_BRAZIL}{now}")) == PhoneNumberType.MOBILE:
            return now
    return None


_CHANGES: Mapping[int, Callable[[str], str | None]] = {
    _MEXICO: _in_mexico,
    _ARGENTINA: _in_argentina,
    _BRAZIL: _in_brazil,
}
"""By country code, what the metadata of ``phonenumbers`` no longer strips; it strips 0, 06, 8 and carriers' codes."""
