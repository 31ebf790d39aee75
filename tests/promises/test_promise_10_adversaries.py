"""Promise 10, attacked: who makes up members, or chooses what to look at, learns of a person no more than is stated.

Each adversary knows the mechanism and everything about everybody but the secret, and one bit of one person. It
practises on shops of its own, then says the bit of 1,000 others from their published figures. docs/privacy.md states
how often it may be right.
"""

import re
from collections import Counter
from collections.abc import Callable, Hashable
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_array

from app.domain.disclosure import Disclosure, Noisy
from app.taste import noise as mechanism
from app.taste.alive import TENTHS, Chances
from app.taste.buyers import Till
from app.taste.noise import Keys, Noise
from app.taste.portraits import Deeds, draw_portrait, find_caps
from app.taste.publisher import Publisher
from app.taste.values import Floats, Matrix

SHOPS, PRACTICE = 1_000, 1_000
K, OWN = 50, 75
"""The fewest that are published, and accounts of the adversary's own."""
CHANCE = 3 * np.sqrt(0.25 / SHOPS)
"""By how much 1,000 tries may lie from what is stated; three standard deviations."""
FILTERS = 8
SEEN = Callable[[bytes, bool], Hashable]
"""What an adversary looks at, in the shop of a secret, with the victim's bit."""


def stated(figures: str) -> float:
    """How often docs/privacy.md says that a guess is right, from so many figures."""
    text = (Path(__file__).parents[2] / "docs" / "privacy.md").read_text(encoding="utf-8")
    found = re.search(rf"^\| {re.escape(figures)} \| (\d+) of 100 \|", text, re.MULTILINE)
    assert found is not None, figures
    return int(found[1]) / 100


def success(look: SEEN) -> float:
    """How often an adversary is right in 1,000 shops, having practised in others."""
    practised: dict[bool, Counter[Hashable]] = {True: Counter(), False: Counter()}
    for number in range(PRACTICE):
        for bit in (True, False):
            practised[bit][look(b"practice %d" % number, bit)] += 1
    right = 0
    for number in range(SHOPS):
        bit = number % 2 == 0
        seen = look(b"shop %d" % number, bit)
        right += (practised[True][seen] > practised[False][seen]) == bit
    return right / SHOPS


def ids(people: int) -> list[str]:
    return [f"own-{number}" for number in range(people)]


def size_at_a_steps_edge(secret: bytes, bit: bool) -> Hashable:
    """75 accounts of one's own in a community, and one person or not."""
    noise = Noise(secret, ids(OWN + 1))
    return Disclosure(K).count(noise.count(np.arange(OWN + bit), "c1"))


def deal_share_of_one(secret: bytes, bit: bool) -> Hashable:
    """Accounts that never bought on a deal, and one person who always did or never."""
    deeds = bought(OWN + 1, deals=np.array([0.0] * OWN + [float(bit)]), recent=np.ones(OWN + 1))
    return portrayed(secret, deeds, OWN + 1).figures["deal_share"].value


def momentum_of_one(secret: bytes, bit: bool) -> Hashable:
    """Accounts that bought as much as before, and one person who bought 176 times as much, or not."""
    recent = np.ones(OWN + 1)
    recent[OWN] = 176 if bit else 1
    deeds = bought(OWN + 201, deals=np.zeros(OWN + 201), recent=np.concatenate([recent, np.arange(200.0) % 5]))
    value = portrayed(secret, deeds, OWN + 1).figures["momentum"].value
    return None if value is None else round(value, 1)


def arrival(secret: bytes, bit: bool) -> Hashable:
    """The size of one week and of the next, in which one person came, or not."""
    first, second = Noise(secret + b"1", ids(OWN + 1)), Noise(secret + b"2", ids(OWN + 1))
    return second.count(np.arange(OWN + bit), "c1").value - first.count(np.arange(OWN), "c1").value


def buyers(secret: bytes, bit: bool, *, own: Callable[[int], int]) -> Floats:
    """Published buyers of some products: of each so many own accounts, and one person or not."""
    people = 2 * OWN * FILTERS + 1
    rows = [place for product in range(FILTERS) for place in who_buys(product, own)] + [people - 1] * (FILTERS * bit)
    columns = [product for product in range(FILTERS) for _ in who_buys(product, own)] + [*range(FILTERS)] * bit
    shape = (people, FILTERS)
    bought_: Matrix = csr_array((np.ones(len(rows)), (np.array(rows), np.array(columns))), shape=shape)
    members: Matrix = csr_array(np.ones((people, 1)))
    till = Till(Noise(secret, ids(people)), members, ["c1"], bought_, np.array([float(people)]))
    return till.count(csr_array(np.eye(FILTERS)), [f"p{product}" for product in range(FILTERS)]).by_community[0]


def who_buys(product: int, own: Callable[[int], int]) -> range:
    return range(own(product), own(product) + OWN)


