"""Identifiers: how spellings of one value become equal, and which values name nobody. No I/O."""

import re
import unicodedata
from contextlib import suppress
from functools import lru_cache

import phonenumbers

from app.domain.identity_rules import IdentityRules

PHONES = frozenset({"phone", "household_phone"})
"""Identifier types whose values are phone numbers."""

NO_ID = frozenset({"null", "none", "nan", "undefined", "<na>", "(not set)", "[object object]"})
"""What programs print in lower case where they had no id at all."""

NOBODY = NO_ID | {"nil", "anonymous", "unknown", "n/a", "-1"}
"""What systems write where they know no value."""

_ZEROS = re.compile(r"[0\W_]*")
"""Empty, all zeros, or nothing but signs."""
_NO_REPLY = re.compile(r"(no|do[-_.]?not)[-_.]?reply([-_.+][^@]*)?@.*")


def normalise(type_: str, value: str, region: str | None = None) -> str:
    """Make spellings of one identifier equal: Unicode form, blanks, case of an e-mail, E.164 for a phone.

    ``region`` (ISO 3166) is where phone numbers without a country code are dialled; a number that cannot be read
    keeps its + and digits. Normalising twice changes nothing more.
    """
    plain = unicodedata.normalize("NFKC", value).strip()
    if type_ == "email":
        return unicodedata.normalize("NFKC", "".join(plain.casefold().split()))
    return _dialled(plain, region) if type_ in PHONES else plain


def is_blocked(type_: str, value: str, rules: IdentityRules) -> bool:
    """Whether a value stands for nobody in particular: placeholders, no-reply addresses, the tenant's own list."""
    spellings = {_folded(value), _folded(normalise(type_, value, rules.phone_region))}
    if any(_ZEROS.fullmatch(one) or one in NOBODY or _NO_REPLY.fullmatch(one) for one in spellings):
        return True
    return not spellings.isdisjoint(_listed(type_, rules.blocked_values, rules.phone_region))


def _dialled(plain: str, region: str | None) -> str:
    digits = ("+" if plain.startswith("+") else "") + "".join(filter(str.isdecimal, plain))
    for written in (plain, digits):
        with suppress(phonenumbers.NumberParseException):
            number = phonenumbers.parse(written, region)
            e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
            # Desks behind one switchboard are not one person.
            return f"{e164};ext={number.extension}" if number.extension else e164
    return digits


def _folded(value: str) -> str:
    return unicodedata.normalize("NFKC", value).strip().casefold()


@lru_cache(maxsize=256)
def _listed(type_: str, values: frozenset[str], region: str | None) -> frozenset[str]:
    """The tenant's list, as written and as one identifier type would spell it."""
    return frozenset(spelling for one in values for spelling in (_folded(one), _folded(normalise(type_, one, region))))
