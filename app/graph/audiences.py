"""Audiences in the graph, what was counted of them, and what receivers hold of them (cypher/audiences/)."""

import json
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from app.domain.audience_export import Export, HeldList, Listing, Snapshot, Stint
from app.domain.audiences import Audience, AudienceFilter, Facts, Meaning, read_filter
from app.domain.audit import Act
from app.domain.channels import ADDRESS_OF, PURPOSE_OF
from app.domain.disclosure import DAYS_TO_COUNT
from app.domain.errors import NotFoundError
from app.graph.audit import AuditTrail
from app.graph.database import Database, Row, Transaction
from app.graph.items import Items
from app.graph.times import from_ms, from_optional_ms

_PAGE = 2_000
"""Identities, or lines of a list, that one statement takes."""

_One = TypeVar("_One")
_Run = Callable[..., Awaitable[list[Row]]]


class AudienceGraph:
    """Keeps audiences with an audit entry a change; implements ``AudienceStore`` and ``ListStore``."""

    def __init__(self, db: Database, audit: AuditTrail) -> None:
        self._db = db
        self._audit = audit

    async def read(self, tenant: str, name: str | None = None) -> list[Audience]:
        """The audiences of a tenant by name, or the one that is called so (audiences/read_audiences)."""
        return await _read(self._db.read, tenant, name)

    async def write(self, tenant: str, audience: Audience) -> None:
        """Keep an audience in place of the one of its name (audiences/write_audience)."""

        async def work(transaction: Transaction) -> None:
            await transaction.run(
                "audiences/write_audience",
                tenant=tenant,
                name=audience.name,
                fields=audience.filter.canonical(),
                by=audience.changed_by,
                at=audience.changed_at,
            )
            detail = {"name": audience.name, "channel": audience.filter.channel}
            await self._audit.append(transaction, tenant, Act(audience.changed_by, "audience_put", detail=detail))

        await self._db.transact(work, tenant=tenant)

    async def delete(self, tenant: str, name: str, actor: str) -> bool:
        """Forget an audience (audiences/delete_audience); whether there was one."""

        async def work(transaction: Transaction) -> bool:
            rows = await transaction.run("audiences/delete_audience", tenant=tenant, name=name)
            if rows:
                await self._audit.append(transaction, tenant, Act(actor, "audience_deleted", detail={"name": name}))
            return bool(rows)

        return await self._db.transact(work, tenant=tenant)

    async def resolve(self, tenant: str, filter_: AudienceFilter) -> Meaning:
        """What the names in a filter stand for now (audiences/resolve_filter)."""
        return await self._resolve(self._db.read, tenant, filter_)

    async def judge(self, tenant: str, filter_: AudienceFilter, meaning: Meaning, now: datetime) -> list[Facts]:
        """Of everybody who may be contacted, what the filter looks at (audiences/judge_identities)."""
        return await _judge(self._db.read, tenant, filter_, meaning, now)

    async def judge_one(
        self, tenant: str, filter_: AudienceFilter, meaning: Meaning, now: datetime, identity_id: str
    ) -> Facts | None:
        """The same of one identity; ``None`` of one that may not be contacted."""
        asked = _asked(tenant, filter_, meaning, now)
        rows = await self._db.read("audiences/judge_identities", **asked, first=identity_id, last=identity_id, limit=1)
        return _facts(rows[0]) if rows else None

    async def note_question(self, tenant: str, name: str, identity_id: str, actor: str) -> None:
        """Note in the audit log who asked about whom."""

        async def work(transaction: Transaction) -> None:
            act = Act(actor, "audience_explained", (("identity", identity_id),), {"name": name})
            await self._audit.append(transaction, tenant, act)

        await self._db.transact(work, tenant=tenant)

    async def listed_since(self, tenant: str, name: str, identity_id: str, now: datetime) -> datetime | None:
        """Since when an identity is on the list that a receiver holds (audiences/find_listed); ``None``: on none."""
        rows = await self._db.read(
            "audiences/find_listed", tenant=tenant, audience=name, identity_id=identity_id, now=now
        )
        return from_ms(rows[0]["at_ms"]) if rows else None

    async def read_size(self, tenant: str, key: str, period: int) -> tuple[float | None, datetime | None, int]:
        """The noisy number that a filter was counted to have, when, and how many filters were (audiences/read_size)."""
        [row] = await self._db.read("audiences/read_size", tenant=tenant, id=key, period=period)
        return row["people"], from_optional_ms(row["at_ms"]), row["counted"]

    async def keep_size(
        self, tenant: str, key: str, period: int, people: float, at: datetime, most: int
    ) -> tuple[float, datetime] | None:
        """Keep a noisy number unless one is there, and return the one that stands; ``None`` where no more are kept."""
        rows = await self._db.write(
            "audiences/keep_size", tenant=tenant, id=key, period=period, people=people, at=at, most=most
        )
        return (rows[0]["people"], from_ms(rows[0]["at_ms"])) if rows else None

    async def export(self, tenant: str, name: str, decide: Callable[[Snapshot], Export], actor: str) -> Export:
        """Read all that an export is decided by, and note what leaves, in one commit; erasures wait meanwhile.

        ``decide`` may be asked again. ``NotFoundError`` where there is neither such an audience nor a list of it.
        """
        now = await self._db.now()

        async def work(transaction: Transaction) -> Export:
            await transaction.run("links/lock_links", tenant=tenant)  # an erasure begins before or after, never between
            await transaction.run("audiences/remove_expired", tenant=tenant, now=now)
            found = await self.snapshot(transaction, tenant, name, name, now)
            if found is None:
                raise NotFoundError("There is no audience of this name; GET /v1/audiences lists what there is.")
            export = decide(found)
            await note_list(transaction, tenant, name, export.listing, now)
            receipt = export.receipt
            detail = {
                "name": name,
                "channel": receipt.channel,
                "mode": receipt.mode,
                "added": receipt.added,
                "removed": receipt.removed,
                "receipt": receipt.id,
                "sha256": receipt.sha256,
            }
            await self._audit.append(transaction, tenant, Act(actor, "audience_exported", detail=detail))
            return export

        return await self._db.transact(work, tenant=tenant)

    async def snapshot(
        self, transaction: Transaction, tenant: str, name: str, list_name: str, now: datetime
    ) -> Snapshot | None:
        """What it is decided by who of an audience may be on a list; ``None`` where there is neither."""
        found = await _read(transaction.run, tenant, name)
        rows = await transaction.run(
            "audiences/read_lists", tenant=tenant, now=now, arrived_before=now - timedelta(days=DAYS_TO_COUNT)
        )
        lists = {row["audience"]: _list(row) for row in rows}
        audience, held = (found[0] if found else None), lists.get(list_name)
        is_kept = held is not None and (audience is None or audience.filter.channel != held.filter.channel)
        filter_ = held.filter if is_kept and held else audience.filter if audience else None
        if filter_ is None:
            return None
        meaning = await self._resolve(transaction.run, tenant, filter_)
        facts = await _judge(transaction.run, tenant, filter_, meaning, now)
        counts = {one.id for one in facts if one.counts}
        counts |= {id_ for row in rows for id_, _, _, _, counting in row["members"] if counting}
        return Snapshot(audience, facts, lists, frozenset(counts), meaning.run, now)

    async def _resolve(self, run: _Run, tenant: str, filter_: AudienceFilter) -> Meaning:
        brands = {*filter_.brands, *(one.brand for one in filter_.niches)}
        communities = {*filter_.communities, *(one.community for one in filter_.niches)}
        [row] = await run(
            "audiences/resolve_filter",
            tenant=tenant,
            communities=sorted(communities),
            genres=sorted(set(filter_.microgenres)),
            brands=sorted(brands),
        )
        named = {id_ for _, ids in (*row["genres"], *row["brands"]) for id_ in ids}
        offers = await Items(self._db, 1).read(tenant, 0, sorted(named)) if named else {}
        harmless = frozenset(id_ for id_ in named if (offer := offers.get(id_)) is not None and not offer.topics)
        return Meaning(
            row["run"],
            frozenset(row["communities"]),
            {genre: harmless.intersection(ids) for genre, ids in row["genres"]},
            {brand: harmless.intersection(ids) for brand, ids in row["brands"]},
        )


