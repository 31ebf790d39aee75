"""gorse: its dump (``gorse-cli dump``, ``GET /api/dump``), and its rows in JSON (``GET /api/items`` …).

Source: gorse v0.5, master/rest.go and protocol/protocol.proto. A dump is a row of numbers of 64 bits, the lowest byte
first: -1, -2 and -3 open the streams of users, items and feedback, 0 ends them, any other is the length of the protobuf
message that follows. Behind the end stands a word of JSON about the dump.
"""

import struct
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import IO, Any, TypeGuard, cast

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, timestamp_pb2
from google.protobuf.message import DecodeError, Message
from pydantic_core import from_json

from app.domain.errors import InvalidError
from app.intake.batches import Unreadable
from app.intake.exports.event_types import EventTypes
from app.intake.exports.rows import Row, event_row, label_tags, product_row, user_row
from app.intake.feeds.notes import FeedNotes
from app.intake.feeds.source import open_unpacked
from app.intake.lines import Located

FORM = "a dump of gorse"
Fields = dict[str, Any]

_NUMBER = struct.Struct("<q")
_USERS, _ITEMS, _FEEDBACK, _END = -1, -2, -3, 0
_KINDS = {_USERS: "User", _ITEMS: "Item", _FEEDBACK: "Feedback"}
_LARGEST = 16 << 20
_TEXT, _BYTES, _YES, _NUMBER_64, _TIME = "TYPE_STRING", "TYPE_BYTES", "TYPE_BOOL", "TYPE_DOUBLE", "TYPE_MESSAGE"
_FIELDS: Mapping[str, Mapping[str, tuple[int, str]]] = {
    "User": {"UserId": (1, _TEXT), "Labels": (2, _BYTES), "Comment": (3, _TEXT)},
    "Item": {
        "ItemId": (2, _TEXT),
        "IsHidden": (3, _YES),
        "Categories": (4, _TEXT),
        "Timestamp": (5, _TIME),
        "Labels": (6, _BYTES),
        "Comment": (7, _TEXT),
    },
    "Feedback": {
        "FeedbackType": (2, _TEXT),
        "UserId": (3, _TEXT),
        "ItemId": (4, _TEXT),
        "Value": (5, _NUMBER_64),
        "Timestamp": (6, _TIME),
    },
}
"""Number and type of each field, called as gorse's JSON calls it."""


def is_dump(path: Path) -> bool:
    """Whether a file begins as a dump does."""
    try:
        with open_unpacked(path) as content:
            return content.read(_NUMBER.size) == _NUMBER.pack(_USERS)
    except (OSError, EOFError):  # whoever reads it says so
        return False


def dumped_events(path: Path, types: EventTypes) -> Iterator[Located]:
    """Yield the feedback of a dump as events, by their numbers in it."""
    return _kept((number, feedback_event(row, types)) for number, row in _read(path, "Feedback"))


def dumped_products(path: Path, notes: FeedNotes) -> Iterator[Located]:
    """Yield the items of a dump as products, by their numbers in it."""
    return (((number,), item_product(row, notes)) for number, row in _read(path, "Item"))


def dumped_identities(path: Path) -> Iterator[Located]:
    """Yield the users of a dump as identities, by their numbers in it."""
    return (((number,), user_row(row.get("UserId"))) for number, row in _read(path, "User"))


def is_feedback(row: object) -> TypeGuard[dict[str, Any]]:
    """Whether a row of JSON is feedback of gorse."""
    return isinstance(row, dict) and {"FeedbackType", "UserId", "ItemId"} <= cast("Fields", row).keys()


def is_item(row: object) -> TypeGuard[dict[str, Any]]:
    """Whether a row of JSON is an item of gorse."""
    return isinstance(row, dict) and "ItemId" in row and "UserId" not in row


def is_user(row: object) -> TypeGuard[dict[str, Any]]:
    """Whether a row of JSON is a user of gorse."""
    return isinstance(row, dict) and "UserId" in row and "ItemId" not in row


def feedback_event(row: Mapping[str, Any], types: EventTypes) -> Row | Unreadable | None:
    """Return feedback as an event; ``None`` for a type to leave out."""
    return event_row(types, row.get("UserId"), row.get("ItemId"), row.get("FeedbackType"), row.get("Timestamp"))


def item_product(row: Mapping[str, Any], notes: FeedNotes) -> Row:
    """Return an item as a product; its comment is what people call it."""
    more: Row = {"tags": label_tags(row.get("Labels"))}
    if row.get("IsHidden"):
        more["availability"] = "withdrawn"
    return product_row(row.get("ItemId"), row.get("Comment"), row.get("Categories") or (), more, notes)


def _kept(rows: Iterator[tuple[int, Row | Unreadable | None]]) -> Iterator[Located]:
    return (((number,), row) for number, row in rows if row is not None)


def _read(path: Path, kind: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the messages of one kind, numbered from 1, as gorse's JSON would have them."""
    with open_unpacked(path) as content:
        stream, number = _next_number(content, path), 0
        while stream != _END:
            if stream not in _KINDS:
                raise InvalidError(f"{path.name} is {FORM} that this version of Plural cannot read.")
            wanted, number = _KINDS[stream] == kind, 0
            while (size := _next_number(content, path)) > 0:
                number += 1
                body = _body(content, size, path)
                if wanted:
                    yield number, _decoded(body, kind, path)
            stream = size


def _next_number(content: IO[bytes], path: Path) -> int:
    return _NUMBER.unpack(_body(content, _NUMBER.size, path))[0]


def _body(content: IO[bytes], size: int, path: Path) -> bytes:
    body = content.read(size) if size <= _LARGEST else b""
    if len(body) < size:
        raise InvalidError(f"{path.name} is {FORM} that breaks off, or is damaged.")
    return body


def _decoded(body: bytes, kind: str, path: Path) -> dict[str, Any]:
    message: Any = _message(kind)()
    try:
        message.ParseFromString(body)
        row = {name: getattr(message, name) for name in _FIELDS[kind]}
        if "Labels" in row:
            row["Labels"] = from_json(row["Labels"] or b"null")
        if "Timestamp" in row:
            row["Timestamp"] = row["Timestamp"].ToJsonString()
    except (DecodeError, ValueError) as error:
        raise InvalidError(f"{path.name} is {FORM} that is damaged.") from error
    return row


@cache
def _message(kind: str) -> type[Message]:
    """Make gorse's messages known to protobuf's own library."""
    file = descriptor_pb2.FileDescriptorProto(name=f"gorse_{kind}.proto", package="gorse", syntax="proto3")
    file.dependency.append("google/protobuf/timestamp.proto")
    made = file.message_type.add(name=kind)
    for name, (number, type_) in _FIELDS[kind].items():
        made.field.add(
            name=name,
            number=number,
            type=cast("Any", type_),  # by name, as protobuf takes it
            label="LABEL_REPEATED" if name == "Categories" else "LABEL_OPTIONAL",
            type_name=".google.protobuf.Timestamp" if type_ == _TIME else None,
        )
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(timestamp_pb2.DESCRIPTOR.serialized_pb)
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(f"gorse.{kind}"))
