"""The link of a contact by which whoever got it is rid of the next one; it needs no key, its token is signed."""

from typing import Annotated

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, Field

from app.api.deps import ServicesDep
from app.api.errors import problems
from app.domain.channels import PURPOSE_OF, Channel
from app.domain.models import ConsentStatus, Purpose

router = APIRouter(prefix="/unsubscribe", tags=["channels"], responses=problems(404, 422, 503))

Token = Annotated[str, Path(min_length=1, max_length=2_100, description="`unsubscribe_token` of a decision.")]

_POLICY = "default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Unsubscribe</title></head>
<body><main><h1>Unsubscribe</h1>
<form method="post"><button>No more of this by {channel}</button></form></main></body>
</html>
"""


class Unsubscribed(BaseModel):
    """What is taken back."""

    channel: Channel
    purpose: Purpose
    status: Annotated[ConsentStatus, Field(description="What the channel's consent is from now on.")]


@router.post("/{token}")
async def unsubscribe(services: ServicesDep, token: Token) -> Unsubscribed:
    """Withdraw the consent to the channel that the token was handed out for; what the body says is not read.

    It may stand in a mail's `List-Unsubscribe`, with `List-Unsubscribe-Post: List-Unsubscribe=One-Click` (RFC 8058).
    """
    channel = await services.unsubscriber.use(token)
    return Unsubscribed(channel=channel, purpose=PURPOSE_OF[channel], status="withdrawn")


@router.get("/{token}", include_in_schema=False)
async def read_page(services: ServicesDep, token: Token) -> Response:
    """Answer a page with one button: programs that look at the links of a mail must not take anything back."""
    page = _PAGE.format(channel=services.unsubscriber.check(token).replace("_", " "))
    return Response(
        page, 200, {"Content-Security-Policy": _POLICY, "Cache-Control": "no-store"}, "text/html; charset=utf-8"
    )
