"""Use case: an audience leaves as a list of customer numbers, whole or as what changed since it last did."""

import dataclasses
import json
import secrets
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from app.domain.audience_export import (
    PLANS,
    Change,
    Export,
    ExportRow,
    HeldList,
    Ids,
    Listing,
    Mode,
    Receipt,
    Snapshot,
    plan_change,
)
from app.domain.audiences import AudienceFilter, is_meant
from app.domain.channels import PURPOSE_OF
from app.domain.errors import ConflictError
from app.domain.hashing import Hasher
from app.services.audiences import Count

EXPIRES_DAYS = 30
"""Days after which a receiver must have deleted what it holds, unless another export came before.

The account is kept as long at least, or whoever exports for a day could compare files the day after.
"""
_PURPOSE = "audience-export"
_BYTES_OF_A_KEY = 12

Write = Callable[[Sequence[ExportRow]], str]
"""Writes the lines down under no name yet; the SHA-256 of what was written. It may be asked again."""


class ListStore(Protocol):
    """Where it is known what receivers hold."""

    async def export(self, tenant: str, name: str, decide: Callable[[Snapshot], Export], actor: str) -> Export:
        """Read all that an export is decided by, and note what leaves, in one commit.

        ``decide`` may be asked again. ``NotFoundError`` where there is neither such an audience nor a list of it.
        """
        ...


class ListJudge:
    """Says who of an audience may be on a list of it, given all that has left."""

    def __init__(self, count: Count) -> None:
        self._count = count

    @property
    def k(self) -> int:
        """Of how many nobody may isolate fewer."""
        return self._count.export.k

    def change(
        self, tenant: str, list_name: str, found: Snapshot, among: Ids | None = None
    ) -> tuple[AudienceFilter, Change]:
        """What of a list may change, and by which filter it goes on; ``among`` whom others are added, ``None``: all."""
        held, audience = found.lists.get(list_name), found.audience
        on_list = frozenset(held.members) if held else frozenset[str]()
        allowed = frozenset(one.id for one in found.facts)
        if audience is None or (held and held.filter.channel != audience.filter.channel):
            # Deleted, or meant for another channel: what a receiver holds only shrinks, until it expires.
            filter_ = held.filter if held else audience.filter if audience else None
            assert filter_ is not None  # noqa: S101
            meant = self._meant(filter_, found)
            return filter_, Change(frozenset(), on_list - meant, waits=False, filter_waits=audience is not None)
        of_plans = [one.stints for name, one in found.lists.items() if name.startswith(PLANS)]
        files = [one.stints for name, one in found.lists.items() if not name.startswith(PLANS)]
        if list_name.startswith(PLANS):  # what leaves as a plan stays in the shop's own hands
            files, of_plans = [], [*files, *of_plans]
        is_changed = held is not None and held.filter.canonical() != audience.filter.canonical()
        matching = self._meant(audience.filter, found)
        matching = matching if among is None else matching & (among | on_list)
        enough = self.enough(tenant, found.counts, found.now)
        change = plan_change(matching, allowed, on_list, files, enough, is_changed=is_changed, shops_own=of_plans)
        return (held.filter if held and change.filter_waits else audience.filter), change

    def enough(self, tenant: str, counts: Ids, now: datetime) -> Callable[[Collection[str]], bool]:
        """Say of some identities whether they are surely no fewer than k; ``counts`` are those who count."""

        def enough(people: Collection[str]) -> bool:
            counted = counts.intersection(people)
            return not self._count.export.is_too_few(self._count.people(tenant, counted, "exported", now))

        return enough

    def _meant(self, filter_: AudienceFilter, found: Snapshot) -> Ids:
        return frozenset(one.id for one in found.facts if is_meant(filter_, one, found.now))


def new_keys(ids: Collection[str]) -> dict[str, str]:
    """Make a random member key each."""
    return {id_: secrets.token_hex(_BYTES_OF_A_KEY) for id_ in ids}


