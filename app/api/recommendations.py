"""The main call: an identity asks, the graph answers."""

import time
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter, Request, Response
from pydantic import Field, model_validator
from pydantic_core import to_json

from app.api.bodies import Body
from app.api.deps import TOKEN_HEADER, Asking, Caller, Speaker
from app.api.document import PRIVACY_SIGNAL, RENEWED, SESSION_TOKEN
from app.api.errors import PROBLEM_RESPONSES, problems
from app.api.recommendation_answers import RecommendationAnswer, render_recommendation
from app.api.shelf import Ids, PinBody, ShelfBody, Word
from app.domain import clock
from app.domain.channels import Channel
from app.domain.errors import NotFoundError
from app.domain.models import Purpose
from app.domain.recommendation import (
    Context,
    RecommendationRequest,
)
from app.intake.fields import Id, MaybeId
from app.intake.identifiers import MAX_IDENTIFIERS, IdentifierRow
from app.recommend.session import SessionQuestion

router = APIRouter(prefix="/v1/recommendations", tags=["recommendations"], responses=PROBLEM_RESPONSES)


class ContextBody(Body):
    """What the page shows."""

    cart: Ids = ()
    viewing: Ids = ()
    categories: Annotated[tuple[Word, ...], Field(max_length=100)] = ()


class RecommendationBody(ShelfBody):
    """One question: of an identity, of whoever is at the keyboard of a session, beside products, or of anybody.

    Beside a `session_id`, `account_id`, `identifiers` and `identity_id` are hints: where several use the login, whose
    session it is shows in what is done in it, and in doubt it is nobody's. An `identity_id` alone is asserted.
    """

    identity_id: MaybeId = None
    identifiers: Annotated[
        tuple[IdentifierRow, ...],
        Field(max_length=MAX_IDENTIFIERS, description="Whom they name is asked; in doubt it is nobody."),
    ] = ()
    account_id: Annotated[
        MaybeId, Field(description="The login. Without a session it names somebody only where one identity uses it.")
    ] = None
    session_id: MaybeId = None
    product_ids: Ids = ()
    purpose: Purpose = "personalise_content"
    channel: Channel = "web"
    placement: Word = "home"
    scenario: Annotated[
        Word | None,
        Field(description="Name of a scenario: it says what this question leaves out. 404 when none is called so."),
    ] = None
    offset: Annotated[
        int, Field(ge=0, le=1000, description="Places before the first one of this page; no page repeats another.")
    ] = 0
    context: ContextBody = ContextBody()
    exclude: Annotated[tuple[Id, ...], Field(max_length=1000)] = ()
    explain: bool = False

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.identity_id is not None and self.identifiers:
            raise ValueError("name identity_id or identifiers")
        if self.product_ids and (self.identity_id or self.identifiers or self.account_id or self.session_id):
            raise ValueError("name product_ids alone; what the page shows beside a subject is context.viewing")
        return self

    def to_request(self, now: datetime) -> RecommendationRequest:
        """Say the same in the words of the domain, with the pins that hold ``now``."""
        return RecommendationRequest(
            identity_id=self.identity_id,
            session_id=self.session_id,
            product_ids=self.product_ids,
            purpose=self.purpose,
            channel=self.channel,
            placement=self.placement,
            limit=self.limit,
            offset=self.offset,
            shelf=self.shelf,
            recommend=self.recommend,
            variants=self.variants,
            attributes=self.attributes,
            context=Context(self.context.cart, self.context.viewing, self.context.categories),
            exclude=self.exclude,
            rules=tuple(rule.to_rule() for rule in self.rules),
            diversity=self.diversity,
            explain=self.explain,
            sources=self.sources,
            fallback=self.fallback,
            objective=self.objective,
            scenario=self.scenario,
            pins=tuple(pin for pin in map(PinBody.to_pin, self.pins) if pin.is_valid(now)),
        )


_HEADERS = {"Cache-Control": "private, no-store"}


