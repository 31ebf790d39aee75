"""Journeys: the stages of one identity, found from its own events alone; of several lines a view, never one line."""

from collections import deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import pairwise
from statistics import median
from typing import Literal

from app.domain.models import IdentityKind

Stage = Literal["first_seen", "considering", "first_purchase", "habit", "lapsing", "gone", "back"]

NEXT: Mapping[Stage, frozenset[Stage]] = {
    "first_seen": frozenset({"considering", "first_purchase"}),
    "considering": frozenset({"first_purchase"}),
    "first_purchase": frozenset({"habit", "lapsing", "gone"}),
    "habit": frozenset({"lapsing", "gone"}),
    "lapsing": frozenset({"gone", "back"}),
    "gone": frozenset({"back"}),
    "back": frozenset({"habit", "lapsing", "gone"}),
}
"""Which stage may follow which; a line begins with ``first_seen``. The names stand in the order of a life."""

STAGES: Sequence[Stage] = tuple(NEXT)

Deed = Literal["looked", "wanted", "bought", "other"]
"""What was done on a day: looked at products; put one into a cart or on a wish list; bought and kept one; else."""

RHYTHM_GAPS = 2
"""Gaps between days of purchase that make a rhythm: a habit begins with the third such day."""
MEMORY_GAPS = 10
"""Older gaps say nothing of the rhythm any more."""
LEAST_SILENCE_DAYS = 7
"""Nobody lapses within a week."""


@dataclass(frozen=True, slots=True)
class ActiveDay:
    """A day on which an identity did something, in days since 1970 (UTC)."""

    day: int
    deeds: frozenset[Deed]


@dataclass(frozen=True, slots=True)
class Step:
    """A stage and the day on which it began."""

    stage: Stage
    since: date
    """In UTC."""

    @property
    def day(self) -> int:
        """Since 1970."""
        return self.since.toordinal() - _EPOCH


def step(stage: Stage, day: int) -> Step:
    """Begin a stage on a day since 1970."""
    return Step(stage, date.fromordinal(_EPOCH + day))


_EPOCH = date(1970, 1, 1).toordinal()


def find_stages(days: Iterable[ActiveDay], today: int, horizon_days: int) -> tuple[Step, ...]:
    """Find the stages that one identity has gone through by the end of ``today``, in their order.

    * ``first_seen``: the first day of all. ``considering``: before any purchase, the first day on which it wanted
      something, or the second on which it looked. ``first_purchase``: the first day on which it bought.
    * ``habit``: the third day of purchase in a row, and each later one, with no stage of silence in between.
    * ``lapsing``: silent for longer than it is used to (``silence_of``). ``gone``: no purchase in ``horizon_days``
      days. ``back``: it bought after either; after ``gone`` its rhythm begins anew.

    A stage is told from what happened up to its day, so nothing that comes later moves it; and from this identity's
    days, so nobody else does. The order of ``days`` does not matter. Empty where there is no day up to ``today``.
    """
    lived = sorted((one for one in days if one.day <= today), key=lambda one: one.day)
    if not lived:
        return ()
    bought = sorted({one.day for one in lived if "bought" in one.deeds})
    steps = [step("first_seen", lived[0].day)]
    considered = _considering(one for one in lived if not bought or one.day < bought[0])
    if considered is not None:
        steps.append(step("considering", considered))
    return (*steps, *_buying(bought, today, horizon_days))


def silence_of(gaps: Collection[int], horizon_days: int) -> int:
    """Days without a purchase after which an identity with these gaps between its last purchases is lapsing.

    Twice its usual gap (the median), but no less than the second longest of them, so that what it has done twice is no
    alarm, while one holiday stretches nothing; and a week at least. Without a rhythm: half the horizon.
    """
    if len(gaps) < RHYTHM_GAPS:
        return horizon_days // 2
    return max(LEAST_SILENCE_DAYS, round(2 * median(gaps)), sorted(gaps)[-2])


def _considering(days: Iterable[ActiveDay]) -> int | None:
    looked = 0
    for one in days:
        looked += "looked" in one.deeds
        if "wanted" in one.deeds or looked > 1:
            return one.day
    return None


def _buying(bought: Sequence[int], today: int, horizon_days: int) -> list[Step]:
    if not bought:
        return []
    gaps = deque[int](maxlen=MEMORY_GAPS)
    steps = [step("first_purchase", bought[0])]
    for last, day in pairwise(bought):
        silent = _silence(last, day, gaps, horizon_days)
        steps += silent
        if silent and silent[-1].stage == "gone":
            gaps.clear()
        else:
            gaps.append(day - last)
        if silent:
            steps.append(step("back", day))
        elif len(gaps) >= RHYTHM_GAPS and steps[-1].stage != "habit":
            steps.append(step("habit", day))
    return steps + _silence(bought[-1], today + 1, gaps, horizon_days)


