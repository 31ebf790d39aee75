"""Rows of our own shape out of what an export says of somebody, something, and what was done."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any, cast

from app.intake.batches import Unreadable
from app.intake.exports.event_types import SKIP, EventTypes
from app.intake.feeds.notes import FeedNotes
from app.intake.feeds.words import LONGEST_WORD, MOST_WORDS

NO_TITLE = "has no title, so its id is shown"

Row = dict[str, object]


def user_row(id_: object) -> Row:
    """Return an identity; what else an export knows of somebody is not taken over, so that no trait comes along."""
    return {"id": id_, "kind": "personal"}


def event_row(
    types: EventTypes, user: object, item: object, name: object, at: object, line: Mapping[str, object] | None = None
) -> Row | Unreadable | None:
    """Return an event of one product; ``None`` for one of a type to leave out.

    Exports give events no ids: who did what to which product when is its id, so that a file may be loaded again.
    """
    said = str(name) if name not in (None, "") else None
    type_ = types.find(said)
    if type_ is None:
        what = (
            f"is of the type {said[:50]!r}: say what that is" if said else "names no type: say what all such rows are"
        )
        return Unreadable(f"{what}, with --type {(said or '*')[:50]!r}=view, say")
    if type_ == SKIP:
        return None
    key = "\x1f".join(str(part) for part in (user, item, said or type_, at))
    return {
        "event_id": f"import-{hashlib.sha256(key.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}",
        "type": type_,
        "identity_id": user,
        "at": at,
        "lines": [{"product_id": item, **(line or {})}],
    }


def product_row(id_: object, title: object, categories: Iterable[object], more: Row, notes: FeedNotes) -> Row:
    """Return a product; its first category is its place in the catalogue, the others are tags."""
    if title in (None, ""):
        notes.counted[NO_TITLE] += 1
        title = id_
    named = [text for one in categories if (text := str(one).strip())]
    first, others = (named[0] if named else None), named[1:]
    tags = [{"facet": "category", "name": name} for name in others if len(name) <= LONGEST_WORD]
    tags += cast("list[dict[str, str]]", more.pop("tags", []))
    row: Row = {"id": id_, "title": title, "product_type": first, "tags": tags[:MOST_WORDS], **more}
    return {name: value for name, value in row.items() if value not in (None, "", [])}


def label_tags(labels: Any, facet: str = "") -> list[dict[str, str]]:
    """Tags out of whatever labels are: words, lists of them, or either by facet."""
    match labels:
        case str() if 0 < len(labels.strip()) <= LONGEST_WORD:
            return [{"facet": facet, "name": labels} if facet else {"name": labels}]
        case list():
            return [tag for one in cast("list[Any]", labels) for tag in label_tags(one, facet)]
        case dict():
            by_name = cast("dict[str, Any]", labels)
            return [tag for name, one in by_name.items() for tag in label_tags(one, name.strip().lower()[:50])]
        case _:  # numbers are vectors and counts, no words
            return []
