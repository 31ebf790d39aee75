"""Reads a large JSON document slice by slice, so that whoever else waits for this process goes on meanwhile.

A decoder that is given 16 MB at once works on them for a third of a second, and in a thread as well, since it keeps
the interpreter to itself. Here the members of the outermost object, and the elements of a list in it, are decoded one
by one, and between slices the event loop has its turn.
"""

import asyncio
import json
import re
from json import JSONDecodeError
from typing import Any

SLICE = 65_536
"""Characters that are decoded between two turns of the event loop."""

LONGEST_VALUE = 262_144
"""Characters of one element or member: it is decoded, and validated, in one go."""

MOST_MEMBERS = 1_000
"""Members of the outermost object."""

_BLANK = re.compile(r"[ \t\n\r]*")
_AFTER = re.compile(r"[ \t\n\r,:\]}]")


class TooLargeError(ValueError):
    """The document is no more than some bytes, and still one of its parts is too large; says which."""


async def read_json(body: bytes, most_elements: int) -> Any:
    """Decode a document as ``json.loads`` does; of an outer list no more than ``most_elements + 1`` are kept.

    Raises ``JSONDecodeError`` for what is not JSON, ``TooLargeError`` for a value or object beyond the limits.
    """
    text = body.decode(json.detect_encoding(body), "surrogatepass")
    return await _Reader(text, most_elements).read_document()


class _Reader:
    def __init__(self, text: str, most_elements: int) -> None:
        self._text = text
        self._most_elements = most_elements
        self._at = 0
        self._decoder = json.JSONDecoder()
        self._window_at = 0
        self._window = text[:SLICE]

    async def read_document(self) -> Any:
        document = await (self._read_object() if self._peek() == "{" else self._read_member())
        if self._peek():
            raise JSONDecodeError("Extra data", self._text, self._at)
        return document

    async def _read_object(self) -> dict[str, Any]:
        members: dict[str, Any] = {}
        self._at += 1
        if self._peek() == "}":
            self._at += 1
            return members
        while True:
            if self._peek() != '"':
                raise JSONDecodeError("Expecting property name enclosed in double quotes", self._text, self._at)
            name = await self._read_value()
            self._expect(":")
            members[name] = await self._read_member()
            if len(members) > MOST_MEMBERS:
                raise TooLargeError(f"The body is an object with more than {MOST_MEMBERS:,} members.")
            if not self._goes_on("}"):
                return members

    async def _read_member(self) -> Any:
        return await (self._read_list() if self._peek() == "[" else self._read_value())

    async def _read_list(self) -> list[Any]:
        elements: list[Any] = []
        self._at += 1
        if self._peek() == "]":
            self._at += 1
            return elements
        while True:
            self._peek()
            element = await self._read_value()
            if len(elements) <= self._most_elements:  # one too many is kept: it is for the shape to refuse
                elements.append(element)
            if not self._goes_on("]"):
                return elements

    async def _read_value(self) -> Any:
        """Decode the value that begins here; where the window ends in it, a new one is cut, larger the second time."""
        while True:
            is_last = self._window_at + len(self._window) >= len(self._text)
            try:
                value, end = self._decoder.raw_decode(self._window, self._at - self._window_at)
            except JSONDecodeError as error:
                if is_last:
                    raise JSONDecodeError(error.msg, self._text, self._window_at + error.pos) from None
            else:
                if is_last or _AFTER.match(self._window, end):  # else a number may go on
                    self._at = self._window_at + end
                    return value
            await self._cut_window()

    async def _cut_window(self) -> None:
        is_second = self._window_at == self._at and len(self._window) <= SLICE
        if self._window_at == self._at and not is_second:
            raise TooLargeError(f"One value of the body has more than {LONGEST_VALUE:,} characters, or is not JSON.")
        self._window_at = self._at
        self._window = self._text[self._at : self._at + (LONGEST_VALUE if is_second else SLICE)]
        await asyncio.sleep(0)

    def _peek(self) -> str:
        """Skip what is blank; the character there, "" at the end."""
        if match := _BLANK.match(self._text, self._at):
            self._at = match.end()
        return self._text[self._at : self._at + 1]

    def _expect(self, character: str) -> None:
        if self._peek() != character:
            raise JSONDecodeError(f"Expecting {character!r} delimiter", self._text, self._at)
        self._at += 1

    def _goes_on(self, closing: str) -> bool:
        """Pass the comma, or the end."""
        if self._peek() == closing:
            self._at += 1
            return False
        self._expect(",")
        return True
