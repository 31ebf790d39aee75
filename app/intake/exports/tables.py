"""Tables of Amazon Personalize, Recombee and gorse: columns of users, items, and what was done.

Sources: Personalize, "Preparing training data" (docs.aws.amazon.com/personalize, preparing-training-data.html):
``USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE …``; Recombee, "Keboola Integration" (docs.recombee.com/keboola): ``items.csv``,
``users.csv``, and a file each kind of interaction, called ``detail_views.csv``, ``purchases.csv`` and so on.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, cast

from app.intake.batches import Unreadable
from app.intake.exports.event_types import EventTypes, known_type
from app.intake.exports.rows import Row, event_row, label_tags, product_row, user_row
from app.intake.feeds.merchant import KEPT, attribute
from app.intake.feeds.notes import FeedNotes
from app.intake.feeds.words import is_no, is_yes, plain_text
from app.intake.fields import EXACT
from app.intake.files import Numbered
from app.intake.lines import Located

USER, ITEM = "userid", "itemid"
_TYPES = ("eventtype", "feedbacktype")
_EVENT = frozenset({USER, ITEM, *_TYPES, "timestamp"})
_LINE = frozenset({"amount", "price"})
_TITLES = ("title", "name", "itemname", "productname", "producttitle", "comment")
_DESCRIPTIONS = ("description", "productdescription", "itemdescription", "longdescription")
_ALIASES = {"url": "link", "image": "image_link", "imageurl": "image_link", "images": "image_link"}
_CATEGORIES = ("categories", "category", "genres")
_LEVELS = ("categoryl1", "categoryl2", "categoryl3", "categoryl4", "categoryl5")
_NEVER_SHOWN = frozenset({"creationtimestamp", "timestamp"})

Fields = Mapping[str, object]
Places = Mapping[str, int]


def is_event_export(names: Sequence[str]) -> bool:
    """Whether a header names users and items, and no ids of events, as ours would."""
    bare = set(map(_bare, names))
    return {USER, ITEM} <= bare and "eventid" not in bare


def is_item_export(names: Sequence[str]) -> bool:
    """Whether a header is that of somebody else's items."""
    bare = set(map(_bare, names))
    return ITEM in bare and not {"id", USER} & bare


def is_user_export(names: Sequence[str]) -> bool:
    """Whether a header is that of somebody else's users."""
    bare = set(map(_bare, names))
    return USER in bare and not {"id", ITEM, "kind"} & bare


def count_export(names: Sequence[str]) -> int:
    """How many of a header's names are those of an export of items."""
    known = {ITEM, *_TITLES, *_DESCRIPTIONS, *_CATEGORIES, *_LEVELS, *_ALIASES, "available", "ishidden"}
    return sum(_bare(name) in known for name in names) if is_item_export(names) else 0


def name_of(names: Sequence[str]) -> str:
    """Whose export a header is that of."""
    if any(name in ("USER_ID", "ITEM_ID") for name in names):
        return "Amazon Personalize"
    return "gorse" if {"feedback_type", "is_hidden"} & set(names) else "Recombee"


def exported_events(
    path: Path, names: Sequence[str], records: Iterator[Numbered], types: EventTypes, notes: FeedNotes
) -> Iterator[Located]:
    """Yield events of one product each; where no column says of which type, the file's name does, as in Recombee's."""
    places = {_bare(name): place for place, name in enumerate(names)}
    for name in names:
        if _bare(name) not in _EVENT | _LINE:
            notes.leave_out(name)
    by_name = None if any(name in places for name in _TYPES) else _type_of_file(path)
    for line, fields in _fields(places, records):
        event = fields if isinstance(fields, Unreadable) else _event(fields, by_name, types)
        if event is not None:
            yield (line,), event


def exported_identities(names: Sequence[str], records: Iterator[Numbered], notes: FeedNotes) -> Iterator[Located]:
    """Yield the users, each by his id alone."""
    places = {_bare(name): place for place, name in enumerate(names)}
    for name in names:
        if _bare(name) != USER:
            notes.leave_out(name)
    for line, fields in _fields(places, records):
        yield (line,), fields if isinstance(fields, Unreadable) else user_row(fields.get(USER))


