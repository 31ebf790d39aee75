"""Whose a session is taken to be, from what is known of it."""

import pytest

from app.recommend.attribution import Habits
from app.recommend.habits import Deed, Piece, Portrait
from app.recommend.session import KnownMember, SessionFacts, Who, decide, follow

NOW = 1_800_000_000_000
DOGS = Portrait(Habits({"product": {"bone": 3.0, "lead": 3.0}}, {"product": -2.0}), 10.0)
CATS = Portrait(Habits({"product": {"litter": 3.0, "toy": 3.0}}, {"product": -2.0}), 10.0)
TOM, DEBBIE = (
    KnownMember("tom", may_be_named=True, portrait=DOGS),
    KnownMember("debbie", may_be_named=True, portrait=CATS),
)
NOBODY = (None, "anonymous", None)


def done(*product_ids: str) -> tuple[Deed, ...]:
    return tuple(Deed(NOW + place, (Piece(id_),)) for place, id_ in enumerate(product_ids))


def told(who: Who) -> tuple[str | None, str, float | None]:
    return who.identity_id, who.method, who.confidence


def test_who_said_so_is_believed_whatever_was_done() -> None:
    facts = SessionFacts((TOM, DEBBIE), events=done("litter", "toy"), claimer="tom", refused=True)

    assert told(decide(facts, 0.8, NOW)) == ("tom", "asserted", 1.0)


@pytest.mark.parametrize(
    ("members", "hinted", "refused", "expected"),
    [
        ((), None, False, NOBODY),
        ((), "tom", False, ("tom", "asserted", 1.0)),  # of no login at all
        ((TOM,), None, False, ("tom", "asserted", 1.0)),
        ((TOM,), "tom", True, ("tom", "asserted", 1.0)),
        ((TOM,), None, True, NOBODY),
        ((TOM,), "aunt", False, NOBODY),
        ((KnownMember("tom", may_be_named=False),), None, False, ("tom", "asserted", 1.0)),
        ((TOM, DEBBIE), None, False, NOBODY),
    ],
)
def test_a_login_is_asserted_only_where_one_uses_it(
    members: tuple[KnownMember, ...], hinted: str | None, refused: bool, expected: tuple[str | None, str, float | None]
) -> None:
    assert told(decide(SessionFacts(members, hinted, refused), 0.8, NOW)) == expected


def test_several_users_are_told_apart_by_what_is_done_in_a_session_and_never_without_one() -> None:
    facts = SessionFacts((TOM, DEBBIE), events=done("bone", "lead"))
    who = decide(facts, 0.8, NOW)

    assert told(who)[:2] == ("tom", "posterior")
    assert told(decide(facts, 0.9999, NOW)) == NOBODY
    assert told(decide(facts, 0.8, NOW, has_session=False)) == NOBODY
    assert [round(sum(one.members.values()) + one.somebody_else, 9) for one in follow(facts, NOW)] == [1.0] * 3
    assert list(follow(facts, NOW))[-1] == who.belief
    assert told(decide(SessionFacts((TOM, DEBBIE), events=done("bone", "lead"), refused=True), 0.8, NOW)) == NOBODY


def test_an_hour_alone_names_nobody() -> None:
    hours = Habits({"hour": {str(hour): 3.0 for hour in range(168)}})
    family = (KnownMember("tom", may_be_named=True, portrait=Portrait(hours, 10.0)), DEBBIE)
    who = decide(SessionFacts(family, page=Deed(NOW, (), "web")), 0.7, NOW)

    assert told(who) == NOBODY
    assert who.belief.surest(0.7) is not None
    assert told(decide(SessionFacts(family, page=Deed(NOW, (Piece("tea"),))), 0.7, NOW))[0] == "tom"


def test_the_page_counts_beside_what_was_done_and_its_hour_only_where_nothing_was() -> None:
    page = Deed(NOW, (Piece("bone"), Piece("lead")), "web")

    assert decide(SessionFacts((TOM, DEBBIE), page=page), 0.8, NOW).identity_id == "tom"
    assert {feature for feature, _ in SessionFacts(page=page).clues[0]} == {"hour", "product", "rhythm", "channel"}
    shown = SessionFacts(events=done("toy"), page=page).clues[1]
    assert {feature for feature, _ in shown} == {"product", "rhythm", "channel"}
