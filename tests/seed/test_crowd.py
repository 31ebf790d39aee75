from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seed.catalogue import NOT_GOODS, goods
from seed.crowd import choose_households, crowd_consents, crowd_identities, crowd_interactions, crowd_receipts
from seed.journey import HOUSEHOLDS, Journey
from seed.shift import WEEK, shift_to


def test_the_same_households_are_chosen_every_time_and_more_of_them_hold_the_fewer(journey: Journey):
    some = choose_households(journey, 50)

    assert some == choose_households(journey, 50)
    assert len(some) == 50
    assert set(some) < set(choose_households(journey, 60))
    assert len(choose_households(journey, None)) == HOUSEHOLDS


def test_a_household_is_one_card_whose_users_are_not_known():
    (identity,) = crowd_identities([7])

    assert (identity.kind, identity.account_id, identity.household_id) == ("shared", "card-7", "household-7")
    assert identity.person_id is None


def test_consents_of_the_crowd_say_that_the_demo_gave_them():
    consents = crowd_consents([7], datetime(2026, 1, 1, tzinfo=UTC))

    assert {(owner, consent.purpose, consent.source) for owner, consent in consents} == {
        ("card-7", "personalise_content", "demo"),
        ("card-7", "model_training", "demo"),
    }


def test_a_basket_is_one_purchase_with_a_line_a_product(journey: Journey):
    receipts = crowd_receipts(journey, choose_households(journey, 5), goods(journey))
    baskets = list(crowd_interactions(receipts, timedelta(0)))

    assert len({basket.id for basket in baskets}) == len(baskets)
    assert sum(len(basket.lines) for basket in baskets) == len(receipts)
    assert all(basket.type == "purchase" and basket.order_id == basket.id and basket.lines for basket in baskets)
    assert [basket.at for basket in baskets] == sorted(basket.at for basket in baskets)
    assert all(0 <= line.discount_share <= 1 for basket in baskets for line in basket.lines)


def test_what_is_no_goods_is_in_nobodys_basket(journey: Journey):
    receipts = crowd_receipts(journey, choose_households(journey, 50), goods(journey))
    categories = {journey.products[product].category for product in receipts.product.tolist()}

    assert not categories & NOT_GOODS
    assert "CAT FOOD" in categories


@given(st.timedeltas(timedelta(0), timedelta(days=30_000)))
def test_the_year_is_moved_by_whole_weeks_to_end_in_the_week_before_the_anchor(later: timedelta):
    last = datetime(2018, 1, 1, 4, 1, 20, tzinfo=UTC)
    anchor = last + later
    shift = shift_to(anchor, last)

    assert anchor - WEEK < last + shift <= anchor
    assert (last + shift).weekday() == last.weekday()
    assert (last + shift).time() == last.time()


@pytest.mark.parametrize("hours", [0, 1, 24 * 7 - 1])
def test_no_basket_lies_in_the_future(journey: Journey, hours: int):
    anchor = journey.receipts.last_at + timedelta(weeks=400, hours=hours)
    receipts = crowd_receipts(journey, choose_households(journey, 20), goods(journey))

    baskets = crowd_interactions(receipts, shift_to(anchor, journey.receipts.last_at))

    assert max(basket.at for basket in baskets) <= anchor
