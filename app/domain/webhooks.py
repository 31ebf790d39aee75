"""Webhooks that shop systems send: how they are signed and whom they name. No I/O."""

import base64
import hashlib
import hmac
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from app.domain.errors import NotFoundError, SetupError
from app.domain.models import GivenIdentifier, Purpose

SHOPIFY, WOOCOMMERCE = "shopify", "woocommerce"
"""Names of the systems: who did it, for the audit log, since there is no key."""


@dataclass(frozen=True, slots=True)
class Customer:
    """Whom a webhook is about; never kept or logged."""

    system: str
    """Whose number ``id`` is: its identifier type is ``<system>_customer``."""
    id: str | None = field(default=None, repr=False)
    email: str | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False)

    @property
    def identifiers(self) -> Iterator[GivenIdentifier]:
        """What is known of the customer, as identifiers."""
        for type_, value in ((f"{self.system}_customer", self.id), ("email", self.email), ("phone", self.phone)):
            if value:
                yield GivenIdentifier(type_, value)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a customer wants of marketing, as far as it was said."""

    allowed: Mapping[Purpose, bool]
    at: datetime | None
    """When it was said; ``None`` where nobody knows: then only what is denied can be taken."""


def sign(secret: str, body: bytes) -> str:
    """Sign a body as Shopify and WooCommerce do: base64 of its HMAC-SHA-256."""
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def is_signed(secret: str | None, body: bytes, signature: str) -> bool:
    """Whether ``signature`` is that of the body; in constant time. Without a secret nothing is."""
    return bool(secret) and hmac.compare_digest(sign(secret or "", body).encode(), signature.encode())


def shop_name(text: str) -> str:
    """Bring a shop's domain or address to what it is known by: ``https://Tea.example/`` is ``tea.example``.

    What is no address is known by nothing: "".
    """
    try:
        parts = urlsplit(text if "//" in text else f"//{text}")
    except ValueError:
        return ""
    return (parts.netloc + parts.path).strip("/").lower()


@dataclass(frozen=True, slots=True)
class ConnectedShops:
    """The shops of one system by name (``shop_name``): what signs their webhooks, and whose data these are about."""

    secrets: Mapping[str, str] = field(repr=False)
    tenants: Mapping[str, str]

    @classmethod
    def of(
        cls, secrets: Mapping[str, str], tenants: Mapping[str, str], settings: str, *, one_each: bool = False
    ) -> "ConnectedShops":
        """Read the two settings whose names begin with ``settings``; ``SetupError`` where they leave something open.

        The signature covers the body alone, which names no shop: the secret is what says whose order it is. With
        ``one_each`` a system's customer numbers say who it is in one shop only.
        """
        if len(set(secrets.values())) < len(secrets):
            raise SetupError(f"Two shops of {settings}_SECRETS share a secret: whose order would it be?")
        if one_each and len(set(tenants.values())) < len(tenants):
            raise SetupError(f"Two shops of {settings}_SHOPS share a tenant: whose number would a customer's be?")
        return cls(
            {shop_name(shop): secret for shop, secret in secrets.items()},
            {shop_name(shop): tenant for shop, tenant in tenants.items()},
        )

    def tenant_of(self, shop: str) -> str:
        """The tenant of a shop; ``NotFoundError`` where none is set."""
        tenant = self.tenants.get(shop_name(shop))
        if tenant is None:
            raise NotFoundError("No tenant is set for this shop.")
        return tenant

    def signed(self, shop: str, body: bytes, signature: str) -> bool:
        """Whether the shop itself sent a body."""
        return is_signed(self.secrets.get(shop_name(shop)), body, signature)