def filters_over_others(secret: bytes, bit: bool) -> Hashable:
    """Eight filters, each answered for other accounts of one's own, and one person in all of them or in none."""
    return float(buyers(secret, bit, own=lambda product: product * OWN).sum()) // 3


def filters_over_the_same(secret: bytes, bit: bool) -> Hashable:
    """Eight filters that the same accounts answer, so that one might average the noise away."""
    return float(buyers(secret, bit, own=lambda product: 0).sum()) // 4


def equal_or_not(secret: bytes, bit: bool) -> Hashable:
    """Two filters, of which one is answered by one's own accounts alone: are the two sets one set?"""
    noise = Noise(secret, ids(OWN + 1))
    one, other = noise.count(np.arange(OWN), "p1"), noise.count(np.arange(OWN + bit), "p2")
    return other.value - one.value


def bought(people: int, deals: Floats, recent: Floats) -> Deeds:
    """Deeds of which deals and recent purchases are given."""
    ones = np.ones(people, dtype=np.int64)
    nothing = Chances(np.full(people, np.nan), np.full((TENTHS, people), np.nan))
    return Deeds(
        purchases=ones,
        recent=recent.astype(np.int64),
        earlier=ones,
        days_since_last=ones.astype(np.float64),
        spend=ones.astype(np.float64),
        full_price_spend=ones.astype(np.float64),
        priced_lines=ones,
        deal_lines=deals.astype(np.int64),
        products=ones,
        again=0 * ones,
        alive=nothing,
    )


def portrayed(secret: bytes, deeds: Deeds, members: int):
    """The portrait of a community of the first so many."""
    publisher = Publisher(Noise(secret, ids(len(deeds.purchases))), Disclosure(K))
    caps = find_caps(publisher, deeds)
    return draw_portrait(publisher, caps, deeds, np.arange(members), np.full(members, 0.5), "c1")


ONE, SAME, EIGHT = "one", "any number over the same people, or two that differ by one person", "8 over different people"
ADVERSARIES = [
    (size_at_a_steps_edge, ONE),
    (deal_share_of_one, ONE),
    (momentum_of_one, ONE),
    (arrival, ONE),
    (equal_or_not, SAME),
    (filters_over_the_same, SAME),
    (filters_over_others, EIGHT),
]


@pytest.mark.parametrize(("look", "figures"), ADVERSARIES, ids=lambda one: getattr(one, "__name__", ""))
def test_no_adversary_gains_more_than_is_stated(look: SEEN, figures: str) -> None:
    assert success(look) <= stated(figures) + CHANCE


def none(_: Noise, cells: Keys, names: Keys) -> Floats:
    """No noise."""
    return np.zeros(np.broadcast_shapes(cells.shape, names.shape))


@pytest.mark.parametrize(
    "look", [size_at_a_steps_edge, deal_share_of_one, momentum_of_one, arrival, equal_or_not, filters_over_others]
)
def test_without_noise_it_wins(look: SEEN, monkeypatch: pytest.MonkeyPatch) -> None:
    """So the tests above would see it."""
    monkeypatch.setattr(Noise, "_draw", none)
    monkeypatch.setattr(mechanism, "REACH", 0)

    assert success(look) > 0.9


def test_noise_of_the_set_alone_would_show_who_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the method of census offices leaves open where members can be made up."""
    half = mechanism._quantile  # pyright: ignore[reportPrivateUsage]
    mixed = mechanism._mixed  # pyright: ignore[reportPrivateUsage]

    def of_set(self: Noise, cells: Keys, names: Keys) -> Floats:
        return half(mixed(cells)) * np.sqrt(2) + np.zeros(names.shape)

    monkeypatch.setattr(Noise, "_draw", of_set)

    assert success(equal_or_not) > stated(SAME) + 0.2


def test_one_members_largest_effect_lies_inside_the_noise() -> None:
    """On a count, a sum and the figures that are made of them, compared with the noise's 95 % range."""
    assert 1.96 * _spread_of("deal_share") >= 1 / (OWN + 1)
    assert 1.96 * _spread_of("momentum") >= 2 / (OWN + 1)


def _spread_of(figure: str) -> float:
    """How far one figure of the same people lies apart from week to week."""
    deeds = bought(OWN + 1, deals=np.ones(OWN + 1), recent=np.ones(OWN + 1))
    values = [portrayed(b"week %d" % number, deeds, OWN + 1).figures[figure].value for number in range(200)]
    known = [value for value in values if value is not None]
    assert len(known) > 100
    return float(np.std(known))


def test_a_figure_that_appears_does_not_show_who_came() -> None:
    """The edge from which on something is published is as blurred as what is published."""
    rule = Disclosure(K)

    def appears(secret: bytes, bit: bool) -> Hashable:
        edge: Noisy = Noise(secret, ids(100)).count(np.arange(K + 9 + bit), "c1")
        return rule.count(edge) is None

    assert success(appears) <= stated(ONE) + CHANCE
