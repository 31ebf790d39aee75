"""Reads a feed of products, whichever it is: what decides is what the file holds, not its name."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from decimal import Decimal
from pathlib import Path
from typing import cast

from babel import Locale, UnknownLocaleError
from babel.numbers import NumberFormatError, get_decimal_symbol, get_group_symbol, parse_decimal

from app.domain.errors import InvalidError
from app.intake.exports.gorse import FORM, dumped_products, is_dump
from app.intake.exports.tables import count_export, exported_products, is_item_export, name_of
from app.intake.feeds.documents import json_rows
from app.intake.feeds.merchant import count_known, merchant_rows
from app.intake.feeds.merchant_xml import xml_rows
from app.intake.feeds.notes import WATCHED, FeedNotes, FeedOptions
from app.intake.feeds.shopify import COMPARE_AT, count_shopify, is_shopify, shopify_rows
from app.intake.feeds.source import find_encoding, open_unpacked, read_head
from app.intake.feeds.tables import SEPARATORS, Numbered, TextTable, open_text_table
from app.intake.feeds.variants import compared_prices
from app.intake.feeds.woocommerce import count_woocommerce, is_woocommerce, woocommerce_rows
from app.intake.feeds.words import LONGEST_DESCRIPTION
from app.intake.fields import as_text
from app.intake.files import explained, find_float_ids, open_parquet
from app.intake.lines import Located

PRICES = ("price", "sale_price")

_PARQUET = b"PAR1"
_AMOUNT = re.compile(r"[0-9][0-9.,'\u2019\s]*")
_GROUPS = (re.compile(r"\s"), re.compile("['\u2019]"))
_PLAIN = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_ITEM = re.compile(rb"<(?:item|entry)[ >]")
_SAMPLE_BYTES = 1 << 20
_LETTERS = re.compile(r"[A-Za-z]")


def read_feed(path: Path, options: FeedOptions, notes: FeedNotes) -> Iterator[Located]:
    """Yield rows of ``ProductRow``, each with the line in which it begins as an editor counts (Parquet: its number).

    In constant memory, but for one JSON document. What is wrong with a row comes as ``Unreadable``; ``InvalidError``
    for a file that is missing, breaks off, or is no feed of products; what it says of itself is in ``notes``.
    """
    finish = _finisher(options, notes)
    with explained(path):
        for numbers, row in _rows(path, options, notes):
            yield numbers, finish(cast("dict[str, object]", row)) if isinstance(row, dict) else row


def named_products(paths: Sequence[Path], options: FeedOptions) -> tuple[set[str], int]:
    """Ids that feeds name, also in rows that are refused, and how many rows nobody can read the id of."""
    named: set[str] = set()
    unreadable = 0
    for path in paths:
        for _, row in read_feed(path, options, FeedNotes()):
            id_ = as_text(cast("dict[str, object]", row).get("id")) if isinstance(row, dict) else None
            if isinstance(id_, str):
                named.add(id_)
            else:
                unreadable += 1
    return named, unreadable


def guess_rows(path: Path) -> int | None:
    """About how many products a file has, from its first MiB; ``None`` when it shows none."""
    with explained(path), path.open("rb") as raw:
        if raw.read(4) == _PARQUET:
            return None
        with open_unpacked(path) as content:
            sample = content.read(_SAMPLE_BYTES)
        size = path.stat().st_size
        found = len(_ITEM.findall(sample)) or sample.count(b"\n")
    return max(found, round(found * size / len(sample))) if found else None


def _rows(path: Path, options: FeedOptions, notes: FeedNotes) -> Iterator[Located]:
    head = read_head(path)
    if head.startswith(_PARQUET):
        notes.form = "Parquet"
        with ExitStack() as stack:
            names, records = open_parquet(path, stack)
            yield from merchant_rows(path.name, names, records, notes)
        return
    if is_dump(path):
        notes.form = FORM
        yield from dumped_products(path, notes)
        return
    begins = _begins(head)
    if begins == "<":
        notes.form = "Google Merchant, XML"
        yield from xml_rows(path, options.encoding, notes)
        return
    encoding = find_encoding(path, options, notes)
    if begins in ("{", "["):
        notes.form = f"JSON, in {_shown(encoding)}"
        yield from json_rows(path, encoding, notes)
    else:
        yield from _table_rows(path, encoding, notes)


def _begins(head: bytes) -> str:
    """The first character that is no blank, in whichever encoding."""
    text = head[:4_096].lstrip(b"\xef\xbb\xbf\xff\xfe").replace(b"\0", b"").lstrip()
    return text[:1].decode("latin-1")


def _table_rows(path: Path, encoding: str, notes: FeedNotes) -> Iterator[Located]:
    with open_text_table(path, encoding, _count_known) as table:
        written = f"separated by {SEPARATORS[table.separator]}, in {_shown(encoding)}"
        if is_shopify(table.names):
            notes.form = f"Shopify's product export, {written}"
            yield from shopify_rows(table.names, table.records, notes)
        elif is_woocommerce(table.names):
            notes.form = f"WooCommerce's product export, {written}"
            yield from woocommerce_rows(table.names, table.records, notes)
        elif is_item_export(table.names):
            notes.form = f"items of {name_of(table.names)}, {written}"
            yield from exported_products(table.names, table.records, notes)
        else:
            notes.form = f"Google Merchant, {written}"
            yield from _merchant_table(path, encoding, table, notes)


def _merchant_table(path: Path, encoding: str, table: TextTable, notes: FeedNotes) -> Iterator[Located]:
    """Ids that a program made floats are read as whole, which is seen from the whole column."""
    with open_text_table(path, encoding, _count_known) as again:
        places = find_float_ids((one for _, one in again.records if isinstance(one, list)), table.names)
    notes.others += [f"every {table.names[at]} ends in .0, so they were read as whole numbers." for at in places]
    yield from merchant_rows(path.name, table.names, _without_points(table.records, places), notes)


def _without_points(records: Iterator[Numbered], places: Sequence[int]) -> Iterator[Numbered]:
    for line, record in records:
        if isinstance(record, list):
            for place in places:
                record[place] = record[place].partition(".")[0]
        yield line, record


def _count_known(names: Sequence[str]) -> int:
    return max(count_known(names), count_shopify(names), count_woocommerce(names), count_export(names))


def _shown(encoding: str) -> str:
    return "Latin-1 (Windows-1252)" if encoding == "cp1252" else encoding.removesuffix("-sig").upper()


def _finisher(options: FeedOptions, notes: FeedNotes) -> Callable[[dict[str, object]], dict[str, object]]:
    """What holds for the rows of all kinds of files."""
    to_plain = _price_reader(options.locale) if options.locale is not None else None

    def finish(row: dict[str, object]) -> dict[str, object]:
        for name in WATCHED.keys() & row.keys():
            applies, what = WATCHED[name]
            if applies(row.pop(name)):
                notes.counted[what] += 1
        if to_plain is not None:
            row |= {name: to_plain(row[name]) for name in (*PRICES, COMPARE_AT) if name in row}
        if COMPARE_AT in row:
            row |= compared_prices(row.get("price"), row.pop(COMPARE_AT))
        if not row.keys().isdisjoint(PRICES) and not _names_currency(row):
            if options.currency is None:
                notes.counted["a price without a currency: name it (--currency)"] += 1
            else:
                row["currency"] = options.currency
        description = row.get("description")
        if isinstance(description, str) and len(description) > LONGEST_DESCRIPTION:
            notes.counted[f"a description of more than {LONGEST_DESCRIPTION:,} characters: it was cut"] += 1
            row["description"] = description[:LONGEST_DESCRIPTION]
        return row

    return finish


def _names_currency(row: dict[str, object]) -> bool:
    return "currency" in row or any(_LETTERS.search(str(row[name])) for name in PRICES if name in row)


def _price_reader(locale: str) -> Callable[[object], object]:
    """Read ``1.234,50 EUR`` as that locale writes it; what is no number of it stays, and is refused with its row."""
    try:
        known = Locale.parse(locale.replace("-", "_"))
    except (UnknownLocaleError, ValueError) as error:
        raise InvalidError(f"{locale!r} is no locale: try de, fr or en_US.") from error
    mark = get_decimal_symbol(known)

    def to_plain(value: object) -> object:
        if not isinstance(value, str) or (found := _AMOUNT.search(value)) is None:
            return value
        amount = found[0].strip()
        plain = amount.replace(mark, ".") if mark != "." and "." not in amount and amount.count(mark) <= 1 else ""
        if not _PLAIN.fullmatch(plain):
            try:
                plain = f"{_exact(amount, known):f}"
            except NumberFormatError:
                return f"{amount} is no number of the locale {locale}"[:60]
        return value.replace(amount, plain, 1)

    return to_plain


def _exact(amount: str, locale: Locale) -> Decimal:
    group = get_group_symbol(locale)
    for spellings in _GROUPS:  # people type another blank or apostrophe than the locale's
        if spellings.fullmatch(group):
            amount = spellings.sub(group, amount)
    return parse_decimal(amount, locale=locale, strict=True)
