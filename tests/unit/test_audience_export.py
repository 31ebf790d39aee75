"""What of an audience may leave, given all that left before; and an adversary who chooses every filter (promise 10)."""

from collections.abc import Collection

from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.audience_export import Change, Ids, Marks, Stint, plan_change

K = 4
PEOPLE = frozenset(f"i{number}" for number in range(16))


def enough(people: Collection[str]) -> bool:
    return len(people) >= K


def some(*ranges: range) -> Ids:
    return frozenset(f"i{number}" for numbers in ranges for number in numbers)


def on(list_: Ids) -> Marks:
    return dict.fromkeys(list_, ((1, None),))


def plan(
    matching: Ids, held: Ids = frozenset(), *others: Ids, allowed: Ids = PEOPLE, is_changed: bool = False
) -> Change:
    files = [on(held), *map(on, others)]
    return plan_change(matching & allowed, allowed, held, files, enough, is_changed=is_changed)


def test_the_first_list_is_of_k_or_nobody() -> None:
    assert plan(some(range(4))).added == some(range(4))
    assert plan(some(range(3))) == Change(frozenset(), frozenset(), waits=True, filter_waits=False)


def test_removals_go_out_and_additions_below_k_wait() -> None:
    held = some(range(8))
    change = plan(some(range(1, 10)), held, allowed=PEOPLE - some(range(2)))

    assert (change.added, change.removed, change.waits) == (frozenset(), some(range(2)), True)
    assert plan(some(range(1, 12)), held).added == some(range(8, 12))


def test_another_filter_is_held_to_k_and_who_took_consent_back_goes_all_the_same() -> None:
    held = some(range(8))
    change = plan(some(range(6)), held, allowed=PEOPLE - some(range(1)), is_changed=True)
    assert (change.removed, change.filter_waits) == (some(range(1)), True)
    assert plan(some(range(4)), held, is_changed=True) == Change(
        frozenset(), some(range(4, 8)), waits=False, filter_waits=False
    )


def test_a_list_that_differs_by_one_from_another_does_not_leave() -> None:
    assert plan(some(range(9)), frozenset(), some(range(8))).added == some(range(8))
    assert plan(some(range(7)), frozenset(), some(range(8))).added == frozenset()
    assert plan(some(range(8)), frozenset(), some(range(8))).added == some(range(8))


def test_who_was_taken_off_does_not_come_out_alone_in_another_list() -> None:
    """Files that receivers still have say who that was."""
    files = [dict.fromkeys(some(range(1)), ((1, 2),)) | dict.fromkeys(some(range(1, 8)), ((1, None),))]
    asked = some(range(1), range(8, 12))

    change = plan_change(asked, PEOPLE, frozenset(), files, enough, is_changed=False)

    assert (change.added, change.waits) == (some(range(8, 12)), True)


class Receivers:
    """Whoever holds every file that ever left, of all audiences."""

    def __init__(self) -> None:
        self.now: dict[str, Ids] = {}
        self.files: list[Ids] = []
        self._stints: dict[str, dict[str, tuple[Stint, ...]]] = {}
        self._clock = 0

    def ask(self, name: str, matching: Ids, allowed: Ids = PEOPLE, *, is_changed: bool = True) -> Change:
        self._clock += 1
        held = self.now.get(name, frozenset[str]())
        change = plan_change(
            matching & allowed, allowed, held, list(self._stints.values()), enough, is_changed=is_changed
        )
        stints = self._stints.setdefault(name, {})
        for one in change.removed:
            stints[one] = (*stints[one][:-1], (stints[one][-1][0], self._clock))
        for one in change.added:
            stints[one] = (*stints.get(one, ()), (self._clock, None))
        self.now[name] = (held - change.removed) | change.added
        return change


chosen = st.integers(0, 2 ** len(PEOPLE) - 1).map(
    lambda bits: frozenset(f"i{at}" for at in range(len(PEOPLE)) if bits >> at & 1)
)
moves = st.lists(st.tuples(st.sampled_from("abc"), chosen), min_size=1, max_size=8)


@settings(max_examples=400, deadline=None)
@given(moves)
def test_who_keeps_every_file_that_ever_left_isolates_nobody_by_two_of_them(moves: list[tuple[str, Ids]]) -> None:
    """Every filter is another one, and chosen by who wants to single somebody out."""
    receivers, seen = Receivers(), list[Ids]()
    for name, matching in moves:
        receivers.ask(name, matching)
        after = receivers.now[name]
        for before in seen:
            for part in (after & before, after - before, before - after):
                assert not part or enough(part), (name, after, before)
        if after:
            seen.append(after)


@settings(max_examples=200, deadline=None)
@given(moves, st.lists(chosen, min_size=8, max_size=8))
def test_whoever_may_not_be_contacted_is_off_with_the_next_change(
    moves: list[tuple[str, Ids]], gone: list[Ids]
) -> None:
    receivers = Receivers()
    for (name, matching), lost in zip(moves, gone, strict=False):
        before = receivers.now.get(name, frozenset[str]())
        change = receivers.ask(name, matching, PEOPLE - lost, is_changed=len(lost) % 2 == 0)

        assert not receivers.now[name] & lost
        assert not change.added or enough(change.added)
        assert change.removed <= before


def planned(matching: Ids, allowed: Ids, *files: Ids, held: Ids = frozenset()) -> Change:
    """What may leave as a plan, which stays in the hands of the shop."""
    shops_own = [on(held), *map(on, files)]
    return plan_change(matching & allowed, allowed, held, [], enough, is_changed=False, shops_own=shops_own)


def test_in_the_shops_own_hands_who_took_consent_back_is_no_difference_and_who_fits_no_filter_is() -> None:
    mailed, all_but_one = some(range(10)), PEOPLE - some(range(1))

    assert planned(mailed, all_but_one, mailed).added == mailed & all_but_one
    assert planned(mailed - some(range(1)), PEOPLE, mailed).added == frozenset()
    assert planned(mailed - some(range(1, 2)), all_but_one, mailed).added == frozenset()
    assert planned(some(range(5)), all_but_one, mailed).added == some(range(1, 5))


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), chosen, chosen), min_size=1, max_size=6))
def test_whoever_knows_all_consents_and_keeps_every_plan_isolates_nobody(
    moves: list[tuple[str, Ids, Ids]],
) -> None:
    now, files, seen = dict[str, Ids](), dict[str, Marks](), list[Ids]()
    for name, matching, allowed in moves:
        if name in now:
            continue
        change = plan_change(
            matching & allowed, allowed, frozenset(), [], enough, is_changed=False, shops_own=list(files.values())
        )
        now[name], files[name] = change.added, on(change.added)
        for before in seen:
            for part in (change.added & before, change.added - before, (before & allowed) - change.added):
                assert not change.added or not part or enough(part) or not (change.added & before)
        if change.added:
            seen.append(change.added)
