"""Whose a session is: what is known of it, and what that comes to. Doubt means nobody. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from app.domain.recommendation import Method
from app.recommend.attribution import NOBODY, Belief, Clue, Member, believe, believe_by_event
from app.recommend.habits import Deed, Portrait, clues_of


@dataclass(frozen=True, slots=True)
class SessionQuestion:
    """What a page says of who may be at the keyboard."""

    session_id: str | None = None
    account_id: str | None = None
    hinted_id: str | None = None
    """An identity that it takes it for."""
    context_ids: tuple[str, ...] = ()
    """Products that it shows or that are in the cart."""
    channel: str | None = None


@dataclass(frozen=True, slots=True)
class KnownMember:
    """One of those who use the login."""

    identity_id: str
    may_be_named: bool
    portrait: Portrait | None = None
    """None without a consent, or before a refresh has looked at it."""


@dataclass(frozen=True)
class SessionFacts:
    """What is known of a session at a moment."""

    members: tuple[KnownMember, ...] = ()
    """All who use the login, by id."""
    hinted_id: str | None = None
    refused: bool = False
    """The visitor denies to be linked."""
    claimer: str | None = None
    """Who said that the session was theirs."""
    run: str | None = None
    """Whose habits these are."""
    events: tuple[Deed, ...] = ()
    """Oldest first."""
    page: Deed | None = None
    """What is asked for now."""

    @cached_property
    def clues(self) -> list[set[Clue]]:
        """What each event says, and what the page shows; the hour of the page only where nothing was done yet."""
        found = [clues_of(deed) for deed in self.events]
        if self.page is not None:
            shown = clues_of(self.page)
            found.append({clue for clue in shown if clue[0] != "hour"} if found else shown)
        return found

    def at(self, at_ms: int) -> list[Member]:
        """The members with their habits at a moment."""
        return [
            Member(one.identity_id, one.may_be_named, portrait.visits, habits=portrait.at(at_ms))
            for one in self.members
            for portrait in [one.portrait or Portrait()]
        ]


@dataclass(frozen=True, slots=True)
class Who:
    """Whose a session is taken to be."""

    identity_id: str | None
    method: Method
    confidence: float | None
    """Probability that it is that identity; None for nobody."""
    belief: Belief = NOBODY


def decide(facts: SessionFacts, threshold: float, now_ms: int, *, has_session: bool = True) -> Who:
    """Name who said so, or the only user of a login, or the member who is likely enough; else nobody.

    A visitor who denies to be linked is nobody, and so is whoever names a login of several users without a session.
    """
    if facts.claimer is not None:
        return Who(facts.claimer, "asserted", 1.0)
    users = [one.identity_id for one in facts.members]
    if len(users) <= 1 and facts.hinted_id in (None, *users):
        is_known = bool(users) and not (facts.refused and facts.hinted_id is None)
        return Who(users[0], "asserted", 1.0) if is_known else Who(None, "anonymous", None)
    if not users:
        return Who(facts.hinted_id, "asserted", 1.0)
    if facts.refused or not has_session:
        return Who(None, "anonymous", None)
    clues = [clue for event in facts.clues for clue in event]
    belief = believe(facts.at(_moment(facts, now_ms)), clues, facts.hinted_id)
    # An hour or a device is shared by many; without a product in it a page says nothing yet.
    surest = belief.surest(threshold) if any(feature == "product" for feature, _ in clues) else None
    return Who(surest[0], "posterior", surest[1], belief) if surest else Who(None, "anonymous", None, belief)


def follow(facts: SessionFacts, now_ms: int) -> Iterator[Belief]:
    """How the belief moved: before the first event, and after each."""
    return believe_by_event(facts.at(_moment(facts, now_ms)), facts.clues, facts.hinted_id)


def _moment(facts: SessionFacts, now_ms: int) -> int:
    """When the session began: what was due then."""
    return facts.events[0].at_ms if facts.events else now_ms
