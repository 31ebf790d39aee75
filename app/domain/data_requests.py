"""What a customer asked of a shop's staff. No I/O."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class DataRequest:
    """Somebody wants to know what is held about them."""

    id: str
    at: datetime
    source: str
    """Where it came from, e.g. ``shopify``."""
    identity_ids: tuple[str, ...] = ()
    """Whom it is about, sorted; empty when nothing is held."""
