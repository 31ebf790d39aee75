"""WooCommerce's product export: a variation is a row of its own, which names its parent by ``id:44`` or by SKU."""

from collections.abc import Iterable, Iterator, Sequence

from app.intake.batches import Unreadable
from app.intake.feeds.merchant import KEPT
from app.intake.feeds.notes import FeedNotes
from app.intake.feeds.tables import Numbered
from app.intake.feeds.words import is_no, is_yes, plain_text, split_list, split_words, word_tag
from app.intake.lines import Located

_USED = (
    "id", "type", "sku", "gtin, upc, ean, or isbn", "name", "published", "visibility in catalog", "short description",
    "description", "date sale price starts", "date sale price ends", "in stock?", "stock", "backorders allowed?",
    "sale price", "regular price", "categories", "tags", "images", "parent", "brands", "external url",
)  # fmt: skip
_UNUSED = frozenset(
    """
    is featured?|tax status|tax class|low stock amount|sold individually?|weight (kg)|length (cm)|width (cm)
    height (cm)|weight (lbs)|length (in)|width (in)|height (in)|weight (g)|weight (oz)|length (m)|width (m)|height (m)
    length (mm)|width (mm)|height (mm)|allow customer reviews?|purchase note|shipping class|download limit
    download expiry days|grouped products|upsells|cross-sells|button text|position|swatches attributes|shipping class
    """.strip()
    .replace("\n", "|")
    .split("|")
)
_PARENTS = frozenset({"variable", "grouped"})
_REQUIRED = frozenset({"id", "type", "name", "regular price"})
_ATTRIBUTE = "attribute "

Fields = dict[str, str]


def is_woocommerce(names: Sequence[str]) -> bool:
    """Whether a header is that of an export of WooCommerce (in English, as it is by default)."""
    return {name.lower() for name in names} >= _REQUIRED


def count_woocommerce(names: Sequence[str]) -> int:
    """How many of a header's names are those of such an export."""
    return sum(name.strip().lower() in _USED or name.strip().lower() in _UNUSED for name in names)


def woocommerce_rows(names: Sequence[str], records: Iterable[Numbered], notes: FeedNotes) -> Iterator[Located]:
    """Yield a row for each product and variation. Memory: the SKUs of products that have variations."""
    places = _places(names, notes)
    parents: dict[str, str] = {}
    for line, record in records:
        if isinstance(record, Unreadable):
            yield (line,), record
            continue
        fields = {name: record[place].strip() for name, place in places if record[place].strip()}
        if fields.get("type", "").lower() in _PARENTS and "sku" in fields and "id" in fields:
            parents[fields["sku"]] = fields["id"]
        yield (line,), _row(fields, parents)


def _places(names: Sequence[str], notes: FeedNotes) -> list[tuple[str, int]]:
    places: list[tuple[str, int]] = []
    for place, written in enumerate(names):
        name = written.lower()
        if name in _USED or name.startswith(_ATTRIBUTE):
            places.append((name, place))
        elif name not in _UNUSED:
            notes.leave_out(written)
    return places


def _row(fields: Fields, parents: dict[str, str]) -> dict[str, object]:
    first, *others = split_words(fields.get("categories", "")) or [""]
    row: dict[str, object] = {
        "id": fields.get("id"),
        "title": fields.get("name"),
        "description": plain_text(fields.get("short description") or fields.get("description", "")),
        "link": fields.get("external url"),
        "image_link": (split_list(fields.get("images", "")) or [None])[0],
        "price": fields.get("regular price"),
        "sale_price": fields.get("sale price"),
        "sale_price_effective_date": _sale_time(fields),
        "brand": (split_words(fields.get("brands", "")) or [None])[0],
        "product_type": first,
        "item_group_id": _group(fields, parents),
        "gtin": fields.get("gtin, upc, ean, or isbn"),
        "sku": fields.get("sku"),
        "availability": _availability(fields),
        "tags": [
            *({"facet": "category", "name": category} for category in others),
            *map(word_tag, split_words(fields.get("tags", ""))),
            *_attributes(fields),
        ],
    }
    return {name: value for name, value in row.items() if name in KEPT and value not in (None, "", [])}


def _group(fields: Fields, parents: dict[str, str]) -> str | None:
    if fields.get("type", "").lower() in _PARENTS:
        return fields.get("id")
    parent = fields.get("parent", "")
    if parent.lower().startswith("id:"):
        return parent[3:]
    return parents.get(parent, parent) or None


def _attributes(fields: Fields) -> list[dict[str, str]]:
    """Attributes are facets: ``Attribute 1 name`` Colour with the value Red."""
    numbers = [name.split(" ")[1] for name in fields if name.startswith(_ATTRIBUTE) and name.endswith(" name")]
    return [
        {"facet": fields[f"attribute {number} name"].lower()[:50], "name": value}
        for number in numbers
        for value in split_words(fields.get(f"attribute {number} value(s)", ""))
    ][:10]


def _sale_time(fields: Fields) -> str | None:
    starts, ends = fields.get("date sale price starts", ""), fields.get("date sale price ends", "")
    return f"{starts}/{ends}" if starts or ends else None


def _availability(fields: Fields) -> str:
    published, visible = fields.get("published", "1"), fields.get("visibility in catalog", "visible").lower()
    if is_no(published) or visible == "hidden":
        return "withdrawn"
    in_stock = fields.get("in stock?", "1").lower()
    if in_stock == "backorder":
        return "backorder"
    if is_no(in_stock):
        return "backorder" if is_yes(fields.get("backorders allowed?", "")) else "out_of_stock"
    return "in_stock"
