"""Plans: who of an audience is contacted with which products; counts first, then for good, then as lines that leave."""

from typing import Annotated, Literal, Self

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel, Field, model_validator

from app.api.audiences import Name
from app.api.bodies import Answer, Body
from app.api.deps import Campaigning, ReadingCampaigns
from app.api.errors import PROBLEM_RESPONSES, problems
from app.domain.audience_export import Mode
from app.domain.channels import Channel
from app.domain.plans import PLANNED, Plan, PlanExport, PlanRequest, State
from app.intake.fields import AnyMoment, Id, Price
from app.services.export_plan import digest_of

router = APIRouter(prefix="/v1/plans", tags=["plans"], responses=PROBLEM_RESPONSES)

PlanId = Id
MOST_IDENTITIES = 50_000
MOST_SLOTS = 12
Pieces = Annotated[int, Field(ge=0, le=10**9)]


class StockBody(Body):
    """To how many contacts a product may be shown."""

    product_id: Id
    pieces: Pieces


class PlanBody(Body):
    """Whom to contact with what: an audience by its name, or identities and a channel."""

    audience: Annotated[Name | None, Field(description="Its channel is the plan's.")] = None
    identity_ids: Annotated[tuple[Id, ...], Field(max_length=MOST_IDENTITIES)] = ()
    channel: Annotated[Channel | None, Field(description=f"Of identities: one of {', '.join(PLANNED)}.")] = None
    slots: Annotated[int, Field(ge=1, le=MOST_SLOTS, description="Products a contact, at most.")] = 1
    budget: Annotated[Price | None, Field(description="For contacts, at the channel's cost.")] = None
    stock: Annotated[tuple[StockBody, ...], Field(max_length=10_000)] = ()
    pieces_each: Annotated[Pieces | None, Field(description="Of every product that `stock` does not name.")] = None
    margin: Annotated[
        float | None,
        Field(gt=0, le=1, description="Part of the price that is kept: gains are money. null: gains are responses."),
    ] = None
    least_gain: Annotated[
        float, Field(ge=0, le=1e9, description="Expected of a contact; where gains are money, less its cost.")
    ] = 0.0
    send_at: Annotated[AnyMoment | None, Field(description="Caps and quiet hours are as of then. null: now.")] = None
    dry_run: Annotated[bool, Field(description="Only counts; nothing is kept.")] = True

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.audience is None) == (not self.identity_ids):
            raise ValueError("name an audience or identity_ids")
        if (self.channel is None) == bool(self.identity_ids):
            raise ValueError("identities need a channel, and an audience has its own")
        return self

    def to_request(self, channel: Channel) -> PlanRequest:
        """Say it in the words of the domain; of a product that is named twice the last number stands."""
        return PlanRequest(
            channel=channel,
            audience=self.audience,
            identity_ids=self.identity_ids,
            slots=self.slots,
            budget=self.budget,
            stock={one.product_id: one.pieces for one in self.stock},
            pieces_each=self.pieces_each,
            margin=self.margin,
            least_gain=self.least_gain,
            send_at=self.send_at,
        )


class PlanAnswer(Answer):
    """What may be said of a plan: numbers of people carry noise and are none of fewer than k."""

    id: Annotated[str | None, Field(description="null: a dry run, which is not kept.")]
    state: State
    channel: Channel
    audience: str | None
    slots: int
    budget: str | None
    margin: float | None
    least_gain: float
    send_at: AwareDatetime | None
    contacts: Annotated[int | None, Field(description="About so many; null: too few to look at, or not counted.")]
    note: Annotated[str | None, Field(description="Why there is no number.")]
    cost: Annotated[str | None, Field(description="Of about so many contacts, in the shop's currency.")]
    gain: Annotated[float | None, Field(description="Expected of all, to two digits: responses, or money less cost.")]
    gap: Annotated[float, Field(description="By which part the best plan could gain more, at most.")]
    exact: Annotated[bool, Field(description="Whether no plan gains more.")]
    at: AwareDatetime
    by: Annotated[str, Field(description="Id of the key.")]
    run: str | None


class PlanList(BaseModel):
    """The plans that were kept, the newest first."""

    plans: list[PlanAnswer]


class PlanExportBody(Body):
    """What leaves."""

    mode: Annotated[Mode, Field(description="What changed since the last time, or all lines.")] = "delta"


