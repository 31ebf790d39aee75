"""The crowd: real households of Complete Journey, each one card whose users are not known."""

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import numpy as np

from app.domain.models import Consent, Identity, Interaction, Line, Purpose
from seed.catalogue import CURRENCY, money
from seed.journey import Journey, Receipts

CHOICE_SEED = 2017
CROWD_PURPOSES: tuple[Purpose, ...] = ("personalise_content", "model_training")


def choose_households(journey: Journey, count: int | None) -> list[int]:
    """``count`` households in ascending order, always the same ones; all for None or when there are no more.

    A larger choice holds every smaller one, so a crowd can grow.
    """
    households: list[int] = np.unique(journey.receipts.household).tolist()
    random.Random(CHOICE_SEED).shuffle(households)
    return sorted(households[:count])


def crowd_receipts(journey: Journey, households: Sequence[int], goods: frozenset[int]) -> Receipts:
    """The lines of these households that are about ``goods``."""
    receipts = journey.receipts
    wanted = np.fromiter(goods, np.int64, len(goods))
    return receipts.where(np.isin(receipts.household, households) & np.isin(receipts.product, wanted))


def crowd_identities(households: Sequence[int]) -> list[Identity]:
    """One identity of kind ``shared`` a household: the card is known, its users are not."""
    return [
        Identity(
            id=card_of(household),
            kind="shared",
            account_id=card_of(household),
            household_id=f"household-{household}",
            source="demo",
        )
        for household in households
    ]


def crowd_consents(households: Sequence[int], at: datetime) -> list[tuple[str, Consent]]:
    """What the demo grants on each household's behalf; marked ``source: demo`` since nobody really said so."""
    return [
        (card_of(household), Consent(f"demo-{card_of(household)}-{purpose}", purpose, "granted", at, source="demo"))
        for household in households
        for purpose in CROWD_PURPOSES
    ]


def crowd_interactions(receipts: Receipts, shift: timedelta) -> Iterator[Interaction]:
    """One purchase a basket, oldest first, ``shift`` later than it was."""
    starts = np.flatnonzero(np.diff(receipts.basket, prepend=-1))
    ends = np.append(starts[1:], len(receipts))
    shift_seconds = int(shift.total_seconds())
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        basket = f"basket-{receipts.basket[start]}"
        yield Interaction(
            id=basket,
            type="purchase",
            identity_id=card_of(int(receipts.household[start])),
            at=datetime.fromtimestamp(int(receipts.second[start]) + shift_seconds, UTC),
            lines=_lines(receipts, start, end),
            order_id=basket,
            currency=CURRENCY,
        )


def card_of(household: int) -> str:
    """The id of a household's card, as account and as identity."""
    return f"card-{household}"


def _lines(receipts: Receipts, start: int, end: int) -> tuple[Line, ...]:
    columns = (receipts.product, receipts.quantity, receipts.paid, receipts.listed)
    return tuple(
        Line(str(product), float(quantity), money(paid), money(listed))
        for product, quantity, paid, listed in zip(*(column[start:end].tolist() for column in columns), strict=True)
    )
