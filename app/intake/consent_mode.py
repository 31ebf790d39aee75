"""Google Consent Mode v2 becomes purposes of ours.

Source: Google, "Consent mode parameters" (support.google.com/analytics/answer/13802165) and, for the ``consent`` object
of a GA4 body, "Measurement Protocol (GA4) reference". Values are ``granted`` and ``denied``, in capitals in GA4 bodies.
The other types (``ad_storage``, ``functionality_storage``, ``security_storage``) say nothing about what Plural does.
"""

from collections.abc import Mapping
from typing import Any

from app.domain.models import Purpose
from app.intake.batches import Refused

CONSENT_TYPES: Mapping[Purpose, tuple[str, ...]] = {
    "ads_audience": ("ad_user_data", "ad_personalization"),
    "measurement": ("analytics_storage",),
    "personalise_content": ("personalization_storage",),
}
"""Consent types that must all be granted, by purpose of ours."""


def read_consent_mode(data: Mapping[str, Any]) -> dict[Purpose, bool]:
    """Say what a consent object allows; an empty one denies all that consent mode can speak of.

    A purpose none of whose types is named is missing; one with half of its types is denied. Raises ``Refused`` for a
    value that is neither granted nor denied.
    """
    if not data:
        return dict.fromkeys(CONSENT_TYPES, False)
    known = [type_ for types in CONSENT_TYPES.values() for type_ in types if type_ in data]
    granted = {type_: _is_granted(data[type_], type_) for type_ in known}
    return {
        purpose: all(granted.get(type_, False) for type_ in types)
        for purpose, types in CONSENT_TYPES.items()
        if any(type_ in granted for type_ in types)
    }


def _is_granted(said: object, type_: str) -> bool:
    if said not in ("granted", "denied", "GRANTED", "DENIED"):
        raise Refused(type_, "must be granted or denied")
    return said in ("granted", "GRANTED")
