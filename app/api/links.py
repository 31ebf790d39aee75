"""Links: evidence that things belong together, with its source and its time; undone by ending it."""

from collections.abc import Sequence
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import AwareDatetime, BaseModel, Field

from app.api.bodies import Answer
from app.api.deps import Caller, Ingesting
from app.api.errors import PROBLEM_RESPONSES, problems
from app.domain import clock
from app.domain.belonging import LinkEffect, Verdict
from app.domain.component import Conflict, Group, Reason
from app.domain.hashing import identify
from app.domain.links import Link, LinkStatus, LinkType
from app.intake.fields import Id
from app.intake.links import LinkRow, link_from
from app.services.links import OnConflict

router = APIRouter(prefix="/v1", tags=["links"], responses={**PROBLEM_RESPONSES, **problems(404)})


class LinkBody(LinkRow):
    """One link: `from`, and `to` or an `identifier {type, value}` of which only a keyed hash is kept."""

    on_conflict: OnConflict = "refuse"
    """`refuse`: answer 409 with the path that contradicts; `keep`: store it; it joins nobody until it is settled."""


class LinkAnswer(BaseModel):
    """One link as it stands."""

    id: Annotated[str | None, Field(description="null: it was ended after it had been seen; nothing was stored.")]
    type: LinkType
    from_id: Annotated[str, Field(serialization_alias="from")]
    to_id: Annotated[str | None, Field(serialization_alias="to", description="null: an identifier.")]
    identifier_type: Annotated[str | None, Field(description="The value is kept as a keyed hash and never shown.")]
    source: str
    confidence: Annotated[float, Field(description="As last said.")]
    first_seen: AwareDatetime
    last_seen: AwareDatetime
    valid_until: AwareDatetime | None
    status: LinkStatus


class ConflictAnswer(Answer):
    """Links that cannot all be right; end one of them, or say `not_same_as`."""

    reason: Reason
    path: Annotated[tuple[str, ...], Field(description="From one contradicting thing to the other; no values.")]
    links: Annotated[tuple[str, ...], Field(description="Ids of the links on the way.")]
    identities: tuple[str, ...]
    is_settled: Annotated[bool, Field(description="Whether `not_same_as` was said after the last of the links.")]


class AddedLinkAnswer(LinkAnswer):
    """The link, and what it brought into conflict."""

    conflicts: Annotated[list[ConflictAnswer], Field(description="Only with `on_conflict: keep`.")]


class LinkPage(BaseModel):
    """Some of the links of an identity, by id."""

    links: list[LinkAnswer]
    next_after: Annotated[str | None, Field(description="Ask again with `after` set to this; null: that was all.")]


class GroupAnswer(BaseModel):
    """Identities that belong together."""

    person_id: str | None
    identities: list[str]


class HomeAnswer(Answer):
    """Who belongs to a household."""

    id: str
    persons: tuple[str, ...]
    accounts: tuple[str, ...]


class NamingAnswer(Answer):
    """An identifier that would name somebody else."""

    type: str
    before: Annotated[str | None, Field(description="Identity; null: nobody.")]
    after: str | None


class EffectAnswer(BaseModel):
    """What the link would change; nothing was written."""

    verdict: Annotated[Verdict, Field(description="The rule that speaks.")]
    persons_before: Annotated[list[GroupAnswer], Field(description="Those that would change.")]
    persons_after: list[GroupAnswer]
    households_before: list[HomeAnswer]
    households_after: list[HomeAnswer]
    identifiers: Annotated[
        list[NamingAnswer],
        Field(description="Those that would name somebody else. No link changes what an identity is recommended."),
    ]
    conflicts: list[ConflictAnswer]
    is_complete: Annotated[bool, Field(description="false: more hangs together than one walk visits (2,000).")]


@router.post("/links", status_code=201, responses=problems(409))
async def post_link(caller: Ingesting, body: LinkBody) -> AddedLinkAnswer:
    """Assert a link. What one source says again of the same two is the same link; the order never matters.

    Persons, accounts, households and identifiers come into being with their first link; an unknown identity is 404.
    """
    link = await _link(caller, body)
    stored, conflicts = await caller.services.links.add(caller.tenant, link, body.on_conflict, caller.actor)
    return AddedLinkAnswer(**_answer(stored).model_dump(), conflicts=conflict_answers(conflicts))


@router.post("/links:simulate")
async def simulate_link(caller: Ingesting, body: LinkBody) -> EffectAnswer:
    """Say what a link would change, with nothing written; `on_conflict` is passed over."""
    effect = await caller.services.link_simulator.simulate(caller.tenant, await _link(caller, body))
    return _effect(effect)


@router.get("/links")
async def read_links(
    caller: Ingesting,
    identity_id: Annotated[Id, Query()],
    after: Annotated[Id | None, Query(description="`next_after` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> LinkPage:
    """List the links of an identity, expired ones too."""
    await caller.services.describer.require(caller.tenant, identity_id)
    found = await caller.services.links.list_links(caller.tenant, identity_id, after or "", limit)
    return LinkPage(links=[_answer(link) for link in found], next_after=found[-1].id if len(found) == limit else None)


@router.get("/links/{link_id}")
async def read_link(caller: Ingesting, link_id: Id) -> LinkAnswer:
    """Read one link."""
    return _answer(await caller.services.links.find(caller.tenant, link_id))


@router.delete("/links/{link_id}", status_code=204, response_class=Response)
async def delete_link(caller: Ingesting, link_id: Id) -> None:
    """End a link: what it caused is gone from the very next answer; the audit log keeps that it was."""
    await caller.services.links.end(caller.tenant, link_id, caller.actor)


def conflict_answers(conflicts: Sequence[Conflict]) -> list[ConflictAnswer]:
    """Conflicts as they are shown, in the same order."""
    return [ConflictAnswer.model_validate(conflict) for conflict in conflicts]


async def _link(caller: Caller, body: LinkBody) -> Link:
    rules = await caller.services.rules.read(caller.tenant)
    hashed = partial(identify, caller.services.hasher(caller.tenant), rules)
    return link_from(body, hashed, clock.now(), caller.services.future_hours)


def _answer(link: Link) -> LinkAnswer:
    return LinkAnswer(
        id=link.id,
        type=link.type,
        from_id=link.start,
        to_id=None if link.identifier else link.end,
        identifier_type=link.identifier and link.identifier.type,
        source=link.source,
        confidence=link.confidence,
        first_seen=link.first_seen,
        last_seen=link.last_seen,
        valid_until=link.valid_until,
        status=link.status(clock.now()),
    )


def _effect(effect: LinkEffect) -> EffectAnswer:
    return EffectAnswer(
        verdict=effect.verdict,
        persons_before=_groups(effect.before),
        persons_after=_groups(effect.after),
        households_before=[HomeAnswer.model_validate(home) for home in effect.homes_before],
        households_after=[HomeAnswer.model_validate(home) for home in effect.homes_after],
        identifiers=[NamingAnswer.model_validate(naming) for naming in effect.namings],
        conflicts=conflict_answers(effect.conflicts),
        is_complete=effect.is_complete,
    )


def _groups(groups: Sequence[Group]) -> list[GroupAnswer]:
    return [GroupAnswer(person_id=group.person, identities=sorted(group.identities)) for group in groups]