# Reading one header by hand saves a tenth of the time that the hot path takes.
@router.post(
    "",
    response_model=RecommendationAnswer,
    responses={**RENEWED, **problems(404)},
    openapi_extra={"parameters": [PRIVACY_SIGNAL, SESSION_TOKEN]},
)
async def recommend(speaker: Asking, body: RecommendationBody, request: Request) -> Response:
    """Recommend products to an identity, a session, beside products, or to anybody.

    A page that asks with a browser key is answered from a session only with its token; without, whatever session it
    names, it gets the answer of anybody.
    """
    started = time.perf_counter()
    caller, asked = await question_of(speaker, body)
    shown = caller.shown_session(request)
    if caller.is_page and asked.session_id is not None:
        meant = caller.session_of(asked.session_id, shown)
        asked = replace(asked, session_id=meant if shown and meant == shown.session_id else None)
    if request.headers.get("Sec-GPC") == "1":
        caller.services.metrics.note_privacy_signal()
        if asked.identity_id is not None and asked.method != "posterior":
            caller.services.privacy_signals.note(caller.tenant, asked.identity_id, caller.actor)
    answer = await caller.services.recommender.answer(caller.tenant, asked)
    caller.services.metrics.note_recommendation((item.source for item in answer.items), time.perf_counter() - started)
    # The hot path: one dump of a plain dict, no second validation.
    headers = {**_HEADERS, TOKEN_HEADER: shown.renewed} if shown else _HEADERS
    return Response(to_json(render_recommendation(answer)), 200, headers, "application/json")


async def question_of(speaker: Speaker, body: RecommendationBody) -> tuple[Caller, RecommendationRequest]:
    """Say in the words of the domain what is asked, and for whom; 403 for whom the key may not speak for."""
    has_hints = bool(body.identifiers) or body.account_id is not None
    caller = speaker.speak_for(body.identity_id, body.session_id, has_identifiers=has_hints)
    filled = await _with_scenario(caller, body)
    who = await _asked_of(caller, body, filled.to_request(clock.now()))
    return caller, await _in_experiment(caller, body, who)


async def _asked_of(caller: Caller, body: RecommendationBody, asked: RecommendationRequest) -> RecommendationRequest:
    """Ask for whom the hints name, or for nobody."""
    if body.identifiers:
        who = await caller.services.resolver.resolve_one(caller.tenant, (row.given for row in body.identifiers))
        asked = replace(asked, identity_id=who.identity_id, method=who.method)
    if body.account_id is None and (asked.session_id is None or asked.identity_id is None):
        return asked
    if caller.key.is_restricted:  # it speaks for this identity alone, whoever is at the keyboard
        return replace(asked, session_id=None)
    return await _attribute(caller, asked, body.account_id)


async def _in_experiment(
    caller: Caller, body: RecommendationBody, asked: RecommendationRequest
) -> RecommendationRequest:
    """Ask as the arm of whoever is named says, where an experiment is on the scenario.

    Whom identifiers or a session name takes no part: whether they name anybody would show in the arm.
    """
    if body.scenario is None or asked.identity_id is None or asked.method != "asserted" or asked.confidence is not None:
        return asked
    found = await caller.services.experiments.assign(caller.tenant, body.scenario, asked.identity_id)
    if found is None:
        return asked
    assigned, scenario = found
    if scenario != body.scenario:
        try:
            other = await _with_scenario(caller, body.model_copy(update={"scenario": scenario}))
        except NotFoundError:  # the scenario is gone since: nobody is shown that arm, as the split will tell
            return asked
        who = {"identity_id": asked.identity_id, "session_id": asked.session_id}
        asked = replace(other.to_request(clock.now()), **who)
    return replace(asked, experiment=assigned)


async def _attribute(caller: Caller, asked: RecommendationRequest, account_id: str | None) -> RecommendationRequest:
    """Ask for whoever is at the keyboard, or for nobody."""
    context_ids = tuple(dict.fromkeys((*asked.context.viewing, *asked.context.cart)))
    question = SessionQuestion(asked.session_id, account_id, asked.identity_id, context_ids, asked.channel)
    who = await caller.services.attributor.find(caller.tenant, question)
    if who.method == "asserted" and who.identity_id == asked.identity_id:
        return asked  # nobody else uses the login
    return replace(asked, identity_id=who.identity_id, method=who.method, confidence=who.confidence)


async def _with_scenario(caller: Caller, body: RecommendationBody) -> RecommendationBody:
    """Return the question with what its scenario says of the fields that it leaves out."""
    if body.scenario is None:
        return body
    scenario = await caller.services.scenarios.find(caller.tenant, body.scenario)
    said = ShelfBody.model_validate(scenario.fields)
    return body.model_copy(update={name: getattr(said, name) for name in said.model_fields_set - body.model_fields_set})
