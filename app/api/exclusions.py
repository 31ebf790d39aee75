"""What an identity does not want to be recommended, or to be known by: "not my taste"."""

from typing import Annotated, Self

from fastapi import APIRouter, Query, Request, Response
from pydantic import AwareDatetime, Field, model_validator
from starlette.exceptions import HTTPException

from app.api.bodies import Answer, Body
from app.api.deps import TOKEN_HEADER, Caller, Excluding
from app.api.document import RENEWED, SESSION_TOKEN
from app.api.errors import PROBLEM_RESPONSES, problems
from app.domain.anonymous import anonymous_identity
from app.domain.exclusions import Excluding as What
from app.domain.exclusions import Exclusion, ExclusionKind
from app.intake.fields import Id, MaybeId
from app.services.exclusions import end_exclusion, exclude

router = APIRouter(
    prefix="/v1/identities/{identity_id}/exclusions",
    tags=["identities"],
    responses={**PROBLEM_RESPONSES, **problems(404)},
)

_EXTRA = {"parameters": [SESSION_TOKEN]}


class ExclusionBody(Body):
    """One of these; beside an order or an event `product_id` says that only this product of it is meant."""

    product_id: Annotated[MaybeId, Field(description="It, and its variants.")] = None
    brand: Annotated[MaybeId, Field(description="Its name, in any case.")] = None
    tag: Annotated[
        MaybeId, Field(description="Its name, or `facet:name`; `category:Home > Pets` holds what is below it, too.")
    ] = None
    microgenre_id: Annotated[MaybeId, Field(description="What is mostly of it.")] = None
    order_id: Annotated[MaybeId, Field(description="What was bought by it: a gift, somebody else's.")] = None
    event_id: Annotated[MaybeId, Field(description="The same of one event.")] = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        named = [self.brand, self.tag, self.microgenre_id, self.order_id, self.event_id]
        others = sum(one is not None for one in named)
        narrows = self.order_id is not None or self.event_id is not None
        if others + (self.product_id is not None and not narrows) != 1:
            raise ValueError("name one of product_id, brand, tag, microgenre_id, order_id and event_id")
        return self

    def what(self) -> What:
        """Say it in the words of the domain."""
        if self.brand is not None:
            return What("brand", self.brand.lower())
        if self.tag is not None:
            return What("tag", self.tag.lower())
        if self.microgenre_id is not None:
            return What("microgenre", self.microgenre_id)
        if self.order_id is not None:
            return What("order", self.order_id, self.product_id)
        if self.event_id is not None:
            return What("event", self.event_id, self.product_id)
        return What("product", str(self.product_id))


class ExclusionAnswer(Answer):
    """One exclusion; it counts until it is ended."""

    id: Annotated[str, Field(description="Ends it: `DELETE /v1/identities/{identity_id}/exclusions/{exclusion_id}`.")]
    kind: ExclusionKind
    value: Annotated[str, Field(description="Brands and tags in lower case.")]
    product_id: Annotated[str | None, Field(description="Of an order or event, only this product; null: all.")]
    at: AwareDatetime


class ExclusionPage(Answer):
    """Some of the exclusions, by id."""

    exclusions: list[ExclusionAnswer]
    next_after: Annotated[str | None, Field(description="Ask again with `after` set to this; null: that was all.")]


@router.post("", status_code=201, responses={**RENEWED, **problems(409)}, openapi_extra=_EXTRA)
async def post_exclusion(
    caller: Excluding, request: Request, response: Response, identity_id: Id, body: ExclusionBody
) -> ExclusionAnswer:
    """Exclude a product, brand, tag or microgenre, or one purchase; the very next answer knows.

    What is excluded is no evidence of taste any more, and all but a purchase's products are not shown to this identity.
    The same exclusion again is one. A page excludes for its own session alone, with the session's token. 409 beyond
    1,000 exclusions.
    """
    _check_session(caller, request, response, identity_id)
    store, tenant = caller.services.exclusions, caller.tenant
    kept = await exclude(store, tenant, identity_id, body.what(), caller.actor, of_page=caller.is_page)
    return _answer(kept)


@router.get("", responses=RENEWED, openapi_extra=_EXTRA)
async def read_exclusions(
    caller: Excluding,
    request: Request,
    response: Response,
    identity_id: Id,
    after: Annotated[Id | None, Query(description="`next_after` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> ExclusionPage:
    """List what an identity excludes."""
    _check_session(caller, request, response, identity_id)
    if not caller.is_page:
        await caller.services.describer.require(caller.tenant, identity_id)
    found = await caller.services.exclusions.list(caller.tenant, identity_id, after or "", limit)
    return ExclusionPage(
        exclusions=[_answer(one) for one in found], next_after=found[-1].id if len(found) == limit else None
    )


@router.delete("/{exclusion_id}", status_code=204, response_class=Response, responses=RENEWED, openapi_extra=_EXTRA)
async def delete_exclusion(
    caller: Excluding, request: Request, response: Response, identity_id: Id, exclusion_id: Id
) -> None:
    """End an exclusion; the very next answer is what it would be without."""
    _check_session(caller, request, response, identity_id)
    await end_exclusion(caller.services.exclusions, caller.tenant, identity_id, exclusion_id, caller.actor)


def _check_session(caller: Caller, request: Request, response: Response, identity_id: str) -> None:
    """Refuse a page (403) whatever is not its own session, shown by its token."""
    if not caller.is_page:
        return
    shown = caller.shown_session(request)
    if shown is None or identity_id != anonymous_identity(shown.session_id, ""):
        raise HTTPException(403, "A page speaks for `session:<id>` of its own session, with X-Session-Token.")
    response.headers[TOKEN_HEADER] = shown.renewed


def _answer(kept: Exclusion) -> ExclusionAnswer:
    what = kept.what
    return ExclusionAnswer(id=kept.id, kind=what.kind, value=what.value, product_id=what.product_id, at=kept.at)
