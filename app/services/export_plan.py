"""Use case: a frozen plan leaves, whole or as what changed; whoever may not be contacted any more is taken back."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from app.domain import clock
from app.domain.audience_export import Listing, Mode
from app.domain.channels import Contact, out_of_reach, refusal_of, without_consent
from app.domain.creatives import Creative, KnownCreative, render
from app.domain.errors import ConflictError
from app.domain.plans import Block, KeptLine, Line, Plan, PlanExport, PlanRow, PlanSnapshot, Rendered
from app.domain.recommendation import Offer
from app.services.audiences import Count
from app.services.creatives import CreativeBook
from app.services.export_audience import EXPIRES_DAYS, ListJudge, new_keys
from app.services.plans import Planner, PlanStore
from app.services.unsubscribe import Unsubscriber

MOST_AT_ONCE = 10_000
"""Lines that are answered to one call; more go into a file."""
_PARTS = ("product_id", "title", "link", "creative_id", "image_link", "headline", "text")

Write = Callable[[Sequence[PlanRow]], str]
"""Writes the lines down under no name yet; the SHA-256 of what was written. It may be asked again."""


class OfferSource(Protocol):
    """Where products are."""

    async def read(
        self, tenant: str, catalogue: int, ids: Sequence[str], *, with_tags: bool = False
    ) -> Mapping[str, Offer | None]:
        """What is known of some products."""
        ...


@dataclass(frozen=True, slots=True)
class _Shown:
    """What products and creatives are now."""

    offers: Mapping[str, Offer | None]
    creatives: Mapping[str, KnownCreative]
    now: datetime

    def render(self, block: Block) -> Rendered | None:
        """A product in its creative as of now; ``None`` where it may not be shown any more."""
        offer, known = self.offers.get(block.product_id), self.creatives.get(block.creative_id)
        offer = offer.at(self.now) if offer else None
        if offer is None or not offer.offered or offer.topics or known is None or known.unused(self.now):
            return None
        creative: Creative = known.creative
        headline, text = render(creative.headline, offer), render(creative.text, offer)
        if (creative.headline and headline is None) or (creative.text and text is None):
            return None
        image = creative.image_link or offer.image_link
        return Rendered(offer.id, creative.id, offer.title, offer.link, image, headline, text)


class PlanExporter:
    """Decides which lines of a plan may leave."""

    def __init__(
        self, plans: PlanStore, items: OfferSource, creatives: CreativeBook, unsubscriber: Unsubscriber, count: Count
    ) -> None:
        self._plans = plans
        self._items = items
        self._creatives = creatives
        self._unsubscriber = unsubscriber
        self._judge = ListJudge(count)

    async def export(self, tenant: str, plan_id: str, mode: Mode, write: Write, actor: str) -> PlanExport:
        """Let a plan leave. Consent, reach, cap and quiet hours are looked at in the commit that notes what left.

        ``NotFoundError``; ``ConflictError`` where nothing may leave, the first time: too few are left.
        """
        await self._plans.find(tenant, plan_id)
        products, creatives = await self._plans.read_used(tenant, plan_id)
        offers = await self._items.read(tenant, 0, sorted(products))
        known = {one.creative.id: one for one in await self._creatives.all_of(tenant) if one.creative.id in creatives}
        shown = _Shown(offers, known, clock.now())

        def decide(found: PlanSnapshot) -> PlanExport:
            return self._decide(tenant, mode, write, shown, found)

        return await self._plans.export(tenant, plan_id, decide, actor)

    def _decide(self, tenant: str, mode: Mode, write: Write, shown: _Shown, found: PlanSnapshot) -> PlanExport:
        plan = found.plan
        listing, members, waits = self._list(tenant, found)
        held = [one for one in found.lines if one.exported and not one.ended]
        ended = [one for one in held if plan.state == "recalled" or not _may_stay(one, found, members)]
        fresh: dict[str, tuple[Line, tuple[Rendered, ...]]] = {}
        if plan.state == "frozen":
            fresh = _fresh(found, members, shown)
        enough = self._judge.enough(tenant, frozenset(_counting(found)), found.now)
        are_few = bool(fresh) and not enough([line.identity_id for line, _ in fresh.values()])
        added = {} if are_few else fresh
        is_first = not any(one.exported for one in found.lines) and not found.erased
        if is_first and not added:
            raise ConflictError(_why_nothing(plan, self._judge.k))
        gone = {one.line.id for one in ended}
        kept = [one.line for one in held if one.line.id not in gone] if mode == "full" else []
        rows = [self._row(tenant, plan, line, blocks) for line, blocks in added.values()]
        rows += [self._row(tenant, plan, line, _rendered(line, shown)) for line in kept]
        rows += [PlanRow("remove", one.line.id, one.line.identity_id) for one in ended if mode == "delta"]
        rows += [PlanRow("remove", id_, None) for id_ in found.erased if mode == "delta"]
        rows.sort(key=lambda row: row.line_id)  # random, so it says nothing of anybody
        return PlanExport(
            "full" if is_first else mode,
            tuple(rows),
            tuple(line for line, _ in added.values()),
            tuple(gone),
            are_few or waits,
            write(rows),
            listing,
        )

    def _list(self, tenant: str, found: PlanSnapshot) -> tuple[Listing | None, frozenset[str] | None, bool]:
        """Who may be in lines of this audience, by the account of all that left; ``None``: whoever is named may be.

        And whether others are of it who are too few for now.
        """
        if found.plan.request.audience is None:
            return None, None, False
        account = found.account
        if account is None:  # it was deleted, and its list has expired
            return None, frozenset(), False
        filter_, change = self._judge.change(tenant, found.list_name, account)
        held = account.lists.get(found.list_name)
        on_list = frozenset(held.members) if held else frozenset[str]()
        added = new_keys(change.added)
        listing = Listing(filter_, found.now + timedelta(days=EXPIRES_DAYS), added, change.removed)
        return listing, (on_list | added.keys()) - change.removed, change.waits

    def _row(self, tenant: str, plan: Plan, line: Line, blocks: tuple[Rendered, ...]) -> PlanRow:
        token = self._unsubscriber.token(tenant, line.identity_id, plan.request.channel)
        return PlanRow("add", line.id, line.identity_id, token, blocks)


@dataclass(frozen=True, slots=True)
class PlanDesk:
    """All that is done with plans."""

    planner: Planner
    store: PlanStore
    exporter: PlanExporter


def _may_stay(kept: KeptLine, found: PlanSnapshot, members: frozenset[str] | None) -> bool:
    """Whether a line that left may stay: consent and reach last, and it has not left the audience."""
    contact, channel = found.contacts[kept.line.identity_id], found.plan.request.channel
    if members is not None and kept.line.identity_id not in members:
        return False
    return without_consent(channel, contact.consents, found.now) is None and out_of_reach(channel, contact) is None


def _fresh(
    found: PlanSnapshot, members: frozenset[str] | None, shown: _Shown
) -> dict[str, tuple[Line, tuple[Rendered, ...]]]:
    """Lines that have not left yet and may, with those of their blocks that may still be shown; by id."""
    fresh: dict[str, tuple[Line, tuple[Rendered, ...]]] = {}
    for one in found.lines:
        line = one.line
        if one.exported or one.ended or (members is not None and line.identity_id not in members):
            continue
        blocks = _rendered(line, shown)
        if blocks and _is_open(found, found.contacts[line.identity_id]):
            products = {block.product_id for block in blocks}
            left = tuple(block for block in line.blocks if block.product_id in products)
            fresh[line.id] = (replace(line, blocks=left), blocks)
    return fresh


def _is_open(found: PlanSnapshot, contact: Contact) -> bool:
    request, book = found.plan.request, found.book
    zone, at = ZoneInfo(contact.time_zone or book.time_zone), max(found.now, request.send_at or found.now)
    return refusal_of(request.channel, book.rules[request.channel], contact, at, zone) is None


def _rendered(line: Line, shown: _Shown) -> tuple[Rendered, ...]:
    return tuple(one for block in line.blocks if (one := shown.render(block)) is not None)


def _counting(found: PlanSnapshot) -> list[str]:
    return [id_ for id_, contact in found.contacts.items() if contact.counts]


def _why_nothing(plan: Plan, k: int) -> str:
    if plan.state == "recalled":
        return "The plan was recalled before anything of it left."
    return (
        f"Nothing may leave: of those who were planned fewer than {k} may be contacted now, or so few differ from what "
        "left before. Bring the audience's other lists up to date, or make another plan."
    )


def columns_of(slots: int) -> tuple[str, ...]:
    """Columns of a file, those of a product once a slot, numbered from 1."""
    blocks = tuple(f"{part}_{slot}" for slot in range(1, slots + 1) for part in _PARTS)
    return ("action", "line_id", "identity_id", "unsubscribe_token", *blocks)


def cells_of(row: PlanRow, slots: int) -> tuple[str | None, ...]:
    """A line of a file; slots that nothing is in are empty."""
    parts = [asdict(block)[part] for block in row.blocks[:slots] for part in _PARTS]
    parts += [None] * (slots * len(_PARTS) - len(parts))
    return (row.action, row.line_id, row.identity_id, row.unsubscribe_token, *parts)


def digest_of(rows: Sequence[PlanRow]) -> str:
    """SHA-256 of lines that are answered; ``ConflictError`` where they are too many for one answer."""
    if len(rows) > MOST_AT_ONCE:
        raise ConflictError(
            f"{len(rows):,} lines are too many for one answer (up to {MOST_AT_ONCE:,}): `plural plans export` writes "
            "them into a file."
        )
    return hashlib.sha256(json.dumps([asdict(row) for row in rows], sort_keys=True).encode()).hexdigest()