def exported_products(names: Sequence[str], records: Iterator[Numbered], notes: FeedNotes) -> Iterator[Located]:
    """Yield the items."""
    places = {_bare(name): place for place, name in enumerate(names)}
    kept = {_bare(name): attribute(name) for name in names if attribute(name) in KEPT - {"tags", "title"}}
    kept |= {bare: name for bare, name in _ALIASES.items() if bare in places}
    used = {ITEM, *_TITLES, *_DESCRIPTIONS, *_CATEGORIES, *_LEVELS, *_NEVER_SHOWN, *kept, "available", "ishidden"}
    used |= {"tags", "labels"}
    for name in names:
        if _bare(name) not in used:
            notes.leave_out(name)
    for line, fields in _fields(places, records):
        yield (line,), fields if isinstance(fields, Unreadable) else _product(fields, kept, notes)


def _bare(name: str) -> str:
    return name.strip().lower().replace("_", "").replace("-", "").replace(" ", "")


def _fields(places: Places, records: Iterator[Numbered]) -> Iterator[tuple[int, dict[str, object] | Unreadable]]:
    for line, record in records:
        if isinstance(record, Unreadable):
            yield line, record
        else:
            yield line, {name: record[place] for name, place in places.items() if record[place] not in ("", None)}


def _type_of_file(path: Path) -> str | None:
    stem = path.name.partition(".")[0]
    return stem if known_type(stem) else None


def _event(fields: Fields, by_name: str | None, types: EventTypes) -> Row | Unreadable | None:
    name = next((fields[one] for one in _TYPES if one in fields), by_name)
    line: Row = {}
    if "amount" in fields:
        line["quantity"] = fields["amount"]
    if "price" in fields:
        line["price_paid"] = _unit_price(fields["price"], fields.get("amount", 1))
    at = fields.get("timestamp")
    return event_row(types, fields.get(USER), fields.get(ITEM), name, at, line)


def _unit_price(price: object, amount: object) -> object:
    """Recombee's price is of the whole amount; what is no number stays, and is refused with its row."""
    try:
        return str(EXACT.divide(Decimal(str(price)), Decimal(str(amount))))
    except (InvalidOperation, ZeroDivisionError):
        return price


def _product(fields: Fields, kept: Mapping[str, str], notes: FeedNotes) -> Row:
    more: Row = {name: fields[bare] for bare, name in kept.items() if bare in fields and bare not in (ITEM,)}
    more["tags"] = [tag for name in ("tags", "labels") for tag in label_tags(_listed(fields.get(name)))]
    description = next((fields[name] for name in _DESCRIPTIONS if name in fields), None)
    more["description"] = plain_text(str(description)) if description else None
    availability = _availability(fields)
    if availability is not None:
        more["availability"] = availability
    image = _listed(more.get("image_link"))
    more["image_link"] = image[0] if isinstance(image, list) and image else image
    title = next((fields[name] for name in _TITLES if name in fields), None)
    return product_row(fields.get(ITEM), title, _categories(fields), more, notes)


def _categories(fields: Fields) -> list[str]:
    """Levels make one path, of the first of several values each; lists are categories beside one another."""
    levels = [_words(fields[name]) for name in _LEVELS if name in fields]
    path = " > ".join(words[0] for words in levels if words)
    others = [word for name in _CATEGORIES if name in fields for word in _words(fields[name])]
    return [*([path] if path else []), *others]


def _words(value: object) -> list[str]:
    found = _listed(value)
    words = cast("list[Any]", found) if isinstance(found, list) else [found]
    return [text for one in words if (text := str(one).strip())]


def _listed(value: object) -> Any:
    """Lists stand in a column as JSON."""
    if not isinstance(value, str) or not value.lstrip().startswith(("[", "{")):
        return value.split("|") if isinstance(value, str) and "|" in value else value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _availability(fields: Fields) -> str | None:
    if is_yes(str(fields.get("ishidden", ""))):
        return "withdrawn"
    available = str(fields.get("available", ""))
    if is_no(available):
        return "out_of_stock"
    return "in_stock" if is_yes(available) else None
