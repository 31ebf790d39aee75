"""The rows of a graph on their way into files and back: JSON Lines, packed, in constant memory."""

import asyncio
import gzip
import zlib
from collections.abc import AsyncGenerator, Callable
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

from pydantic_core import from_json, to_json

from app.domain.errors import InvalidError
from app.domain.progress import Progress
from app.services.backup_file import NODES, RELATIONSHIPS

PortableRow = list[Any]
_PAGE = 5_000
_LEVEL = 3
"""Of gzip: half as large as it may be, and several times as fast."""


class Source(Protocol):
    """A graph that is read."""

    def nodes(self) -> AsyncGenerator[list[PortableRow]]:
        """Yield its nodes, page by page."""
        ...

    def relationships(self) -> AsyncGenerator[list[PortableRow]]:
        """Yield its relationships, page by page, after the nodes."""
        ...


class Target(Protocol):
    """A graph that is filled."""

    async def write_nodes(self, rows: list[PortableRow]) -> None:
        """Add nodes, in the order in which they were read."""
        ...

    async def write_relationships(self, rows: list[PortableRow]) -> None:
        """Add relationships between nodes that are there."""
        ...


async def dump(source: Source, folder: Path, expected: tuple[int, int], progress: Progress) -> tuple[int, int]:
    """Write the graph into two files of ``folder``; how many nodes and relationships it has.

    ``expected`` is about as many, for whoever watches.
    """
    with progress.step("Nodes", expected[0], "nodes") as step:
        nodes = await _write(source.nodes(), folder / NODES, step.advance)
        step.reset(nodes)
    with progress.step("Relationships", expected[1], "relationships") as step:
        relationships = await _write(source.relationships(), folder / RELATIONSHIPS, step.advance)
        step.reset(relationships)
    return nodes, relationships


async def load(target: Target, folder: Path, expected: tuple[int, int], progress: Progress) -> None:
    """Fill a graph out of the two files; ``InvalidError`` when they hold another number of rows than ``expected``."""
    with progress.step("Nodes", expected[0], "nodes") as step:
        async for page in read_rows(folder / NODES, expected[0]):
            await target.write_nodes(page)
            step.advance(len(page))
    with progress.step("Relationships", expected[1], "relationships") as step:
        async for page in read_rows(folder / RELATIONSHIPS, expected[1]):
            await target.write_relationships(page)
            step.advance(len(page))


async def _write(pages: AsyncGenerator[list[PortableRow]], path: Path, advance: Callable[[float], None]) -> int:
    number = 0
    with gzip.GzipFile(path, "wb", _LEVEL) as file:
        async for page in pages:
            await asyncio.to_thread(_write_page, file, page)
            number += len(page)
            advance(len(page))
    return number


def _write_page(file: gzip.GzipFile, rows: list[PortableRow]) -> None:
    file.write(b"".join(b"%b\n" % to_json(row, inf_nan_mode="constants") for row in rows))


async def read_rows(path: Path, expected: int) -> AsyncGenerator[list[PortableRow]]:
    """Yield the rows of a file, page by page; the next one is read in a thread meanwhile.

    ``InvalidError`` when there is another number of them than ``expected``, or what are no rows.
    """
    number = 0
    with gzip.GzipFile(path, "rb") as file:
        coming = asyncio.ensure_future(asyncio.to_thread(_next_page, file))
        try:
            while page := await coming:
                coming = asyncio.ensure_future(asyncio.to_thread(_next_page, file))
                number += len(page)
                yield page
        finally:
            await asyncio.gather(coming, return_exceptions=True)
    if number != expected:
        raise InvalidError(f"The file holds {number:,} rows in {path.name} where it should hold {expected:,}.")


def _next_page(file: gzip.GzipFile) -> list[PortableRow]:
    try:
        return [from_json(line) for line in islice(file, _PAGE)]
    except (ValueError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InvalidError(f"{Path(file.name).name} holds what are no rows.") from error