class PlanBlockAnswer(Answer):
    """One product in its creative; plain text, to be escaped where it is shown."""

    product_id: str
    title: str
    link: str | None
    creative_id: str
    image_link: str | None
    headline: str | None
    text: str | None


class PlanLineAnswer(Answer):
    """One contact to make, or to forget."""

    action: Literal["add", "remove"]
    line_id: Annotated[str, Field(description="Send it as `decision_id` with `sent`, `click`, `purchase` …")]
    identity_id: Annotated[str | None, Field(description="null: erased; only the earlier line says who it was.")]
    unsubscribe_token: Annotated[str | None, Field(description="For `POST /unsubscribe/{token}`.")]
    blocks: list[PlanBlockAnswer]


class PlanExportAnswer(BaseModel):
    """What left."""

    plan_id: str
    mode: Mode
    added: int
    removed: int
    waiting: Annotated[bool, Field(description="Whether some could leave and are too few for now.")]
    sha256: Annotated[str, Field(description="Of the lines, as the audit log has it.")]
    lines: list[PlanLineAnswer]


@router.post("", responses=problems(404, 409))
async def make_plan(caller: Campaigning, body: PlanBody) -> PlanAnswer:
    """Plan who is contacted with which products: a dry run unless `dry_run` is false, which freezes the plan.

    Consent, reach, caps and quiet hours of the channel are asked first. Nothing is sent.
    """
    planner, audience = caller.services.plans.planner, body.audience
    channel = body.channel
    if audience is not None:
        channel = (await planner.audience(caller.tenant, audience)).filter.channel
    assert channel is not None  # noqa: S101 (the body says so)
    return _answer(await planner.make(caller.tenant, body.to_request(channel), caller.actor, is_dry=body.dry_run))


@router.get("")
async def read_plans(caller: ReadingCampaigns) -> PlanList:
    """List the plans that were frozen, the newest first; 1,000 at most."""
    return PlanList(plans=[_answer(one) for one in await caller.services.plans.store.list_plans(caller.tenant)])


@router.get("/{plan_id}", responses=problems(404))
async def read_plan(caller: ReadingCampaigns, plan_id: PlanId) -> PlanAnswer:
    """Read one plan."""
    return _answer(await caller.services.plans.store.find(caller.tenant, plan_id))


@router.post("/{plan_id}:export", responses=problems(404, 409))
async def export_plan(caller: Campaigning, plan_id: PlanId, body: PlanExportBody) -> PlanExportAnswer:
    """Let a plan leave: the first time whole, then what changed; 10,000 lines at most (`plural plans export`: any).

    Whoever may not be contacted any more, or has left the audience, is taken back. Lines count towards caps.
    """
    exporter = caller.services.plans.exporter
    export = await exporter.export(caller.tenant, plan_id, body.mode, digest_of, caller.actor)
    return _exported(plan_id, export)


@router.post("/{plan_id}:recall", responses=problems(404))
async def recall_plan(caller: Campaigning, plan_id: PlanId) -> PlanAnswer:
    """Let nothing more leave of a plan; its lines count towards caps no more, and the next export takes them back."""
    return _answer(await caller.services.plans.store.recall(caller.tenant, plan_id, caller.actor))


def _answer(plan: Plan) -> PlanAnswer:
    request, figures = plan.request, plan.figures
    return PlanAnswer(
        id=plan.id,
        state=plan.state,
        channel=request.channel,
        audience=request.audience,
        slots=request.slots,
        budget=None if request.budget is None else f"{request.budget:f}",
        margin=request.margin,
        least_gain=request.least_gain,
        send_at=request.send_at,
        contacts=figures.contacts,
        note=figures.note,
        cost=None if figures.cost is None else f"{figures.cost:f}",
        gain=figures.gain,
        gap=figures.gap,
        exact=figures.is_exact,
        at=plan.at,
        by=plan.by,
        run=plan.run,
    )


def _exported(plan_id: str, export: PlanExport) -> PlanExportAnswer:
    return PlanExportAnswer(
        plan_id=plan_id,
        mode=export.mode,
        added=len(export.added),
        removed=export.removed,
        waiting=export.waiting,
        sha256=export.sha256,
        lines=[PlanLineAnswer.model_validate(row) for row in export.rows],
    )
