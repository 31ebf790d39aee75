"""Business rules as one factor by product."""

from collections.abc import Callable, Sequence
from math import prod

from app.domain.catalogue import category_path, holds
from app.domain.errors import InvalidError
from app.domain.price_range import parse_price_range
from app.domain.recommendation import Offer, Rule

_FACTORS = {"include": (1.0, 0.0), "exclude": (0.0, 1.0)}
"""What a product counts that a rule names, and one that it does not."""


def rules_as_factor(rules: Sequence[Rule], currency: str | None = None) -> Callable[[Offer], float]:
    """Compile the rules into one factor by product: 0 takes it out.

    ``currency`` is the shop's, of prices and ranges that name none. Raises ``InvalidError`` for a rule that cannot be
    read.
    """
    checks = [(_matcher(rule, currency), *_FACTORS.get(rule.action, (rule.boost, 1.0))) for rule in rules]

    def factor(offer: Offer) -> float:
        return prod(if_so if matches(offer) else else_ for matches, if_so, else_ in checks)

    return factor


def _matcher(rule: Rule, currency: str | None) -> Callable[[Offer], bool]:
    if rule.field == "price":
        try:
            ranges = [parse_price_range(value) for value in rule.values]
        except ValueError as error:
            raise InvalidError(f"rules: {error}.") from error
        return lambda offer: any(one.holds(offer.paid, offer.currency, currency) for one in ranges)
    wanted = {value.lower() for value in rule.values}
    if rule.field == "tag":
        return lambda offer: any(tag in wanted or tag.partition(":")[2] in wanted for tag in offer.tags)
    if rule.field == "brand":
        return lambda offer: (offer.brand or "").lower() in wanted
    held = [category_path(value) for value in wanted]
    return lambda offer: (own := offer.category) is not None and any(holds(one, own.lower()) for one in held)
