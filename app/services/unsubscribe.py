"""Use case: somebody does not want to be contacted in a channel any more, by the link of a contact."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from app.domain import clock
from app.domain.channels import OPEN_CHANNELS, PURPOSE_OF, Channel
from app.domain.errors import NotFoundError
from app.domain.hashing import Hasher
from app.domain.models import Consent
from app.domain.signed_words import read_fields, sign_fields
from app.services.consents import ConsentStore, record_consents

_PURPOSE = "unsubscribe"
_UNKNOWN = "This link is none of ours, or it was cut off."


@dataclass(frozen=True, slots=True)
class _Ticket:
    """What a token says."""

    tenant: str
    identity_id: str
    channel: Channel


class Unsubscriber:
    """Hands out a token with each contact and takes the channel's consent back when it is used; nothing is stored.

    A token does not expire: whoever finds the mail years later may still be rid of the next one.
    """

    def __init__(self, hasher: Callable[[str], Hasher], consents: ConsentStore) -> None:
        self._hasher = hasher
        self._consents = consents

    def token(self, tenant: str, identity_id: str, channel: Channel) -> str:
        """Sign a token of one identity and channel; letters, digits, ``-``, ``_``, ``=`` and points."""
        fields = {"identity_id": identity_id, "channel": channel}
        return f"{tenant}.{sign_fields(self._hasher(tenant), _PURPOSE, fields)}"

    def check(self, token: str) -> Channel:
        """Return the channel of a token; ``NotFoundError`` for what is none."""
        return self._read(token).channel

    async def use(self, token: str) -> Channel:
        """Withdraw the consent of the token's identity to its channel; the same for one that was erased since."""
        ticket = self._read(token)
        now = clock.to_milliseconds(clock.now())
        said = Consent(
            secrets.token_hex(16), PURPOSE_OF[ticket.channel], "withdrawn", now, source=_PURPOSE, at_arrival=True
        )
        await record_consents(self._consents, ticket.tenant, [(ticket.identity_id, said)], _PURPOSE, in_bulk=False)
        return ticket.channel

    def _read(self, token: str) -> _Ticket:
        tenant, _, signed = token.partition(".")
        fields = read_fields(self._hasher(tenant), _PURPOSE, signed)
        match fields:
            case {"identity_id": str() as identity_id, "channel": channel} if channel in OPEN_CHANNELS:
                return _Ticket(tenant, identity_id, channel)
            case _:
                raise NotFoundError(_UNKNOWN)
