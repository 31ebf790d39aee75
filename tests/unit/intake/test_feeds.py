"""Feeds and exports of products as shops have them, whatever their files are called."""

import bz2
import csv
import gzip
import io
import json
import tracemalloc
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.errors import InvalidError
from app.intake.batches import Unreadable
from app.intake.feeds.notes import FeedNotes, FeedOptions
from app.intake.feeds.read import guess_rows, read_feed
from app.intake.products import parse_products
from tests.unit.intake.feeds import SHOPIFY, read, taken

HEAD = "id\ttitle\timage link\tprice\tsale price\tavailability\tproduct type\titem group id\tshipping(country:price)\n"
ROW = "A-1\tBlue shirt\thttps://shop.example/1.jpg\t24.99 EUR\t19.99 EUR\tin stock\tApparel > Shirts\tA\tDE:4.90 EUR\n"
PRODUCT = {
    "id": "A-1",
    "title": "Blue shirt",
    "image_link": "https://shop.example/1.jpg",
    "price": "24.99 EUR",
    "sale_price": "19.99 EUR",
    "availability": "in stock",
    "product_type": "Apparel > Shirts",
    "item_group_id": "A",
}


@pytest.mark.parametrize("name", ["feed.tsv", "feed.txt", "feed.csv", "feed"])
def test_what_a_feed_is_is_seen_by_what_it_holds(tmp_path: Path, name: str) -> None:
    for separator, shown in (("\t", "tabs"), (";", "semicolons"), (",", "commas"), ("|", "bars")):
        rows, notes = read(tmp_path / name, (HEAD + ROW).replace("\t", separator))

        assert rows == [(2, PRODUCT)]
        assert notes.form == f"Google Merchant, separated by {shown}, in UTF-8"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress])
def test_encoding_and_packing_are_found_out(tmp_path: Path, encoding: str, pack: Any) -> None:
    # Long enough that the first odd letter is far behind the beginning.
    content = "id;title\n" + "1;Pan\n" * 500 + "2;Kühlschrank, weiß, für die größere Küche\n"

    rows, _ = read(tmp_path / "feed", pack(content.encode(encoding)))

    assert rows[-1] == (502, {"id": "2", "title": "Kühlschrank, weiß, für die größere Küche"})


def test_latin_1_is_read_with_a_warning_and_what_is_none_is_asked_for(tmp_path: Path) -> None:
    _, notes = read(tmp_path / "feed", "id,title\n1,Crème brûlée\n".encode("latin-1"))
    assert "read as Latin-1" in notes.sentences("feed")[0]

    polish = "id,title\n1,Żółta łódź podwodna, piękna ścieżka\n".replace(", ", " ").encode("cp1250")
    with pytest.raises(InvalidError, match=r"name its encoding \(--encoding\)"):
        read(tmp_path / "feed", polish)
    rows, _ = read(tmp_path / "feed", polish, FeedOptions(encoding="cp1250"))
    assert rows[0][1] == {"id": "1", "title": "Żółta łódź podwodna piękna ścieżka"}


def test_unknown_columns_are_listed_once_and_left_out(tmp_path: Path) -> None:
    rows, notes = read(tmp_path / "feed", "id,title,margin,Lagerplatz\n1,Pan,0.4,B7\n2,Pot,0.3,B8\n")

    assert [row for _, row in rows] == [{"id": "1", "title": "Pan"}, {"id": "2", "title": "Pot"}]
    assert notes.sentences("feed") == ["feed: left out, since Plural does not know them: margin, Lagerplatz."]


def test_a_table_of_something_else_is_refused_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(InvalidError, match=r"feed has no column id: .* Its columns are sku, name\."):
        read(tmp_path / "feed", "sku,name\n1,Pan\n")
    with pytest.raises(InvalidError, match="has the column image_link twice"):
        read(tmp_path / "feed", "id,title,image link,image_link\n1,Pan,,\n")


def test_lines_are_counted_as_an_editor_does(tmp_path: Path) -> None:
    content = 'id,title,description\r\n1,"Pan\r\nof iron",x\r\n\r\n2,Pot\r\n3,Lid,y\r\n'

    rows, _ = read(tmp_path / "feed", content)

    assert [line for line, _ in rows] == [2, 5, 6]
    assert rows[1][1] == Unreadable("has 2 columns where the header has 3")


def test_a_quotation_mark_that_is_never_closed_is_named_by_its_line(tmp_path: Path) -> None:
    with pytest.raises(InvalidError, match="below line 2 is never closed"):
        read(tmp_path / "feed", "id,title\n1,Pan\n2," + '"27 inch\n' + "3,Pot\n" * 30_000)


