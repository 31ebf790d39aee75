"""What other recommenders export becomes events, products and identities: gorse, Recombee, Amazon Personalize."""

import base64
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from app.domain.errors import InvalidError
from app.domain.models import Interaction, Product
from app.intake.batches import Parsed, Unreadable
from app.intake.chunks import locate_events, locate_identities, read_chunks
from app.intake.events import parse_events
from app.intake.exports.event_types import EventTypes, known_type
from app.intake.feeds.notes import FeedNotes, FeedOptions
from app.intake.feeds.read import read_feed
from app.intake.products import parse_products

NOW = datetime(2026, 11, 30, tzinfo=UTC)

DUMP = base64.b64decode(
    "//////////8WAAAAAAAAAAoDdG9tEgp7ImFnZSI6MzB9GgNUb20LAAAAAAAAAAoDYW5uEgRudWxs/v////////9PAAAAAAAAABIDcGFuIgdLaXRj"
    "aGVuIgVTdGVlbCoLCKDz0c8GEJWa7zoyJHsiY29sb3VyIjpbInJlZCJdLCJlbWJlZGRpbmciOlswLjFdfToFQSBwYW4fAAAAAAAAABIDcG90GAEq"
    "CwiAkrjDmP7///8BMglbInN0ZWVsIl39/////////yYAAAAAAAAAEgRzdGFyGgN0b20iA3BhbikAAAAAAADwPzILCKDz0c8GEJWa7zodAAAAAAAA"
    "ABIEcmVhZBoDYW5uIgNwb3QyCwiwj9LPBhCVmu86HgAAAAAAAAASBWR3ZWxsGgNhbm4iA3BhbjILCKDz0c8GEJWa7zoAAAAAAAAAAHsiVXNlcnMi"
    "OjIsIkl0ZW1zIjoyLCJGZWVkYmFjayI6MywiRHVyYXRpb24iOjEwMDB9"
)
"""Written by gorse v0.5.9's own protobuf code: two users, two items (one hidden), three pieces of feedback."""


