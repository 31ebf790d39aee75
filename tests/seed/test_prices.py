import numpy as np
import numpy.typing as npt

from seed.catalogue import median_prices, money
from seed.journey import Journey, Receipts, prices_of


def cents(sales: float, retail: float, coupon: float, match: float, quantity: int) -> tuple[int, int]:
    def amount(value: float) -> npt.NDArray[np.float64]:
        return np.array([value], dtype=np.float64)

    paid, listed = prices_of(
        amount(sales), amount(retail), amount(coupon), amount(match), np.array([quantity], dtype=np.int64)
    )
    return int(paid[0]), int(listed[0])


def test_a_line_without_discounts_costs_what_the_shelf_says():
    assert cents(1.67, 0, 0, 0, 1) == (167, 167)


def test_a_card_discount_lies_between_the_shelf_price_and_what_was_paid():
    # The guide's second example: (3.34 + 0.36) / 2 = 1.85 on the shelf, 3.34 / 2 = 1.67 paid.
    assert cents(3.34, 0.36, 0, 0, 2) == (167, 185)


def test_a_coupon_is_taken_off_what_the_shop_received_and_its_match_is_added_to_the_shelf_price():
    # The guide's third example: shelf price (2.89 + 0.45) / 2, the customer paid 2.89 - 0.55 for both.
    assert cents(2.89, 0, 0.55, 0.45, 2) == (117, 167)


def test_a_coupon_above_the_price_makes_the_line_free_and_not_a_gift_of_money():
    assert cents(0.99, 0, 2.0, 0, 1) == (0, 99)


def test_in_the_real_year_no_price_is_below_zero_and_about_half_of_the_lines_are_discounted(journey: Journey):
    receipts = journey.receipts

    assert receipts.paid.min() == 0
    assert (receipts.paid <= receipts.listed).all()
    assert 0.45 < (receipts.paid < receipts.listed).mean() < 0.55


def test_the_price_of_a_product_is_the_median_of_its_shelf_prices():
    def column(*values: int) -> npt.NDArray[np.int64]:
        return np.array(values, dtype=np.int64)

    ones = column(1, 1, 1, 1)
    receipts = Receipts(ones, ones, column(7, 8, 7, 7), ones, ones, column(300, 50, 100, 200), ones)

    assert median_prices(receipts) == {7: 200, 8: 50}


def test_money_has_two_places():
    assert str(money(5)) == "0.05"
