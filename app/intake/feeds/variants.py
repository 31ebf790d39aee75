"""How Shopify says what a variant is and costs, wherever it does so: in its product export and in its webhooks."""

from collections.abc import Mapping

from app.intake.products import read_money

_PLAIN = "default title"
"""The value of the option of a product that has no variants."""
_LONGEST_FACET, _LONGEST_VALUE = 50, 100


def variant_values(values: Mapping[str, str | None]) -> dict[str, str]:
    """Return what a variant is by the names of the options, such as ``{"Size": "Small"}``; blank ones are left out."""
    return {name: value for name, value in values.items() if value and value.lower() != _PLAIN}


def variant_title(title: str, values: Mapping[str, str]) -> str:
    """Return ``Tee - Small / Red``, or the bare title where there is nothing to add or to add to."""
    return f"{title} - {' / '.join(values.values())}" if title and values else title


def variant_tags(values: Mapping[str, str]) -> list[dict[str, str]]:
    """Return a tag for each value, whose facet is the name of the option."""
    return [{"facet": name.lower()[:_LONGEST_FACET], "name": value[:_LONGEST_VALUE]} for name, value in values.items()]


def compared_prices(price: object, compare_at: object) -> dict[str, object]:
    """Return ``price`` and, where less than what it is compared at is paid, ``sale_price``.

    What is paid is ``price``; shops leave 0.00 or an old amount in ``compare_at``, which then says nothing.
    """
    try:
        is_less = read_money(price).amount < read_money(compare_at).amount
    except ValueError:
        is_less = False
    return {"price": compare_at, "sale_price": price} if is_less else {"price": price}
