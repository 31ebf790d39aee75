"""How tests read a feed: its rows, and the products that they make."""

from pathlib import Path
from typing import Any

from app.intake.feeds.notes import FeedNotes, FeedOptions
from app.intake.feeds.read import read_feed
from app.intake.products import parse_products

SHOPIFY = (
    "Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,Option2 Name,Option2 Value,"
    "Variant SKU,Variant Inventory Tracker,Variant Inventory Qty,Variant Inventory Policy,Variant Price,"
    "Variant Compare At Price,Variant Barcode,Image Src,Variant Image,Colour (product.metafields.custom.colour)\n"
    'tee,Tee,"<p>Soft &amp; <b>warm</b></p>",Ocean,Shirts,"summer, colour:red",true,Size,S,Title,Default Title,'
    "TEE-S,shopify,0,deny,20,25,'0401234567890,https://shop.example/a.jpg,,x\n"
    "tee,,,,,,,,M,,,TEE-M,shopify,0,continue,20,,,https://shop.example/b.jpg,https://shop.example/m.jpg,\n"
    "tee,,,,,,,,,,,,,,,,,,https://shop.example/c.jpg,,\n"
    "mug,Mug,,Ocean,,,true,Title,Default Title,,,,,,deny,8,,,,,\n"
    "old,Old,,Ocean,,,false,Title,Default Title,,,OLD,,,deny,8,,,,,\n"
)
"""An export of its admin: a tee in two sizes, a mug, and what is published no more."""

Read = tuple[list[tuple[int, object]], FeedNotes]


def read(path: Path, content: str | bytes, options: FeedOptions | None = None) -> Read:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    notes = FeedNotes()
    return [(line, row) for (line,), row in read_feed(path, options or FeedOptions(), notes)], notes


def taken(path: Path, content: str | bytes, options: FeedOptions | None = None) -> list[dict[str, Any]]:
    """The fields of each product, those without a value left out; no row may be refused."""
    parsed = parse_products([row for _, row in read(path, content, options)[0]])
    assert parsed.errors == []
    return [
        {
            name: str(value) if name.endswith("price") else value
            for name in one.__slots__
            if (value := getattr(one, name)) not in (None, (), "in_stock")
        }
        for one in parsed.values
    ]
