"""Ids of communities are carried from run to run, and what became of each is told."""

import numpy as np

from app.taste.lineage import Former, Lineage, trace


def traced(old: str, new: str, sizes: dict[str, int] | None = None, last: int | None = None) -> Lineage:
    """Trace from communities written as a letter a product: "aab" are two of a and one of b, "." is none."""
    letters = sorted(set(old) - {"."})
    todays = sorted(set(new) - {"."})
    former = Former(
        parts=np.asarray([letters.index(one) if one in letters else -1 for one in old]),
        ids=tuple(f"c{number}" for number in range(1, len(letters) + 1)),
        sizes=sizes or {f"c{number}": old.count(letter) for number, letter in enumerate(letters, start=1)},
        last_number=len(letters) if last is None else last,
    )
    parts = np.asarray([todays.index(one) if one in todays else -1 for one in new])
    return trace(former, parts, np.ones(len(new)), [new.count(letter) for letter in todays], "c")


def told(lineage: Lineage) -> set[tuple[str, str, str]]:
    return {(one.old, one.new, one.event) for one in lineage.evolutions}


def test_the_first_run_numbers_from_one_and_all_are_born() -> None:
    lineage = traced("....", "aabb")

    assert lineage.ids == ("c1", "c2")
    assert lineage.born == {"c1", "c2"}
    assert lineage.last_number == 2


def test_nothing_changes_when_nothing_changed() -> None:
    lineage = traced("aaabb", "aaabb")

    assert lineage.ids == ("c1", "c2")
    assert told(lineage) == {("c1", "c1", "stayed"), ("c2", "c2", "stayed")}
    assert {one.overlap for one in lineage.evolutions} == {1.0}
    assert not lineage.born | lineage.died


def test_an_id_follows_its_products_whatever_the_order() -> None:
    assert traced("aaaabb", "bbbbaa").ids == ("c2", "c1")


def test_growing_and_shrinking_keep_the_id() -> None:
    lineage = traced("aaaa..bbbbbb", "aaaaaabbbb..")

    assert told(lineage) == {("c1", "c1", "grew"), ("c2", "c2", "shrank")}


def test_a_merger_keeps_the_larger_id() -> None:
    lineage = traced("aaaaabbb", "aaaaaaaa")

    assert lineage.ids == ("c1",)
    assert ("c2", "c1", "merged") in told(lineage)
    assert not lineage.died


def test_a_split_keeps_the_id_in_the_larger_half() -> None:
    lineage = traced("aaaaaaaa", "aaaaabbb")

    assert lineage.ids == ("c1", "c2")
    assert ("c1", "c2", "split") in told(lineage)
    assert not lineage.born


def test_what_vanished_has_died_and_its_id_is_never_used_again() -> None:
    lineage = traced("aaabbb...", "aaa...bbb", last=7)

    assert lineage.ids == ("c1", "c8")
    assert lineage.died == {"c2"}
    assert lineage.born == {"c8"}
    assert lineage.last_number == 8


def test_heavy_products_decide_which_one_it_is() -> None:
    former = Former(np.asarray([0, 0, 0, -1, -1, -1]), ("c1",), {"c1": 3}, 1)
    parts = np.asarray([0, 1, 1, 0, 1, 1])

    lineage = trace(former, parts, np.asarray([9.0, 1, 1, 1, 1, 1]), [2, 4], "c")

    assert lineage.ids == ("c1", "c2")