def _silence(last: int, until: int, gaps: Collection[int], horizon_days: int) -> list[Step]:
    """What the days without a purchase between two days bring about."""
    found: list[Step] = []
    silence = silence_of(gaps, horizon_days)
    if silence < horizon_days and last + silence < until:
        found.append(step("lapsing", last + silence))
    if last + horizon_days < until:
        found.append(step("gone", last + horizon_days))
    return found


CrossingKind = Literal["shared_session", "shared_device", "claim", "grant", "gift", "hand_over"]

HAND_OVER_DAYS = 14
"""Days within which one identity's look at a product may have led to another's purchase of it."""
GIFT_DAYS = 90
"""Days within which another uses what one has bought."""


@dataclass(frozen=True, slots=True)
class Touch:
    """What an identity had to do with one product at one moment."""

    identity_id: str
    product_id: str
    how: Literal["looked", "bought", "used"]
    at: datetime


@dataclass(frozen=True, slots=True)
class Crossing:
    """A place where two lines meet: evidence with its time, and no link."""

    kind: CrossingKind
    from_id: str
    to_id: str
    at: datetime
    """When the second of both did it."""
    product_id: str | None = None
    """Of a gift or a hand-over."""
    title: str | None = None
    """Of the product."""
    identifier_type: str | None = None
    """Of a shared device; never its value."""
    until: datetime | None = None
    """Of a grant."""


@dataclass(frozen=True, slots=True)
class Lane:
    """The line of one identity."""

    identity_id: str
    kind: IdentityKind
    """Its role: ``work``, ``personal``, ``profile`` …"""
    may_link: bool
    """Whether it consents to ``link_identities``: without that no session, device or product is a crossing."""
    stage: Stage | None
    """Where it is now; ``None`` where nothing was done yet."""
    steps: tuple[Step, ...]
    """In order."""


@dataclass(frozen=True, slots=True)
class Journeys:
    """Lines of one person or household, side by side; nothing is computed over two of them but where they cross."""

    id: str
    as_of: date
    horizon_days: int
    lanes: tuple[Lane, ...]
    """By identity."""
    crossings: tuple[Crossing, ...] = field(default=())
    """Latest first."""
    is_complete: bool = True
    """False where more hangs together, or crosses, than is looked at."""


def find_product_crossings(touches: Iterable[Touch]) -> list[Crossing]:
    """Find gifts and hand-overs among identities all of whom consent to being linked.

    * ``hand_over``: one looked at a product and never bought it; within ``HAND_OVER_DAYS`` another bought it, for the
      first time and without having looked before the other did.
    * ``gift``: one bought it; within ``GIFT_DAYS`` another, who had never bought it, rated it or sent it back.

    One of a kind for each two identities and product.
    """
    by_product: dict[str, list[Touch]] = {}
    for touch in sorted(touches, key=lambda one: (one.at, one.identity_id, one.how)):
        by_product.setdefault(touch.product_id, []).append(touch)
    found: list[Crossing] = []
    for one in by_product.values():
        ids = sorted({touch.identity_id for touch in one})
        pairs = [(a, b) for a in ids for b in ids if a != b]
        found += [crossing for a, b in pairs for crossing in (_hand_over(one, a, b), _gift(one, a, b)) if crossing]
    return found


def _hand_over(touches: Sequence[Touch], giver: str, taker: str) -> Crossing | None:
    bought = _first(touches, taker, "bought")
    looked = _first(touches, giver, "looked")
    if bought is None or looked is None or _first(touches, giver, "bought") is not None:
        return None
    own = _first(touches, taker, "looked")
    last = max((one.at for one in touches if one.identity_id == giver and one.how == "looked" and one.at <= bought.at),
               default=None)  # fmt: skip
    if last is None or (bought.at - last).days >= HAND_OVER_DAYS or (own is not None and own.at < looked.at):
        return None
    return Crossing("hand_over", giver, taker, bought.at, bought.product_id)


def _gift(touches: Sequence[Touch], giver: str, taker: str) -> Crossing | None:
    used = _first(touches, taker, "used")
    own = _first(touches, taker, "bought")
    if used is None or (own is not None and own.at <= used.at):
        return None
    given = [one.at for one in touches if one.identity_id == giver and one.how == "bought" and one.at <= used.at]
    if not given or (used.at - given[-1]).days >= GIFT_DAYS:
        return None
    return Crossing("gift", giver, taker, used.at, used.product_id)


def _first(touches: Sequence[Touch], identity_id: str, how: str) -> Touch | None:
    return next((one for one in touches if (one.identity_id, one.how) == (identity_id, how)), None)
