"""Business rules as one factor by product."""

from collections.abc import Callable, Sequence
from math import prod

from app.domain.catalogue import category_path, holds
from app.domain.errors import InvalidError
from app.domain.recommendation import Offer, Rule

_FACTORS = {"include": (1.0, 0.0), "exclude": (0.0, 1.0)}
"""What a product counts that a rule names, and one that it does not."""


def rules_as_factor(rules: Sequence[Rule]) -> Callable[[Offer], float]:
    """Compile the rules into one factor by product: 0 takes it out."""
    checks = [(_matcher(rule), *_FACTORS.get(rule.action, (rule.boost, 1.0))) for rule in rules]

    def factor(offer: Offer) -> float:
        return prod(if_so if matches(offer) else else_ for matches, if_so, else_ in checks)

    return factor


def _matcher(rule: Rule) -> Callable[[Offer], bool]:
    if rule.field == "price":
        ranges = [_price_range(value) for value in rule.values]
        return lambda offer: (paid := offer.paid) is not None and any(low <= paid <= high for low, high in ranges)
    wanted = {value.lower() for value in rule.values}
    if rule.field == "tag":
        return lambda offer: any(tag in wanted or tag.partition(":")[2] in wanted for tag in offer.tags)
    if rule.field == "brand":
        return lambda offer: (offer.brand or "").lower() in wanted
    held = [category_path(value) for value in wanted]
    return lambda offer: (own := offer.category) is not None and any(holds(one, own.lower()) for one in held)


def _price_range(value: str) -> tuple[float, float]:
    """Read ``"low..high"``, either end open."""
    low, dots, high = value.partition("..")
    try:
        return float(low or "-inf"), float((high or "inf") if dots else "")
    except ValueError as error:
        raise InvalidError('A price rule wants values like "5..20", "..20" or "5..".') from error
