"""Tables of event lines: one product a row; consecutive rows of one ``event_id`` make one event."""

from collections.abc import Callable, Iterator, Sequence
from operator import itemgetter

from app.domain.errors import InvalidError
from app.intake.batches import Unreadable
from app.intake.files import Record, Table

REQUIRED = ("event_id", "type", "at")
SUBJECTS = ("identity_id", "identifiers", "session_id")
"""One of these columns says whose event it is."""
EVENT_FIELDS = (*REQUIRED, *SUBJECTS, "decision_id", "order_id", "currency")
LINE_FIELDS = ("product_id", "quantity", "price_paid", "list_price")

Located = tuple[Sequence[int], object]
"""A row for a parser, and the lines in which the file's rows begin that it is made of (``files.Numbered``)."""

Fields = dict[str, object]


def holds_lines(names: Sequence[str]) -> bool:
    """Whether a table has one line a row; otherwise each of its rows is an event of its own."""
    return "product_id" in names


def fold_lines(table: Table) -> Iterator[Located]:
    """Yield the table's events in our own shape; ``InvalidError`` when a column lacks or is not known.

    An event whose rows contradict one another (two identities, two times) comes as ``Unreadable``.
    """
    _check_names(table.names)
    event_fields = [name for name in EVENT_FIELDS if name in table.names]
    head_of = itemgetter(*(table.names.index(name) for name in event_fields))
    line_of = _line_reader(table.names)
    event: _Event | None = None
    for number, record in table.records:
        if isinstance(record, Unreadable):
            yield (number,), record
            continue
        head = head_of(record)
        if event is None or head[0] != event.head[0]:
            if event is not None:
                yield event.located(event_fields)
            event = _Event(head)
        event.add(number, head, line_of(record))
    if event is not None:
        yield event.located(event_fields)


class _Event:
    """The rows of one event so far."""

    __slots__ = ("contradiction", "head", "lines", "numbers")

    def __init__(self, head: Sequence[object]) -> None:
        self.head = head
        self.numbers: list[int] = []
        self.lines: list[Fields] = []
        self.contradiction: tuple[int, int] | None = None

    def add(self, number: int, head: Sequence[object], line: Fields) -> None:
        if head != self.head and self.contradiction is None:
            differing = next(place for place, value in enumerate(head) if value != self.head[place])
            self.contradiction = (number, differing)
        self.numbers.append(number)
        if line:
            self.lines.append(line)

    def located(self, event_fields: Sequence[str]) -> Located:
        if self.contradiction is not None:
            number, differing = self.contradiction
            return (number,), Unreadable(f"differs from its event's first row in {event_fields[differing]}")
        row = {name: value for name, value in zip(event_fields, self.head, strict=True) if value not in ("", None)}
        return self.numbers, {**row, "lines": self.lines}


def _line_reader(names: Sequence[str]) -> Callable[[Record], Fields]:
    """Pick a line's fields out of a record; empty when it names none (a search, the refund of an order)."""
    places = [(name, names.index(name)) for name in LINE_FIELDS if name in names]
    return lambda record: {name: record[place] for name, place in places if record[place] not in ("", None)}


def place_of(located: Sequence[Located], position: int, field: str) -> tuple[int, str]:
    """Line and column of what ``parse_events`` calls ``lines.2.price_paid`` of an event at ``position``."""
    numbers, row = located[position]
    if len(numbers) > 0 and field.startswith("lines.") and isinstance(row, dict):
        _, line, column = field.split(".", 2)
        return numbers[int(line)], column
    return numbers[0], field


def _check_names(names: Sequence[str]) -> None:
    lacking = [name for name in REQUIRED if name not in names]
    unknown = [name for name in names if name not in (*EVENT_FIELDS, *LINE_FIELDS)]
    if lacking:
        raise InvalidError(f"A table of event lines needs the column {lacking[0]}.")
    if not any(name in names for name in SUBJECTS):
        raise InvalidError(f"A table of event lines needs one of the columns {', '.join(SUBJECTS)}.")
    if unknown:
        raise InvalidError(
            f"A table of event lines cannot have the column {unknown[0]!r}; "
            f"Plural takes {', '.join((*EVENT_FIELDS, *LINE_FIELDS))}."
        )
