"""Which taste communities a history is near to, and which the reader belongs to."""

from dataclasses import dataclass

import numpy as np

from app.domain.recommendation import Membership
from app.recommend.history import History
from app.recommend.model import NOWHERE, RunModel, add_up
from app.taste.communities import MembershipRules
from app.taste.values import Floats, Ints

NEAREST = 6
"""Communities whose favourites are candidates."""
USUAL = 0.85
"""So much of the crowd's share in a community says nothing of an identity: what lies above it does.

By share alone everybody is nearest to where what everybody buys is at home.
"""
DIGITS = 6
RULES = MembershipRules()


@dataclass(frozen=True, slots=True)
class Belonging:
    """Communities by strength, strongest first."""

    communities: Ints
    """Places of the few that the history overindexes in most,"""
    strengths: Floats
    """... and its share there beyond what is usual."""
    member: tuple[bool, ...]
    """Whether the reader belongs to each; if not, it is not named."""
    memberships: tuple[Membership, ...]


def find_belonging(history: History, model: RunModel) -> Belonging:
    """Share of the reader's own likes by community; more than the crowd's, beyond chance, makes a member."""
    places = history.own.places
    homes = np.where(places >= 0, model.homes[np.maximum(places, 0)], NOWHERE) if len(model.homes) else places * 0 - 1
    housed, count = homes >= 0, len(model.communities)
    strength = add_up(homes[housed], history.own_shares[housed], count)
    products = np.bincount(homes[housed], minlength=count)
    usual = model.baseline_share.astype(np.float64)
    least = usual + RULES.surprise * np.sqrt(usual * (1 - usual) / max(1, len(history.own)))
    belongs = (products >= RULES.min_products) & (strength >= RULES.min_share) & (strength >= least)
    order = np.lexsort((np.arange(count), -strength))
    beyond = np.where(products > 0, strength - USUAL * usual, 0.0)
    nearest = np.lexsort((np.arange(count), -beyond))[:NEAREST]
    nearest = nearest[beyond[nearest] > 0]
    return Belonging(
        nearest,
        beyond[nearest],
        tuple(belongs[nearest].tolist()),
        tuple(
            _membership(model, place, float(strength[place])) for place in order[belongs[order]][: RULES.most].tolist()
        ),
    )


def _membership(model: RunModel, place: int, strength: float) -> Membership:
    return Membership(model.communities[place], model.community_labels[place] or None, round(strength, DIGITS))
