"""Which part of logins, sessions and revenue hangs on what several identities use, as figures over people."""

from dataclasses import dataclass

import numpy as np

from app.domain.disclosure import Figure
from app.domain.exposure import Shares
from app.taste import figures
from app.taste.publisher import Publisher
from app.taste.values import Floats


@dataclass(frozen=True)
class Uses:
    """What people use, one value each: of one kind (logins or devices)."""

    own: Floats
    """Its part of all that it uses; the parts of those who use one add up to 1."""
    shared: Floats
    """The same of those alone that are shared; never more than ``own``."""
    came: Floats
    """1 where it came by a shared one, whether or not that is known to be its own; else 0."""


def draw_shares(publisher: Publisher, uses: Uses, sessions: Floats, revenue: Floats, name: str) -> Shares:
    """Publish which part of what people use is shared, and of all sessions and revenue what is of those who share.

    All arrays are of one length, none negative. Too few users, or too few of them sharing: ``UNKNOWN``.
    """
    users = publisher.noise.count(np.flatnonzero(uses.own > 0), f"{name} users")
    exposed = (uses.shared > 0) | (uses.came > 0)
    return Shares(
        people=publisher.rule.count(users),
        shared=_part(publisher, uses.shared, uses.own, f"{name} shared"),
        sessions=_part(publisher, np.where(exposed, sessions, 0.0), sessions, f"{name} sessions"),
        revenue=_part(publisher, np.where(exposed, revenue, 0.0), revenue, f"{name} revenue"),
    )


def _part(publisher: Publisher, some: Floats, whole: Floats, name: str) -> Figure:
    """Publish which part of a sum over people another makes that is no larger for any of them."""
    noise, rule = publisher.noise, publisher.rule
    who = np.flatnonzero(whole > 0)
    cap = noise.cap(whole, name)
    capped = np.minimum(whole, cap)
    few = np.where(whole > 0, some / np.where(whole > 0, whole, 1.0), 0.0) * capped
    people, hits = noise.count(who, f"{name} people"), noise.count(np.flatnonzero(some > 0), f"{name} hits")
    all_, part = noise.total(who, capped[who], cap, f"{name} all"), noise.total(who, few[who], cap, f"{name} part")
    value = min(1.0, part.value / all_.value) if all_.value else 0.0
    squares = noise.total(who, (few[who] - value * capped[who]) ** 2, cap**2, f"{name} squares")
    return figures.part_of_people(rule, part, all_, squares, hits, people)
