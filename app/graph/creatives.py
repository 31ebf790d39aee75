"""Creatives in the graph: one node each (cypher/creatives/)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from app.domain.audit import Act
from app.domain.creatives import About, Creative, KnownCreative
from app.domain.identity_rules import IdentityRules
from app.domain.models import OFFERED, Tag
from app.graph.audit import AuditTrail
from app.graph.database import Database, Transaction
from app.graph.rules import parse_rules
from app.graph.times import from_ms, from_optional_ms, to_optional_ms
from app.taste.sensitive import phrases_of, traits_of

MOST_CREATIVES = 10_000
"""Of one tenant that are used, the first by id."""


class CreativeGraph:
    """Keeps creatives with an audit entry a change; implements ``CreativeStore``."""

    def __init__(self, db: Database, audit: AuditTrail) -> None:
        self._db = db
        self._audit = audit

    async def read(self, tenant: str, now: datetime, creative_id: str | None = None) -> list[KnownCreative]:
        """The creatives of a tenant by id, or the one of this id (creatives/read_creatives)."""
        [row] = await self._db.read(
            "creatives/read_creatives",
            tenant=tenant,
            id=creative_id,
            offered=list(OFFERED),
            now=now,
            limit=MOST_CREATIVES,
        )
        rules = parse_rules(row["rules"], IdentityRules())
        return [_known(one, rules) for one in row["creatives"]]

    async def write(self, tenant: str, creatives: Sequence[Creative], at: datetime, actor: str) -> None:
        """Keep creatives, each in place of the one of its id (creatives/write_creatives)."""
        rows = [
            {
                "id": one.id,
                "fields": json.dumps(_fields(one), ensure_ascii=False),
                "product_ids": _products_alone(one),
                "image_link": one.image_link,
            }
            for one in sorted(creatives, key=lambda creative: creative.id)
        ]

        async def work(transaction: Transaction) -> None:
            await transaction.run("creatives/write_creatives", tenant=tenant, by=actor, at=at, rows=rows)
            detail = {"creatives": len(rows)}
            await self._audit.append(transaction, tenant, Act(actor, "creatives_put", detail=detail))

        await self._db.transact(work, tenant=tenant)

    async def note_picture(self, tenant: str, creative_id: str, link: str, dead: str | None) -> None:
        """Keep why a picture could not be fetched, or that it could (creatives/note_picture).

        Nothing where the creative has another picture by now.
        """
        await self._db.write("creatives/note_picture", tenant=tenant, id=creative_id, link=link, dead=dead)

    async def delete(self, tenant: str, creative_id: str, actor: str) -> bool:
        """Forget a creative (creatives/delete_creative); whether there was one."""

        async def work(transaction: Transaction) -> bool:
            rows = await transaction.run("creatives/delete_creative", tenant=tenant, id=creative_id)
            if rows:
                act = Act(actor, "creative_deleted", detail={"id": creative_id})
                await self._audit.append(transaction, tenant, act)
            return bool(rows)

        return await self._db.transact(work, tenant=tenant)


def _products_alone(creative: Creative) -> list[str]:
    about = creative.about
    return [] if about.brands or about.categories or about.microgenres else list(about.product_ids)


def _fields(creative: Creative) -> dict[str, Any]:
    times = {"valid_from": to_optional_ms(creative.valid_from), "valid_until": to_optional_ms(creative.valid_until)}
    return {**asdict(creative), **times}


def _known(row: Sequence[Any], rules: IdentityRules) -> KnownCreative:
    text, changed_by, changed_at_ms, is_sold_out, dead_picture = row
    creative = _creative(json.loads(text))
    words = (creative.headline or "", creative.text or "")
    traits = traits_of(words, phrases_of(rules.sensitive_terms), phrases_of(rules.harmless_terms))
    return KnownCreative(creative, from_ms(changed_at_ms), changed_by, is_sold_out, tuple(sorted(traits)), dead_picture)


def _creative(fields: Mapping[str, Any]) -> Creative:
    read: dict[str, Any] = {
        **fields,
        "channels": tuple(fields["channels"]),
        "about": About(**{name: tuple(values) for name, values in fields["about"].items()}),
        "tags": tuple(Tag(**tag) for tag in fields["tags"]),
        "valid_from": from_optional_ms(fields["valid_from"]),
        "valid_until": from_optional_ms(fields["valid_until"]),
    }
    return Creative(**read)
