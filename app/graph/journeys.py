"""What identities did by days, and where their lines meet (cypher/journeys/); never read when serving."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import pairwise

from app.domain.journeys import ActiveDay, Crossing, CrossingKind, Touch, find_product_crossings
from app.domain.models import OF_CONTACTS
from app.graph.database import Database, Row
from app.graph.items import Items
from app.graph.times import from_ms, from_optional_ms


class JourneyGraph:
    """Reads lines and their crossings; implements ``JourneyStore``."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def read_days(self, tenant: str, identity_ids: Sequence[str], now: datetime) -> dict[str, list[ActiveDay]]:
        """What identities did by days, in no order (journeys/read_days); one that is not there is left out."""
        rows = await self._db.read(
            "journeys/read_days", tenant=tenant, ids=identity_ids, now=now, of_contacts=sorted(OF_CONTACTS)
        )
        return {row["identity_id"]: days_of(row) for row in rows}

    async def find_crossings(
        self, tenant: str, identity_ids: Sequence[str], now: datetime, most: int
    ) -> tuple[list[Crossing], bool]:
        """Where the lines meet, latest first, and whether that is all: at most ``most`` of each statement are read.

        Claims and grants were said; sessions, devices and products count only among those who consent to
        ``link_identities``, and no sensitive product does: what one looked at in private is no evidence of the other.
        """
        given = {"tenant": tenant, "ids": identity_ids, "now": now, "most": most}
        sessions = await self._db.read("journeys/find_shared_sessions", **given)
        devices = await self._db.read("journeys/find_shared_devices", **given)
        products = await self._db.read("journeys/find_touches", **given)
        said = await self._db.read("journeys/find_assertions", **given)
        found = [one for row in sessions for one in _shared("shared_session", row)]
        found += [one for row in devices for one in _shared("shared_device", row)]
        touches = [touch for row in products for touch in _touches(row)]
        found += await self._harmless(tenant, find_product_crossings(touches))
        found += [_said(row) for row in said]
        found.sort(key=lambda one: (one.kind, one.from_id, one.to_id, one.product_id or ""))
        found.sort(key=lambda one: one.at, reverse=True)
        return found[:most], max(len(found), len(sessions), len(devices), len(products), len(said)) < most

    async def _harmless(self, tenant: str, crossings: Sequence[Crossing]) -> list[Crossing]:
        """Those over products that are not sensitive, by the shop's rules, with their titles."""
        ids = sorted({one.product_id for one in crossings if one.product_id is not None})
        offers = await Items(self._db, len(ids) + 1).read(tenant, 0, ids) if ids else {}
        known = [(one, offers.get(one.product_id or "")) for one in crossings]
        return [replace(one, title=offer.title) for one, offer in known if offer is not None and not offer.topics]


def days_of(row: Row) -> list[ActiveDay]:
    """Read the days of one identity, as both statements that find them return them."""
    return [ActiveDay(day, frozenset(deeds)) for day, deeds in row["days"]]


def _shared(kind: CrossingKind, row: Row) -> list[Crossing]:
    """One for each two who follow each other."""
    return [
        Crossing(kind, before, after, from_ms(at_ms), identifier_type=row.get("identifier_type"))
        for (before, _), (after, at_ms) in pairwise(row["identities"])
    ]


def _said(row: Row) -> Crossing:
    at, until = from_ms(row["at_ms"]), from_optional_ms(row["until_ms"])
    return Crossing(row["kind"], row["from_id"], row["to_id"], at, until=until)


def _touches(row: Row) -> list[Touch]:
    return [Touch(id_, row["product_id"], how, from_ms(at_ms)) for id_, how, at_ms in row["touches"]]
