"""The cast: a dozen hand-written identities that shop in the same catalogue as the crowd (``story/*.csv``).

A line of ``habits.csv`` is a purchase that comes back: on that weekday at that time (UTC), from ``first_weeks_ago`` to
``last_weeks_ago``, every ``every_weeks`` weeks. Week 0 is the last such moment that lies ``QUIET_DAYS`` days back or
more, so that what is bought every week is about due again whenever the story is told. Lines of one moment are one
basket. The price is the catalogue's, less ``discount`` (a share, 0 to 1). The column ``product`` is for the reader.
"""

import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from importlib import resources
from itertools import groupby
from typing import cast

from app.domain.grants import GrantRequest
from app.domain.models import (
    Address,
    Consent,
    ConsentStatus,
    Identifier,
    Identity,
    IdentityKind,
    Interaction,
    InteractionType,
    Line,
    Product,
    Purpose,
)
from seed.catalogue import CURRENCY
from seed.shift import WEEK

QUIET_DAYS = 5
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

Identify = Callable[[str, str], Identifier]
"""Identifier type and value to what may be kept of them."""


@dataclass(frozen=True, slots=True)
class Habit:
    """One line of ``habits.csv``."""

    identity_id: str
    weekday: int
    """Monday is 0."""
    time: time
    weeks_ago: range
    product_id: str
    product: str
    quantity: int
    discount: Decimal


@dataclass(frozen=True, slots=True)
class LoginVisit:
    """One line of ``logins.csv``: what was done on a login that several use, the last such weekday."""

    session_id: str
    account_id: str
    weekday: int
    time: time
    type: InteractionType
    product_id: str
    product: str


@dataclass(frozen=True, slots=True)
class Look:
    """One line of ``visits.csv``: what somebody did in a visit."""

    identity_id: str
    session_id: str
    minutes_ago: int
    type: InteractionType
    product_id: str
    product: str


def read_habits() -> list[Habit]:
    """All habits, in the order of the file."""
    return [
        Habit(
            identity_id=row["identity_id"],
            weekday=WEEKDAYS.index(row["weekday"]),
            time=time.fromisoformat(row["time"]),
            weeks_ago=range(int(row["first_weeks_ago"]), int(row["last_weeks_ago"]) - 1, -int(row["every_weeks"])),
            product_id=row["product_id"],
            product=row["product"],
            quantity=int(row["quantity"]),
            discount=Decimal(row["discount"]),
        )
        for row in _read("habits.csv")
    ]


def read_looks() -> list[Look]:
    """All single events, in the order of the file."""
    return [
        Look(
            identity_id=row["identity_id"],
            session_id=row["session_id"],
            minutes_ago=int(row["minutes_ago"]),
            type=cast("InteractionType", row["type"]),
            product_id=row["product_id"],
            product=row["product"],
        )
        for row in _read("visits.csv")
    ]


def read_login_visits() -> list[LoginVisit]:
    """All events on shared logins, in the order of the file."""
    return [
        LoginVisit(
            session_id=row["session_id"],
            account_id=row["account_id"],
            weekday=WEEKDAYS.index(row["weekday"]),
            time=time.fromisoformat(row["time"]),
            type=cast("InteractionType", row["type"]),
            product_id=row["product_id"],
            product=row["product"],
        )
        for row in _read("logins.csv")
    ]


def story_product_ids() -> set[int]:
    """The products that the story needs in the catalogue."""
    return {int(one.product_id) for one in (*read_habits(), *read_looks(), *read_login_visits())}


def story_identities(identify: Identify) -> list[Identity]:
    """The cast with its links; identifiers only as ``identify`` keeps them."""
    return [
        Identity(
            id=row["identity_id"],
            kind=cast("IdentityKind", row["kind"]),
            person_id=row["person_id"] or None,
            account_id=row["account_id"] or None,
            household_id=row["household_id"] or None,
            identifiers=tuple(_identifiers(row["identifiers"], identify)),
            source="demo",
            reachable=tuple(cast("Address", kind) for kind in _words(row["reachable"])),
        )
        for row in _read("identities.csv")
    ]


def story_consents(anchor: datetime) -> list[tuple[str, Consent]]:
    """What the cast said about consent: (identity id, record) pairs, marked ``source: demo``."""
    return [
        (
            row["identity_id"],
            Consent(
                id=f"demo-{row['identity_id']}-{row['purpose']}-{row['days_ago']}",
                purpose=cast("Purpose", row["purpose"]),
                status=cast("ConsentStatus", row["status"]),
                at=anchor - timedelta(days=int(row["days_ago"])),
                expires_at=anchor - timedelta(days=int(row["expires_days_ago"])) if row["expires_days_ago"] else None,
                source="demo",
            ),
        )
        for row in _read("consents.csv")
    ]


