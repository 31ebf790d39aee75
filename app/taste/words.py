"""Words of tags: one key for all spellings of a tag, how it is said, and tags that say nothing of a product."""

import re
import unicodedata

_NOT_A_WORD = re.compile(r"[^\w]+|_")
_YEAR = re.compile(r"(19|20)\d\d")
_SHORT = 3
"""Letters up to which a word is left as it is: gas, bus."""


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text, in lower case, singular and without accents, "and" left out."""
    plain = unicodedata.normalize("NFKD", text.replace("'s ", "s ").replace("'", "")).casefold()
    letters = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return tuple(singular(word) for word in _NOT_A_WORD.sub(" ", letters).split() if word != "and")


_EMPTY = frozenset({"assorted", "misc", "miscellaneous", "other", "various"})


def key_of(text: str) -> str:
    """What all spellings of a tag have in common: its words without the gaps ("Hip-Hop", "hip hop", "hiphops").

    Words that say nothing are left out: assorted peppers are peppers.
    """
    return "".join(word for word in words_of(text) if word not in _EMPTY)


def singular(word: str) -> str:
    """The singular of an English word, by its ending; good enough to bring spellings together, not to be read."""
    if len(word) <= _SHORT or word.endswith(("ss", "us", "is")) or word[:-1].isdigit():
        return word
    if word.endswith("ies"):
        return f"{word[:-3]}y"
    if word.endswith(("ches", "shes", "xes", "sses", "zes", "oes")):
        return word[:-2]
    return word.removesuffix("s")


_GENERIC = """
    seen live, live, favorite, favourite, favorite songs, favourite songs, favorite bands, favorite artists,
    favourite artists, favorite albums, albums i own, my music, mine, love, loved, i love, love it, love at
    first listen, awesome, fucking awesome, amazing, beautiful, lovely, cool, best, the best, best ever, best
    song ever, good, good stuff, great, great song, great lyrics, nice, perfect, brilliant, genius, fantastic,
    wonderful, excellent, incredible, wow, hot, cute, sick, crazy, legend, addictive, catchy, powerful,
    underrated, overrated, guilty pleasure, check out, to listen, wishlist, want, owned, bought, all, other,
    others, misc, miscellaneous, assorted, various, general, default, unknown, none, n a, na, untitled, test,
    new, new arrival, sale, offer, deal, clearance, bestseller, best seller, featured, popular, top, top 40, top
    100, hit, single, single song, friends, memories, funny, fun, cover, covers, day by day, under 2000
    listeners, spotify, lastfm, hidden gem, heard on pandora, fip, male, female, <3, not emo
"""
GENERIC = frozenset(key_of(phrase) for phrase in _GENERIC.replace("\n", " ").split(","))


def is_generic(name: str) -> bool:
    """Whether a tag says what people think of a product, or nothing, and not what the product is."""
    key = key_of(name)
    return len(key) < 2 or key in GENERIC or bool(_YEAR.fullmatch(key))


_MOODS = """
    acoustic, aggressive, ambient, angry, artisan, atmospheric, bold, bright, budget, calm, casual, cheap,
    cheerful, chill, chillout, classic, comfy, cosy, cozy, creamy, crunchy, dark, deluxe, dreamy, economy,
    elegant, emotional, energetic, epic, ethereal, family, fancy, festive, fresh, gloomy, gourmet, handmade,
    happy, hard, healthy, heavy, holiday, imported, indulgent, intense, kids, light, luxury, mellow,
    melancholic, melancholy, minimal, modern, natural, nostalgic, old school, organic, party, peaceful, playful,
    premium, quick, quirky, rainy, raw, relax, relaxing, retro, romantic, rustic, sad, savory, seasonal,
    sensual, simple, smooth, snack, soft, sophisticated, spicy, sporty, store brand, summer, sweet, traditional,
    upbeat, upscale, uplifting, urban, value, vegan, vegetarian, vintage, warm, winter
"""
MOODS = frozenset(key_of(phrase) for phrase in _MOODS.replace("\n", " ").split(","))
MOOD_FACETS = frozenset({"mood", "style", "feel", "occasion", "season", "flavour", "flavor", "taste", "diet", "label",
                         "material", "colour", "color", "finish", "quality"})  # fmt: skip


def is_mood(name: str, facet: str) -> bool:
    """Whether a tag stands before the kind of thing, as "gourmet" does in "gourmet cat food"."""
    return facet.casefold() in MOOD_FACETS or key_of(name) in MOODS


_BRACKETS = re.compile(r"\([^)]*\)?|\[[^\]]*\]?")
_BREAK = re.compile(r"\s-+\s|\s-+|-+\s|\s*:\s*")
"""What parts a kind from its detail: "popcorn - microwave", "meat: ham"; not the hyphen of "hip-hop"."""
_AND = re.compile(r"(?<=[^\W\d]{2})\s*[&+]\s*(?=[^\W\d]{2})")
_SLASH = re.compile(r"\s*/\s*")
_REST = frozenset({"all", "etc", "general", "regular"}) | _EMPTY


def spoken(name: str) -> str:
    """How a tag is said within a name: in lower case, without brackets, colons, dashes and slashes.

    A shelf's label has its kind first ("popcorn - microwave", "pizza/premium"), a speaker has it last; of more than two
    things in one label the first two are said. What nothing would be left of is said as it is.
    """
    plain = " ".join(_BRACKETS.sub(" ", name.replace("_", " ").lower()).split())
    kind, *details = (_alternatives(part) for part in _BREAK.split(plain))
    detail = next((words for words in details if _says_something(words)), "")
    if not kind or not detail:
        return kind or detail or name.strip().lower()
    return f"{kind} {detail}" if " and " in kind else f"{detail} {kind}"


def _alternatives(text: str) -> str:
    """Say "beers/ales" as "beers and ales", and "pizza/premium" as "premium pizza"; "12/18" stays."""
    words = _AND.sub(" and ", text.strip())
    parts = [part for part in _SLASH.split(words) if part]
    if len(parts) < 2 or not all(len(part) >= _SHORT and part[0].isalpha() for part in parts):
        return words
    moods = [part for part in parts if key_of(part) in MOODS]
    kinds = [part for part in parts if key_of(part) not in MOODS]
    if moods and kinds:
        return f"{moods[0]} {kinds[0]}"
    last = parts[-1] if " " in parts[-1] and " " not in parts[0] else parts[1]  # "hand/body/facial products"
    return f"{parts[0]} and {last}"


def _says_something(words: str) -> bool:
    """Whether a detail is more than "other", a code, or what a column's width left of a word."""
    return len(words) >= _SHORT and "/" not in words and not all(word in _REST for word in words_of(words))
