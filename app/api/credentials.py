"""Where a request shows its key: in ``X-API-Key``, and on the routes of tags also where these put it."""

import binascii
import re
from base64 import b64decode

from starlette.exceptions import HTTPException
from starlette.types import Message, Receive, Scope

from app.api.tag_paths import BASIC_OR_BODY

KEY_HEADER = b"x-api-key"

_WRITE_KEY = re.compile(rb'"writeKey"\s*:\s*"([\w-]{1,200})"')


async def shown_key(scope: Scope, receive: Receive, most_bytes: int) -> tuple[str, Receive]:
    """Return the key that a request shows, "" for none, and how its body is read from now on.

    A body is read for its ``writeKey`` only where no header shows a key, and no further than ``most_bytes``: 413.
    """
    path: str = scope["path"]
    key = header_of(scope, KEY_HEADER)
    if key or path not in BASIC_OR_BODY:
        return key, receive
    if key := _basic_user(header_of(scope, b"authorization")):
        return key, receive
    body = await _read(receive, most_bytes)
    found = _WRITE_KEY.search(body)
    return found[1].decode("ascii", "replace") if found else "", _again(body, receive)


def header_of(scope: Scope, wanted: bytes) -> str:
    """Return a header's value; "" when it was not sent."""
    return next((value for name, value in scope["headers"] if name == wanted), b"").decode("latin-1")


def _basic_user(authorization: str) -> str:
    """Return the user of Basic auth; "" for anything else."""
    kind, _, coded = authorization.partition(" ")
    if kind.lower() != "basic":
        return ""
    try:
        return b64decode(coded.strip(), validate=True).decode().partition(":")[0]
    except (binascii.Error, ValueError):
        return ""


async def _read(receive: Receive, most_bytes: int) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > most_bytes:
            raise HTTPException(413, f"A body that holds its own key has {most_bytes:,} bytes at most.")
        if message["type"] != "http.request" or not message.get("more_body", False):
            return bytes(body)


def _again(body: bytes, receive: Receive) -> Receive:
    """Read a body that was read already; what comes behind it as it comes."""
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive_again() -> Message:
        return messages.pop() if messages else await receive()

    return receive_again
