"""Use case: a marketer plans who of an audience is contacted with which products, as counts first, then for good."""

import asyncio
import dataclasses
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

import numpy as np

from app.domain import clock
from app.domain.audiences import Audience, is_meant
from app.domain.channels import PURPOSE_OF, ChannelRules, refusal_of
from app.domain.disclosure import significant
from app.domain.errors import ConflictError, InvalidError, NotFoundError
from app.domain.plans import (
    PLACEMENT,
    PLANNED,
    Block,
    Line,
    Plan,
    PlanExport,
    PlanFigures,
    PlanRequest,
    PlanSnapshot,
    without_identities,
)
from app.domain.recommendation import NOTHING, Item, Ranking, RecommendationRequest, RunStamp
from app.recommend.choose_creatives import usable
from app.recommend.plan_candidates import Collected, CreativeWorth, propose
from app.recommend.solve_plan import Assignment, Limits, solve
from app.services.audiences import MOST_COUNTED, NO_AUDIENCE, NO_MORE, AudienceStore, Count, too_few
from app.services.channels import ChannelStore
from app.services.creatives import CreativeBook
from app.services.decide import OutcomeSource, weights_of
from app.services.rank import ModelStore
from app.services.recommend import Recommender

_Ranked = tuple[Ranking, tuple[Item, ...]]

BLOCK = 48
"""Contacts that are looked at together."""
CONTACTS_AT_ONCE = 1_000
"""Of whom it is asked at a time whether they may be contacted."""
_AT_ONCE = 8
"""Of these, contacts that are asked about at a time: while one waits for its history, another is scored."""
LEAST_CANDIDATES = 24
"""Products that are looked at for a contact, at least."""


class PlanStore(Protocol):
    """Where plans are kept."""

    async def list_plans(self, tenant: str) -> list[Plan]:
        """The newest plans of a tenant, the newest first."""
        ...

    async def find(self, tenant: str, plan_id: str) -> Plan:
        """The plan of an id; ``NotFoundError``."""
        ...

    async def freeze(self, tenant: str, plan: Plan, lines: Sequence[Line]) -> None:
        """Keep a plan and its lines; it is one only once all of them are there."""
        ...

    async def recall(self, tenant: str, plan_id: str, actor: str) -> Plan:
        """Let nothing more leave of a plan; ``NotFoundError``."""
        ...

    async def read_used(self, tenant: str, plan_id: str) -> tuple[set[str], set[str]]:
        """Ids of the products and creatives of a plan."""
        ...

    async def export(
        self, tenant: str, plan_id: str, decide: Callable[[PlanSnapshot], PlanExport], actor: str
    ) -> PlanExport:
        """Read all that an export is decided by, and note what leaves, in one commit; ``NotFoundError``."""
        ...


@dataclass(frozen=True, slots=True)
class _Made:
    """A plan that nobody has seen yet."""

    blocks: dict[str, tuple[Block, ...]]
    """By identity."""
    assignment: Assignment
    run: RunStamp | None
    counting: frozenset[str]
    """Of them, who counts towards k."""


