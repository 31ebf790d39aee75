"""Keyed hashes: what names somebody is kept as one only, so that who has the graph but not the key finds nobody."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, replace

from app.domain.identifiers import is_blocked, normalise
from app.domain.identity_rules import IdentityRules
from app.domain.models import Identifier

_SEPARATOR = "\x1f"
"""Cannot be typed, so no two lists of parts read the same."""

_FINGERPRINTED = b"the fingerprint of a hash key of Plural"


@dataclass(frozen=True, slots=True)
class Hasher:
    """HMAC-SHA-256 of one tenant, hex, under versioned keys; the newest key hashes, older ones are still looked for."""

    tenant: str
    keys: Mapping[int, bytes]
    """Key by version; the highest version is the current one."""
    region: str | None = None
    """Where phone numbers without a country code are dialled (``IdentityRules.phone_region``)."""

    @property
    def version(self) -> int:
        """Version of the current key."""
        return max(self.keys)

    def __call__(self, type_: str, value: str) -> str:
        """Hash an identifier's value, normalised, under the current key."""
        return self._digest(self.version, type_, normalise(type_, value, self.region))

    def every(self, type_: str, value: str) -> tuple[str, ...]:
        """Hash an identifier's value under every key, the current one first: what to look for while keys rotate."""
        plain = normalise(type_, value, self.region)
        return tuple(self._digest(version, type_, plain) for version in self._newest_first())

    def subject(self, kind: str, id_: str) -> str:
        """Hash the id of an identity, person or household exactly as it is, under the current key."""
        return self._digest(self.version, f"subject:{kind}", id_)

    def every_subject(self, kind: str, id_: str) -> tuple[str, ...]:
        """Do the same under every key, the current one first."""
        return tuple(self._digest(version, f"subject:{kind}", id_) for version in self._newest_first())

    def sign(self, purpose: str, text: str) -> str:
        """Sign a text for one purpose under the current key, hex; another tenant's signature is another one."""
        return self._digest(self.version, f"signature:{purpose}", text)

    def is_signed(self, purpose: str, text: str, signature: str) -> bool:
        """Say whether this tenant signed the text for the purpose, under any key; as slow for any wrong signature."""
        given, kind = signature.encode("utf-8", "surrogatepass"), f"signature:{purpose}"
        digests = (self._digest(version, kind, text).encode() for version in self._newest_first())
        return sum(hmac.compare_digest(digest, given) for digest in digests) > 0

    def seal(self, version: int, text: str) -> str:
        """Seal an entry of the audit log under the key of this version; ``KeyError`` where there is none."""
        return self._digest(version, "audit:seal", text)

    def _newest_first(self) -> list[int]:
        return sorted(self.keys, reverse=True)

    def _digest(self, version: int, type_: str, value: str) -> str:
        message = _SEPARATOR.join((self.tenant, type_, value))
        return hmac.new(self.keys[version], message.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


def fingerprint(key: bytes) -> str:
    """Tell keys apart without giving them away: 64 bits, hex, of an HMAC that stands for nobody."""
    return hmac.new(key, _FINGERPRINTED, hashlib.sha256).hexdigest()[:16]


def identify(hasher: Hasher, rules: IdentityRules, type_: str, value: str) -> Identifier:
    """Keep of a value what may be kept: its digest, and what it would be under the tenant's older keys."""
    digest, *others = replace(hasher, region=rules.phone_region).every(type_, value)
    return Identifier(type_, digest, is_blocked(type_, value, rules), hasher.version, tuple(others))
