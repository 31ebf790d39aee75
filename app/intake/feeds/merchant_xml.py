"""Google Merchant feeds in XML: RSS 2.0 and Atom, with the prefix ``g:`` or, as many shops do, without."""

from collections.abc import Iterator
from pathlib import Path
from xml.parsers import expat

from app.domain.errors import InvalidError
from app.intake.batches import Unreadable
from app.intake.feeds.merchant import KEPT, attribute
from app.intake.feeds.notes import KNOWN, FeedNotes
from app.intake.feeds.source import open_unpacked
from app.intake.lines import Located

LONGEST_ITEM = 1 << 20
"""Characters of one product; what is longer is refused and not kept."""

_BLOCK_BYTES = 1 << 18
_ITEMS = frozenset({"item", "entry"})
_GOOGLE = "http://base.google.com/ns/1.0"
_ATOM = "http://www.w3.org/2005/Atom"
_OF_FEEDS = frozenset(
    {
        "guid", "pubdate", "author", "category", "comments", "enclosure", "source", "summary", "content", "updated",
        "published", "rights", "contributor",
    }
)  # fmt: skip
"""What RSS and Atom have in an entry of themselves."""

_TYPE_DEFINITION = (
    "has a document type definition, which no feed needs and with which a small file can become a huge one: leave out "
    "the line that begins with <!DOCTYPE."
)


def xml_rows(path: Path, encoding: str | None, notes: FeedNotes) -> Iterator[Located]:
    """Yield a row for each product, in constant memory.

    ``InvalidError`` for what is not well-formed, has a document type definition (entities that expand without end are
    declared in one), or holds no product.
    """
    reader = _Reader(path.name, encoding, notes)
    with open_unpacked(path) as content:
        for block in iter(lambda: content.read(_BLOCK_BYTES), b""):
            yield from reader.feed(block)
        yield from reader.feed(b"", final=True)
    if not reader.found:
        raise InvalidError(f"{path.name} holds no <item> and no <entry>: it is no feed of products.")


class _Reader:
    """Hears what expat sees; an item is a row as soon as it ends."""

    def __init__(self, file: str, encoding: str | None, notes: FeedNotes) -> None:
        self.found = False
        self._file = file
        self._notes = notes
        self._rows: list[Located] = []
        self._begin_item(0)
        self._names: dict[str, tuple[str, int] | None] = {}
        self._parser = expat.ParserCreate(encoding, " ")
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = self._refuse
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text

    def feed(self, block: bytes, *, final: bool = False) -> list[Located]:
        """Return the rows that end in a block."""
        try:
            self._parser.Parse(block, final)
        except (expat.ExpatError, LookupError) as error:
            raise InvalidError(f"{self._file} is no XML that can be read: {error}.") from error
        rows, self._rows = self._rows, []
        return rows

    def _begin_item(self, line: int) -> None:
        self._line = line
        self._depth = 0
        self._fields: dict[str, tuple[int, str]] = {}
        self._field: tuple[str, int] | None = None
        self._parts: list[str] = []
        self._length = 0

    def _refuse(self, *_: object) -> None:
        raise InvalidError(f"{self._file} {_TYPE_DEFINITION}")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if self._depth == 0:
            if name.rpartition(" ")[2] in _ITEMS:
                self.found = True
                self._begin_item(self._parser.CurrentLineNumber)
                self._depth = 1
            return
        self._depth += 1
        if self._depth == 2:
            self._field = self._names[name] if name in self._names else self._named(name)
            self._parts = [attributes["href"]] if "href" in attributes and attributes.get("rel") != "self" else []

    def _end(self, _: str) -> None:
        if self._depth == 2 and self._field is not None:
            self._keep(*self._field, "".join(self._parts).strip())
            self._field = None
        if self._depth == 1:
            self._rows.append(((self._line,), self._row()))
        self._depth = max(0, self._depth - 1)

    def _text(self, text: str) -> None:
        # Deeper ones are parts of a field, such as a country of shipping: they only show that it is there.
        if self._field is not None:
            self._length += len(text)
            if self._length <= LONGEST_ITEM:
                self._parts.append(text)

    def _keep(self, name: str, rank: int, text: str) -> None:
        """The best spelled one stands (``g:title`` before ``title``), and of several of them the first."""
        if text and (name not in self._fields or rank < self._fields[name][0]):
            self._fields[name] = (rank, text)

    def _row(self) -> object:
        if self._length > LONGEST_ITEM:
            return Unreadable(f"is longer than {LONGEST_ITEM:,} characters")
        return {name: text for name, (_, text) in self._fields.items()}

    def _named(self, name: str) -> tuple[str, int] | None:
        """Attribute and rank of an element's name; ``None`` for what is not used. An Atom ``id`` is an address."""
        space, _, local = name.rpartition(" ")
        written = attribute(local)
        if written not in KNOWN and not (written in _OF_FEEDS or written in _ITEMS):
            self._notes.leave_out(local)
        is_used = written in KEPT and not (space == _ATOM and written == "id")
        self._names[name] = (written, 0 if space == _GOOGLE else 1) if is_used else None
        return self._names[name]
