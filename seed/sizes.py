"""Package sizes as printed on a shelf label, made readable: ``L    16 OZ`` becomes ``16 oz``."""

import re

UNITS = {
    "OZ": "oz", "OZS": "oz", "Z": "oz", "LB": "lb", "LBS": "lb", "CT": "count", "L": "l", "LT": "l",
    "ML": "ml", "G": "g", "GA": "gal", "GAL": "gal", "QT": "qt", "PT": "pt", "DZ": "dozen", "DOZ": "dozen",
    "PK": "pack", "PKS": "pack",
    "SQ FT": "sq ft", "FT": "ft", "IN": "in", "PC": "pieces", "PCS": "pieces", "LOAD": "loads", "LOADS": "loads",
    "LD": "loads", "LDS": "loads", "STEM": "stems", "STEMS": "stems", "CUP": "cups",
}  # fmt: skip
"""Unit on the label -> unit in a title."""

LARGEST = 2_500
"""Numbers above this are item numbers that somebody typed into the size field."""

_NUMBER = r"(\d*\.?\d+)"
_UNIT = "(" + "|".join(sorted((re.escape(unit) for unit in UNITS), key=len, reverse=True)) + ")"
_NOISE = re.compile(r"^[A-Z]{1,2} (?=[\d.])|\bFL (?=OZ)|^\(\d+\) ")
_PLAIN = re.compile(rf"^{_NUMBER} ?{_UNIT}\b")
_MIXED = re.compile(rf"^(\d+ )?([1357])/([2348]) ?{_UNIT}\b")
_RANGE = re.compile(r"^(\d[\d.]*-\d[\d.]*) ?(CT|LB)\b")
_MULTIPACK = re.compile(rf"^(\d+) ?(?:PK)? ?[/ -] ?{_NUMBER} ?{_UNIT}\b")
_PACK_LAST = re.compile(rf"^{_NUMBER} ?{_UNIT}/(\d+) ?(PK|CT)\b")
_COUNT_FIRST = re.compile(rf"^(\d+) ?CT[/ ]{_NUMBER} ?{_UNIT}\b")


def readable_size(label: str | None) -> str | None:
    """A label's size for a title, e.g. ``12 x 12 oz``; None when it says nothing a shopper could read."""
    if label is None:
        return None
    text = _NOISE.sub("", " ".join(label.upper().split()))
    if text in UNITS:
        return f"1 {UNITS[text]}"
    size = _parse(text)
    return None if size in {"1 count", "1 pack", "1 pieces", "1 stems"} else size


def _parse(text: str) -> str | None:
    if match := _MIXED.match(text):
        whole, top, bottom, unit = match.groups()
        return f"{whole or ''}{top}/{bottom} {UNITS[unit]}"
    if match := _RANGE.match(text):
        return f"{match[1]} {UNITS[match[2]]}"
    if match := _COUNT_FIRST.match(text):
        return f"{match[1]} count, {_number(match[2])} {UNITS[match[3]]}"
    if match := _PACK_LAST.match(text):
        if match[4] == "CT":
            return f"{match[3]} count, {_number(match[1])} {UNITS[match[2]]}"
        return f"{match[3]} x {_number(match[1])} {UNITS[match[2]]}"
    if (match := _MULTIPACK.match(text)) and 1 < float(match[1]) <= LARGEST and float(match[2]) > 0:
        return f"{match[1]} x {_number(match[2])} {UNITS[match[3]]}"
    if (match := _PLAIN.match(text)) and float(match[1]) <= LARGEST:
        return f"{_number(match[1])} {UNITS[match[2]]}"
    return None


def _number(digits: str) -> str:
    return f"{float(digits):g}"
