"""What tenants say of their channels, and whether an identity may be contacted (cypher/channels/)."""

import json
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

from app.domain.audit import Act
from app.domain.channels import (
    ADDRESS_OF,
    DEFAULT_RULES,
    PURPOSE_OF,
    Cap,
    ChannelBook,
    ChannelRules,
    Contact,
    QuietHours,
)
from app.graph.audit import AuditTrail
from app.graph.consents import consent_of
from app.graph.database import Database, Row, Transaction
from app.graph.times import from_ms

LONGEST_CAP_DAYS = 366


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
        """Rules and contact of one moment (channels/read_contact); of somebody unknown nothing is known."""
        [row] = await self._db.read(
            "channels/read_contact",
            tenant=tenant,
            identity_id=identity_id,
            purposes=sorted(set(PURPOSE_OF.values())),
            addresses=dict(ADDRESS_OF),
            since=now - timedelta(days=LONGEST_CAP_DAYS),
        )
        return _book(row["channels"]), _contact(row)


def _contact(row: Row) -> Contact:
    sent: defaultdict[str, list[datetime]] = defaultdict(list)
    for channel, at_ms in row["sent"]:
        sent[channel].append(from_ms(at_ms))
    consents = tuple(consent_of(one) for one in row["consents"])
    return Contact(consents, frozenset(row["reachable"]), row["time_zone"], sent)


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
