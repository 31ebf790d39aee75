"""Product rows, named as in a Google Merchant feed, become products.

Source: Google Merchant Center, "Product data specification" (support.google.com/merchants/answer/7052112). Those of its
attributes that Plural has no use for are ignored, since feeds carry dozens; any other unknown field is refused.
Of ours is ``tags``: objects (``name``, ``facet``, ``weight``) or texts (``facet:name`` or ``name``), in a CSV one
column separated by ``|``. The prefix of Merchant's XML files is left out: ``price``, not ``g:price``.
"""

import math
import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, NamedTuple, TypedDict, cast

from pydantic import BeforeValidator, ConfigDict, Field, PlainValidator, StringConstraints, TypeAdapter
from typing_extensions import TypeAliasType

from app.domain.models import Availability, Product, Tag
from app.intake.batches import Parsed, Refused, parse_rows
from app.intake.feed_times import FeedEnd, FeedPeriod, FeedStart
from app.intake.fields import (
    EXACT,
    NOT_FINITE,
    OWN,
    TEXT_PATTERN,
    AsText,
    Currency,
    GivenId,
    MaybeId,
    Nullable,
    Url,
    check_currency,
    names_nobody,
    text_or_none,
    without_noise,
)
from app.intake.merchant import MERCHANT_ONLY
from app.intake.reasons import UNKNOWN, dotted

MAX_TAGS = 50

_MONEY = re.compile(r"(?:([A-Za-z]{3}) ?)?([0-9]{1,15}(?:\.[0-9]{1,20})?)(?: ?([A-Za-z]{3}))?")


class Money(NamedTuple):
    """An amount and, when it was written beside it, its currency."""

    amount: Decimal
    currency: str | None


def read_money(value: object) -> Money:
    """Read ``12.50 EUR``, ``EUR 12.50``, ``12.50`` or a number; ``ValueError`` says what is wrong."""
    match = None if isinstance(value, bool) else _MONEY.fullmatch(str(without_noise(value)).strip())
    if match is None or (match[1] and match[3]):
        raise ValueError("must be a price of 0 or more, such as 12.50 EUR")
    amount, currency = Decimal(str(without_noise(match[2]))), match[1] or match[3]
    if EXACT.plus(amount) != amount:
        raise ValueError(f"must have at most {EXACT.prec} digits")
    return Money(amount, check_currency(currency.upper()) if currency else None)


def _underscored(value: object) -> object:
    """Old feeds write ``in stock``, new ones ``in_stock``."""
    return value.strip().lower().replace(" ", "_") if isinstance(value, str) else value


def _split(value: object) -> object:
    return [text for text in value.split("|") if text.strip()] if isinstance(value, str) else value


def _tag(value: object) -> object:
    """Read a tag given as text: ``facet:name`` or ``name``."""
    if not isinstance(value, str):
        return value
    facet, colon, name = value.partition(":")
    return {"facet": facet, "name": name} if colon else {"name": value}


class TagRow(Nullable):
    """A word on a product."""

    model_config = OWN

    name: Annotated[
        str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True, pattern=TEXT_PATTERN), AsText
    ]
    facet: Annotated[
        str, StringConstraints(min_length=1, max_length=50, strip_whitespace=True, pattern=TEXT_PATTERN), AsText
    ] = "tag"
    """Of what kind the word is: ``category``, ``material``, ``mood`` …"""
    weight: Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)] = 1.0


MerchantPrice = TypeAliasType(
    "MerchantPrice",
    Annotated[
        Money,
        PlainValidator(read_money, json_schema_input_type=Annotated[str | float, Field(examples=["12.50 EUR"])]),
        Field(title="MerchantPrice"),
    ],
)
Tags = Annotated[list[Annotated[TagRow, BeforeValidator(_tag)]], Field(max_length=MAX_TAGS), BeforeValidator(_split)]
Text = Annotated[str, StringConstraints(max_length=750, pattern=TEXT_PATTERN), AsText]


class ProductFields(Nullable):
    """What may be said of an offer; what is not said is not known."""

    description: Annotated[str, StringConstraints(max_length=5_000, pattern=TEXT_PATTERN), AsText] | None = None
    link: Url | None = None
    image_link: Url | None = None
    price: MerchantPrice | None = None
    sale_price: MerchantPrice | None = None
    """What is paid instead, if it is less."""
    sale_price_effective_date: FeedPeriod | None = None
    """When ``sale_price`` is what is paid; without it, always."""
    currency: Currency | None = None
    """For prices written without one."""
    availability_date: FeedStart | None = None
    """When what can be ordered is there; from then on it is in stock."""
    expiration_date: FeedEnd | None = None
    """From then on it is not recommended."""
    brand: Text | None = None
    product_type: Text | None = None
    """The shop's own category, with its levels: ``Home > Kitchen > Pans``."""
    google_product_category: Text | None = None
    item_group_id: MaybeId = None
    gtin: MaybeId = None
    """Like ``mpn`` and ``sku``: events that know a product by it alone find it."""
    mpn: MaybeId = None
    sku: MaybeId = None
    custom_label_0: Text | None = None
    custom_label_1: Text | None = None
    custom_label_2: Text | None = None
    custom_label_3: Text | None = None
    custom_label_4: Text | None = None


Title = Annotated[
    str, StringConstraints(min_length=1, max_length=500, strip_whitespace=True, pattern=TEXT_PATTERN), AsText
]
Offered = Annotated[Availability, BeforeValidator(_underscored)]


