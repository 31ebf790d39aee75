"""Identities: what is asserted of them, and what is known of one."""

from dataclasses import replace
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, Field

from app.api.batches import BatchRoute, parsed_parts, weight_of
from app.api.bodies import Answer, BatchReport, Body, Rows, ShapedLike, refuse_if_nothing_taken, row_errors
from app.api.deps import Administering, Ingesting
from app.api.errors import PROBLEM_RESPONSES, problems
from app.domain.consent import Effective
from app.domain.hashing import identify
from app.domain.models import ConsentStatus, IdentityKind, IngestReport, Purpose
from app.intake.fields import Id
from app.intake.identities import IdentityRow, parse_identities
from app.services.upsert_identities import upsert_identities

router = APIRouter(prefix="/v1/identities", tags=["identities"], responses=PROBLEM_RESPONSES, route_class=BatchRoute)


class IdentitiesBody(Body):
    """Rows `{id, kind, person_id?, account_id?, household_id?, identifiers: [{type, value}]}`; values are hashed."""

    identities: Rows[Annotated[Any, ShapedLike(IdentityRow)]]


class IdentitiesReport(BatchReport):
    """What became of a batch of identities."""

    erased: Annotated[int, Field(description="Rows of identities that were erased; they were dropped.")]


class LikeAnswer(Answer):
    """One product that the identity likes, and the evidence."""

    product_id: str
    title: str | None
    weight: Annotated[float, Field(description="Evidence weight now: event type x age.")]
    full_price_weight: Annotated[float, Field(description="The same where what was bought on a deal counts for less.")]
    count: Annotated[int, Field(description="Interactions that carried evidence.")]
    purchases: int
    last_at: AwareDatetime
    events: Annotated[dict[str, int], Field(description="Interactions by type.")]
    discount_share: Annotated[
        float | None, Field(description="Mean share of the list price that was not paid, 0 to 1; null: no prices.")
    ]


class ConsentRecord(Answer):
    """One record of the append-only consent log."""

    id: str
    purpose: Purpose
    status: ConsentStatus
    at: AwareDatetime
    expires_at: AwareDatetime | None
    source: str
    policy_version: Annotated[str | None, Field(description="Version of the privacy notice that was shown.")] = None
    proof: Annotated[str | None, Field(description="How it can be shown: free text or an address.")] = None
    confirmed_at: Annotated[
        AwareDatetime | None, Field(description="When a signal said the same for the last time, without a new record.")
    ] = None


class KnownConsentAnswer(Answer):
    """What one purpose comes to now; purposes not listed are denied."""

    purpose: Purpose
    effective: Effective
    latest: ConsentRecord


class EstimateAnswer(Answer):
    """A share, 0 to 1, with its 95 % interval."""

    estimate: float
    low: float
    high: float
    n: Annotated[int, Field(description="Purchase lines that it rests on.")]


class IdentityAnswer(Answer):
    """What is known of an identity, and why."""

    id: str
    kind: IdentityKind
    likes: Annotated[list[LikeAnswer], Field(description="Strongest first.")]
    consents: list[KnownConsentAnswer]
    price_sensitivity: Annotated[
        EstimateAnswer | None,
        Field(description="Share of deals that it would have, were it to buy what the shop sells; null: not known."),
    ]
    trend_susceptibility: Annotated[
        EstimateAnswer | None,
        Field(
            description="Of what it buys at full price, how much was on the rise outside its own communities; "
            "null: not known."
        ),
    ]


@router.put("")
async def put_identities(caller: Ingesting, body: IdentitiesBody) -> IdentitiesReport:
    """Put up to 1,000 identities with the links that are asserted with them; links are added, never merged.

    Large batches are written in parts, each on disk before the next.
    """
    rules = await caller.services.rules.read(caller.tenant)
    parse = partial(parse_identities, identify=partial(identify, caller.services.hasher(caller.tenant), rules))
    report = IngestReport()
    async for _, parsed in parsed_parts(body.identities, partial(weight_of, field="identifiers"), parse):
        written = await upsert_identities(caller.services.identities, caller.tenant, parsed.values, caller.actor)
        report += replace(written, errors=tuple(parsed.errors))
    refuse_if_nothing_taken("identities", report.accepted + report.erased, report.errors)
    return IdentitiesReport(accepted=report.accepted, erased=report.erased, errors=row_errors(report.errors))


@router.get("/{identity_id}", responses=problems(404))
async def read_identity(
    caller: Administering,
    identity_id: Id,
    likes: Annotated[int, Query(ge=1, le=1000, description="Likes to list at most.")] = 100,
) -> IdentityAnswer:
    """Say what is known of an identity and why: kind, likes with their evidence, consents."""
    description = await caller.services.describer.describe(caller.tenant, identity_id, likes)
    return IdentityAnswer.model_validate(description)
