"""Feeds that are fetched by their address, on a schedule. No I/O."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

from app.domain.errors import InvalidError

MOST_TOLD = 20
"""Refused rows, and warnings, that are kept of a run."""

_NAT64 = ip_network("64:ff9b::/96")

Address = IPv4Address | IPv6Address


@dataclass(frozen=True, slots=True)
class FeedSource:
    """Where a feed is, and how it is read."""

    url: str
    every: timedelta
    locale: str | None = None
    currency: str | None = None
    encoding: str | None = None
    is_whole: bool = False
    """It is the whole catalogue: what it does not name is withdrawn."""


@dataclass(frozen=True, slots=True)
class FeedRowError:
    """A row that was refused."""

    line: int
    field: str
    reason: str


@dataclass(frozen=True, slots=True)
class FeedResult:
    """What came of the last run."""

    at: datetime
    seconds: float
    problem: str | None = None
    """Why nothing was loaded; None: it was."""
    form: str = ""
    """What the file turned out to be."""
    accepted: int = 0
    refused: int = 0
    withdrawn: int = 0
    errors: tuple[FeedRowError, ...] = ()
    """The first refused rows."""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed as it is kept."""

    name: str
    source: FeedSource
    next_at: datetime
    changed_at: datetime
    changed_by: str
    result: FeedResult | None = None
    is_confirmed: bool = False
    """The next run withdraws what leaves, however much that is."""


def parse_url(url: str) -> SplitResult:
    """Read an address that may be fetched from; ``InvalidError`` for any other."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise InvalidError("The URL cannot be read.") from error
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        raise InvalidError("The URL must be an http or https address.")
    if parts.username is not None or parts.password is not None:
        raise InvalidError("The URL must not hold a user or a password.")
    return parts


def is_public(address: Address) -> bool:
    """Whether an address is one of the open internet, also where it is wrapped into another."""
    if isinstance(address, IPv6Address):
        wrapped = address.ipv4_mapped or address.sixtofour or (address.teredo and address.teredo[1])
        if address in _NAT64:
            wrapped = ip_address(int(address) & 0xFFFF_FFFF)
        if wrapped:
            return is_public(wrapped)
    return address.is_global and not address.is_multicast and not address.is_reserved


def refuse_inner(parts: SplitResult, allowed: frozenset[str]) -> None:
    """Raise ``InvalidError`` for an address that is written out, is not public, and was not allowed."""
    try:
        address = ip_address((parts.hostname or "").partition("%")[0])
    except ValueError:
        return
    if not is_public(address) and not is_allowed(parts, allowed):
        raise InvalidError(NOT_PUBLIC)


def is_allowed(parts: SplitResult, allowed: frozenset[str]) -> bool:
    """Whether the operator lets feeds be fetched from this host, wherever it is: ``host`` or ``host:port``."""
    host = (parts.hostname or "").rstrip(".")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return not allowed.isdisjoint({host, f"{host}:{port}"})


NOT_PUBLIC = "The URL's host has no public address."
