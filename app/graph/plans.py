"""Plans in the graph: a node each, and a relationship from whoever is contacted (cypher/plans/)."""

import json
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from app.domain.audit import Act
from app.domain.channels import Channel, ChannelBook, Contact
from app.domain.errors import NotFoundError
from app.domain.plans import PLACEMENT, Block, KeptLine, Line, Plan, PlanExport, PlanFigures, PlanSnapshot, read_request
from app.domain.recommendation import Choice, Decision, Item
from app.graph.audiences import AudienceGraph, note_list
from app.graph.audit import AuditTrail
from app.graph.channels import Run, read_contacts
from app.graph.database import Database, Row, Transaction
from app.graph.decisions import decision_rows
from app.graph.times import from_ms

_PAGE = 2_000
"""Lines that one statement takes."""
_MOST_PLANS = 1_000
_EXPORT_SECONDS = 900.0
_UNFINISHED = timedelta(hours=1)
"""After so long a plan that is not frozen will never be."""
Decide = Callable[[PlanSnapshot], PlanExport]
_One = TypeVar("_One")
NO_PLAN = "There is no plan of this id; GET /v1/plans lists what there is."


class PlanGraph:
    """Keeps plans with an audit entry a change; implements ``PlanStore``."""

    def __init__(self, db: Database, audit: AuditTrail, audiences: AudienceGraph) -> None:
        self._db = db
        self._audit = audit
        self._audiences = audiences

    async def list_plans(self, tenant: str) -> list[Plan]:
        """The newest plans of a tenant, the newest first (plans/read_plans)."""
        rows = await self._db.read("plans/read_plans", tenant=tenant, id=None, limit=_MOST_PLANS)
        return [_plan(row) for row in rows]

    async def find(self, tenant: str, plan_id: str) -> Plan:
        """The plan of an id; ``NotFoundError``."""
        rows = await self._db.read("plans/read_plans", tenant=tenant, id=plan_id, limit=1)
        if not rows:
            raise NotFoundError(NO_PLAN)
        return _plan(rows[0])

    async def freeze(self, tenant: str, plan: Plan, lines: Sequence[Line]) -> None:
        """Keep a plan and its lines, a page a commit; it is one only once all of them are there."""
        await self._db.write("plans/remove_unfinished", tenant=tenant, before=plan.at - _UNFINISHED)
        await self._db.write("plans/write_plan", tenant=tenant, **_properties(plan))
        for start in range(0, len(lines), _PAGE):
            rows = [_line_row(line) for line in lines[start : start + _PAGE]]
            await self._db.write("plans/add_lines", tenant=tenant, plan=plan.id, at=plan.at, rows=rows)
        await self._change(tenant, plan.id or "", "frozen", Act(plan.by, "plan_frozen", detail=_detail(plan)))

    async def recall(self, tenant: str, plan_id: str, actor: str) -> Plan:
        """Let nothing more leave of a plan; the next export takes back what has left. ``NotFoundError``."""
        plan = await self.find(tenant, plan_id)
        if plan.state != "recalled":
            await self._change(tenant, plan_id, "recalled", Act(actor, "plan_recalled", detail=_detail(plan)))
        return await self.find(tenant, plan_id)

    async def read_used(self, tenant: str, plan_id: str) -> tuple[set[str], set[str]]:
        """Ids of the products and creatives of a plan."""
        products, creatives = set[str](), set[str]()
        async for rows in _pages(self._db.read, tenant, plan_id):
            products.update(id_ for row in rows for id_ in row["product_ids"])
            creatives.update(id_ for row in rows for id_ in row["creative_ids"])
        return products, creatives

    async def export(self, tenant: str, plan_id: str, decide: Decide, actor: str) -> PlanExport:
        """Read all that an export is decided by, and note what leaves, in one commit; erasures wait meanwhile.

        ``decide`` may be asked again. ``NotFoundError`` where there is no such plan.
        """
        now = await self._db.now()

        async def work(transaction: Transaction) -> PlanExport:
            await transaction.run("links/lock_links", tenant=tenant)  # an erasure begins before or after, never between
            found = await self._snapshot(transaction, tenant, plan_id, now)
            export = decide(found)
            await self._note(transaction, tenant, found, export)
            detail = {
                **_detail(found.plan),
                "mode": export.mode,
                "added": len(export.added),
                "removed": export.removed,
                "sha256": export.sha256,
            }
            await self._audit.append(transaction, tenant, Act(actor, "plan_exported", detail=detail))
            return export

        return await self._db.transact(work, tenant=tenant, timeout_seconds=_EXPORT_SECONDS)

    async def _change(self, tenant: str, plan_id: str, state: str, act: Act) -> None:
        async def work(transaction: Transaction) -> None:
            rows = await transaction.run("plans/set_state", tenant=tenant, id=plan_id, state=state)
            if rows:
                await self._audit.append(transaction, tenant, act)

        await self._db.transact(work, tenant=tenant)

    async def _snapshot(self, transaction: Transaction, tenant: str, plan_id: str, now: datetime) -> PlanSnapshot:
        await transaction.run("audiences/remove_expired", tenant=tenant, now=now)
        found = await transaction.run("plans/read_plans", tenant=tenant, id=plan_id, limit=1)
        if not found:
            raise NotFoundError(NO_PLAN)
        plan, lines = _plan(found[0]), list[KeptLine]()
        async for rows in _pages(transaction.run, tenant, plan_id):
            lines += [_kept(row) for row in rows]
        ids = [one.line.identity_id for one in lines]
        book, contacts = await _contacts(transaction, tenant, ids, now, plan.request.channel)
        found_all = PlanSnapshot(plan, lines, tuple(found[0]["erased"]), contacts, book, now)
        name = plan.request.audience
        if name is None:
            return found_all
        account = await self._audiences.snapshot(transaction, tenant, name, found_all.list_name, now)
        return replace(found_all, account=account)

    async def _note(self, transaction: Transaction, tenant: str, found: PlanSnapshot, export: PlanExport) -> None:
        plan, whose = found.plan, {one.line.id: one.line.identity_id for one in found.lines}
        if export.listing is not None:
            await note_list(transaction, tenant, found.list_name, export.listing, found.now)
        ended = [whose[id_] for id_ in export.ended]
        for ids in _paged(ended):
            await transaction.run("plans/end_lines", tenant=tenant, plan=plan.id, at=found.now, ids=ids)
        for lines in _paged(export.added):
            ids = [line.identity_id for line in lines]
            await transaction.run("plans/mark_exported", tenant=tenant, plan=plan.id, at=found.now, ids=ids)
            decisions = [_decision(plan, line, found.now) for line in lines]
            await transaction.run("decisions/write_decisions", tenant=tenant, rows=decision_rows(decisions))
        await transaction.run("plans/forget_erased", tenant=tenant, plan=plan.id)


