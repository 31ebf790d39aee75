"""Words of tags: one key for all spellings of a tag, and tags that say nothing of a product."""

import re
import unicodedata

_NOT_A_WORD = re.compile(r"[^\w]+|_")
_YEAR = re.compile(r"(19|20)\d\d")
_SHORT = 3
"""Letters up to which a word is left as it is: gas, bus."""


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text, in lower case, singular and without accents, "and" left out."""
    return tuple(singular(word) for word in plain_words_of(text))


def plain_words_of(text: str) -> tuple[str, ...]:
    """The words of a text in the number in which they stand, else as ``words_of``."""
    plain = unicodedata.normalize("NFKD", text.replace("'s ", "s ").replace("'", "")).casefold()
    letters = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return tuple(word for word in _NOT_A_WORD.sub(" ", letters).split() if word != "and")


EMPTY = frozenset({"assorted", "misc", "miscellaneous", "other", "various"})
"""Words that say nothing."""


def key_of(text: str) -> str:
    """What all spellings of a tag have in common: its words without the gaps ("Hip-Hop", "hip hop", "hiphops").

    Words that say nothing are left out: assorted peppers are peppers.
    """
    return "".join(word for word in words_of(text) if word not in EMPTY)


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
    listeners, spotify, lastfm, hidden gem, heard on pandora, fip, male, female, <3, not emo, living legend,
    legends, legendary, superstar, star, diva, lol, shit, officially shit, crap, weird, want to see live, to buy,
    inspirational, must have, recommended, i like, like, bad, boring, worst, overpriced
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
