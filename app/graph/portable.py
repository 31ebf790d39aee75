"""A graph, or one shop of it, as rows that any database can take up again (cypher/backup/).

A node is ``[labels, plain, timed]`` and known by its place in the order of all, from 0; a relationship is
``[type, start, end, plain, timed]``, its ends by their places. ``plain`` holds what JSON knows, and points and bytes as
``{"point": [srid, x, y …]}`` and ``{"bytes": base64}``; ``timed`` holds dates, times and durations, alone and in lists,
as ``[name, type, text]``, so that a zone, an offset and a nanosecond stay what they are. The schema is no part of it.
"""

from base64 import b64decode, b64encode
from collections.abc import AsyncGenerator, Callable, Sequence
from typing import Any, cast

import numpy as np
from neo4j.spatial import CartesianPoint, Point, WGS84Point

from app.domain.errors import BusyError, SetupError
from app.graph.database import Database, Transaction

PAGE = 5_000
"""Rows that are read, or written in one transaction, at a time."""

PortableRow = list[Any]

_NATIVE = (str, int, float, bool)
_SRIDS: dict[int, type[Point]] = {7203: CartesianPoint, 9157: CartesianPoint, 4326: WGS84Point, 4979: WGS84Point}
_NOWHERE = -1
_LEFT = -2
"""Stays behind, and so does what hangs on it."""

Take = Callable[[PortableRow], PortableRow | None]
"""What becomes of a node's row; ``None`` where it stays behind."""


class PortableReader:
    """Reads all shops, or one; nodes first, whose places the relationships name. Memory: 8 bytes a node."""

    def __init__(self, db: Database, tenant: str | None = None, take: Take | None = None) -> None:
        """``take`` is asked of each node; by default all are taken as they are."""
        self._db = db
        self._tenant = tenant
        self._take: Take = take or _as_it_is
        self._places = np.full(1 << 16, _NOWHERE, np.int64)
        self._number = 0

    async def nodes(self) -> AsyncGenerator[list[PortableRow]]:
        """Yield the nodes, page by page (backup/read_nodes.cypher)."""
        async for page in self._db.stream("backup/read_nodes", PAGE, tenant=self._tenant):
            rows = [self._take([row["labels"], _encoded(row["plain"]), row["timed"]]) for row in page]
            for row, taken in zip(page, rows, strict=True):
                self._note(_number_of(row["element"]), is_taken=taken is not None)
            yield [row for row in rows if row is not None]

    async def relationships(self) -> AsyncGenerator[list[PortableRow]]:
        """Yield the relationships, page by page (backup/read_relationships.cypher).

        ``BusyError`` where one ends at a node that was not there before.
        """
        async for page in self._db.stream("backup/read_relationships", PAGE, tenant=self._tenant):
            rows = [
                [row["type"], self._place(row["start"]), self._place(row["end"]), _encoded(row["plain"]), row["timed"]]
                for row in page
            ]
            yield [row for row in rows if _LEFT not in (row[1], row[2])]

    def _note(self, number: int, *, is_taken: bool) -> None:
        while number >= len(self._places):
            self._places = np.concatenate([self._places, np.full(len(self._places), _NOWHERE, np.int64)])
        self._places[number] = self._number if is_taken else _LEFT
        self._number += is_taken

    def _place(self, element: str) -> int:
        number = _number_of(element)
        place = int(self._places[number]) if number < len(self._places) else _NOWHERE
        if place == _NOWHERE:
            raise BusyError("Somebody wrote to the database while it was being read: run this again.")
        return place


class PortableWriter:
    """Writes into a store, or a shop, that nobody else uses; nodes first. Memory: 8 bytes a node."""

    def __init__(self, db: Database, nodes: int, tenant: str = "") -> None:
        """``nodes`` is how many will come; ``tenant`` is the shop whose turn to write it takes."""
        self._db = db
        self._tenant = tenant
        self._numbers = np.full(nodes, _NOWHERE, np.int64)
        self._written = 0
        self._prefix = ""

    async def write_nodes(self, rows: Sequence[PortableRow]) -> None:
        """Create nodes, in one transaction (backup/create_nodes.cypher)."""
        given = [{"labels": labels, "plain": _decoded(plain), "timed": timed} for labels, plain, timed in rows]
        elements = (await self._write("backup/create_nodes", given))["elements"]
        self._prefix = elements[0][: elements[0].rindex(":") + 1]
        end = self._written + len(elements)
        self._numbers[self._written : end] = [_number_of(element) for element in elements]
        self._written = end

    async def write_relationships(self, rows: Sequence[PortableRow]) -> None:
        """Create relationships between nodes that are there, in one transaction.

        (backup/create_relationships.cypher)
        """
        given = [
            {
                "type": type_,
                "start": self._element(start),
                "end": self._element(end),
                "plain": _decoded(plain),
                "timed": timed,
            }
            for type_, start, end, plain, timed in rows
        ]
        made = (await self._write("backup/create_relationships", given))["made"]
        if made != len(given):
            raise SetupError("A relationship of the backup ends at a node that is not there.")

    async def _write(self, name: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
        async def work(transaction: Transaction) -> dict[str, Any]:
            return (await transaction.run(name, rows=rows))[0]

        return await self._db.transact(work, tenant=self._tenant)

    def _element(self, place: int) -> str:
        return f"{self._prefix}{self._numbers[place]}"


def _as_it_is(row: PortableRow) -> PortableRow:
    return row


def _number_of(element: str) -> int:
    """The node's number in its store, which ends its element id; both are good for as long as nobody writes."""
    return int(element[element.rindex(":") + 1 :])


def _encoded(plain: list[tuple[str, object]]) -> dict[str, object]:
    return {name: value if isinstance(value, _NATIVE) else _encode(value) for name, value in plain}


def _decoded(plain: dict[str, object]) -> dict[str, object]:
    return {name: value if isinstance(value, _NATIVE) else _decode(value) for name, value in plain.items()}


def _encode(value: object) -> object:
    match value:
        case str() | int() | float():
            return value
        case Point():
            return {"point": [value.srid, *cast("Sequence[float]", value)]}
        case bytes() | bytearray():
            return {"bytes": b64encode(value).decode()}
        case list():
            return [_encode(one) for one in cast("list[object]", value)]
        case _:
            raise SetupError(f"A property of type {type(value).__name__} cannot be backed up.")


def _decode(value: object) -> object:
    match value:
        case dict():
            [(kind, told)] = cast("dict[str, Any]", value).items()
            return _SRIDS[told[0]](told[1:]) if kind == "point" else b64decode(told)
        case list():
            return [_decode(one) for one in cast("list[object]", value)]
        case _:
            return value
