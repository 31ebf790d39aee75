"""What is asked and of whom: the facts of one moment, before anything is scored."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.domain.exclusions import ALL_WANTED, Unwanted
from app.domain.models import IdentityKind, Purpose
from app.domain.recommendation import NOTHING, LeftOut, Objective, RunStamp, Shelf, Source
from app.taste.values import Floats, Ints


@dataclass(frozen=True, slots=True)
class Likes:
    """What one identity likes, a column each; one entry a product."""

    identity_id: str
    kind: IdentityKind | None
    product_ids: tuple[str, ...]
    weight: Floats
    """Evidence as of ``at_ms``, above 0; it decays from there."""
    full_price_weight: Floats
    """The part of it that is evidence for buying at full price."""
    at_ms: Floats
    """When it was last seen, in milliseconds since 1970."""
    bought: NDArray[np.bool_]
    bought_ms: Floats
    """When it was last bought; NaN where that is not known."""
    days: Ints
    """On how many days it was bought, as far as that is known; 0 for what was not bought."""
    interval_days: Floats
    """Days between its purchases where they come at steady intervals, else 0."""

    @property
    def size_bytes(self) -> int:
        """About what it takes in memory."""
        return 120 * len(self.product_ids) + 200


@dataclass(frozen=True, slots=True)
class Scored:
    """Products with a score each."""

    product_ids: tuple[str, ...] = ()
    scores: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Reader:
    """Whoever asks, as far as its consents and grants allow; empty for anybody else."""

    stamp: str
    """Changes with the run, the catalogue, the identity's events, its consent and what it was granted."""
    granted: bool
    catalogue: int = 0
    """Version of the catalogue."""
    run: RunStamp | None = None
    kind: IdentityKind | None = None
    own: Likes | None = None
    """None without consent."""
    granted_by: tuple[Likes, ...] = ()
    """Likes that others let this identity use, by their ids."""
    followed: Scored = Scored()
    """What several of those like whom it follows."""
    unwanted: Unwanted = ALL_WANTED
    """What it has excluded or dislikes."""

    @property
    def members(self) -> tuple[Likes, ...]:
        """A household's likes, one member at a time; () for anybody else."""
        if self.kind != "household" or self.own is None or not self.granted_by:
            return ()
        return (self.own, *self.granted_by)

    @property
    def size_bytes(self) -> int:
        """About what it takes in memory."""
        likes = (*self.granted_by, *((self.own,) if self.own else ()))
        return 500 + 100 * len(self.followed.product_ids) + sum(one.size_bytes for one in likes)


@dataclass(frozen=True, slots=True)
class Seen:
    """Products of the session or the page, in order."""

    product_ids: tuple[str, ...] = ()
    bought: tuple[bool, ...] = ()
    unwanted: Unwanted = ALL_WANTED
    """What the session's visitor has excluded or dislikes."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Of whom the facts of one moment are read, and of which session and page beside."""

    identity_id: str | None = None
    purpose: Purpose = "personalise_content"
    session_id: str | None = None
    context_ids: tuple[str, ...] = ()
    """Products of the page."""
    left_out: LeftOut = NOTHING


@dataclass(frozen=True, slots=True)
class Moment:
    """All that one read says: the reader, and what is of no stamp."""

    reader: Reader
    session: Seen
    page: tuple[str, ...]
    """Those products of the page that the shop has,"""
    page_tags: tuple[str, ...]
    """... and the ids of their categories."""

    @property
    def unwanted(self) -> Unwanted:
        """What may not be shown."""
        return self.reader.unwanted + self.session.unwanted


@dataclass(frozen=True, slots=True)
class Query:
    """One question. History, session and page are fields of their own."""

    now_ms: int
    sources: frozenset[Source]
    history: tuple[Likes, ...] = ()
    """Whose likes are used: the reader's own first, if at all."""
    own_id: str | None = None
    """Which of them are the reader's own."""
    followed: Scored = Scored()
    session: Seen = Seen()
    page: tuple[str, ...] = ()
    """Products that the page shows and the shop has."""
    page_size: int = 0
    """... and as many as it names."""
    anchors: tuple[str, ...] = ()
    """Tags (by id) and brands whose popular products come first (see ``RunModel.anchors``),"""
    tag_names: tuple[str, ...] = ()
    """... and tags by name."""
    exclude: tuple[str, ...] = ()
    only: tuple[str, ...] | None = None
    """The only products that may be shown; None: any."""
    objective: Objective = "balanced"
    shelf: Shelf = "mixed"
    folds: bool = True
    """Whether variants are one: what one of them is, owned or excluded, all are."""
    explain: bool = False
    without_community: str | None = None
    """A taste community, as if the identity did not belong to it."""
