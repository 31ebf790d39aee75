"""How exports write what is so or not, lists of words, and descriptions in HTML."""

import html
import re

_YES = frozenset({"yes", "true", "1"})
_NO = frozenset({"no", "false", "0", "-1"})
_MARKUP = re.compile(r"<(?:script|style)\b.*?</(?:script|style)\s*>|<!--.*?-->|<[^>]*>", re.DOTALL | re.IGNORECASE)
_BLANKS = re.compile(r"[ \t\xa0\r\n]+")

LONGEST_DESCRIPTION = 5_000
LONGEST_WORD = 100
MOST_WORDS = 40


def is_yes(text: str) -> bool:
    """Whether a text says yes."""
    return text.strip().lower() in _YES


def is_no(text: str) -> bool:
    """Whether a text says no; no text says nothing."""
    return text.strip().lower() in _NO


def plain_text(markup: str) -> str:
    """Return what a description in HTML says, cut to what may be sent."""
    if "<" not in markup and "&" not in markup:
        return markup[:LONGEST_DESCRIPTION]
    return _BLANKS.sub(" ", html.unescape(_MARKUP.sub(" ", markup))).strip()[:LONGEST_DESCRIPTION]


def split_list(text: str) -> list[str]:
    """Return the parts of a list with commas."""
    return [part.strip() for part in text.split(",") if part.strip()]


def split_words(text: str) -> list[str]:
    """Return the words of a list with commas, without those that are too long to be words."""
    return [word for word in split_list(text) if len(word) <= LONGEST_WORD][:MOST_WORDS]


def word_tag(word: str) -> dict[str, str]:
    """Return a tag; of ``colour:red`` the facet is ``colour``."""
    facet, colon, name = (part.strip() for part in word.partition(":"))
    return {"facet": facet.lower(), "name": name} if colon and name and 0 < len(facet) <= 50 else {"name": word}