class ProductRow(ProductFields):
    """One offer of the catalogue."""

    # "allow" collects unknown fields so that those of the specification can be told from mistakes.
    model_config = ConfigDict(extra="allow", frozen=True, use_attribute_docstrings=True)

    id: GivenId
    title: Title
    availability: Offered = "in_stock"
    tags: Annotated[Tags, Field(default_factory=list)]


class ProductChanges(ProductFields):
    """What is to be different of an offer; what is not given stays as it is."""

    model_config = OWN

    title: Title | None = None
    availability: Offered | None = None
    tags: Tags | None = None
    """All of them: those that are not given go."""


_PRODUCTS = TypeAdapter(list[ProductRow])


def parse_products(rows: Sequence[object]) -> Parsed[Product]:
    """Turn a batch into products; of several rows of one id the last usable one stands, the others are ``replaced``."""
    parsed = parse_rows(rows, _PRODUCTS, _product)
    last = {product.id: index for index, product in parsed.rows}
    standing = [(index, product) for index, product in parsed.rows if last[product.id] == index]
    return Parsed(standing, parsed.errors, replaced=len(parsed.rows) - len(standing))


def _product(row: ProductRow) -> Product:
    for name, value in (row.model_extra or {}).items():
        if name not in MERCHANT_ONLY:
            raise Refused(dotted((name,)), UNKNOWN)
        if isinstance(value, float) and not math.isfinite(value):
            raise Refused(name, NOT_FINITE)
    return Product(
        id=row.id,
        title=row.title,
        availability=row.availability,
        custom_labels=_custom_labels(row),
        tags=_tags(row.tags),
        **_told(row),
    )


def change_product(product: Product, row: ProductChanges, cleared: Collection[str] = ()) -> Product:
    """Return the product with what is given changed, and what is ``cleared`` not known any more.

    Raises ``Refused`` where prices would be in two currencies.
    """
    given = row.model_fields_set | set(cleared)
    told = {name: value for name, value in _told(row).items() if _FIELD_OF.get(name, name) in given}
    currency = None if "currency" in cleared else product.currency
    told["currency"] = (_currency(row) if given & _MONEY_FIELDS else None) or currency
    changed = replace(product, **cast("dict[str, Any]", told))
    labels = [*product.custom_labels, None, None, None, None, None][:5]
    for place in range(5):
        if f"custom_label_{place}" in given:
            labels[place] = text_or_none(getattr(row, f"custom_label_{place}"))
    changed = replace(
        changed,
        title=row.title or product.title,
        availability=row.availability or product.availability,
        custom_labels=_without_end(labels),
        tags=product.tags if "tags" not in given else _tags(row.tags or []),
    )
    for field in ("price", "sale_price"):
        is_kept = field not in given and getattr(product, field) is not None
        if is_kept and product.currency is not None and changed.currency != product.currency:
            raise Refused(field, "must be given too, since the currency changes")
    return changed


_MONEY_FIELDS = frozenset({"price", "sale_price", "currency"})
_FIELD_OF = {"sale_from": "sale_price_effective_date", "sale_until": "sale_price_effective_date"}
"""By what field of a row a product's value is given, where that is not its name."""


class _Told(TypedDict):
    """What both kinds of rows say."""

    description: str | None
    link: str | None
    image_link: str | None
    price: Decimal | None
    sale_price: Decimal | None
    sale_from: datetime | None
    sale_until: datetime | None
    currency: str | None
    availability_date: datetime | None
    expiration_date: datetime | None
    brand: str | None
    product_type: str | None
    google_product_category: str | None
    item_group_id: str | None
    gtin: str | None
    mpn: str | None
    sku: str | None


def _told(row: ProductFields) -> _Told:
    sale = row.sale_price_effective_date
    return {
        "description": text_or_none(row.description),
        "link": row.link,
        "image_link": row.image_link,
        "price": row.price.amount if row.price else None,
        "sale_price": row.sale_price.amount if row.sale_price else None,
        "sale_from": sale.start if sale else None,
        "sale_until": sale.end if sale else None,
        "currency": _currency(row),
        "availability_date": row.availability_date,
        "expiration_date": row.expiration_date,
        "brand": text_or_none(row.brand),
        "product_type": text_or_none(row.product_type),
        "google_product_category": text_or_none(row.google_product_category),
        "item_group_id": row.item_group_id,
        "gtin": row.gtin and (row.gtin.lstrip("0") or None),
        "mpn": row.mpn,
        "sku": row.sku,
    }


def _currency(row: ProductFields) -> str | None:
    """The one currency of all prices of the row."""
    currency = row.currency
    for field, money in (("price", row.price), ("sale_price", row.sale_price)):
        if money is None or money.currency is None:
            continue
        if currency not in (None, money.currency):
            raise Refused(field, "must be in the same currency as the rest of the row")
        currency = money.currency
    return currency


def _custom_labels(row: ProductFields) -> tuple[str | None, ...]:
    """Labels 0 to 4 by position, as far as the last one given."""
    labels = [row.custom_label_0, row.custom_label_1, row.custom_label_2, row.custom_label_3, row.custom_label_4]
    return _without_end([text_or_none(label) for label in labels])


def _without_end(labels: list[str | None]) -> tuple[str | None, ...]:
    while labels and labels[-1] is None:
        labels.pop()
    return tuple(labels)


def _tags(rows: Sequence[TagRow]) -> tuple[Tag, ...]:
    """Each tag once, with the strongest weight given."""
    tags: dict[str, Tag] = {}
    for row in rows:
        if names_nobody(row.name):
            continue
        tag = Tag(row.name, row.facet, row.weight)
        known = tags.get(tag.id)
        tags[tag.id] = tag if known is None or tag.weight > known.weight else known
    return tuple(tags.values())
