"""A packed body is unpacked as it is read, and no further than somebody reads."""

import gzip
import zlib
from collections.abc import Sequence

import pytest
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive, Scope, Send

from app.api.packed_bodies import PackedBodies

BODY = b'{"batch": []}' * 20_000


async def read(pieces: Sequence[bytes], encoding: str = "gzip", most: int | None = None) -> bytes:
    """What an app reads of a request that comes in pieces."""
    coming = [{"type": "http.request", "body": one, "more_body": True} for one in pieces]
    coming[-1]["more_body"] = False
    found = bytearray()

    async def receive() -> Message:
        return coming.pop(0) if coming else {"type": "http.disconnect"}

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        assert b"content-encoding" not in dict(scope["headers"])
        while True:
            message = await receive()
            found.extend(message["body"])
            assert len(message["body"]) <= 65_536
            if not message["more_body"] or (most is not None and len(found) > most):
                return

    async def send(_: Message) -> None: ...

    headers = [(b"content-encoding", encoding.encode()), (b"content-length", b"5")]
    await PackedBodies(app)({"type": "http", "headers": headers}, receive, send)
    return bytes(found)


@pytest.mark.parametrize("size", [1, 100, 10**6])
@pytest.mark.parametrize("body", [b"", b"x", BODY, b"\0" * 65_536, b"\0" * 131_072])
async def test_what_is_read_is_what_was_packed(body: bytes, size: int) -> None:
    packed = gzip.compress(body)

    assert await read([packed[at : at + size] for at in range(0, len(packed), size)]) == body


async def test_a_small_body_that_grows_is_unpacked_no_further_than_it_is_read() -> None:
    bomb = gzip.compress(b"\0" * 10**8)

    assert len(await read([bomb], most=100_000)) <= 200_000


@pytest.mark.parametrize(
    ("packed", "sentence"),
    [
        (BODY, "is not gzip"),
        (gzip.compress(BODY)[:-9], "breaks off"),
        (gzip.compress(BODY) + b"more", "goes on behind"),
        (zlib.compress(BODY), "is not gzip"),
        (b"", "breaks off"),
    ],
)
async def test_what_is_not_gzip_is_a_400(packed: bytes, sentence: str) -> None:
    with pytest.raises(HTTPException, match=sentence) as refused:
        await read([packed])

    assert refused.value.status_code == 400


async def test_another_packing_is_a_415_that_says_which_one_is_taken() -> None:
    with pytest.raises(HTTPException) as refused:
        await read([BODY], "br")

    assert (refused.value.status_code, refused.value.headers) == (415, {"Accept-Encoding": "gzip"})