async def _read(run: _Run, tenant: str, name: str | None) -> list[Audience]:
    rows = await run("audiences/read_audiences", tenant=tenant, name=name)
    return [
        Audience(row["name"], read_filter(json.loads(row["fields"])), from_ms(row["changed_at_ms"]), row["changed_by"])
        for row in rows
    ]


async def _judge(run: _Run, tenant: str, filter_: AudienceFilter, meaning: Meaning, now: datetime) -> list[Facts]:
    asked = _asked(tenant, filter_, meaning, now)
    judged: dict[str, Facts] = {}
    first, rows = "", list[Row]()
    while not judged or len(rows) == _PAGE:
        rows = await run("audiences/judge_identities", **asked, first=first, last=None, limit=_PAGE)
        judged |= {row["id"]: _facts(row) for row in rows}
        if not rows:
            break
        first = rows[-1]["id"]
    return list(judged.values())


def _asked(tenant: str, filter_: AudienceFilter, meaning: Meaning, now: datetime) -> dict[str, object]:
    address = ADDRESS_OF.get(filter_.channel)
    niches = [
        {"community": one.community, "product_ids": sorted(meaning.brands.get(one.brand, ()))} for one in filter_.niches
    ]
    return {
        "tenant": tenant,
        "run": meaning.run,
        "now": now,
        "purpose": PURPOSE_OF[filter_.channel],
        "address": address,
        "bouncing": [channel for channel, of in ADDRESS_OF.items() if of == address],
        "arrived_before": now - timedelta(days=DAYS_TO_COUNT),
        "communities": list(filter_.communities),
        "genre_products": _together(meaning.microgenres.get(one, frozenset()) for one in filter_.microgenres),
        "brand_products": _together(meaning.brands.get(one, frozenset()) for one in filter_.brands),
        "niches": niches,
    }


