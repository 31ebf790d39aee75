"""Google's product taxonomy: numbers that stand for categories. No I/O."""

import re
from collections.abc import Iterable, Mapping

_LINE = re.compile(r"([0-9]{1,9}) - (.+)")
_NUMBER = re.compile(r"([0-9]{1,9})(?: - .*)?")


class Taxonomy:
    """Categories by Google's numbers; without any, every category is what a feed says."""

    def __init__(self, paths: Mapping[int, str] | None = None) -> None:
        self._paths = paths or {}

    @classmethod
    def parse(cls, lines: Iterable[str]) -> "Taxonomy":
        """Read Google's file "taxonomy-with-ids": ``499 - Home & Garden > Kitchen``; other lines say nothing."""
        found = (_LINE.fullmatch(line.strip()) for line in lines)
        return cls({int(one[1]): one[2] for one in found if one})

    def __len__(self) -> int:
        return len(self._paths)

    def path_of(self, category: str | None) -> str | None:
        """Return the category that a number stands for, alone or before its path; any other text as it is."""
        number = _NUMBER.fullmatch(category.strip()) if category else None
        return self._paths.get(int(number[1]), category) if number else category
