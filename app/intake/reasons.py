"""Why a field was refused, in words that its sender understands; never quotes what was sent."""

from collections.abc import Callable, Mapping
from typing import Any

from pydantic_core import ErrorDetails

from app.intake.fields import CURRENCY_PATTERN, ID_PATTERN, NO_CURRENCY, TEXT_PATTERN, URL_PATTERN, WORD_PATTERN

MISSING = "is missing"
UNKNOWN = "is not a field that Plural takes"

_MOMENT = "must be a time such as 2026-05-01T10:00:00Z"
_NUMBER = "must be a number"

_PATTERNS = {
    ID_PATTERN: "must have no control characters and no blank at either end",
    TEXT_PATTERN: "must have no control characters but line breaks and tabs",
    CURRENCY_PATTERN: NO_CURRENCY,
    URL_PATTERN: "must be an address that begins with http:// or https://",
    WORD_PATTERN: "must be a lower-case word of letters, digits and underscores",
}

_SENTENCES: Mapping[str, Callable[[dict[str, Any]], str]] = {
    "missing": lambda _: MISSING,
    "extra_forbidden": lambda _: UNKNOWN,
    "model_type": lambda _: "must be an object",
    "model_attributes_type": lambda _: "must be an object",
    "list_type": lambda _: "must be a list",
    "too_long": lambda ctx: f"must have at most {ctx['max_length']} entries",
    "too_short": lambda ctx: f"must have at least {ctx['min_length']} entries",
    "string_type": lambda _: "must be text",
    "string_unicode": lambda _: "must be text of whole Unicode characters",
    "string_too_short": lambda _: "must not be empty",
    "string_too_long": lambda ctx: f"must have at most {ctx['max_length']} characters",
    "string_pattern_mismatch": lambda ctx: _PATTERNS.get(ctx["pattern"], "has a wrong form"),
    "literal_error": lambda ctx: f"must be one of {str(ctx['expected']).replace(' or ', ', ')}",
    "greater_than": lambda ctx: f"must be above {ctx['gt']:g}",
    "greater_than_equal": lambda ctx: f"must be at least {ctx['ge']:g}",
    "less_than_equal": lambda ctx: f"must be at most {ctx['le']:g}",
    "finite_number": lambda _: "must be a finite number",
    "float_type": lambda _: _NUMBER,
    "float_parsing": lambda _: _NUMBER,
    "int_type": lambda _: "must be a whole number",
    "int_parsing": lambda _: "must be a whole number",
    "int_parsing_size": lambda _: "must be a smaller number",
    "int_from_float": lambda _: "must be a whole number",
    "decimal_type": lambda _: _NUMBER,
    "decimal_parsing": lambda _: _NUMBER,
    "decimal_max_digits": lambda ctx: f"must have at most {ctx['max_digits']} digits",
    "timezone_aware": lambda _: "needs a time zone, such as Z or +02:00",
    "value_error": lambda ctx: str(ctx["error"]),
}


def describe(error: ErrorDetails) -> str:
    """Say what the field must be, to be read after its name: "must be above 0"."""
    kind = error["type"]
    if error.get("input") is None and kind.endswith(("_type", "_error")):
        return MISSING
    if kind.startswith("datetime_"):
        return _MOMENT
    sentence = _SENTENCES.get(kind)
    return sentence(error.get("ctx", {})) if sentence else error["msg"][:1].lower() + error["msg"][1:]


def dotted(location: tuple[int | str, ...]) -> str:
    """Join the path to a field with dots: ``lines.0.price_paid``; fit to be sent back whatever it was."""
    path = ".".join(str(part) for part in location)
    return path[:200].encode("utf-8", "replace").decode("utf-8")
