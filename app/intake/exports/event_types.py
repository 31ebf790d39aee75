"""What other systems call what somebody did, in our words."""

import re
from collections.abc import Iterable, Mapping
from typing import get_args

from app.domain.errors import InvalidError
from app.domain.models import InteractionType

SKIP = "skip"
"""Stands for a type whose rows are left out."""
ANY = "*"
"""Stands for every type that is not known, and for rows that name none."""

_NO_WORD = re.compile(r"[^a-z0-9]")
_WORDS: Mapping[InteractionType, str] = {
    "view": "view views viewed detailview detailviews productview productviewed viewitem itemview click clicked read "
    "watch watched viewportion viewportions",
    "cart": "cart addtocart addedtocart cartaddition cartadditions productadded",
    "uncart": "removefromcart removedfromcart productremoved",
    "wish": "wish wishlist addtowishlist like liked star starred favorite favourite bookmark bookmarks",
    "purchase": "purchase purchases purchased buy bought order ordered ordercompleted transaction",
    "share": "share shared",
}
_KNOWN: Mapping[str, InteractionType] = {word: type_ for type_, words in _WORDS.items() for word in words.split()}


def known_type(name: str) -> InteractionType | None:
    """Return our type of somebody else's word, however it is spelled: ``AddToCart`` is our ``cart``."""
    return _KNOWN.get(_NO_WORD.sub("", name.lower()))


class EventTypes:
    """What rows of an export are events of."""

    def __init__(self, given: Mapping[str, str] | None = None) -> None:
        """``given`` goes before what is known: our type, or ``skip``, by their name or ``*``."""
        self._given = given or {}

    @classmethod
    def parse(cls, given: Iterable[str]) -> "EventTypes":
        """Read ``their name=our type``; ``InvalidError`` for what is no such thing."""
        types: dict[str, str] = {}
        for text in given:
            name, _, type_ = text.rpartition("=")
            if not name or type_ not in (*get_args(InteractionType), SKIP):
                raise InvalidError(
                    f"--type {text} is none: write NAME=TYPE, where TYPE is {', '.join(get_args(InteractionType))} or "
                    f"{SKIP}, and NAME is what the file says, or {ANY} for all that is not known."
                )
            types[name] = type_
        return cls(types)

    def find(self, name: str | None) -> str | None:
        """Return our type, or ``skip``; ``None`` where nobody said what it is."""
        if name is not None and name in self._given:
            return self._given[name]
        return (known_type(name) if name is not None else None) or self._given.get(ANY)
