"""What tenants say of their channels, and whether an identity may be contacted (cypher/channels/)."""

import json
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

from app.domain.audit import Act
from app.domain.channels import (
    ADDRESS_OF,
    CHANNELS,
    DEFAULT_RULES,
    PURPOSE_OF,
    Cap,
    Channel,
    ChannelBook,
    ChannelRules,
    Contact,
    QuietHours,
)
from app.domain.disclosure import DAYS_TO_COUNT
from app.graph.audit import AuditTrail
from app.graph.consents import consent_of
from app.graph.database import Database, Row, Transaction
from app.graph.times import from_ms

LONGEST_CAP_DAYS = 366
Run = Callable[..., Awaitable[list[Row]]]
"""Runs a statement by name, in a transaction or by itself."""


class ChannelGraph:
    """Rules as JSON on the tenant's node, and contacts; implements ``ChannelStore``."""

    def __init__(self, db: Database, audit: AuditTrail) -> None:
        self._db = db
        self._audit = audit

    async def read(self, tenant: str) -> ChannelBook:
        """What a tenant says of its channels (channels/read_channels); the defaults where it said nothing."""
        rows = await self._db.read("channels/read_channels", tenant=tenant)
        return _book(rows[0]["channels"] if rows else None)

    async def write(self, tenant: str, book: ChannelBook, actor: str) -> None:
        """Replace what a tenant says of its channels (channels/write_channels); the audit log says who did it."""
        text = json.dumps(_document(book), sort_keys=True)

        async def work(transaction: Transaction) -> None:
            await transaction.run("channels/write_channels", tenant=tenant, channels=text)
            await self._audit.append(transaction, tenant, Act(actor, "channels_put"))

        await self._db.transact(work, tenant=tenant)

    async def read_contact(self, tenant: str, identity_id: str | None, now: datetime) -> tuple[ChannelBook, Contact]:
        """Rules and contact of one moment (channels/read_contacts); of somebody unknown nothing is known."""
        book, [contact] = await read_contacts(self._db.read, tenant, [identity_id], now)
        return book, contact

    async def read_contacts(
        self, tenant: str, identity_ids: Sequence[str], now: datetime, channel: Channel
    ) -> tuple[ChannelBook, dict[str, Contact]]:
        """The same of several identities, by id, at least one; of their consents those to a channel alone."""
        book, found = await read_contacts(self._db.read, tenant, identity_ids, now, [channel])
        return book, dict(zip(identity_ids, found, strict=True))


async def read_contacts(
    run: Run, tenant: str, identity_ids: Sequence[str | None], now: datetime, channels: Sequence[Channel] = CHANNELS
) -> tuple[ChannelBook, list[Contact]]:
    """Rules and the contact of each of some identities, at least one (channels/read_contacts)."""
    rows = await run(
        "channels/read_contacts",
        tenant=tenant,
        identity_ids=list(identity_ids),
        purposes=sorted({PURPOSE_OF[channel] for channel in channels}),
        addresses=dict(ADDRESS_OF),
        since=now - timedelta(days=LONGEST_CAP_DAYS),
        arrived_before=now - timedelta(days=DAYS_TO_COUNT),
    )
    return _book(rows[0]["channels"]), [_contact(row) for row in rows]


def _contact(row: Row) -> Contact:
    sent: defaultdict[str, list[datetime]] = defaultdict(list)
    for channel, at_ms in row["sent"]:
        sent[channel].append(from_ms(at_ms))
    consents = tuple(consent_of(one) for one in row["consents"])
    return Contact(consents, frozenset(row["reachable"]), row["time_zone"], sent, row["counts"])


def _document(book: ChannelBook) -> dict[str, Any]:
    return {"time_zone": book.time_zone, "rules": {name: _fields(rules) for name, rules in book.rules.items()}}


def _fields(rules: ChannelRules) -> dict[str, Any]:
    return {
        "cost": str(rules.cost),
        "cap": rules.cap and [rules.cap.contacts, rules.cap.days],
        "quiet": rules.quiet and [rules.quiet.start.isoformat(), rules.quiet.end.isoformat()],
        "must_have": list(rules.must_have),
    }


def _book(text: str | None) -> ChannelBook:
    if text is None:
        return ChannelBook()
    document: Mapping[str, Any] = json.loads(text)
    kept = {name: _rules(fields) for name, fields in document["rules"].items() if name in DEFAULT_RULES}
    return ChannelBook({**DEFAULT_RULES, **kept}, document["time_zone"])


def _rules(fields: Mapping[str, Any]) -> ChannelRules:
    return ChannelRules(
        cost=Decimal(fields["cost"]),
        cap=Cap(*fields["cap"]) if fields["cap"] else None,
        quiet=QuietHours(*map(time.fromisoformat, fields["quiet"])) if fields["quiet"] else None,
        must_have=tuple(fields["must_have"]),
    )
