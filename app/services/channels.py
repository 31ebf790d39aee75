"""Use case: a tenant says what each channel costs, how often and when it may be used, and what must be in it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from app.domain.channels import Channel, ChannelBook, Contact


class ChannelStore(Protocol):
    """Where rules of channels, and what is known of contacts, are kept."""

    async def read(self, tenant: str) -> ChannelBook:
        """What a tenant says of its channels; the defaults where it said nothing."""
        ...

    async def write(self, tenant: str, book: ChannelBook, actor: str) -> None:
        """Replace it; ``actor`` goes into the audit log."""
        ...

    async def read_contact(self, tenant: str, identity_id: str | None, now: datetime) -> tuple[ChannelBook, Contact]:
        """Rules of the tenant and what decides whether an identity may be contacted, of one moment."""
        ...

    async def read_contacts(
        self, tenant: str, identity_ids: Sequence[str], now: datetime, channel: Channel
    ) -> tuple[ChannelBook, Mapping[str, Contact]]:
        """The same of several identities, by id, at least one; of their consents those to a channel alone."""
        ...
