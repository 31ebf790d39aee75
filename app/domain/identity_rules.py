"""How identifiers and links of one tenant are judged: classes, caps, priorities. No I/O."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from app.domain.models import Purpose

IdentifierClass = Literal["unique", "strong", "shared", "ephemeral"]

CLASSES: Mapping[str, IdentifierClass] = {
    "customer_number": "unique",
    "shopify_customer": "unique",
    "woocommerce_customer": "unique",
    "email": "strong",
    "phone": "strong",
    "household_phone": "shared",
    "device": "shared",
    "ip": "shared",
    "card": "shared",
    "payment_card": "shared",
    "cookie": "ephemeral",
}
"""Class by identifier type; a type that is not named is ``ephemeral``, which never names anybody."""

CAPS: Mapping[IdentifierClass, int] = {"unique": 5, "strong": 5, "shared": 50, "ephemeral": 50}
"""Most identities that one value may belong to before it is quarantined, by class."""


@dataclass(frozen=True, slots=True)
class IdentityRules:
    """The rules of one tenant; the settings give the defaults."""

    classes: Mapping[str, IdentifierClass] = field(default_factory=lambda: dict(CLASSES))
    """By identifier type, over the defaults."""
    caps: Mapping[IdentifierClass, int] = field(default_factory=lambda: dict(CAPS))
    blocked_values: frozenset[str] = frozenset()
    """Values that name nobody, beside those that no tenant can mean (``domain/identifiers.py``)."""
    source_priorities: Mapping[str, int] = field(default_factory=dict[str, int])
    """Priority by a link's source; of links that conflict the higher one holds. A source not named has 0."""
    min_confidence: float = 0.5
    """Links below this confidence join nothing."""
    phone_region: str | None = None
    """ISO 3166 code of the country whose phone numbers may lack their country code."""
    consent_categories: Mapping[str, tuple[Purpose, ...]] = field(default_factory=dict[str, tuple[Purpose, ...]])
    """Purposes by the category names of Segment's ``context.consent.categoryPreferences``."""

    sensitive_terms: frozenset[str] = frozenset()
    """Words and phrases that make a product sensitive, beside those that do anyway (``taste/sensitive.py``)."""
    harmless_terms: frozenset[str] = frozenset()
    """... and those that do not: "health food", say."""

    def class_of(self, type_: str) -> IdentifierClass:
        """Class of an identifier's type."""
        return self.classes.get(type_, "ephemeral")

    def cap_of(self, type_: str) -> int:
        """Most identities that a value of this type may belong to."""
        return self.caps[self.class_of(type_)]


def document_of(rules: IdentityRules) -> dict[str, Any]:
    """Write rules as plain JSON values; ``rules_of`` reads them back equal."""
    return {
        "classes": dict(rules.classes),
        "caps": dict(rules.caps),
        "blocked_values": sorted(rules.blocked_values),
        "source_priorities": dict(rules.source_priorities),
        "min_confidence": rules.min_confidence,
        "phone_region": rules.phone_region,
        "consent_categories": {name: list(purposes) for name, purposes in rules.consent_categories.items()},
        "sensitive_terms": sorted(rules.sensitive_terms),
        "harmless_terms": sorted(rules.harmless_terms),
    }


def rules_of(document: Mapping[str, Any]) -> IdentityRules:
    """Read rules from plain values that were checked before; what is left out is as by default."""
    base = IdentityRules()
    return IdentityRules(
        classes={**CLASSES, **document.get("classes", {})},
        caps={**CAPS, **document.get("caps", {})},
        blocked_values=frozenset(document.get("blocked_values", ())),
        source_priorities=dict(document.get("source_priorities", {})),
        min_confidence=document.get("min_confidence", base.min_confidence),
        phone_region=document.get("phone_region"),
        consent_categories={name: tuple(purposes) for name, purposes in document.get("consent_categories", {}).items()},
        sensitive_terms=frozenset(document.get("sensitive_terms", ())),
        harmless_terms=frozenset(document.get("harmless_terms", ())),
    )
