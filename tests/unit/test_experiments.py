"""Who is in which arm, and what noisy numbers of arms mean."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.domain.disclosure import Disclosure
from app.domain.experiments import HOLD_OUT, Advice, Arm, Experiment, Plan, Rate, UnitOutcome, assign, verdict_of
from app.services.experiments import Numbers, judge

NOW = datetime(2026, 11, 30, tzinfo=UTC)
PLAN = Plan(
    "home", (Arm("as it is", "home"), Arm("new", "home-new")), NOW - timedelta(days=9), NOW + timedelta(days=30)
)
TRIAL = Experiment("trial", PLAN, "a" * 64, NOW, "key")


def arms(experiment: Experiment, count: int = 20_000) -> Counter[str]:
    return Counter(assign(experiment, f"identity-{number}")[0].arm for number in range(count))


def judged(numbers: Numbers, plan: Plan = PLAN, now: datetime = NOW) -> tuple[list[str], str, Advice]:
    results = judge(replace(TRIAL, plan=plan), numbers, NOW, now, Disclosure(50))
    return [one.verdict for one in results.comparisons], results.split, results.advice


def test_an_identity_stays_in_its_arm_and_another_experiments_arms_have_nothing_to_do_with_it() -> None:
    other = replace(TRIAL, id="other", secret="b" * 64)
    same = [assign(TRIAL, f"i-{number}")[0].arm == assign(other, f"i-{number}")[0].arm for number in range(4000)]

    assert all(
        assign(TRIAL, f"i-{n}") == assign(replace(TRIAL, changed_at=NOW, changed_by="x"), f"i-{n}") for n in range(9)
    )
    assert 0.45 < sum(same) / len(same) < 0.55
    assert assign(TRIAL, "tom")[0].unit != assign(other, "tom")[0].unit


def test_arms_have_their_weights_and_the_hold_out_its_share() -> None:
    plan = replace(PLAN, arms=(Arm("a", "home", 1), Arm("b", "home-b", 3)), hold_out=0.2)

    found = arms(replace(TRIAL, plan=plan))

    assert found[HOLD_OUT] / 20_000 == pytest.approx(0.2, abs=0.01)
    assert found["a"] / 20_000 == pytest.approx(0.2, abs=0.01)
    assert found["b"] / 20_000 == pytest.approx(0.6, abs=0.01)
    assert {scenario for _, scenario in (assign(replace(TRIAL, plan=plan), str(n)) for n in range(99))} == {
        "home",
        "home-b",
    }


def test_an_outcome_counts_once_its_days_are_over() -> None:
    outcome = UnitOutcome("a", NOW - timedelta(days=6.9), took=True)

    assert not outcome.is_ripe(NOW, 7)
    assert outcome.is_ripe(NOW + timedelta(days=0.1), 7)


def test_of_too_few_nothing_is_said() -> None:
    few = {"as it is": (59.0, 9.0), "new": (9000.0, 900.0)}

    results = judge(TRIAL, few, NOW, NOW, Disclosure(50))

    assert (results.arms[0].people, results.arms[0].rate) == (None, None)
    assert results.arms[1].people == 9000
    assert [one.verdict for one in results.comparisons] == ["not_enough_data"]
    assert judge(TRIAL, {}, NOW, NOW, Disclosure(50)).split == "not_enough_data"


@pytest.mark.parametrize(
    ("numbers", "verdict", "split", "advice"),
    [
        ({"as it is": (9000.0, 300.0), "new": (9000.0, 520.0)}, "better", "as_planned", "stop_better"),
        ({"as it is": (9000.0, 520.0), "new": (9000.0, 300.0)}, "worse", "as_planned", "stop_worse"),
        ({"as it is": (9000.0, 300.0), "new": (9000.0, 320.0)}, "open", "as_planned", "go_on"),
        ({"as it is": (8000.0, 300.0), "new": (9000.0, 520.0)}, "better", "off", "stop_broken"),
    ],
)
def test_what_numbers_mean_and_whether_to_stop(numbers: Numbers, verdict: str, split: str, advice: Advice) -> None:
    assert judged(numbers) == ([verdict], split, advice)


def test_a_difference_that_matters_to_nobody_ends_it() -> None:
    same = {"as it is": (90_000.0, 9_000.0), "new": (90_000.0, 9_010.0)}

    assert judged(same) == (["open"], "as_planned", "go_on")
    assert judged(same, replace(PLAN, smallest_difference=0.02)) == (
        ["no_difference"], "as_planned", "stop_no_difference"
    )  # fmt: skip
    assert judged(same, now=PLAN.ends_at)[2] == "over"
    assert verdict_of(Rate(0.01, 0.001, 0.02), 0.05) == "better"


def test_more_comparisons_need_more_evidence() -> None:
    two = {"as it is": (9000.0, 300.0), "new": (9000.0, 400.0), "b": (9000.0, 300.0)}
    plan = replace(PLAN, arms=(*PLAN.arms, Arm("b", "home-b")))

    alone = judge(TRIAL, two, NOW, NOW, Disclosure(50)).comparisons[0].difference
    beside = judge(replace(TRIAL, plan=plan), two, NOW, NOW, Disclosure(50)).comparisons[0].difference

    assert alone is not None
    assert beside is not None
    assert beside.low < alone.low