async def _pages(run: Run, tenant: str, plan_id: str) -> AsyncGenerator[list[Row]]:
    """Yield the lines of a plan, a page at a time."""
    after = ""
    while True:
        rows = await run("plans/read_lines", tenant=tenant, plan=plan_id, after=after, limit=_PAGE)
        yield rows
        if len(rows) < _PAGE:
            return
        after = rows[-1]["identity_id"]


async def _contacts(
    transaction: Transaction, tenant: str, ids: Sequence[str], now: datetime, channel: Channel
) -> tuple[ChannelBook, dict[str, Contact]]:
    book, contacts = ChannelBook(), dict[str, Contact]()
    for page in _paged(ids):
        book, found = await read_contacts(transaction.run, tenant, page, now, [channel])
        contacts |= zip(page, found, strict=True)
    return book, contacts


def _paged(rows: Sequence[_One]) -> list[Sequence[_One]]:
    return [rows[start : start + _PAGE] for start in range(0, len(rows), _PAGE)]


def _properties(plan: Plan) -> dict[str, object]:
    figures = plan.figures
    told = {**asdict(figures), "cost": None if figures.cost is None else str(figures.cost)}
    return {
        "id": plan.id,
        "channel": plan.request.channel,
        "fields": plan.request.text(),
        "figures": json.dumps(told),
        "send_at": plan.request.send_at,
        "run": plan.run,
        "by": plan.by,
        "at": plan.at,
    }


def _plan(row: Row) -> Plan:
    figures: dict[str, Any] = json.loads(row["figures"])
    cost = figures.pop("cost")
    return Plan(
        request=read_request(row["fields"]),
        state=row["state"],
        figures=PlanFigures(**figures, cost=None if cost is None else Decimal(cost)),
        at=from_ms(row["at_ms"]),
        by=row["by"],
        run=row["run"],
        id=row["id"],
    )


def _line_row(line: Line) -> dict[str, object]:
    return {
        "identity_id": line.identity_id,
        "line": line.id,
        "product_ids": [block.product_id for block in line.blocks],
        "creative_ids": [block.creative_id for block in line.blocks],
        "sources": [block.source for block in line.blocks],
        "gains": [block.gain for block in line.blocks],
    }


def _kept(row: Row) -> KeptLine:
    columns = (row["product_ids"], row["creative_ids"], row["sources"], row["gains"])
    blocks = tuple(Block(*cells) for cells in zip(*columns, strict=True))
    return KeptLine(Line(row["line"], row["identity_id"], blocks), row["exported"], row["ended"])


def _decision(plan: Plan, line: Line, at: datetime) -> Decision:
    """What outcomes are joined to; nothing was drawn, so nothing is learned from which creative it was."""
    items = tuple(
        Item(block.product_id, rank, block.gain, block.source, "") for rank, block in enumerate(line.blocks, start=1)
    )
    choices = tuple(Choice(block.creative_id, 1.0, True, ((block.creative_id, 1.0),)) for block in line.blocks)
    return Decision(
        id=line.id,
        at=at,
        channel=plan.request.channel,
        placement=PLACEMENT,
        outcome="granted",
        run_id=plan.run,
        identity_id=line.identity_id,
        items=items,
        choices=choices,
    )


def _detail(plan: Plan) -> dict[str, str | None]:
    return {"plan": plan.id, "channel": plan.request.channel, "audience": plan.request.audience}
