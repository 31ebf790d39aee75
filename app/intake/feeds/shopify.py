"""Shopify's product export: rows of one handle are the variants and pictures of one product.

It has no ids: a variant's is its SKU, else the product's handle. Both headers are read, the one of the admin's export
(``Handle``, ``Variant Price``) and that of the newer template (``URL handle``, ``Price``).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from app.intake.batches import Unreadable
from app.intake.feeds.merchant import KEPT
from app.intake.feeds.notes import FeedNotes
from app.intake.feeds.tables import Numbered
from app.intake.feeds.variants import variant_tags, variant_title, variant_values
from app.intake.feeds.words import is_no, is_yes, plain_text, split_words, word_tag
from app.intake.lines import Located

_NAMES: Mapping[str, str] = {
    "handle": "handle", "url handle": "handle",
    "title": "title",
    "body (html)": "body", "description": "body",
    "vendor": "vendor",
    "type": "type",
    "product category": "category", "google shopping / google product category": "category",
    "tags": "tags",
    "published": "published", "published on online store": "published",
    "status": "status",
    "option1 name": "option1", "option2 name": "option2", "option3 name": "option3",
    "option1 value": "value1", "option2 value": "value2", "option3 value": "value3",
    "variant sku": "sku", "sku": "sku",
    "variant barcode": "barcode", "barcode": "barcode",
    "google shopping / mpn": "mpn",
    "google shopping / condition": "condition",
    "variant inventory tracker": "tracker", "inventory tracker": "tracker",
    "variant inventory qty": "stock", "inventory quantity": "stock",
    "variant inventory policy": "policy", "continue selling when out of stock": "policy",
    "variant price": "price", "price": "price",
    "variant compare at price": "compare", "compare-at price": "compare",
    "price / international": "international_price",
    "image src": "image", "product image url": "image",
    "variant image": "variant_image", "variant image url": "variant_image",
}  # fmt: skip

_UNUSED = frozenset(
    name.strip()
    for name in """
    variant grams|variant fulfillment service|variant requires shipping|variant taxable|image position|image alt text
    gift card|seo title|seo description|google shopping / gender|google shopping / age group
    google shopping / adwords grouping|google shopping / adwords labels|google shopping / custom product
    google shopping / custom label 0|google shopping / custom label 1|google shopping / custom label 2
    google shopping / custom label 3|google shopping / custom label 4|variant weight unit|variant tax code
    cost per item|compare at price / international|charge tax|tax code|weight value (grams)
    weight unit for display|requires shipping|fulfillment service|unit price total measure
    unit price total measure unit|unit price base measure|unit price base measure unit|option1 linked to
    option2 linked to|option3 linked to|google shopping / manufacturer part number (mpn)|google shopping / adwords
    """.replace("\n", "|").split("|")
)
_OF_A_VARIANT = ("sku", "price", "value1")
COMPARE_AT = "compare_at_price"
"""Beside ``price`` in its rows, until both are read as numbers."""

Fields = dict[str, str]


def is_shopify(names: Sequence[str]) -> bool:
    """Whether a header is that of an export of Shopify."""
    given = {name.lower() for name in names}
    return "title" in given and ("url handle" in given or ("handle" in given and "variant price" in given))


def count_shopify(names: Sequence[str]) -> int:
    """How many of a header's names are those of such an export."""
    return sum(name.strip().lower() in _NAMES or name.strip().lower() in _UNUSED for name in names)


def shopify_rows(names: Sequence[str], records: Iterable[Numbered], notes: FeedNotes) -> Iterator[Located]:
    """Yield a row for each variant; pictures have none of their own."""
    numbered = _fields(names, records, notes)
    for _, rows in groupby(numbered, key=_handle):
        yield from _variants(list(rows), notes)


def _handle(numbered: tuple[int, Fields | Unreadable]) -> object:
    _, row = numbered
    return row if isinstance(row, Unreadable) else row.get("handle")


def _fields(
    names: Sequence[str], records: Iterable[Numbered], notes: FeedNotes
) -> Iterator[tuple[int, Fields | Unreadable]]:
    places: list[tuple[str, int]] = []
    for place, written in enumerate(names):
        name = written.lower()
        if name in _NAMES:
            places.append((_NAMES[name], place))
        elif name.strip() not in _UNUSED:
            notes.leave_out(written)
    for line, record in records:
        if isinstance(record, Unreadable):
            yield line, record
        else:
            yield line, {name: record[place].strip() for name, place in places if record[place].strip()}


def _variants(rows: Sequence[tuple[int, Fields | Unreadable]], notes: FeedNotes) -> Iterator[Located]:
    good = [(line, row) for line, row in rows if not isinstance(row, Unreadable)]
    yield from (((line,), row) for line, row in rows if isinstance(row, Unreadable))
    if not good:
        return
    product = good[0][1]
    variants = [(line, row) for line, row in good if any(name in row for name in _OF_A_VARIANT)] or good[:1]
    if len(variants) > 1 and (nameless := sum("sku" not in row for _, row in variants)) > 1:
        notes.counted["variant without a SKU: those of one product are one, and known by its handle"] += nameless
    options = {name: product[name] for name in ("option1", "option2", "option3") if name in product}
    for line, row in variants:
        yield (line,), _row(product, row, options, is_one_of_many=len(variants) > 1)


def _row(product: Fields, variant: Fields, options: Fields, *, is_one_of_many: bool) -> dict[str, object]:
    handle = product.get("handle", "")
    values = _values(options, variant) if is_one_of_many and "sku" in variant else {}
    row: dict[str, object] = {
        "id": variant.get("sku") or handle,
        "title": variant_title(product.get("title", ""), values),
        "description": plain_text(product.get("body", "")),
        "brand": product.get("vendor"),
        "product_type": product.get("type"),
        "google_product_category": product.get("category"),
        "image_link": variant.get("variant_image") or product.get("image"),
        "item_group_id": handle if is_one_of_many else None,
        "availability": _availability(product, variant),
        "tags": [*map(word_tag, split_words(product.get("tags", ""))), *variant_tags(values)],
        "price": variant.get("price"),
        **_codes(variant or product),
    }
    extra = {name: variant[name] for name in ("international_price", "condition") if name in variant}
    compare_at = {COMPARE_AT: variant["compare"]} if "compare" in variant else {}
    return {
        name: value for name, value in {**row, **extra}.items() if name in KEPT and value not in (None, "", [])
    } | compare_at


def _values(options: Fields, variant: Fields) -> dict[str, str]:
    numbers = [number for number in "123" if f"option{number}" in options]
    return variant_values({options[f"option{number}"]: variant.get(f"value{number}") for number in numbers})


def _codes(variant: Fields) -> dict[str, object]:
    # Excel's way to keep leading zeros: '0012
    return {
        "gtin": variant.get("barcode", "").lstrip("'") or None,
        "mpn": variant.get("mpn"),
        "sku": variant.get("sku"),
    }


def _availability(product: Fields, variant: Fields) -> str:
    if is_no(product.get("published", "")) or product.get("status", "active").lower() != "active":
        return "withdrawn"
    stock = variant.get("stock")
    if not variant.get("tracker") or stock is None or not _is_none_left(stock):
        return "in_stock"
    policy = variant.get("policy", "").lower()
    return "backorder" if policy == "continue" or is_yes(policy) else "out_of_stock"


def _is_none_left(stock: str) -> bool:
    try:
        return float(stock) <= 0
    except ValueError:
        return False
