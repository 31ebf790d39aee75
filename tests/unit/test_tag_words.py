"""Tags are brought to one spelling, and what says nothing of a product is left out."""

import numpy as np
import pytest

from app.taste.sensitive import is_sensitive, phrases_of, topics_of
from app.taste.speech import spoken
from app.taste.tags import CleanTags, clean_tags
from app.taste.values import Edges, Tagging
from app.taste.words import is_generic, key_of, words_of


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Hip-Hop", "hip hop"),
        ("Tomatoes", "tomato"),
        ("Berries", "berry"),
        ("Beyoncé", "beyonce"),
        ("salt & pepper", "Salt and Pepper"),
        ("assorted peppers", "peppers"),
        ("80's", "80s"),
    ],
)
def test_spellings_of_one_tag_have_one_key(one: str, other: str) -> None:
    assert key_of(one) == key_of(other)


def test_short_words_and_false_plurals_stay() -> None:
    assert words_of("gas bus glass tennis 90s") == ("gas", "bus", "glass", "tennis", "90s")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Cat Food", "cat food"),
        ("popcorn - microwave", "microwave popcorn"),
        ("pasta: canned", "canned pasta"),
        ("fitness&diet - bars", "fitness and diet bars"),
        ("vegetables - all others", "vegetables"),
        ("pure juice - o", "pure juice"),
        ("candy bars (singles)(including", "candy bars"),
        ("beers/ales", "beers and ales"),
        ("tortilla/nacho chips", "tortilla and nacho chips"),
        ("hand/body/facial products", "hand and facial products"),
        ("pizza/premium", "premium pizza"),
        ("water - carbonated/flavoured drink", "carbonated water"),
        ("tomatoes: stewed/diced", "stewed and diced tomatoes"),
        ("premium - meat", "premium meat"),
        ("Pets > Dog Supplies > Dog Food", "dog food"),
        ("Grocery > Ice Cream > Premium", "premium ice cream"),
        ("frozen meat/meat dinners", "frozen meat and dinners"),
        ("sauces/misc. items", "sauces"),
        ("misc. dairy", "dairy"),
        ("baked_bread", "baked bread"),
        ("hip-hop", "hip-hop"),
        ("r&b", "r&b"),
        ("cans 12/18", "cans 12/18"),
        ("(x)", "(x)"),
    ],
)
def test_a_shelf_label_is_said_as_a_speaker_would(name: str, said: str) -> None:
    assert spoken(name) == said
    assert spoken(said) == said


@pytest.mark.parametrize(
    "name", ["seen live", "Favourites", "living legend", "LOL", "<3", "2008", "albums I own", "misc"]
)
def test_opinions_are_generic(name: str) -> None:
    assert is_generic(name)


@pytest.mark.parametrize("name", ["live jazz", "love songs", "80s", "cat food"])
def test_what_a_product_is_is_not_generic(name: str) -> None:
    assert not is_generic(name)


@pytest.mark.parametrize(
    "name",
    [
        "Laxatives",
        "cold & flu",
        "Christian rock",
        "halal meat",
        "political hip-hop",
        "gay",
        "Family Planning",
        "payday loans",
        "female vocalists",
        "women's shoes",
        "teen pop",
        "Hispanic",
        "pregnancy tests",
        "AIDS",
        "first aid",
        "hearing aids",
        "cold and flu",
    ],
)
def test_what_tells_of_more_than_taste_is_sensitive(name: str) -> None:
    assert is_sensitive(name)


@pytest.mark.parametrize(
    "name",
    ["black metal", "cat food", "soft drinks", "light dinner for one", "manchester", "soul", "Kool-Aid", "Live Aid"],
)
def test_taste_is_not_sensitive(name: str) -> None:
    assert not is_sensitive(name)


@pytest.mark.parametrize(
    ("text", "topics"),
    [
        ("Pregnancy test, 2 CT", "health"),
        ("The Jesus and Mary Chain", "faith"),
        ("Payday loans for lesbians", "need sexuality"),
        ("Ethnic hair care", "origin"),
        ("Kool-Aid", ""),
        ("Live Aid", ""),
        ("Women's boots", ""),
        ("Soft drinks", ""),
        ("", ""),
    ],
)
def test_what_a_product_is_about_is_sensitive_by_its_words(text: str, topics: str) -> None:
    assert topics_of([text]) == {*topics.split()}


def test_a_shop_adds_terms_and_takes_some_away() -> None:
    added, removed = phrases_of(["hair loss"]), phrases_of(["health food", "faith no more"])

    assert topics_of(["Hair-loss shampoo"], added) == {"shop"}
    assert topics_of(["Health foods"], added, removed) == topics_of(["Faith No More"], added, removed) == set()
    assert (
        topics_of(["Health foods and vitamins"], added, removed) == topics_of(["Health"], added, removed) == {"health"}
    )


def cleaned(worn: dict[str, list[int]], products: int = 40) -> CleanTags:
    """Clean tags from which products wear them; all products wear one more tag, so that all are tagged."""
    tags = sorted({*worn, "tag:everywhere"})
    edges = [(product, tags.index("tag:everywhere"), 1.0) for product in range(products)]
    edges += [(product, tags.index(tag), 1.0) for tag, wearers in worn.items() for product in wearers]
    columns = [np.asarray(column) for column in zip(*sorted(edges), strict=True)]
    return clean_tags(Tagging(tuple(tags), Edges(columns[0], columns[1], columns[2])), {})


def test_spellings_are_merged_under_the_commonest() -> None:
    tags = cleaned({"tag:hip-hop": [0, 1, 2, 3], "tag:hip hop": [3, 4]})

    assert tags.names == ("hip-hop",)
    assert tags.carriers.tolist() == [5]


def test_a_slip_of_the_pen_is_what_was_meant() -> None:
    tags = cleaned({"tag:electronic": [0, 1, 2, 3, 4], "tag:electornic": [5], "tag:electroni": [6]})

    assert tags.names == ("electronic",)
    assert tags.carriers.tolist() in ([6], [7])


def test_tags_that_are_everywhere_or_nearly_nowhere_are_out() -> None:
    assert cleaned({"tag:common": list(range(20)), "tag:rare": [1, 2], "tag:jazz": [1, 2, 3]}).names == ("jazz",)


def test_generic_tags_are_out() -> None:
    assert cleaned({"tag:seen live": [1, 2, 3, 4]}).names == ()


def test_no_tags_are_no_tags() -> None:
    none = np.empty(0, dtype=np.int64)

    assert clean_tags(Tagging((), Edges(none, none, np.empty(0))), {}).names == ()
