"""Readable titles: the data's upper-case abbreviations become what a shopper would call the thing.

Frequent product types have a hand-written name (``names/types.csv``); all others go through a few rules and a
dictionary of abbreviations (``names/words.csv``).
"""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Self

CUT_AT = 30
"""The data cuts product types at so many characters, often in the middle of a word."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


HEADS = _words(
    "ALMONDS APPLES BEANS BEETS CABBAGE CANTALOUPE CARROTS CHERRIES GRAPES HAMS HERBS MELONS MUSHROOMS NECTARINES"
    " ONIONS ORANGES PEACHES PEANUTS PEARS PEAS PEPPERS PINEAPPLE PLUMS POTATOES RADISH SQUASH TOMATOES WATERMELON"
)
"""Nouns that the data puts first: ``APPLES GALA`` is a Gala apple."""

MODIFIERS = _words(
    "all assorted basic better breaded canned choice cooked dry economy enhanced fancy for fresh frozen ground half"
    " large lean light mainstream medium microwave mini other oven packaged plain premium raw red regular seasonal"
    " select single small smoked specialty super traditional value whole white with you"
)
"""Words that need a noun after them; a name of nothing else gets its category's."""

TRAILING = _words(
    "assorted automatic bagged boneless cooked dry packaged pre-sliced processed refrigerated regular seasonal shelled"
    " specialty spiral unsweetened whole"
)
"""Words that the data puts behind their noun: ``PECANS SHELLED`` are shelled pecans."""

_BRACKETS = re.compile(r"\([^)]*\)?")
_SEAFOOD = re.compile(r"^SEAFOOD-(FRZ|FRE|MISC)-(.*)$")
_SWAPPED = re.compile(r"^([^:]+?)(?:: ?| - )(.+)$")
_WITH = re.compile(r"\bW/(O(?= ))? ?")
_JOINTS = re.compile(r"\s*[/&]\s*")


@dataclass(frozen=True, slots=True)
class Titles:
    """The dictionaries, and the words known to be whole (for the cut types)."""

    types: Mapping[tuple[str, str], str]
    words: Mapping[str, str]
    categories: Mapping[str, str]
    whole_words: frozenset[str]

    @classmethod
    def load(cls, product_types: Iterable[str]) -> Self:
        """Read the dictionaries of the package; ``product_types`` teach which words are not cut."""
        uncut = " ".join(name for name in product_types if len(name) < CUT_AT)
        return cls(
            types={(row["category"], row["type"]): row["title"] for row in _read("types.csv")},
            words={row["token"]: row["word"] for row in _read("words.csv")},
            categories={row["category"]: row["name"] for row in _read("categories.csv")},
            whole_words=frozenset(_JOINTS.sub(" ", uncut).split()),
        )

    def type_name(self, category: str, product_type: str) -> str:
        """What a shopper would call the type, in sentence case; the category's name where there is no type."""
        by_hand = self.types.get((category, product_type)) or self.types.get(("", product_type))
        if by_hand:
            return by_hand
        words = self._words_of(product_type)
        if all(word.lower() in MODIFIERS for word in words):
            noun = self.category_name(category)
            words = _without_repeats([*words, *(noun[:1].lower() + noun[1:]).split()])
        return _sentence(words)

    def category_name(self, category: str) -> str:
        """The readable name of a category or a department, in sentence case."""
        return self.categories.get(category) or _sentence(self._words_of(category))

    def _words_of(self, text: str) -> list[str]:
        text = _BRACKETS.sub(" ", self._without_cut_word(text)).strip(" -:/&")
        if match := _SEAFOOD.match(text):
            text = f"{match[1]} {match[2]}" if match[1] != "MISC" else match[2]
        if match := _SWAPPED.match(text):
            text = f"{match[2]} {match[1]}"
        text = _WITH.sub(lambda match: "WITHOUT " if match[1] else "WITH ", text.replace("-MAGAZINE", " MAGAZINE"))
        tokens = _JOINTS.sub(" & ", text).split()
        if tokens and tokens[0] in HEADS:
            tokens = [*tokens[1:], tokens[0]]
        words = [word for token in tokens for word in self._translate(token)]
        return _adjectives_first(_without_loose_and(words))

    def _without_cut_word(self, text: str) -> str:
        if len(text) < CUT_AT or "(" in text:
            return text
        tokens = re.split(r"(?<=[ /&-])", text)
        return text if tokens[-1] in self.whole_words or tokens[-1] in self.words else "".join(tokens[:-1])

    def _translate(self, word: str) -> Iterator[str]:
        if word == "&":
            yield "and"
        elif word in self.words:
            yield from self.words[word].split()
        elif "-" in word.strip("-"):
            for part in word.strip("-").split("-"):
                yield from self._translate(part)
        elif cleaned := word.strip("-.,:;*"):
            yield from self.words.get(cleaned, cleaned.lower()).split()


def _read(name: str) -> Iterator[dict[str, str]]:
    yield from csv.DictReader(resources.files("seed.names").joinpath(name).read_text(encoding="utf-8").splitlines())


def _sentence(words: list[str]) -> str:
    text = " ".join(words)
    text = text.replace(" and ", ", ", text.count(" and ") - 1) if " and " in text else text
    return text[:1].upper() + text[1:]


def _adjectives_first(words: list[str]) -> list[str]:
    noun_end = len(words)
    while noun_end > 1 and words[noun_end - 1] in TRAILING and words[noun_end - 2] != "and":
        noun_end -= 1
    return [*reversed(words[noun_end:]), *words[:noun_end]]


def _without_loose_and(words: list[str]) -> list[str]:
    kept: list[str] = []
    for word in words:
        if word != "and" or (kept and kept[-1] != "and"):
            kept.append(word)
    while kept and kept[-1] in {"and", "with", "without"}:
        kept.pop()
    return _without_repeats(kept)


def _without_repeats(words: list[str]) -> list[str]:
    return [word for before, word in zip(["", *words], words, strict=False) if word != before]
