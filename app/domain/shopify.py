"""Shopify's mandatory webhooks: how they are signed and whom they name. No I/O."""

import base64
import hashlib
import hmac
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from app.domain.errors import SetupError
from app.domain.models import GivenIdentifier

CUSTOMER_TYPE = "shopify_customer"
"""Identifier type of Shopify's customer ids."""

ACTOR = "shopify"
"""Who did it, for the audit log: there is no key."""


@dataclass(frozen=True, slots=True)
class Customer:
    """Whom a webhook is about; never kept or logged."""

    id: str | None = field(default=None, repr=False)
    email: str | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False)

    @property
    def identifiers(self) -> Iterator[GivenIdentifier]:
        """What is known of the customer, as identifiers."""
        for type_, value in ((CUSTOMER_TYPE, self.id), ("email", self.email), ("phone", self.phone)):
            if value:
                yield GivenIdentifier(type_, value)


def sign(secret: str, body: bytes) -> str:
    """Sign a body as Shopify does: base64 of its HMAC-SHA-256."""
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def is_signed(secret: str | None, body: bytes, signature: str) -> bool:
    """Whether ``signature`` is that of the body; in constant time. Without a secret nothing is."""
    return secret is not None and hmac.compare_digest(sign(secret, body).encode(), signature.encode())


def shop_secrets(given: Mapping[str, str]) -> Mapping[str, str]:
    """Return secrets by shop domain in lower case; ``SetupError`` where two shops share one.

    The signature covers the body alone, which names no shop: the secret is what says whose order it is.
    """
    if len(set(given.values())) < len(given):
        raise SetupError("Two shops of PLURAL_SHOPIFY_SECRETS share a secret: whose order would it be?")
    return {shop.lower(): secret for shop, secret in given.items()}