def story_grants(anchor: datetime) -> list[GrantRequest]:
    """What the cast lets each other use, from ``anchor`` on."""
    return [
        GrantRequest(
            from_id=row["from"],
            to_id=row["to"],
            purposes=tuple(cast("Purpose", purpose) for purpose in row["purposes"].split("|")),
            until=anchor + timedelta(days=int(row["days"])),
        )
        for row in _read("grants.csv")
    ]


def story_creatives(pictures: str) -> list[dict[str, object]]:
    """The shop's creatives as ``PUT /v1/creatives`` takes them; ``pictures`` is the address that their pictures lie at.

    One without categories is for anything.
    """
    return [
        {
            "id": row["id"],
            "channels": _words(row["channels"]),
            "about": {"categories": _words(row["categories"])},
            "image_link": f"{pictures}/{row['picture']}.png",
            "headline": row["headline"],
            "text": row["text"],
            "tags": [{"facet": facet, "name": name} for facet, name in map(_facet, _words(row["tags"]))],
        }
        for row in _read("creatives.csv")
    ]


def story_interactions(anchor: datetime, catalogue: Mapping[str, Product]) -> list[Interaction]:
    """All baskets and looks of the cast, oldest first; nothing lies after ``anchor``."""
    found = [*_baskets(anchor, catalogue), *(_look(look, anchor) for look in read_looks())]
    found += [_login_visit(one, anchor) for one in read_login_visits()]
    return sorted(found, key=lambda interaction: (interaction.at, interaction.id))


def moment(habit: Habit, weeks_ago: int, anchor: datetime) -> datetime:
    """When a habit is followed, ``weeks_ago`` weeks before the last time that is ``QUIET_DAYS`` days back."""
    latest = anchor - timedelta(days=QUIET_DAYS)
    day = latest.date() - timedelta(days=(latest.weekday() - habit.weekday) % 7)
    at = datetime.combine(day, habit.time, tzinfo=anchor.tzinfo)
    return at - weeks_ago * WEEK - (WEEK if at > latest else timedelta(0))


def _baskets(anchor: datetime, catalogue: Mapping[str, Product]) -> Iterator[Interaction]:
    lines = [(habit.identity_id, weeks, habit) for habit in read_habits() for weeks in habit.weeks_ago]

    def basket(entry: tuple[str, int, Habit]) -> tuple[str, int, int, time]:
        identity_id, weeks, habit = entry
        return identity_id, weeks, habit.weekday, habit.time

    for (identity_id, weeks, weekday, at), entries in groupby(sorted(lines, key=basket), key=basket):
        habits = [habit for _, _, habit in entries]
        order = f"story-{identity_id}-{WEEKDAYS[weekday]}-{at:%H%M}-{weeks}"
        yield Interaction(
            id=order,
            type="purchase",
            identity_id=identity_id,
            at=moment(habits[0], weeks, anchor),
            lines=tuple(_line(habit, catalogue[habit.product_id]) for habit in habits),
            order_id=order,
            currency=CURRENCY,
        )


def _line(habit: Habit, product: Product) -> Line:
    if product.price is None:
        return Line(product.id, float(habit.quantity))
    paid = (product.price * (1 - habit.discount)).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return Line(product.id, float(habit.quantity), paid, product.price)


def _look(look: Look, anchor: datetime) -> Interaction:
    return Interaction(
        id=f"story-{look.session_id}-{look.minutes_ago}",
        type=look.type,
        identity_id=look.identity_id,
        at=anchor - timedelta(minutes=look.minutes_ago),
        lines=(Line(look.product_id),),
        session_id=look.session_id,
    )


def _login_visit(visit: LoginVisit, anchor: datetime) -> Interaction:
    """Place an event on the last such weekday that has begun a day ago or more."""
    latest = anchor - timedelta(days=1)
    day = latest.date() - timedelta(days=(latest.weekday() - visit.weekday) % 7)
    at = datetime.combine(day, visit.time, tzinfo=anchor.tzinfo)
    return Interaction(
        id=f"story-{visit.session_id}-{visit.time:%H%M}",
        type=visit.type,
        identity_id=f"session:{visit.session_id}",
        at=at - (WEEK if at > latest else timedelta(0)),
        lines=(Line(visit.product_id),),
        session_id=visit.session_id,
        account_id=visit.account_id,
    )


def _identifiers(column: str, identify: Identify) -> Iterator[Identifier]:
    for entry in _words(column):
        yield identify(*_facet(entry))


def _words(column: str) -> list[str]:
    """Split what stands in one column, e.g. ``web|app``; nothing is no word."""
    return [word for word in column.split("|") if word]


def _facet(word: str) -> tuple[str, str]:
    """Split ``email:tom@example.com`` at its first colon."""
    kind, _, value = word.partition(":")
    return kind, value


def _read(name: str) -> Iterator[dict[str, str]]:
    text = resources.files("seed").joinpath("story", name).read_text(encoding="utf-8")
    yield from csv.DictReader(text.splitlines())
