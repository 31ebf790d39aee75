"""Bodies that come packed (``Content-Encoding: gzip``), unpacked piece by piece, so that limits see what comes out."""

import zlib

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_PIECE = 64 * 1024
_GZIP = 31
"""zlib's number for a window of 32 KiB in gzip's frame."""


class PackedBodies:
    """Lets everything behind it read what was packed; nothing is unpacked before somebody reads."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on with its body as it was; 415 for another packing than gzip."""
        if scope["type"] == "http" and (packing := _packing(scope)) not in ("", "identity"):
            if packing not in ("gzip", "x-gzip"):
                detail = "Send the body as it is, or with Content-Encoding: gzip."
                raise HTTPException(415, detail, {"Accept-Encoding": "gzip"})
            # In place: who wrote the scope looks into it again.
            scope["headers"] = [
                one for one in scope["headers"] if one[0] not in (b"content-encoding", b"content-length")
            ]
            receive = _Unpacking(receive).receive
        await self._app(scope, receive, send)


class _Unpacking:
    """One body; 400 for what is not gzip, breaks off or goes on behind its end."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._unpack = zlib.decompressobj(_GZIP)
        self._packed = b""
        self._is_all_here = False
        self._is_over = False

    async def receive(self) -> Message:
        """Return the next piece of the body; what comes behind it as it comes."""
        while not self._is_over:
            if not self._packed and not self._is_all_here:
                message = await self._receive()
                if message["type"] != "http.request":
                    return message
                self._packed, self._is_all_here = message.get("body", b""), not message.get("more_body", False)
            piece = self._next_piece()
            self._is_over = self._is_all_here and not self._packed and len(piece) < _PIECE
            if self._is_over and not self._unpack.eof:
                raise HTTPException(400, "The gzip body breaks off.")
            if piece or self._is_over:
                return {"type": "http.request", "body": piece, "more_body": not self._is_over}
        return await self._receive()

    def _next_piece(self) -> bytes:
        try:
            piece = self._unpack.decompress(self._packed, _PIECE)
        except zlib.error as error:
            raise HTTPException(400, "The body is not gzip, though Content-Encoding says so.") from error
        if self._unpack.unused_data:
            raise HTTPException(400, "The body goes on behind the end of its gzip.")
        self._packed = self._unpack.unconsumed_tail
        return piece


def _packing(scope: Scope) -> str:
    found = (value for name, value in scope["headers"] if name == b"content-encoding")
    return next(found, b"").decode("latin-1").strip().lower()
