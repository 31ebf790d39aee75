"""Where a request shows its key: in ``X-API-Key``, and on the routes of tags also where these put it."""

import binascii
import re
from base64 import b64decode
from urllib.parse import urlsplit

from starlette.datastructures import QueryParams
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive, Scope

from app.api.tag_paths import BASIC_OR_BODY, COLLECTORS, IN_THE_PATH

KEY_HEADER = b"x-api-key"

_LEADING_KEY = re.compile(r"/((?:pk|plural)_[\w-]{1,200})(/.*)", re.ASCII)
_WRITE_KEY = re.compile(rb'"writeKey"\s*:\s*"([\w-]{1,200})"')


async def shown_key(scope: Scope, receive: Receive, most_bytes: int) -> tuple[str, Receive]:
    """Return the key that a request shows, "" for none, and how its body is read from now on.

    A body is read for its ``writeKey`` only where no header shows a key, and no further than ``most_bytes``: 413.
    """
    key = header_of(scope, KEY_HEADER)
    path: str = scope["path"]
    if path in COLLECTORS:
        return key or _in_address(scope, COLLECTORS[path]), receive
    if key or path not in BASIC_OR_BODY:
        return key, receive
    if key := _basic_user(header_of(scope, b"authorization")):
        return key, receive
    body = await _read(receive, most_bytes)
    found = _WRITE_KEY.search(body)
    return found[1].decode("ascii", "replace") if found else "", _again(body, receive)


def take_leading_key(scope: Scope) -> None:
    """Take a key that stands before a collector's path out of the path, to where a query would hold it."""
    found = _LEADING_KEY.fullmatch(scope["path"])
    if found is not None and found[2] in IN_THE_PATH:
        scope["path"] = found[2]
        scope["raw_path"] = found[2].encode()
        scope["query_string"] = b"&".join((f"key={found[1]}".encode(), scope["query_string"]))


def origin_of(scope: Scope) -> str:
    """Return the origin of the page that asks, "" where none does that can be read.

    A picture's request names it as its referrer.
    """
    origin = header_of(scope, b"origin")
    if origin or scope["path"] not in COLLECTORS:
        return origin
    try:
        referrer = urlsplit(header_of(scope, b"referer"))
    except ValueError:
        return ""
    return f"{referrer.scheme}://{referrer.netloc}" if referrer.netloc else ""


def header_of(scope: Scope, wanted: bytes) -> str:
    """Return a header's value; "" when it was not sent."""
    return next((value for name, value in scope["headers"] if name == wanted), b"").decode("latin-1")


def _in_address(scope: Scope, name: str) -> str:
    return next((value for key, value in QueryParams(scope["query_string"]).multi_items() if key == name), "")


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