class Desk:
    """A folder of exports, and how they are read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.notes = FeedNotes()

    def file(self, name: str, text: str | bytes) -> Path:
        path = self.folder / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def events(self, path: Path, *types: str) -> Parsed[Interaction]:
        located = locate_events(path, EventTypes.parse(types), self.notes)
        (chunk,) = read_chunks(located, lambda rows: parse_events(rows, NOW, 24), 1_000)
        return chunk.parsed

    def products(self, path: Path, **options: Any) -> list[Product]:
        rows = [row for _, row in read_feed(path, FeedOptions(**options), self.notes)]
        parsed = parse_products(rows)
        assert not parsed.errors, parsed.errors
        return parsed.values

    def identities(self, path: Path) -> list[object]:
        return [row for _, row in locate_identities(path, self.notes)]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def told(values: Iterable[Interaction]) -> list[tuple[str, str, str, str]]:
    return [(one.type, one.identity_id, one.lines[0].product_id, one.at.isoformat()) for one in values]


def test_a_dump_of_gorse_holds_events_products_and_identities(desk: Desk) -> None:
    path = desk.file("backup.bin", DUMP)
    parsed = desk.events(path)

    assert told(parsed.values) == [
        ("wish", "tom", "pan", "2026-05-01T10:00:00.123456+00:00"),
        ("view", "ann", "pot", "2026-05-01T11:00:00.123456+00:00"),
    ]
    [error] = parsed.errors
    assert (error.index, error.reason) == (3, "is of the type 'dwell': say what that is, with --type 'dwell'=view, say")
    assert desk.identities(path) == [{"id": "tom", "kind": "personal"}, {"id": "ann", "kind": "personal"}]
    pan, pot = desk.products(path)
    assert (pan.id, pan.title, pan.product_type, pan.availability) == ("pan", "A pan", "Kitchen", "in_stock")
    assert {tag.id for tag in pan.tags} == {"category:steel", "colour:red"}
    assert (pot.title, pot.availability) == ("pot", "withdrawn")
    assert desk.notes.counted == {"has no title, so its id is shown": 1}


def test_what_a_type_is_may_be_said_or_that_it_is_left_out(desk: Desk) -> None:
    path = desk.file("backup.bin", DUMP)

    assert [one.type for one in desk.events(path, "dwell=share", "star=purchase").values] == [
        "purchase",
        "view",
        "share",
    ]
    assert [one.type for one in desk.events(path, "dwell=skip").values] == ["wish", "view"]
    assert [one.type for one in desk.events(path, "*=cart").values] == ["wish", "view", "cart"]
    for wrong in ("dwell", "dwell=look", "=view"):
        with pytest.raises(InvalidError, match="--type"):
            EventTypes.parse([wrong])


def test_an_export_may_be_loaded_again(desk: Desk) -> None:
    path = desk.file("backup.bin", DUMP)
    first, again = (desk.events(path, "*=view").values for _ in range(2))

    assert [one.id for one in first] == [one.id for one in again]
    assert len({one.id for one in first}) == 3


@pytest.mark.parametrize("left", [12, 60, 200, len(DUMP) - 62])
def test_a_dump_that_breaks_off_is_told(desk: Desk, left: int) -> None:
    with pytest.raises(InvalidError, match="breaks off"):
        desk.events(desk.file("backup.bin", DUMP[:left]), "*=view")


def test_a_dump_that_is_damaged_or_of_another_version_is_told(desk: Desk) -> None:
    for damaged in (
        DUMP.replace(b"\xfd" + b"\xff" * 7, b"\xf0" + b"\xff" * 7),
        DUMP.replace(b"\x12\x04star", b"\x12\xffstar"),
    ):
        with pytest.raises(InvalidError, match=r"cannot read|damaged|breaks off"):
            desk.events(desk.file("backup.bin", damaged), "*=view")


def test_rows_of_gorses_api_are_read_line_by_line(desk: Desk) -> None:
    feedback = {
        "FeedbackType": "star",
        "UserId": "tom",
        "ItemId": "pan",
        "Value": 0,
        "Timestamp": "2026-05-01T10:00:00Z",
        "Comment": "",
    }
    item = {
        "ItemId": "pan",
        "IsHidden": False,
        "Categories": ["Kitchen"],
        "Timestamp": "2026-05-01T10:00:00Z",
        "Labels": None,
        "Comment": "Pan",
    }
    user = {"UserId": "tom", "Labels": {"a": 1}, "Comment": ""}

    assert told(desk.events(desk.file("f.jsonl", json.dumps(feedback))).values) == [
        ("wish", "tom", "pan", "2026-05-01T10:00:00+00:00")
    ]
    assert [(one.id, one.title) for one in desk.products(desk.file("i.jsonl", json.dumps(item)))] == [("pan", "Pan")]
    assert desk.identities(desk.file("u.jsonl", json.dumps(user))) == [{"id": "tom", "kind": "personal"}]


PERSONALIZE = """USER_ID,ITEM_ID,EVENT_TYPE,EVENT_VALUE,TIMESTAMP,IMPRESSION
35,73,Purchase,12.5,1586731606,73|70
54,35,View,,1586735164,
9,33,AddToCart,,1586735158,
23,10,PlayTrailer,,1586735697,
"""


def test_interactions_of_personalize_become_events(desk: Desk) -> None:
    parsed = desk.events(desk.file("interactions.csv", PERSONALIZE))

    assert told(parsed.values) == [
        ("purchase", "35", "73", "2020-04-12T22:46:46+00:00"),
        ("view", "54", "35", "2020-04-12T23:46:04+00:00"),
        ("cart", "9", "33", "2020-04-12T23:45:58+00:00"),
    ]
    assert [(error.index, error.reason[:31]) for error in parsed.errors] == [(5, "is of the type 'PlayTrailer': s")]
    assert list(desk.notes.left_out) == ["EVENT_VALUE", "IMPRESSION"]


def test_rows_that_name_no_type_want_to_be_told_one(desk: Desk) -> None:
    path = desk.file("interactions.csv", "USER_ID,ITEM_ID,TIMESTAMP\n35,73,1586731606\n")

    [error] = desk.events(path).errors
    assert error.reason == "names no type: say what all such rows are, with --type '*'=view, say"
    assert [one.type for one in desk.events(path, "*=purchase").values] == ["purchase"]


def test_items_of_personalize_become_products(desk: Desk) -> None:
    path = desk.file(
        "items.csv",
        "ITEM_ID,CREATION_TIMESTAMP,PRICE,CATEGORY_L1,CATEGORY_L2,PRODUCT_DESCRIPTION,GENDER\n"
        "p1,1586731606,25.99,Home|Garden,Kitchen,<b>A pan</b>,\n"
        "p2,1586731606,,,,,Women\n",
    )
    pan, other = desk.products(path, currency="EUR")

    assert (pan.id, pan.title, pan.product_type, pan.description) == ("p1", "p1", "Home > Kitchen", "A pan")
    assert (str(pan.price), pan.currency) == ("25.99", "EUR")
    assert other.product_type is None
    assert list(desk.notes.left_out) == ["GENDER"]


def test_users_leave_their_traits_behind(desk: Desk) -> None:
    path = desk.file("users.csv", "USER_ID,AGE,MEMBERSHIP\n35,30,gold\n")

    assert desk.identities(path) == [{"id": "35", "kind": "personal"}]
    assert list(desk.notes.left_out) == ["AGE", "MEMBERSHIP"]


RECOMBEE = """user_id,item_id,timestamp,recomm_id,amount,price,additional_data
user-1,item-10,2025-07-06T21:12:43Z,644c005f-aa99-4bce-aa55-a0c610e80df0,3,25.00,"{""source"": ""newsletter""}"
user-2,item-09,1751836153,,,,
"""


@pytest.mark.parametrize(
    ("name", "type_"),
    [("purchases", "purchase"), ("detail_views", "view"), ("cart_additions", "cart"), ("bookmarks", "wish")],
)
def test_recombee_says_by_the_files_name_what_was_done(desk: Desk, name: str, type_: str) -> None:
    parsed = desk.events(desk.file(f"{name}.csv", RECOMBEE))

    assert [one.type for one in parsed.values] == [type_, type_]
    first, second = parsed.values
    assert (first.lines[0].quantity, str(first.lines[0].price_paid)) == (3.0, "8.33333333333333")
    assert (second.lines[0].quantity, second.lines[0].price_paid) == (1.0, None)
    assert second.at == datetime(2025, 7, 6, 21, 9, 13, tzinfo=UTC)
    assert first.decision_id is None
    assert list(desk.notes.left_out) == ["recomm_id", "additional_data"]


def test_a_file_by_another_name_wants_to_be_told_what_was_done(desk: Desk) -> None:
    assert len(desk.events(desk.file("export.csv", RECOMBEE)).errors) == 2
    assert len(desk.events(desk.file("ratings.csv", RECOMBEE)).errors) == 2, "a rating may be a bad one"


def test_items_of_recombee_become_products(desk: Desk) -> None:
    path = desk.file(
        "items.csv",
        "item_id,title,price,available,date_added,tags,image\n"
        'item-01,Wireless Mouse,25.99,true,2025-07-20T10:11:49.039302,"[""electronics"", ""mouse""]",https://x.example/a.png\n'
        'item-42,Keyboard,75.49,false,2025-08-04T10:11:49.039318,"[""electronics""]",\n',
    )
    mouse, keyboard = desk.products(path, currency="EUR")

    assert (mouse.id, mouse.title, mouse.availability) == ("item-01", "Wireless Mouse", "in_stock")
    assert (mouse.image_link, keyboard.availability) == ("https://x.example/a.png", "out_of_stock")
    assert [tag.name for tag in mouse.tags] == ["electronics", "mouse"]
    assert list(desk.notes.left_out) == ["date_added"]


def test_a_row_with_too_few_columns_is_refused_alone(desk: Desk) -> None:
    rows = [
        row for _, row in locate_events(desk.file("purchases.csv", RECOMBEE + "user-3\n"), EventTypes(), desk.notes)
    ]

    assert [isinstance(row, Unreadable) for row in rows] == [False, False, True]


def test_our_own_tables_stay_what_they_were(desk: Desk) -> None:
    path = desk.file("events.csv", "event_id,type,identity_id,at,product_id\ne1,view,tom,2026-05-01T10:00:00Z,p1\n")

    assert [one.id for one in desk.events(path).values] == ["e1"]
    assert desk.notes.form == ""


@pytest.mark.parametrize("word", ["Detail View", "detail-views", "productViewed", "READ"])
def test_a_word_is_known_however_it_is_spelled(word: str) -> None:
    assert known_type(word) == "view"
