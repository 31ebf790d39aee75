"""What a contact could be shown, in which creative and with which expected gain. Pure.

A gain is the rate at which the creative is believed to be taken by the contact's communities, times the product's
score in units of the best of that contact, times what one who takes it is worth.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from app.domain.creatives import Creative, render
from app.domain.decisions import RenderedItem
from app.domain.plans import Block
from app.domain.recommendation import Item, Offer, Placing
from app.recommend.model import RunModel
from app.recommend.placing import fit, fits_product
from app.recommend.sampler import Outcomes, believe
from app.recommend.solve_plan import Proposals
from app.taste.values import Floats, Ints

_Columns = NDArray[np.int32]
Weights = Sequence[tuple[str, float]]
"""Communities and how much each counts, summing to 1."""


class CreativeWorth:
    """Which creatives fit a product, and at which rate each is believed to be taken; remembers both."""

    def __init__(self, creatives: Sequence[Creative], outcomes: Outcomes, model: RunModel | None) -> None:
        self._creatives = creatives
        self._outcomes = outcomes
        self._model = model
        self._fitting: dict[str, list[int]] = {}
        self._rates: dict[str, Floats] = {}

    def best(self, offer: Offer, whose: Weights) -> tuple[str, float] | None:
        """The creative of the highest rate that fits, a pinned one before all others; ``None`` where none fits."""
        fitting = self._fitting.get(offer.id)
        if fitting is None:
            fitting = self._fitting[offer.id] = self._find_fitting(offer)
        if not fitting:
            return None
        rates = sum((weight * self._of(community) for community, weight in whose), np.zeros(len(self._creatives)))
        first = fitting[int(np.argmax(rates[fitting]))]
        return self._creatives[first].id, float(rates[first])

    def rate(self, creative_id: str, whose: Weights) -> float:
        """Return the rate at which one of the creatives is believed to be taken."""
        place = next(place for place, one in enumerate(self._creatives) if one.id == creative_id)
        return float(sum(weight * self._of(community)[place] for community, weight in whose))

    def _of(self, community: str) -> Floats:
        if community not in self._rates:
            fits = [fit(one, community, self._model) for one in self._creatives]
            beliefs = believe(self._outcomes, community, [one.id for one in self._creatives], fits)
            self._rates[community] = beliefs.alpha / (beliefs.alpha + beliefs.beta)
        return self._rates[community]

    def _find_fitting(self, offer: Offer) -> list[int]:
        found = [
            place
            for place, one in enumerate(self._creatives)
            if fits_product(one, offer, self._model)
            and not (one.headline and render(one.headline, offer) is None)
            and not (one.text and render(one.text, offer) is None)
        ]
        return [place for place in found if self._creatives[place].pinned][:1] or found


def propose(
    items: Sequence[Item], worth: CreativeWorth, whose: Weights, value_of: Callable[[float | None], float]
) -> list[Block]:
    """Say what a contact could be shown, best first; without what no creative fits, or nothing is expected of."""
    best = max((item.score for item in items), default=0.0)
    blocks: list[Block] = []
    for item in items:
        chosen = worth.best(item.offer, whose) if item.offer and best > 0 and item.score > 0 else None
        if chosen is None or item.offer is None:
            continue
        gain = chosen[1] * item.score / best * value_of(item.offer.paid)
        if gain > 0:
            blocks.append(Block(item.product_id, chosen[0], item.source, gain))
    return blocks


def expected_gain(
    shown: Sequence[RenderedItem], items: Sequence[Item], worth: CreativeWorth, whose: Weights, margin: float
) -> float:
    """Say what a contact is expected to bring, in money: rate of the creative, relative score, kept part of the price.

    ``items`` are all that were ranked. The rate is that of all creatives that might have been drawn: were a contact
    made or not by the one that was, those that are logged would have been shown with other chances than theirs.
    """
    best = max((item.score for item in items), default=0.0)
    return sum(
        sum(chance * worth.rate(id_, whose) for id_, chance in one.choice.eligible)
        * (one.item.score / best if best > 0 else 0.0)
        * margin
        * ((one.item.offer.paid if one.item.offer else None) or 0.0)
        for one in shown
    )


class Collected:
    """Proposals of contacts as they come, in columns: each name is kept once."""

    def __init__(self) -> None:
        self.contacts: list[str] = []
        self._lengths: list[int] = [0]
        self._products: dict[str, int] = {}
        self._looks: dict[tuple[str, Placing], int] = {}
        self._columns: list[_Columns] = []
        self._gains: list[Floats] = []

    def add(self, proposed: Mapping[str, Sequence[Block]]) -> None:
        """Take what a block of contacts could be shown; whoever could be shown nothing is left out."""
        some = {contact: blocks for contact, blocks in proposed.items() if blocks}
        blocks = [block for of_one in some.values() for block in of_one]
        self.contacts += some
        self._lengths += [len(of_one) for of_one in some.values()]
        products = [self._products.setdefault(block.product_id, len(self._products)) for block in blocks]
        looks = [self._looks.setdefault((block.creative_id, block.source), len(self._looks)) for block in blocks]
        self._columns.append(np.asarray([products, looks], dtype=np.int32))
        self._gains.append(np.asarray([block.gain for block in blocks], dtype=np.float64))

    @property
    def product_ids(self) -> tuple[str, ...]:
        """Products by their place in the problem."""
        return tuple(self._products)

    def problem(self) -> Proposals:
        """All of them, as an assignment takes them."""
        products = self._column(0)
        gains = np.concatenate([np.zeros(0), *self._gains])
        return Proposals(np.cumsum(self._lengths, dtype=np.int64), products.astype(np.int64), gains)

    def lines(self, problem: Proposals, chosen: Ints) -> dict[str, tuple[Block, ...]]:
        """What is shown to whom, the greatest gain first."""
        looks, names, products = self._column(1), [*self._looks], self.product_ids
        rows: list[int] = problem.rows[chosen].tolist()
        found: dict[str, list[Block]] = {}
        for row, entry in zip(rows, chosen.tolist(), strict=True):
            block = Block(products[problem.products[entry]], *names[looks[entry]], float(problem.gains[entry]))
            found.setdefault(self.contacts[row], []).append(block)
        return {one: tuple(sorted(blocks, key=lambda block: -block.gain)) for one, blocks in found.items()}

    def _column(self, place: int) -> NDArray[np.int32]:
        return np.concatenate([np.zeros(0, np.int32), *(columns[place] for columns in self._columns)])
