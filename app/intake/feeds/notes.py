"""What is said about a feed that is not the fault of one row, and what its reader has to be told."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from app.intake.merchant import MERCHANT_ONLY
from app.intake.products import ProductRow

USED = frozenset(ProductRow.model_fields)
"""Fields of a row that become part of a product."""

MOST_LEFT_OUT = 50
"""Unknown columns that are listed; a damaged file can have as many as it has cells."""


@dataclass(frozen=True, slots=True)
class FeedOptions:
    """What a file does not say of itself."""

    locale: str | None = None
    """How its numbers are written, e.g. ``de``: ``1.234,50``. None: with a point and no thousands."""
    currency: str | None = None
    """Of prices that are written without one."""
    encoding: str | None = None
    """None: UTF-8, UTF-16 and Latin-1 are found out."""


def _is_yes(value: object) -> bool:
    return str(value).strip().lower() in {"yes", "true", "1"}


def _is_used(value: object) -> bool:
    return str(value).strip().lower() in {"used", "refurbished"}


def _is_given(value: object) -> bool:
    return bool(str(value).strip())


Watch = tuple[Callable[[object], bool], str]

WATCHED: Mapping[str, Watch] = {
    "adult": (_is_yes, "is for adults only: it is recommended to everybody, unless a rule excludes it"),
    "condition": (_is_used, "is used or refurbished: it is recommended like what is new"),
    "excluded_destination": (_is_given, "is excluded from a destination: it is recommended all the same"),
    "shopping_ads_excluded_country": (_is_given, "is excluded in a country: it is recommended all the same"),
    "pause": (_is_given, "is paused: it is recommended all the same"),
    "installment": (_is_given, "is paid in instalments: its price is taken as it stands"),
    "subscription_cost": (_is_given, "costs a subscription too: its price is taken as it stands"),
    "loyalty_program": (_is_given, "has a price for members: it is not used"),
    "international_price": (_is_given, "has a price for other countries: it is not used"),
}
"""Fields without an effect of their own that change what a product or its price is: how often, and what follows."""

KNOWN = USED | MERCHANT_ONLY | WATCHED.keys()


@dataclass(slots=True)
class FeedNotes:
    """What a reader noticed; it does not grow with the file."""

    form: str = ""
    """What the file is: "Google Merchant, separated by tabs, in UTF-8"."""
    left_out: dict[str, None] = field(default_factory=dict[str, None])
    """Columns and elements that nobody knows, in the order in which they came."""
    counted: Counter[str] = field(default_factory=Counter[str])
    """How many products each of some sentences is true of."""
    others: list[str] = field(default_factory=list[str])
    """Whole sentences."""

    def leave_out(self, name: str) -> None:
        """Note a field that Plural does not know."""
        if len(self.left_out) < MOST_LEFT_OUT:
            self.left_out[name[:100]] = None

    def sentences(self, file: str) -> list[str]:
        """What whoever sends the file should know."""
        told = [f"{file}: {one}" for one in self.others]
        if self.left_out:
            told.append(f"{file}: left out, since Plural does not know them: {', '.join(self.left_out)}.")
        return told + [f"{file}: {times:,} x {what}." for what, times in self.counted.most_common()]
