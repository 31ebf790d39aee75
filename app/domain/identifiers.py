"""Identifiers: how spellings of one value become equal, and which values name nobody. No I/O."""

import re
import unicodedata
from functools import lru_cache

from app.domain.identity_rules import IdentityRules
from app.domain.phones import dialled, read_phone

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

    ``region`` (ISO 3166) is where phone numbers without a country code are dialled; a number that is not valid
    keeps its + and digits. Normalising twice changes nothing more.
    """
    plain = _plain(value)
    if type_ == "email":
        return unicodedata.normalize("NFKC", "".join(plain.casefold().split()))
    return dialled(plain, region) if type_ in PHONES else plain


def is_blocked(type_: str, value: str, rules: IdentityRules) -> bool:
    """Whether a value stands for nobody in particular.

    That is a placeholder, a no-reply address, a phone number that is not valid, or one of the tenant's own list.
    """
    if type_ in PHONES and read_phone(_plain(value), rules.phone_region) is None:
        return True
    spellings = {_folded(value), _folded(normalise(type_, value, rules.phone_region))}
    if any(_ZEROS.fullmatch(one) or one in NOBODY or _NO_REPLY.fullmatch(one) for one in spellings):
        return True
    return not spellings.isdisjoint(_listed(type_, rules.blocked_values, rules.phone_region))


def _plain(value: str) -> str:
    return unicodedata.normalize("NFKC", value).strip()


def _folded(value: str) -> str:
    return _plain(value).casefold()


@lru_cache(maxsize=256)
def _listed(type_: str, values: frozenset[str], region: str | None) -> frozenset[str]:
    """The tenant's list, as written and as one identifier type would spell it."""
    return frozenset(spelling for one in values for spelling in (_folded(one), _folded(normalise(type_, one, region))))
