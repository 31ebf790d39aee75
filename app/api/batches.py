"""Large batches: read, parsed and written in parts, so that no other caller waits for a whole one."""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator, Sequence, Sized
from typing import Any, TypeVar, cast

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from app.api.bodies import BATCH_LIMIT
from app.intake.batches import Parsed
from app.intake.json_slices import SLICE, TooLargeError, read_json

Value = TypeVar("Value")

WEIGHT_OF_A_PART = 1_000
"""Lines, tags or identifiers that are parsed in one go: some milliseconds."""

_WEIGHT_OF_A_ROW = 10


class BatchRequest(Request):
    """A request whose JSON is read slice by slice where it is large."""

    async def json(self) -> Any:
        """Decode the body, once."""
        if not hasattr(self, "_json"):
            body = await self.body()
            self._json = json.loads(body) if len(body) <= SLICE else await _read(body)
        return self._json


class BatchRoute(APIRoute):
    """A route that takes large bodies from a server's key; all others take no more than of a request without a key."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Let the body be read in slices."""
        handler = super().get_route_handler()

        async def answer(request: Request) -> Response:
            return await handler(BatchRequest(request.scope, request.receive))

        return answer


class TagRoute(BatchRoute):
    """A route for tags: whatever they call their body, it is JSON (browsers send `text/plain` to ask no leave)."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Let the body be read as JSON."""
        handler = super().get_route_handler()

        async def answer(request: Request) -> Response:
            others = [one for one in request.scope["headers"] if one[0] != b"content-type"]
            scope = {**request.scope, "headers": [*others, (b"content-type", b"application/json")]}
            return await handler(Request(scope, request.receive))

        return answer


async def parsed_parts(
    rows: Sequence[Any], weigh: Callable[[Any], int], parse: Callable[[Sequence[Any]], Parsed[Value]]
) -> AsyncGenerator[tuple[range, Parsed[Value]]]:
    """Yield a batch part by part: the positions of its rows, and what they hold, located in the whole batch.

    Rows are emptied when the next part is asked for: to free half a million objects at once stops everybody too.
    """
    for part in _parts(rows, weigh):
        parsed = parse(rows[part.start : part.stop])
        yield part, parsed.relocated(lambda position, field, first=part.start: (first + position, field))
        for position in part:
            if isinstance(row := rows[position], dict):
                cast("dict[str, Any]", row).clear()
        await asyncio.sleep(0)


def weight_of(row: Any, field: str) -> int:
    """What a row weighs in a part: ten fields and what stands in its longest list, ``field``."""
    value: Any = cast("dict[str, Any]", row).get(field) if isinstance(row, dict) else None
    return _WEIGHT_OF_A_ROW + (len(cast("Sized", value)) if isinstance(value, (list, str)) else 0)


def _parts(rows: Sequence[Any], weigh: Callable[[Any], int]) -> Iterator[range]:
    start, weight = 0, 0
    for position, row in enumerate(rows):
        more = weigh(row)
        if position > start and weight + more > WEIGHT_OF_A_PART:
            yield range(start, position)
            start, weight = position, 0
        weight += more
    yield range(start, len(rows))


async def _read(body: bytes) -> Any:
    try:
        return await read_json(body, BATCH_LIMIT)
    except TooLargeError as error:
        raise HTTPException(413, str(error)) from error
