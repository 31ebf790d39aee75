"""Estimates of a replay leave with noise and an interval that holds it, or with the reason why none does."""

from collections.abc import AsyncGenerator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random
from typing import Any

import pytest

from app.domain.credit import Credit
from app.domain.hashing import Hasher
from app.domain.recommendation import Item
from app.domain.replay import LoggedDecision, Policy, Replayed
from app.recommend.explore import explore
from app.services import replay as use_case
from app.services.replay import Question, Replayer
from tests.conftest import HASH_KEY

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
POOL = tuple(Item(id_, rank, 1 / rank, "similar", "") for rank, id_ in enumerate(("tea", "mug", "pot"), 1))
PEOPLE = 400


class Log:
    """Decisions of one place each, as many people as are wanted with five each; the pot is what most click."""

    def __init__(self, people: int = PEOPLE, epsilon: float = 0.6, liked: float = 0.6) -> None:
        self.spans: list[tuple[datetime, datetime]] = []
        luck = Random(people)
        self.decisions = list[LoggedDecision]()
        for number in range(5 * people):
            [shown] = explore(POOL, 1, epsilon, str(number))
            is_clicked = luck.random() < (liked if shown.product_id == "pot" else liked / 3)
            self.decisions.append(
                LoggedDecision(
                    id=str(number),
                    identity_id=f"i{number % people}",
                    at=NOW - timedelta(days=30),
                    product_ids=(shown.product_id,),
                    propensities=(shown.propensity,),
                    candidate_ids=tuple(one.product_id for one in POOL),
                    candidate_scores=tuple(one.score for one in POOL),
                    exploration=epsilon,
                    clicked=frozenset({shown.product_id} if is_clicked else ()),
                )
            )

    async def logged(
        self,
        tenant: str,
        now: datetime,
        span: tuple[datetime, datetime],
        arrived_before: datetime,
        scenario: str | None,
        outcome_days: float,
    ) -> AsyncGenerator[LoggedDecision]:
        self.spans.append(span)
        for one in self.decisions:
            yield one

    async def credits(self, tenant: str, now: datetime, since: datetime) -> list[Credit]:
        late = Credit("late", "1", "i1", NOW, True, {"tea": 1, "mug": 1, "pot": 1})
        return [late, Credit("o", "0", "i0", NOW - timedelta(days=25), True, {"tea": 1, "mug": 1, "pot": 1})]


BY_LOT = Policy(exploration=1.0)


async def replay(log: Log, now: datetime = NOW) -> Replayed:
    items: Any = None  # no rule looks at a product
    hasher = partial(Hasher, keys={1: HASH_KEY.encode()})
    question = Question(BY_LOT, "clicked", NOW, None, 7.0)
    return await Replayer(log, items, hasher, 50, 7).replay("shop", question, now)


def exact(decisions: Sequence[LoggedDecision]) -> float:
    return sum(bool(one.clicked) for one in decisions) / len(decisions)


async def test_figures_carry_noise_and_stand_still() -> None:
    log = Log()
    [one] = (await replay(log)).estimates

    assert one.note is None
    assert one.logged.value is not None
    assert one.logged.low is not None
    assert one.logged.high is not None
    assert one.logged.low < exact(log.decisions) < one.logged.high
    assert one.logged.value != exact(log.decisions)
    assert one.doubly_robust.value == pytest.approx(0.6 * 5 / 9, abs=0.06)
    assert one.people != PEOPLE or one.places != 5 * PEOPLE
    [again] = (await replay(log)).estimates
    assert again == one
    [next_week] = (await replay(log, now=NOW + timedelta(days=7))).estimates
    assert next_week.logged != one.logged


async def test_one_person_more_moves_no_figure_by_more_than_its_noise_hides() -> None:
    """Without noise the difference of two counts says what she did; with it a difference is a draw."""
    with_her, without = Log(), Log()
    without.decisions = [one for one in without.decisions if one.identity_id != "i0"]

    [one], [other] = (await replay(with_her)).estimates, (await replay(without)).estimates

    assert one.logged.value != other.logged.value
    assert (one.logged.value or 0) == pytest.approx(other.logged.value or 0, abs=0.05)


@pytest.mark.parametrize(
    ("log", "note"),
    [
        (Log(people=30), "not enough data: at least 50 people are needed to look"),
        (Log(epsilon=0.01), "not enough overlap: it would rest on"),
        (Log(liked=0.0), "not enough overlap: it would rest on less than one of the rewards"),
    ],
)
async def test_too_little_is_no_figure(log: Log, note: str) -> None:
    [one] = (await replay(log)).estimates

    assert note in (one.note or "")
    assert (one.doubly_robust.value, one.ips.value, one.snips.value, one.change.value) == (None, None, None, None)


async def test_chances_that_were_not_kept_are_not_believed() -> None:
    log = Log()
    log.decisions = [one for one in log.decisions if one.product_ids != ("pot",)]

    [one] = (await replay(log)).estimates

    assert one.note == "not enough overlap: what was shown does not fit the logged chances"


async def test_a_decision_counts_once_its_days_are_over_and_by_whole_days() -> None:
    log = Log(people=60)

    found = await replay(log)

    assert found.until == datetime(2026, 11, 23, tzinfo=UTC)
    assert log.spans == [(NOW, found.until)]


async def test_an_order_counts_in_the_days_of_its_decision_alone() -> None:
    log = Log()
    log.decisions = [log.decisions[0]] * 600 + [log.decisions[1]] * 600
    replayer: Any = Replayer(log, None, None, 50, 7)  # pyright: ignore[reportArgumentType]
    places = {"products": use_case.Collected()}
    question = Question(BY_LOT, "bought", NOW, None, 7.0)
    assert not await replayer._collect("shop", question, NOW, NOW, places)

    rewards = places["products"].places().reward
    assert rewards[:600].min() == 1
    assert rewards[600:].max() == 0


async def test_of_too_many_decisions_the_oldest_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(use_case, "MOST_CANDIDATES", 3_000)

    found = await replay(Log())

    assert found.is_cut
    assert (found.estimates[0].places or 0) == pytest.approx(1_001, abs=100)
