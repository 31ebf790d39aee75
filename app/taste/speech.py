"""How a tag is said within a name: what stands on a shelf's label becomes what a speaker would say."""

import re

from app.taste.words import EMPTY, MOODS, key_of, words_of

_BRACKETS = re.compile(r"\([^)]*\)?|\[[^\]]*\]?")
_BREAK = re.compile(r"\s-+\s|\s-+|-+\s|\s*:\s*")
"""What parts a kind from its detail: "popcorn - microwave", "meat: ham"; not the hyphen of "hip-hop"."""
_AND = re.compile(r"(?<=[^\W\d]{2})\s*[&+]\s*(?=[^\W\d]{2})")
_PATH = " > "
_SLASH = re.compile(r"\s*/\s*")
LETTERS = 3
"""Of a word; fewer are a code, or what a column's width left."""
_REST = frozenset({"all", "etc", "general", "regular"}) | EMPTY


def spoken(name: str) -> str:
    """How a tag is said within a name: in lower case, without brackets, colons, dashes, slashes and the path to it.

    A shelf's label has its kind first ("popcorn - microwave", "pizza/premium"), a speaker has it last; of more than two
    things in one label two are said, and of a path ("Food > Ice cream > Premium") its end, behind which comes what it
    is of where it says only how something is. What nothing would be left of is said as it is.
    """
    *path, last = [level for level in name.lower().split(_PATH) if level.strip()] or [name.lower()]
    words = _label(last)
    return f"{words} {_label(path[-1])}" if path and key_of(words) in MOODS else words


def _label(text: str) -> str:
    """Say the label of one shelf."""
    plain = " ".join(_BRACKETS.sub(" ", text.replace("_", " ")).split())
    kind, *details = _BREAK.split(plain)
    kind, detail = _alternatives(kind), next((words for one in details if _says_something(words := _detail(one))), "")
    if not kind or not detail:
        return kind or detail or text.strip()
    return f"{kind} {detail}" if " and " in kind or key_of(kind) in MOODS else f"{detail} {kind}"


def _alternatives(text: str) -> str:
    """Say "beers/ales" as "beers and ales", and "pizza/premium" as "premium pizza"; "12/18" stays."""
    words = _AND.sub(" and ", text.strip())
    parts = [part for part in _SLASH.split(words) if part]
    if len(parts) < 2 or not all(len(part) >= LETTERS and part[0].isalpha() for part in parts):
        return _without_empty(words)
    parts = [part for part in parts if _is_full(part.split()[0])] or parts[:1]  # "sauces/misc items"
    if len(parts) < 2:
        return parts[0]
    moods = [part for part in parts if key_of(part) in MOODS]
    kinds = [part for part in parts if key_of(part) not in MOODS]
    if moods and kinds:
        return f"{moods[0]} {kinds[0]}"
    last = parts[-1] if " " in parts[-1] and " " not in parts[0] else parts[1]  # "hand/body/facial products"
    if " and " in f"{parts[0]} {last}":
        return parts[0]
    return f"{parts[0]} and {last.removeprefix(parts[0].split()[-1] + ' ')}"  # "frozen meat/meat dinners"


def _without_empty(text: str) -> str:
    """Leave out words that say nothing, unless there are no others."""
    return " ".join(word for word in text.split() if _is_full(word)) or text


def _is_full(word: str) -> bool:
    return word.rstrip(".") not in EMPTY


def _detail(text: str) -> str:
    """Say what stands before a kind: two words of it, or the first thing where things have more words than one."""
    words = _alternatives(text)
    return _SLASH.split(text.strip())[0] if "/" in text and " " in text.strip() else words


def _says_something(words: str) -> bool:
    """Whether a detail is more than "other", a code, or what a column's width left of a word."""
    return len(words) >= LETTERS and "/" not in words and not all(word in _REST for word in words_of(words))
