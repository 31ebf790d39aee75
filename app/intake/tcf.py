"""IAB TCF v2 consent becomes purposes of ours.

Source: IAB Tech Lab, "Consent string and vendor list formats v2" (the core string) and "CMP API v2" (``TCData``, what
``__tcfapi`` gives). Only the core segment of a TC string is read, and of it the version (bits 0 to 5) and the consents
to purposes 1 to 24 (bits 152 to 175); the first bit is the highest of the first base64url character. Vendors, special
features and legitimate interests say nothing about consent and are dropped unread.

Both purposes of a pair are needed. A TC string has no bits for features, so it says nothing of linking; decoded data
may carry ``features: {"2": true}`` (feature 2, "link different devices").
"""

import re
from collections.abc import Mapping, Set
from typing import Any, cast

from app.domain.models import Purpose
from app.intake.batches import Refused

PURPOSE_PAIRS: Mapping[Purpose, Set[int]] = {
    "personalise_content": {5, 6},
    "ads_audience": {3, 4},
    "measurement": {7, 8},
    "model_training": {9},
}
"""TCF purposes that must all be consented to, by purpose of ours."""

LINKING_FEATURE = 2

SPOKEN_OF: tuple[Purpose, ...] = (*PURPOSE_PAIRS, "link_identities")

_VERSION = slice(0, 6)
_PURPOSES = slice(152, 176)
_CORE_BITS = 213
"""The fixed fields before the vendors."""

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_BITS = {character: f"{value:06b}" for value, character in enumerate(_ALPHABET)}
_SEGMENT = re.compile(r"[A-Za-z0-9_-]+")


def read_tcf(data: Mapping[str, Any]) -> dict[Purpose, bool]:
    """Say what TCData (or ``{"tc_string": "..."}``) allows; an empty object denies all that TCF can speak of.

    Purposes that it does not speak of are missing. Where it gives consents and a TC string, both must allow.
    Raises ``Refused``, with the path of the field, for what is not TCF v2.
    """
    if not data:
        return dict.fromkeys(SPOKEN_OF, False)
    said: list[Set[int]] = []
    purpose = _object(data, "purpose", "purpose")
    if purpose is not None and (consents := _object(purpose, "consents", "purpose.consents")) is not None:
        said.append(_consented(consents, "purpose.consents"))
    if (text := data.get("tcString") or data.get("tc_string")) is not None:
        said.append(decode_purposes(text))
    allowed: dict[Purpose, bool] = {}
    if said:
        allowed.update({one: all(pair <= consented for consented in said) for one, pair in PURPOSE_PAIRS.items()})
    if (features := _object(data, "features", "features")) is not None:
        allowed["link_identities"] = LINKING_FEATURE in _consented(features, "features")
    return allowed


def decode_purposes(text: object) -> frozenset[int]:
    """Return the purposes, from 1, that a TC string v2 carries consent to; ``Refused`` for anything else."""
    core = text.split(".", 1)[0] if isinstance(text, str) else ""
    if not _SEGMENT.fullmatch(core):
        raise Refused("tc_string", "must be a TC string")
    bits = "".join(_BITS[character] for character in core)
    if (version := int(bits[_VERSION], 2)) != 2:
        raise Refused("tc_string", f"must be of version 2, this one says {version}")
    if len(bits) < _CORE_BITS:
        raise Refused("tc_string", "is cut off")
    return frozenset(number for number, bit in enumerate(bits[_PURPOSES], start=1) if bit == "1")


def _object(data: Mapping[str, Any], name: str, path: str) -> Mapping[str, Any] | None:
    value = data.get(name)
    if value is not None and not isinstance(value, dict):
        raise Refused(path, "must be an object")
    return cast("Mapping[str, Any] | None", value)


def _consented(flags: Mapping[str, Any], path: str) -> frozenset[int]:
    """Numbers whose flag is true; a number that is missing is not consented to."""
    if not all(isinstance(flag, bool) for flag in flags.values()):
        raise Refused(path, "must say true or false for each number")
    return frozenset(int(number) for number, flag in flags.items() if flag and number.isascii() and number.isdecimal())