def test_decimal_commas_are_read_only_where_the_locale_is_said(tmp_path: Path) -> None:
    content = "id;title;price;sale price\n1;Pan;1.234,50 EUR;EUR 999,00\n2;Pot;12 EUR;\n"
    refused = parse_products([row for _, row in read(tmp_path / "feed", content)[0]])
    assert {error.field for error in refused.errors} == {"price", "sale_price"}

    pan, pot = taken(tmp_path / "feed", content, FeedOptions(locale="de"))

    assert (pan["price"], pan["sale_price"], pan["currency"], pot["price"]) == ("1234.50", "999.00", "EUR", "12")


@pytest.mark.parametrize(("locale", "price"), [("de", "12.50 EUR"), ("de", "1,2,3"), ("en_US", "12,50 EUR")])
def test_a_price_that_its_locale_does_not_write_is_refused(tmp_path: Path, locale: str, price: str) -> None:
    rows, _ = read(tmp_path / "feed", f'id,title,price\n1,Pan,"{price}"\n', FeedOptions(locale=locale))

    assert [error.field for error in parse_products([row for _, row in rows]).errors] == ["price"]


@pytest.mark.parametrize(
    ("locale", "price"), [("fr", "1 234,50 EUR"), ("de_CH", "1\u2019234.50 EUR"), ("en", "1,234.50")]
)
def test_thousands_are_read_as_the_locale_writes_them(tmp_path: Path, locale: str, price: str) -> None:
    [pan] = taken(tmp_path / "feed", f"id;title;price\n1;Pan;{price}\n", FeedOptions(locale=locale))

    assert pan["price"] == "1234.50"


def test_prices_without_a_currency_get_the_one_that_is_said_or_a_warning(tmp_path: Path) -> None:
    content = "id,title,price\n1,Pan,5\n2,Pot,6 CHF\n"

    assert [one["currency"] for one in taken(tmp_path / "feed", content, FeedOptions(currency="EUR"))] == ["EUR", "CHF"]
    _, notes = read(tmp_path / "feed", content)
    assert notes.sentences("f") == ["f: 1 x a price without a currency: name it (--currency)."]


def test_fields_that_change_what_a_product_is_are_counted_where_they_do(tmp_path: Path) -> None:
    content = "id,title,adult,condition\n1,Pan,yes,new\n2,Pot,no,used\n3,Lid,,refurbished\n"

    rows, notes = read(tmp_path / "feed", content)

    assert rows[0][1] == {"id": "1", "title": "Pan"}
    assert notes.sentences("f") == [
        "f: 2 x is used or refurbished: it is recommended like what is new.",
        "f: 1 x is for adults only: it is recommended to everybody, unless a rule excludes it.",
    ]


RSS = """<?xml version="1.0" encoding="{encoding}"?>
<rss xmlns:g="http://base.google.com/ns/1.0" version="2.0">
  <channel>
    <title>Shop</title>
    <link>https://shop.example</link>
    <item>
      <title>Not this one</title>
      <g:id>0012</g:id><g:title>Tee &amp; more</g:title>
      <g:image_link>https://shop.example/a.jpg</g:image_link>
      <g:shipping><g:country>DE</g:country><g:price>4.90 EUR</g:price></g:shipping>
      <g:product_type>Apparel &gt; Tees</g:product_type><g:product_type>Second</g:product_type>
      <margin>0.4</margin>
      <description><![CDATA[Weiß & weich]]></description>
    </item>
    <item>
      <g:id>13</g:id><title>Plain</title><g:price>1.00 EUR</g:price><link>https://shop.example/13?a=1&amp;b=2</link>
    </item>
  </channel>
</rss>
"""

ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xmlns:g="http://base.google.com/ns/1.0">
<title>Shop</title><link rel="self" href="https://shop.example/feed"/><updated>2026-05-01T10:00:00Z</updated>
<entry><id>tag:shop.example,2026:13</id><title>Plain</title><link href="https://shop.example/13"/>
<g:id>13</g:id><g:price>1.00 EUR</g:price></entry></feed>
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1", "windows-1252"])
def test_merchant_xml_is_read_as_rss(tmp_path: Path, encoding: str) -> None:
    rows, notes = read(tmp_path / "feed", RSS.format(encoding=encoding).encode(encoding))

    tee = {
        "id": "0012",
        "title": "Tee & more",
        "image_link": "https://shop.example/a.jpg",
        "product_type": "Apparel > Tees",
        "description": "Weiß & weich",
    }
    plain = {"id": "13", "title": "Plain", "price": "1.00 EUR", "link": "https://shop.example/13?a=1&b=2"}
    assert rows == [(6, tee), (15, plain)]
    assert (notes.form, list(notes.left_out)) == ("Google Merchant, XML", ["margin"])