def _together(sets: Iterable[frozenset[str]]) -> list[str]:
    return sorted(frozenset[str]().union(*sets))


def _facts(row: Row) -> Facts:
    return Facts(
        id=row["id"],
        counts=row["counts"],
        in_communities=row["in_communities"],
        in_microgenres=row["in_microgenres"],
        in_brands=row["in_brands"],
        in_niches=row["in_niches"],
        price_sensitivity=row["price_sensitivity"],
        last_bought_at=from_optional_ms(row["last_bought_ms"]),
        purchases=row["purchases"],
    )


def _list(row: Row) -> HeldList:
    stints: defaultdict[str, tuple[Stint, ...]] = defaultdict(tuple)
    for id_, _, since_ms, until_ms, _ in row["members"]:
        stints[id_] += ((since_ms, until_ms),)
    return HeldList(
        row["audience"],
        read_filter(json.loads(row["fields"])),
        from_ms(row["at_ms"]),
        from_ms(row["expires_at_ms"]),
        {id_: member for id_, member, _, until_ms, _ in row["members"] if until_ms is None},
        dict(stints),
        tuple(row["erased"]),
    )


async def note_list(transaction: Transaction, tenant: str, name: str, listing: Listing, now: datetime) -> None:
    """Write down what the receiver holds from now on; who was taken off is remembered as long as a file may have it."""
    for ids in _pages(sorted(listing.removed)):
        await transaction.run("audiences/end_listed", tenant=tenant, audience=name, at=now, ids=ids)
    await transaction.run(
        "audiences/write_list",
        tenant=tenant,
        audience=name,
        fields=listing.filter.canonical(),
        at=now,
        expires_at=listing.expires_at,
    )
    added = [{"identity_id": id_, "member": member} for id_, member in sorted(listing.added.items())]
    for rows in _pages(added):
        await transaction.run("audiences/add_listed", tenant=tenant, audience=name, at=now, rows=rows)


def _pages(rows: Sequence[_One]) -> list[Sequence[_One]]:
    return [rows[start : start + _PAGE] for start in range(0, len(rows), _PAGE)]
