"""Google Merchant tables, and our own: columns by the attributes' names, written in any of the ways that feeds have."""

from collections.abc import Iterable, Iterator, Sequence

from app.domain.errors import InvalidError
from app.intake.batches import Unreadable
from app.intake.feeds.notes import KNOWN, USED, WATCHED, FeedNotes
from app.intake.files import Numbered
from app.intake.lines import Located

REQUIRED = ("id", "title")

KEPT = USED | WATCHED.keys()


def attribute(name: str) -> str:
    """``image link`` and ``g:Image-Link`` are ``image_link``, ``shipping(price)`` is ``shipping``."""
    bare = name.strip().lower().removeprefix("g:").partition("(")[0].strip()
    return "_".join(bare.replace("-", " ").replace("_", " ").split())


def count_known(names: Sequence[str]) -> int:
    """How many of a header's names are attributes that are known."""
    return sum(attribute(name) in KNOWN for name in names)


def merchant_rows(file: str, names: Sequence[str], records: Iterable[Numbered], notes: FeedNotes) -> Iterator[Located]:
    """Yield a row for each record; ``InvalidError`` when a column that is needed lacks or stands there twice."""
    places = _places(file, names, notes)
    for line, record in records:
        if isinstance(record, Unreadable):
            yield (line,), record
        else:
            yield (line,), {name: record[place] for name, place in places if record[place] not in ("", None)}


def _places(file: str, names: Sequence[str], notes: FeedNotes) -> list[tuple[str, int]]:
    places: dict[str, int] = {}
    for place, written in enumerate(names):
        name = attribute(written)
        if name not in KNOWN:
            notes.leave_out(written.strip() or f"(column {place + 1})")
        elif name in KEPT and name in places:
            raise InvalidError(f"{file} has the column {name} twice.")
        elif name in KEPT:
            places[name] = place
    for name in REQUIRED:
        if name not in places:
            raise InvalidError(
                f"{file} has no column {name}: it is neither a Google Merchant feed nor an export of products of "
                f"Shopify or WooCommerce. Its columns are {', '.join(names[:20])}."
            )
    return list(places.items())
