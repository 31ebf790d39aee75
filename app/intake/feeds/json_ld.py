"""schema.org's Product as JSON-LD, alone, in a list or a graph, or as a ProductGroup with its variants."""

from collections.abc import Iterator, Mapping
from typing import Any, cast

from app.intake.feeds.merchant import KEPT
from app.intake.feeds.notes import FeedNotes
from app.intake.feeds.words import plain_text

_PRODUCTS = frozenset({"Product", "IndividualProduct", "SomeProducts", "ProductModel", "Vehicle"})
_GROUP = "ProductGroup"
_AVAILABILITY = {
    "instock": "in_stock", "onlineonly": "in_stock", "limitedavailability": "in_stock", "instoreonly": "out_of_stock",
    "outofstock": "out_of_stock", "soldout": "out_of_stock", "reserved": "out_of_stock",
    "preorder": "preorder", "presale": "preorder", "backorder": "backorder", "madetoorder": "backorder",
    "discontinued": "withdrawn",
}  # fmt: skip
_FACETS = ("color", "material", "pattern", "size", "keywords")
_USED = frozenset(
    """
    @context @type @id name description sku productID gtin gtin8 gtin12 gtin13 gtin14 mpn url image brand category
    offers isVariantOf inProductGroupWithID productGroupID hasVariant variesBy color material pattern size keywords
    itemCondition aggregateRating review reviews mainEntityOfPage additionalType identifier
    """.split()  # noqa: SIM905
)
_SHARED = ("name", "description", "brand", "category", "image", "url")
_LIST_PRICES = ("listprice", "strikethroughprice", "regularprice")

Node = Mapping[str, Any]


def is_json_ld(row: object) -> bool:
    """Whether a JSON value speaks JSON-LD."""
    return isinstance(row, dict) and ("@type" in row or "@graph" in row or "@context" in row)


def products_of(value: object, notes: FeedNotes) -> Iterator[dict[str, object]]:
    """Yield a row for each product in a value, however deep in graphs, lists and groups it stands."""
    if isinstance(value, list):
        for one in cast("list[object]", value):
            yield from products_of(one, notes)
    elif isinstance(value, dict):
        node = cast("Node", value)
        types = {str(one).rpartition("/")[2] for one in _listed(node.get("@type"))}
        if _GROUP in types:
            yield from _variants(node, notes)
        elif types & _PRODUCTS:
            yield _row(node, notes)
        else:
            for name in ("@graph", "itemListElement", "item", "mainEntity"):
                yield from products_of(node.get(name), notes)


def _variants(group: Node, notes: FeedNotes) -> Iterator[dict[str, object]]:
    """A variant has what it does not say itself from its group."""
    group_id = _text(group.get("productGroupID")) or _text(group.get("sku")) or _text(group.get("@id"))
    shared = {
        name: group[name] for name in ("name", "description", "brand", "category", "image", "url") if name in group
    }
    variants = [_node(one) for one in _listed(group.get("hasVariant"))]
    for variant in variants:
        yield _row({"inProductGroupWithID": group_id, **shared, **variant}, notes)
    if not variants:
        yield _row({**group, "productID": group_id}, notes)


def _row(node: Node, notes: FeedNotes) -> dict[str, object]:
    for name in node:
        if name.rpartition("/")[2] not in _USED:
            notes.leave_out(name)
    codes = [_text(node.get(name)) for name in ("gtin", "gtin14", "gtin13", "gtin12", "gtin8")]
    gtin = next((code for code in codes if code), None)
    sku = _text(node.get("sku"))
    offer = _first(node.get("offers"))
    row: dict[str, object] = {
        "id": _text(node.get("productID")) or sku or _text(node.get("@id")) or gtin,
        "title": _text(node.get("name")),
        "description": plain_text(_text(node.get("description")) or ""),
        "link": _text(node.get("url")) or _text(offer.get("url")),
        "image_link": _address(node.get("image")),
        "brand": _text(node.get("brand")),
        "product_type": _category(node.get("category")),
        "item_group_id": _text(node.get("inProductGroupWithID")) or _group_of(node.get("isVariantOf")),
        "gtin": gtin,
        "mpn": _text(node.get("mpn")),
        "sku": sku,
        "condition": _word(node.get("itemCondition") or offer.get("itemCondition")).removesuffix("condition"),
        "tags": _tags(node),
        **_offer(offer),
    }
    return {name: value for name, value in row.items() if name in KEPT and value not in (None, "", [])}


def _offer(offer: Node) -> dict[str, object]:
    """Price and availability; what is struck through is the price, and what is paid the sale's."""
    listed, paid, currency = None, offer.get("price", offer.get("lowPrice")), _text(offer.get("priceCurrency"))
    for one in _listed(offer.get("priceSpecification")):
        part = _node(one)
        currency = currency or _text(part.get("priceCurrency"))
        if _word(part.get("priceType")) in _LIST_PRICES:
            listed = part.get("price")
        elif paid is None:
            paid = part.get("price")
    word = _word(offer.get("availability"))
    row: dict[str, object] = {"price": paid, "currency": currency, "availability": _AVAILABILITY.get(word, word)}
    if listed is not None and paid is not None:
        row |= {"price": listed, "sale_price": paid}
        if until := _text(offer.get("priceValidUntil")):
            row["sale_price_effective_date"] = f"/{until}"
    return row


def _tags(node: Node) -> list[dict[str, str]]:
    tags: list[dict[str, str]] = []
    for facet in _FACETS:
        texts = [_text(one) or "" for one in _listed(node.get(facet))]
        words = [word.strip() for text in texts for word in (text.split(",") if facet == "keywords" else [text])]
        kind = "tag" if facet == "keywords" else facet
        tags += [{"facet": kind, "name": word} for word in words if 0 < len(word) <= 100]
    return tags[:40]


def _listed(value: object) -> list[object]:
    if value is None:
        return []
    return cast("list[object]", value) if isinstance(value, list) else [value]


def _node(value: object) -> Node:
    return cast("Node", value) if isinstance(value, dict) else dict[str, Any]()


def _first(value: object) -> Node:
    """The first offer: of a seller's several ones it is the one that a page shows."""
    return next((node for one in _listed(value) if (node := _node(one))), dict[str, Any]())


def _text(value: object) -> str | None:
    """What is written, or the name of what is described."""
    if isinstance(value, dict):
        node = cast("Node", value)
        return _text(node.get("@value", node.get("name")))
    if isinstance(value, list):
        return _text(next(iter(cast("list[object]", value)), None))
    return str(value).strip() or None if isinstance(value, str | int | float) and not isinstance(value, bool) else None


def _address(value: object) -> str | None:
    image = (_listed(value) or [None])[0]
    if isinstance(image, dict):
        node = cast("Node", image)
        return _text(node.get("url")) or _text(node.get("contentUrl")) or _text(node.get("@id"))
    return _text(image)


def _category(value: object) -> str | None:
    text = _text(value)
    return text and text.replace("/", " > ") if text and " > " not in text and " / " in text else text


def _group_of(value: object) -> str | None:
    group = _first(value)
    return _text(group.get("productGroupID")) or _text(group.get("sku")) or _text(group.get("@id"))


def _word(value: object) -> str:
    """The last part of an address of schema.org, in lower case: ``InStock`` of ``https://schema.org/InStock``."""
    return (_text(value) or "").rpartition("/")[2].rpartition(":")[2].lower()
