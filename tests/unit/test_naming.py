"""Microgenres are called by mood, kind and detail; communities by what sets them apart, and never by who they are."""

import numpy as np
import pytest

from app.taste.naming import GenreLabel, find_apart, name_communities, name_genres
from app.taste.tags import CleanTags
from app.taste.values import Edges


def tags_of(*worn: tuple[str, str, list[int]]) -> CleanTags:
    """Clean tags from name, facet and the products that wear them."""
    pairs = sorted((product, tag) for tag, (_, _, wearers) in enumerate(worn) for product in wearers)
    source, target = (np.asarray(column) for column in zip(*pairs, strict=True))
    return CleanTags(
        names=tuple(name for name, _, _ in worn),
        facets=tuple(facet for _, facet, _ in worn),
        ids=tuple(f"{facet}:{name}" for name, facet, _ in worn),
        edges=Edges(source, target, np.ones(len(pairs))),
        carriers=np.asarray([len(wearers) for _, _, wearers in worn]),
    )


def named(tags: CleanTags, genre_of: list[int], taken: tuple[str, ...] = ()) -> list[GenreLabel | None]:
    joined = Edges(np.arange(len(genre_of)), np.asarray(genre_of), np.ones(len(genre_of)))
    return name_genres(tags, joined, max(genre_of) + 1, np.ones(len(genre_of)), taken)


CATS = tags_of(
    ("cat food", "category", [0, 1, 2, 3]),
    ("dry cat food", "type", [0, 1, 2]),
    ("gourmet", "mood", [0, 1, 2]),
    ("cat litter", "category", [4, 5]),
    ("beer", "category", [6, 7, 8, 9]),
)


def names(labels: list[GenreLabel | None]) -> list[str | None]:
    return [label.name if label else None for label in labels]


def test_a_name_has_mood_kind_and_detail() -> None:
    assert names(named(CATS, [0, 0, 0, 1, 1, 1, 2, 2, 2, 2])) == [
        "gourmet dry cat food",
        "cat litter",
        "beer",
    ]


def test_two_kinds_are_both_said() -> None:
    assert names(named(CATS, [0, 0, 0, 0, 0, 0, 1, 1, 1, 1]))[0] == "cat food and litter"


KINDS = ("dry cat food", "canned cat food", "beers/ales", "popcorn - microwave", "spices & extracts")


@pytest.mark.parametrize(
    ("one", "other", "name"),
    [
        (0, 1, "dry and canned cat food"),
        (0, 3, "dry cat food and microwave popcorn"),
        (2, 3, "beers and ales"),
        (3, 4, "microwave popcorn with spices and extracts"),
    ],
)
def test_two_kinds_share_their_words_and_make_no_chain(one: int, other: int, name: str) -> None:
    """The first is on two products more, so it is said first; a label of two things takes no third."""
    tags = tags_of((KINDS[one], "category", [0, 1, 2, 3, 4]), (KINDS[other], "category", [5, 6, 7]))

    assert names(named(tags, [0] * 8)) == [name]


def test_a_third_thing_is_said_only_to_tell_two_genres_apart() -> None:
    tags = tags_of(("beers/ales", "category", list(range(10))), ("chips", "type", [10, 11, 12]))

    assert names(named(tags, [0] * 13)) == ["beers and ales"]
    assert names(named(tags, [0] * 3 + [1] * 10)) == ["beers and ales", "beers and ales with chips"]


def test_a_country_and_its_people_are_not_two_kinds() -> None:
    tags = tags_of(("russian", "tag", [0, 1, 2, 3]), ("russia", "tag", [4, 5, 6]), ("rock", "tag", [7, 8]))

    assert names(named(tags, [0] * 7 + [1, 1])) == ["russian", "rock"]


def test_no_two_are_called_the_same_nor_as_one_that_somebody_named() -> None:
    labels = names(named(CATS, [0, 0, 1, 1, 1, 0, 2, 3, 2, 3], taken=("Beer",)))

    assert len({label.casefold() for label in labels if label} | {"beer"}) == 5


def test_sensitive_tags_name_nothing_where_there_is_another_word() -> None:
    tags = tags_of(("laxatives", "category", [0, 1, 2]), ("baby care", "category", [2, 3, 4]))

    assert named(tags, [0] * 5) == [GenreLabel("baby care", sensitive=False)]


def test_what_is_mostly_sensitive_is_marked_and_called_what_it_is() -> None:
    tags = tags_of(("laxatives", "category", [0, 1, 2, 3]), ("lip balm", "type", [4]))

    assert named(tags, [0] * 5) == [GenreLabel("laxatives", sensitive=True)]


def test_a_broad_sensitive_tag_does_not_mark_what_a_better_word_describes() -> None:
    tags = tags_of(("drugs", "department", list(range(12))), ("foil", "type", [0, 1, 2]), ("tape", "type", [3]))

    assert named(tags, [0, 0, 0, *[1] * 9])[0] == GenreLabel("foil", sensitive=False)


def test_a_genre_of_nothing_else_is_marked() -> None:
    tags = tags_of(("laxatives", "category", [0, 1, 2]), ("beer", "category", [3]))

    assert named(tags, [0, 0, 0, 1])[0] == GenreLabel("laxatives", sensitive=True)


def test_a_genre_without_tags_has_no_name() -> None:
    assert named(CATS, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1])[1] is None


COUNTS = np.asarray([[400.0, 20, 100, 300], [20.0, 400, 100, 300]])
TERMS = ("cat food", "beer", "soup", "women")


def test_a_community_is_called_by_what_sets_it_apart() -> None:
    labels = name_communities([find_apart(COUNTS)], [TERMS])

    assert [label.name for label in labels] == ["cat food", "beer"]


def test_a_handful_of_likes_sets_nothing_apart() -> None:
    assert name_communities([find_apart(COUNTS / 200)], [TERMS])[0].name is None


def test_a_community_is_never_called_by_who_is_in_it() -> None:
    labels = name_communities([find_apart(COUNTS[:, ::-1])], [("women", "soup", "gay", "christian rock")])

    assert [label.terms for label in labels] == [(), ()]


def test_no_two_communities_are_called_the_same() -> None:
    sureness = np.asarray([[9.0, 3, 2.5], [9.0, 2.5, 3], [9.0, 2.5, 2.2], [9.0, 0, 0]])
    labels = [label.name for label in name_communities([sureness], [("cat food", "beer", "soup")])]

    assert len(set(labels)) == 4


def test_log_odds_are_those_of_the_paper() -> None:
    """By hand, Monroe et al. (2008), equations 15 to 22, for the first cell."""
    prior = 500 * COUNTS.sum(axis=0)[0] / COUNTS.sum()
    inside, outside = 400 + prior, 20 + prior
    odds = np.log(inside / (820 + 500 - inside)) - np.log(outside / (820 + 500 - outside))

    assert find_apart(COUNTS)[0, 0] == odds / np.sqrt(1 / inside + 1 / outside)