class AudienceExporter:
    """Decides what may leave, signs what did."""

    def __init__(self, store: ListStore, hasher: Callable[[str], Hasher], count: Count) -> None:
        self._store = store
        self._hasher = hasher
        self._judge = ListJudge(count)

    async def export(
        self,
        tenant: str,
        name: str,
        mode: Mode,
        write: Write,
        actor: str,
        expires_days: int = EXPIRES_DAYS,
        among: Ids | None = None,
    ) -> tuple[Receipt, str]:
        """Let an audience leave; its receipt with the signature.

        ``among`` are those whom the receiver could find at all: of nobody else a line says that they were added
        (``None``: everybody). What a receiver holds is on account from then on. Raises ``NotFoundError``, and
        ``ConflictError`` where nobody may leave: too few, or too few beside what left before.
        """
        export = await self._store.export(
            tenant, name, lambda found: self._decide(tenant, name, mode, write, expires_days, among, found), actor
        )
        return export.receipt, sign_receipt(self._hasher(tenant), export.receipt)

    def _decide(
        self,
        tenant: str,
        name: str,
        mode: Mode,
        write: Write,
        expires_days: int,
        among: Ids | None,
        found: Snapshot,
    ) -> Export:
        held = found.lists.get(name)
        filter_, change = self._judge.change(tenant, name, found, among)
        keys = dict(held.members) if held else {}
        added = new_keys(change.added)
        listed = {id_: key for id_, key in {**keys, **added}.items() if id_ not in change.removed}
        is_whole = mode == "full" or held is None
        whole = {id_: key for id_, key in listed.items() if among is None or id_ in among}
        if is_whole and not self._judge.enough(tenant, found.counts, found.now)(whole.keys()):
            self._refuse(change, is_first=held is None)
        rows = _whole(whole) if is_whole else _changes(held, change, keys, added)
        digest = write(rows)
        receipt = Receipt(
            id=secrets.token_hex(16),
            tenant=tenant,
            audience=name,
            channel=filter_.channel,
            purpose=PURPOSE_OF[filter_.channel],
            filter=filter_.canonical(),
            mode="full" if is_whole else "delta",
            at=_rfc3339(found.now),
            expires_at=_rfc3339(found.now + timedelta(days=expires_days)),
            run=found.run,
            k=self._judge.k,
            added=len(whole) if is_whole else len(added),
            removed=sum(row.action == "remove" for row in rows),
            listed=len(listed),
            additions_wait=change.waits,
            filter_waits=change.filter_waits,
            sha256=digest,
        )
        kept_until = found.now + timedelta(days=max(expires_days, EXPIRES_DAYS))
        return Export(tuple(rows), Listing(filter_, kept_until, added, change.removed), receipt)

    def _refuse(self, change: Change, *, is_first: bool) -> None:
        k = self._judge.k
        if not is_first:
            raise ConflictError(f"Fewer than {k} would be on the whole list; a delta takes off who must go.")
        if change.waits:
            raise ConflictError(
                f"Nothing may leave: the audience, or what it differs by from a list that left before, may be fewer "
                f"than {k}. Widen its filter, or bring the other lists up to date by exporting them again."
            )
        raise ConflictError(f"Nothing may leave: at least {k} are needed, and nobody is meant who may be contacted.")


def sign_receipt(hasher: Hasher, receipt: Receipt) -> str:
    """Sign a receipt for the hasher's tenant, hex."""
    return hasher.sign(_PURPOSE, _text(receipt))


def is_signed(hasher: Hasher, receipt: Receipt, signature: str) -> bool:
    """Say whether this receipt was signed so for the hasher's tenant."""
    return receipt.tenant == hasher.tenant and hasher.is_signed(_PURPOSE, _text(receipt), signature)


def _text(receipt: Receipt) -> str:
    return json.dumps(dataclasses.asdict(receipt), sort_keys=True)


def _whole(listed: Mapping[str, str]) -> list[ExportRow]:
    return _sorted(ExportRow("add", id_, key) for id_, key in listed.items())


def _changes(
    held: HeldList | None, change: Change, keys: Mapping[str, str], added: Mapping[str, str]
) -> list[ExportRow]:
    rows = [ExportRow("add", id_, key) for id_, key in added.items()]
    rows += [ExportRow("remove", id_, keys[id_]) for id_ in change.removed]
    rows += [ExportRow("remove", None, key) for key in (held.erased if held else ())]
    return _sorted(rows)


def _sorted(rows: Iterable[ExportRow]) -> list[ExportRow]:
    """In the order of random keys, which says nothing of anybody."""
    return sorted(rows, key=lambda row: row.member)


def _rfc3339(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