def test_merchant_xml_is_read_as_atom_and_its_ids_of_entries_are_none(tmp_path: Path) -> None:
    rows, _ = read(tmp_path / "feed", ATOM)

    assert rows == [(3, {"id": "13", "title": "Plain", "price": "1.00 EUR", "link": "https://shop.example/13"})]


def test_a_feed_without_prefixes_is_read_too(tmp_path: Path) -> None:
    content = "<rss><channel><item><id>1</id><title>Pan</title><price>5 EUR</price></item></channel></rss>"

    assert read(tmp_path / "feed", content)[0] == [(1, {"id": "1", "title": "Pan", "price": "5 EUR"})]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ('<!DOCTYPE rss [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><rss>&b;</rss>', "document type definition"),
        ('<!DOCTYPE rss SYSTEM "http://127.0.0.1/x"><rss/>', "document type definition"),
        ("<rss><item></rss>", "is no XML that can be read: mismatched tag: line 1"),
        ("<html><body>Sign in</body></html>", "holds no <item> and no <entry>"),
        ("<rss><item><g:id>1</g:id></item></rss>", "unbound prefix"),
    ],
)
def test_xml_that_is_no_feed_or_no_safe_one_gets_one_sentence(tmp_path: Path, content: str, sentence: str) -> None:
    with pytest.raises(InvalidError, match=sentence):
        read(tmp_path / "feed", content)


def test_an_element_without_an_end_in_sight_is_refused_and_not_kept(tmp_path: Path) -> None:
    long = "<rss><item><id>1</id><title>" + "x" * 3_000_000 + "</title></item><item><id>2</id></item></rss>"

    rows, _ = read(tmp_path / "feed", long)

    assert rows == [(1, Unreadable("is longer than 1,048,576 characters")), (1, {"id": "2"})]


LD: dict[str, Any] = {
    "@context": "https://schema.org/",
    "@type": "Product",
    "sku": "0446310786",
    "name": "Executive Anvil",
    "image": ["https://shop.example/anvil.jpg"],
    "description": "Sleek and deadly.",
    "brand": {"@type": "Brand", "name": "ACME"},
    "category": "Tools",
    "color": "black",
    "isSimilarTo": {"@type": "Product", "sku": "x"},
    "offers": {
        "@type": "Offer",
        "url": "https://shop.example/anvil",
        "priceCurrency": "USD",
        "price": 119.99,
        "availability": "https://schema.org/OutOfStock",
        "priceSpecification": [{"priceType": "https://schema.org/StrikethroughPrice", "price": "139.99"}],
    },
}

ANVIL = {
    "id": "0446310786",
    "title": "Executive Anvil",
    "image_link": "https://shop.example/anvil.jpg",
    "description": "Sleek and deadly.",
    "brand": "ACME",
    "product_type": "Tools",
    "link": "https://shop.example/anvil",
    "price": "139.99",
    "sale_price": "119.99",
    "currency": "USD",
    "availability": "out_of_stock",
}


@pytest.mark.parametrize(
    "content",
    [
        json.dumps(LD),
        json.dumps(LD, indent=2),
        json.dumps([LD]),
        json.dumps({"@context": "https://schema.org", "@graph": [{"@type": "WebPage"}, LD]}),
        json.dumps({"@type": "ItemList", "itemListElement": [{"@type": "ListItem", "item": LD}]}),
    ],
)
def test_json_ld_is_read_in_all_its_forms(tmp_path: Path, content: str) -> None:
    [anvil] = taken(tmp_path / "anvil.json", content)

    assert {name: anvil[name] for name in ANVIL} == ANVIL
    assert [tag.id for tag in anvil["tags"]] == ["color:black"]
    assert list(read(tmp_path / "anvil.json", content)[1].left_out) == ["isSimilarTo"]


def test_variants_of_a_product_group_take_from_it_what_they_do_not_say(tmp_path: Path) -> None:
    variants = [
        {"@type": "Product", "sku": f"tee-{size}", "size": size, "offers": {"price": 20, "priceCurrency": "EUR"}}
        for size in "SM"
    ]
    group = {"@type": "ProductGroup", "productGroupID": "tee", "name": "Tee", "hasVariant": variants}

    small, medium = taken(tmp_path / "f", json.dumps(group))

    assert (small["id"], small["title"], small["item_group_id"]) == ("tee-S", "Tee", "tee")
    assert medium["id"] == "tee-M"