class Planner:
    """Makes one plan at a time; built once a process."""

    def __init__(
        self,
        recommender: Recommender,
        models: ModelStore,
        channels: ChannelStore,
        creatives: CreativeBook,
        outcomes: OutcomeSource,
        audiences: AudienceStore,
        plans: PlanStore,
        count: Count,
    ) -> None:
        self._recommender = recommender
        self._models = models
        self._channels = channels
        self._creatives = creatives
        self._outcomes = outcomes
        self._audiences = audiences
        self._plans = plans
        self._count = count
        self._turn = asyncio.Lock()

    async def make(self, tenant: str, request: PlanRequest, actor: str, *, is_dry: bool) -> Plan:
        """Plan, and keep the plan unless it is a dry run; what is said of it carries noise.

        ``NotFoundError`` for an audience that there is not, ``InvalidError`` for a channel that is not planned by
        contact, ``ConflictError`` where there is no creative, or a plan would be of too few to be exported.
        """
        async with self._turn:
            now = clock.to_milliseconds(clock.now())
            rules = (await self._channels.read(tenant)).rules[request.channel]
            made = await self._plan(tenant, request, now, rules)
            figures, may_leave = await self._figures(tenant, request, made, rules, now)
            run = made.run.id if made.run else None
            plan = Plan(without_identities(request), "dry_run", figures, now, actor, run)
            if is_dry:
                return plan
            if not may_leave:
                raise ConflictError(
                    f"Too few would be contacted: at least {self._count.export.k} are needed, and surely so. Nothing "
                    "was kept."
                )
            plan = dataclasses.replace(plan, state="frozen", id=secrets.token_hex(8))
            lines = [Line(secrets.token_hex(16), identity, blocks) for identity, blocks in sorted(made.blocks.items())]
            await self._plans.freeze(tenant, plan, lines)
            return plan

    async def _plan(self, tenant: str, request: PlanRequest, now: datetime, rules: ChannelRules) -> _Made:
        if request.channel not in PLANNED:
            raise InvalidError(f"{request.channel} is not planned by contact; choose of {', '.join(PLANNED)}.")
        at = max(now, request.send_at or now)
        creatives, _ = usable(await self._creatives.all_of(tenant), request.channel, rules, at)
        if not creatives:
            raise ConflictError(f"There is no creative for {request.channel}: put one with PUT /v1/creatives.")
        open_to, outcomes = await self._open_to(tenant, request, now, at), await self._outcomes.of(tenant)
        ids = [*open_to]
        collected, run = Collected(), None
        worth = CreativeWorth(creatives, outcomes, None)
        for start in range(0, len(ids), BLOCK):
            ranked = await self._rank_all(tenant, request, ids[start : start + BLOCK])
            first = next((ranking.run for ranking, _ in ranked.values() if ranking.run), None)
            if first is not None and first != run:
                run = first
                worth = CreativeWorth(creatives, outcomes, await self._models.of_run(tenant, run.id))
            collected.add(
                {
                    one: propose(items, worth, weights_of(ranking), request.value_of)
                    for one, (ranking, items) in ranked.items()
                }
            )
        limits = _limits(request, rules, collected.product_ids)
        blocks, assignment = await asyncio.to_thread(_solve, collected, limits)
        return _Made(blocks, assignment, run, frozenset(id_ for id_ in blocks if open_to[id_]))

    async def _open_to(self, tenant: str, request: PlanRequest, now: datetime, at: datetime) -> dict[str, bool]:
        """Who is meant and may be contacted when it is sent (consent, reach, cap, quiet hours); whether each counts."""
        ids = sorted(set(request.identity_ids))
        if request.audience is not None:
            filter_ = (await self.audience(tenant, request.audience)).filter
            facts = await self._audiences.judge(tenant, filter_, await self._audiences.resolve(tenant, filter_), now)
            ids = sorted(one.id for one in facts if is_meant(filter_, one, now))
        open_to: dict[str, bool] = {}
        for start in range(0, len(ids), CONTACTS_AT_ONCE):
            page = ids[start : start + CONTACTS_AT_ONCE]
            book, contacts = await self._channels.read_contacts(tenant, page, now, request.channel)
            rules = book.rules[request.channel]
            for one, contact in contacts.items():
                zone = ZoneInfo(contact.time_zone or book.time_zone)
                if refusal_of(request.channel, rules, contact, at, zone) is None:
                    open_to[one] = contact.counts
        return open_to

    async def _rank_all(self, tenant: str, request: PlanRequest, ids: Sequence[str]) -> dict[str, _Ranked]:
        """Rank for whoever still consents when it is asked about, and is more than a browser."""
        found: dict[str, _Ranked] = {}
        for first in range(0, len(ids), _AT_ONCE):
            some = ids[first : first + _AT_ONCE]
            ranked = await asyncio.gather(*(self._rank(tenant, request, one) for one in some))
            found |= zip(some, ranked, strict=True)
        return {one: pair for one, pair in found.items() if pair[0].granted and pair[0].kind not in (None, "anonymous")}

    async def _rank(self, tenant: str, request: PlanRequest, identity_id: str) -> _Ranked:
        question = RecommendationRequest(
            identity_id=identity_id,
            purpose=PURPOSE_OF[request.channel],
            channel=request.channel,
            placement=PLACEMENT,
            limit=max(LEAST_CANDIDATES, 3 * request.slots),
        )
        return await self._recommender.imagine(tenant, question, None, NOTHING)

    async def audience(self, tenant: str, name: str) -> Audience:
        """Return the audience of a name; ``NotFoundError``."""
        found = await self._audiences.read(tenant, name)
        if not found:
            raise NotFoundError(NO_AUDIENCE)
        return found[0]

    async def _figures(
        self, tenant: str, request: PlanRequest, made: _Made, rules: ChannelRules, now: datetime
    ) -> tuple[PlanFigures, bool]:
        """What may be said, and whether surely enough would be contacted. What was counted stands for some days."""
        assignment, contacts = made.assignment, len(made.blocks)
        noisy = self._count.people(tenant, made.counting, f"plan {request.text()}", now)
        period = self._count.period(now)
        key = f"{period}:plan:{request.key}"
        kept = await self._audiences.keep_size(tenant, key, period, noisy.value, now, MOST_COUNTED)
        told = PlanFigures(None, gap=round(assignment.gap, 4), is_exact=assignment.is_exact)
        if kept is None:
            return dataclasses.replace(told, note=NO_MORE), False
        people = self._count.shown(kept[0])
        if people is None or not contacts:
            return dataclasses.replace(told, note=too_few(self._count.look.k)), False
        most = request.most_contacts(rules.cost)
        people = people if most is None else min(people, most)
        gain = significant(assignment.value / contacts * people)
        told = dataclasses.replace(told, contacts=people, cost=rules.cost * people, gain=gain)
        return told, not self._count.export.is_too_few(noisy)


def _solve(collected: Collected, limits: Limits) -> tuple[dict[str, tuple[Block, ...]], Assignment]:
    """Assign; in a thread, since it takes seconds where there are many."""
    problem = collected.problem()
    assignment = solve(problem, limits)
    return collected.lines(problem, assignment.chosen), assignment


def _limits(request: PlanRequest, rules: ChannelRules, product_ids: Sequence[str]) -> Limits:
    return Limits(
        slots=request.slots,
        stock=np.asarray([request.pieces_of(id_) for id_ in product_ids], dtype=np.int64),
        most_contacts=request.most_contacts(rules.cost),
        cost=0.0 if request.margin is None else float(rules.cost),
        least_gain=request.least_gain,
    )
