"""Which decision an order is credited to."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from app.domain.credit import Bought, Credit, CreditRules, Touch, credited
from app.domain.models import Interaction, InteractionType, Line

NOW = datetime(2026, 11, 30, tzinfo=UTC)
RULES = CreditRules()


def touch(decision_id: str, days_ago: float, *, click: bool = False, by: str = "tom", whom: str = "tom") -> Touch:
    return Touch(decision_id, whom, by, NOW - timedelta(days=days_ago), click)


def message(
    id_: str,
    *lines: Line,
    type_: InteractionType = "purchase",
    order_id: str | None = None,
    by: str = "tom",
    days_ago: float = 0,
    claimed_by: str | None = None,
) -> Bought:
    at = NOW - timedelta(days=days_ago)
    what = Interaction(id_, type_, by, at, lines or (Line("tea"),), order_id=order_id, currency="EUR")
    return Bought(what, frozenset({by, claimed_by} - {None}))  # pyright: ignore[reportArgumentType]


def decisions(credits_: list[Credit]) -> dict[str, str]:
    return {one.order: one.decision_id for one in credits_}


def test_the_last_click_in_its_days_comes_before_what_was_seen_later() -> None:
    touches = [
        touch("old", 7.5, click=True),
        touch("first", 6, click=True),
        touch("last", 5, click=True),
        touch("seen", 0.1),
    ]

    assert decisions(credited([message("buys")], touches, RULES)) == {"buys": "last"}


def test_without_a_click_the_last_one_seen_in_its_day_has_it() -> None:
    touches = [touch("old", 1.5), touch("first", 0.9), touch("last", 0.5)]

    assert decisions(credited([message("buys")], touches, RULES)) == {"buys": "last"}
    assert credited([message("buys")], touches[:1], RULES) == []
    assert decisions(credited([message("buys")], touches[:1], CreditRules(7, 2))) == {"buys": "old"}


def test_what_comes_after_the_order_has_no_part_in_it() -> None:
    touches = [touch("before", 2, click=True), touch("after", 0.5, click=True)]

    assert decisions(credited([message("buys", days_ago=1)], touches, RULES)) == {"buys": "before"}


def test_two_messages_of_one_order_are_credited_once() -> None:
    touches = [touch("mine", 1, click=True), touch("browsers", 0.5, click=True, by="session:s")]
    tea, mug = Line("tea", 2, Decimal("4.50")), Line("mug", 1, Decimal("9.00"))
    server = message("server", tea, order_id="o1", days_ago=0)
    page = message("page", tea, mug, order_id="o1", by="session:s", days_ago=0.1)

    [credit] = credited([server, page, server], touches, RULES)

    assert (credit.decision_id, credit.order, credit.is_click) == ("browsers", "o1", True)
    assert credit.quantities == {"tea": 2, "mug": 1}
    assert credit.amounts == {"EUR": 18.0}


def test_a_refund_takes_the_credit_back() -> None:
    touches = [touch("d", 1, click=True)]
    tea, mug = Line("tea", 2, Decimal("4.50")), Line("mug", 1, Decimal("9.00"))
    bought = [message("buys", tea, mug, days_ago=0.5)]

    [some] = credited([*bought, message("back", Line("tea", 1), type_="refund")], touches, RULES)
    assert (some.quantities, some.amounts) == ({"tea": 1, "mug": 1}, {"EUR": 13.5})
    back = message("back", Line("tea", 2), Line("mug", 1), type_="return")
    assert credited([*bought, back], touches, RULES) == []


def test_a_browser_that_touched_a_decision_buys_for_it_and_a_stranger_does_not() -> None:
    touches = [touch("toms", 0.2), touch("toms", 0.1, click=True, by="session:s")]

    assert decisions(credited([message("buys", by="session:s")], touches, RULES)) == {"buys": "toms"}
    assert credited([message("buys", by="session:other")], touches, RULES) == []
    claimed = message("buys", by="session:other", claimed_by="tom")
    assert decisions(credited([claimed], touches, RULES)) == {"buys": "toms"}


def test_nothing_bought_and_nothing_shown_is_no_credit() -> None:
    assert credited([], [touch("d", 1, click=True)], RULES) == []
    assert credited([message("buys")], [], RULES) == []