def test_json_lines_and_lists_name_their_lines(tmp_path: Path) -> None:
    lines = '{"id": "1", "title": "Pan"}\n\n{"id"\n{"id": "3", "title": "Lid"}\n'
    document = '[\n {"id": "1",\n  "title": "Pan"},\n {"id": "3", "title": "Lid"}\n]'

    assert read(tmp_path / "f", lines)[0] == [
        (1, {"id": "1", "title": "Pan"}),
        (3, Unreadable("line 3 is not JSON")),
        (4, {"id": "3", "title": "Lid"}),
    ]
    for text in (document, f'{{"products":\n{document}}}'):
        assert [row for _, row in read(tmp_path / "f", text)[0]] == [
            {"id": "1", "title": "Pan"},
            {"id": "3", "title": "Lid"},
        ]
    assert [line for line, _ in read(tmp_path / "f", document)[0]] == [2, 4]


def test_a_file_that_breaks_off_or_cannot_be_unpacked_gets_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(InvalidError, match="is damaged"):
        read(tmp_path / "feed", gzip.compress((HEAD + ROW * 1000).encode())[:-20])
    with pytest.raises(InvalidError, match="is a zip archive"):
        read(tmp_path / "feed", b"PK\x03\x04more")
    with pytest.raises(InvalidError, match="is not there"):
        list(read_feed(tmp_path / "absent", FeedOptions(), FeedNotes()))


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=20)
WORDS = TEXT.map(str.strip).filter(bool)
GIVEN: dict[str, st.SearchStrategy[str]] = {"id": WORDS, "title": WORDS}
MAYBE: dict[str, st.SearchStrategy[str]] = {
    "description": WORDS.map(lambda text: f"{text}\nand more"),
    "brand": WORDS,
    "price": WORDS,
}
ROWS: st.SearchStrategy[list[dict[str, str]]] = st.lists(
    st.fixed_dictionaries(GIVEN, optional=MAYBE), min_size=1, max_size=8
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS, separator=st.sampled_from("\t;,|"), encoding=st.sampled_from(["utf-8", "utf-16"]))
def test_what_a_table_was_written_from_is_what_is_read(
    tmp_path: Path, rows: list[dict[str, str]], separator: str, encoding: str
) -> None:
    text = io.StringIO()
    writer = csv.DictWriter(text, ["id", "title", "description", "brand", "price"], delimiter=separator)
    writer.writeheader()
    writer.writerows(rows)

    found, _ = read(tmp_path / "feed", text.getvalue().encode(encoding))

    assert [row for _, row in found] == rows


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.one_of(st.binary(max_size=300), st.text(max_size=300).map(lambda text: f"id,title\n{text}".encode())))
def test_whatever_a_file_holds_it_is_read_or_refused_in_one_sentence(tmp_path: Path, content: bytes) -> None:
    with suppress(InvalidError):
        parse_products([row for _, row in read(tmp_path / "feed", content)[0]])


def peak_bytes(path: Path) -> int:
    tracemalloc.start()
    try:
        for _ in read_feed(path, FeedOptions(), FeedNotes()):
            pass
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("kind", ["table", "xml", "lines", "shopify"])
def test_memory_does_not_grow_with_the_feed(tmp_path: Path, kind: str) -> None:
    def feed_of(count: int) -> Path:
        item = "<item><id>1</id><title>Pan of iron</title></item>\n"
        path = tmp_path / str(count)
        head, *body = SHOPIFY.splitlines(keepends=True)
        path.write_text(
            {
                "table": HEAD + ROW * count,
                "xml": f"<rss>{item * count}</rss>",
                "lines": '{"id": "1", "title": "Pan"}\n' * count,
                "shopify": head + "".join(row.replace("tee", f"tee{n}") for n in range(count // 5) for row in body),
            }[kind]
        )
        return path

    small, large = (peak_bytes(feed_of(count)) for count in (8_000, 20_000))

    assert large < 1.2 * small + 100_000


def test_the_number_of_rows_is_guessed(tmp_path: Path) -> None:
    (tmp_path / "a").write_text(HEAD + ROW * 999)
    (tmp_path / "b").write_text("<rss>" + "<item>\n</item>" * 50 + "</rss>")
    (tmp_path / "c").write_text("")

    assert [guess_rows(tmp_path / name) for name in "abc"] == [1000, 50, None]
