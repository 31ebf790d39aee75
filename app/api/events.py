"""Events: what identities did, in our own shape, as Segment sends it or as GA4 does."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from fastapi import Body as BodyParameter
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from app.api.batches import BatchRoute, parsed_parts
from app.api.bodies import RowErrorBody, refuse_if_nothing_taken, row_errors
from app.api.deps import TOKEN_HEADER, Caller, Speaker, Telling
from app.api.document import PRIVACY_SIGNAL, RENEWED, SESSION_TOKEN
from app.api.errors import PROBLEM_RESPONSES
from app.api.event_bodies import EXAMPLES, EventsBody, rows_of
from app.api.proposals import propose_links
from app.domain import clock
from app.domain.anonymous import anonymous_identity
from app.domain.consent import Signal, denials_of
from app.domain.errors import InvalidError
from app.domain.keys import ApiKey
from app.domain.models import CANCELLING, IngestReport, Interaction, InteractionType, RowError
from app.domain.orders import PAGE
from app.intake.batches import Parsed
from app.intake.consent_signals import parse_event_signals
from app.intake.contacts import withdrawals_of
from app.intake.event_rules import own_event_id
from app.intake.events import lines_of, parse_events
from app.intake.page_rows import of_its_session
from app.services.consents import hear_signals, record_consents
from app.services.privacy_signals import keep_private, privacy_signal
from app.services.record_events import record_events
from app.services.session_tokens import ShownSession

router = APIRouter(prefix="/v1/events", tags=["events"], responses=PROBLEM_RESPONSES, route_class=BatchRoute)

_NOT_OWN = "is not of this key's own session or identity"
_SERVERS_ONLY = "is taken from a server's key only: a page cannot say what went back, was sent or bounced"
_OF_SERVERS: frozenset[InteractionType] = CANCELLING | frozenset[InteractionType]({"sent", "bounced"})


class EventsReport(BaseModel):
    """What became of a batch; a bad row never sinks the others. One without any good row is refused (422)."""

    accepted: Annotated[int, Field(description="Events that are on disk now because of this call.")]
    duplicates: Annotated[int, Field(description="Events whose id was there before; they changed nothing.")]
    erased: Annotated[int, Field(description="Events of identities that were erased; they were dropped.")]
    unmatched: Annotated[
        int,
        Field(description="Lines of accepted purchases whose product no feed has; see `GET /v1/products:unmatched`."),
    ]
    errors: list[RowErrorBody]


@router.post(
    "",
    responses=RENEWED,
    openapi_extra={
        "parameters": [PRIVACY_SIGNAL, SESSION_TOKEN],
        "requestBody": {"content": {"application/json": {"schema": {"title": "EventsBody"}}}},
    },
)
async def post_events(
    speaker: Telling,
    request: Request,
    response: Response,
    body: Annotated[EventsBody, BodyParameter(openapi_examples=EXAMPLES)],
) -> EventsReport:
    """Record up to 1,000 events; what is counted as accepted is on disk, whatever happens next.

    A large batch is written in parts, each on disk before the next; sent again it goes on where it was broken off.
    What a part's Segment calls and GA4 bodies say of consent is recorded before its events, and `Sec-GPC: 1` denies ads
    audiences to every identity of the batch. An event whose consent cannot be read is told in `errors`, and is taken.
    With a browser key a session's events may deny everything, and grant something only with the session's token.
    """
    report = await take_rows(speaker, request, response, rows_of(body))
    taken = report.accepted + report.duplicates + report.erased
    if report.errors and not taken and all(error.reason == _NOT_OWN for error in report.errors):
        raise HTTPException(403, f"Every row {_NOT_OWN}.")
    refuse_if_nothing_taken("batch" if "batch" in body else "events", taken, report.errors)
    return events_report(report)


def events_report(report: IngestReport) -> EventsReport:
    """What became of a batch, as it is answered."""
    return EventsReport(
        accepted=report.accepted,
        duplicates=report.duplicates,
        erased=report.erased,
        unmatched=report.unmatched,
        errors=row_errors(report.errors),
    )


async def take_rows(speaker: Speaker, request: Request, response: Response, given: Sequence[Any]) -> IngestReport:
    """Record rows of any shape, whichever route they came by; a page's own are its session's, whoever it names."""
    now = clock.now()
    rows = [of_its_session(row) for row in given] if speaker.is_of_a_session else given
    if speaker.most_lines is not None and sum(map(lines_of, rows)) > speaker.most_lines:
        raise InvalidError(f"A browser's events name {speaker.most_lines:,} products at most in one request.")
    report = IngestReport()
    parse = partial(parse_events, now=now, future_hours=speaker.future_hours)
    async for part, parsed in parsed_parts(rows, lines_of, parse):
        caller, sifted = _sift(speaker, parsed)
        shown = caller.shown_session(request)
        if shown:
            response.headers[TOKEN_HEADER] = shown.renewed
        is_private = request.headers.get("Sec-GPC") == "1"
        if is_private and part.start == 0:
            caller.services.metrics.note_privacy_signal()
        told = {index: rows[index] for index in part}
        report += await _record(caller, told, sifted, now, shown, is_private=is_private)
    return report


async def _record(
    caller: Caller,
    rows: Mapping[int, Any],
    parsed: Parsed[Interaction],
    now: datetime,
    shown: ShownSession | None,
    *,
    is_private: bool,
) -> IngestReport:
    """Record some rows, by position: first what they say of consent, then their events."""
    not_linked = await propose_links(caller, rows, now)
    told = parsed.values
    is_public = caller.key.is_restricted
    if is_public:
        taken = {index for index, _ in parsed.rows}
        rows = {index: row for index, row in rows.items() if index in taken}
        told = [_as_kept(caller, one, shown) for one in told]
    named = await caller.services.resolver.name(caller.tenant, told)
    before = parsed.values if is_public else named
    kept_as = {one.identity_id: kept.identity_id for one, kept in zip(before, named, strict=True)}
    refused = await _hear_consents(caller, rows, now, kept_as, shown, is_private=is_private)
    withdrawn = withdrawals_of(named)
    await record_consents(caller.services.consents, caller.tenant, withdrawn, caller.actor, in_bulk=False)
    recorded = await record_events(caller.services.events, caller.tenant, named, is_public=is_public)
    report = replace(recorded, errors=_told_once(parsed.errors, refused, not_linked))
    caller.services.metrics.note_events(report)
    return report


def _sift(speaker: Speaker, parsed: Parsed[Interaction]) -> tuple[Caller, Parsed[Interaction]]:
    """Refuse the rows that a key may not speak for; whom identifiers name is not even looked up for it."""
    caller, kept, refused = speaker.sift(parsed.rows, _may_tell)
    errors = [RowError(index, "", _NOT_OWN) for index, _ in refused]
    if caller.key.is_restricted:
        errors += [RowError(index, "", _SERVERS_ONLY) for index, one in kept if one.type in _OF_SERVERS]
        kept = [(index, replace(one, trust=PAGE)) for index, one in kept if one.type not in _OF_SERVERS]
    errors = list(dict.fromkeys(errors))
    return caller, replace(parsed, rows=kept, errors=sorted([*parsed.errors, *errors], key=lambda error: error.index))


def _may_tell(key: ApiKey, row: tuple[int, Interaction]) -> bool:
    told = row[1]
    named = None if _is_anonymous(told) else told.identity_id
    return not told.identifiers and told.account_id is None and key.speaks_for(named, told.session_id)


def _is_anonymous(told: Interaction) -> bool:
    return told.session_id is not None and told.identity_id == anonymous_identity(told.session_id, told.id)


def _as_kept(caller: Caller, told: Interaction, shown: ShownSession | None) -> Interaction:
    """Keep what a page or a bound key tells from filling a session, or taking the place of an event, of others."""
    kept = told
    if told.session_id is not None:
        session_id = caller.session_of(told.session_id, shown)
        whose = anonymous_identity(session_id, told.id) if _is_anonymous(told) else told.identity_id
        kept = replace(told, session_id=session_id, identity_id=whose)
    return replace(kept, id=own_event_id(kept.identity_id, told.id))


async def _hear_consents(
    caller: Caller,
    rows: Mapping[int, Any],
    now: datetime,
    kept_as: Mapping[str, str],
    shown: ShownSession | None,
    *,
    is_private: bool,
) -> list[RowError]:
    """Record what rows, by position, say of consent; why some of it could not be read.

    ``kept_as`` has the identities that the rows speak of, and under which id their events are kept.
    """
    rules = await caller.services.rules.read(caller.tenant)
    positions = list(rows)
    said = parse_event_signals([*rows.values()], now, caller.services.future_hours, rules.consent_categories)
    said = said.relocated(lambda position, field: (positions[position], field))
    signals = _credible(caller, said.values, kept_as, shown)
    if is_private:
        whose = {*kept_as, *kept_as.values()}
        signals = [*map(keep_private, signals), *(privacy_signal(id_, now) for id_ in sorted(whose))]
    await hear_signals(caller.services.consents, caller.tenant, signals, caller.actor)
    return said.errors


def _credible(
    caller: Caller, signals: list[Signal], kept_as: Mapping[str, str], shown: ShownSession | None
) -> list[Signal]:
    """Leave what a key may say of consent: its own, and of a page's session without its token only what is denied.

    That is denied to the session of that name, which may be the page's own after all, and to the one kept apart.
    """
    if not caller.key.is_restricted:
        return signals
    mine = [signal for signal in signals if signal.identity_id in kept_as]
    if not caller.is_page:
        return mine
    proven = anonymous_identity(shown.session_id, "") if shown else None
    credible = [signal for signal in mine if signal.identity_id == proven]
    doubtful = [denials_of(signal) for signal in mine if signal.identity_id != proven]
    apart = [replace(signal, identity_id=kept_as[signal.identity_id]) for signal in doubtful]
    return [*credible, *doubtful, *apart]


def _told_once(*parts: Sequence[RowError]) -> tuple[RowError, ...]:
    """What is wrong with a row, by position; what two readers of it found is told once."""
    found = dict.fromkeys(error for part in parts for error in part)
    return tuple(sorted(found, key=lambda error: error.index))
