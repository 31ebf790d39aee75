"""What may leave of an audience, given all that has left before: nobody may isolate fewer than k. No I/O.

All lists that receivers hold or held are one account. Whoever kept every file can split people by which files they are
in: an *atom* is all who are in the same ones. A new list, or a change of one, may split an atom only into parts of k
and more. Removals for want of consent, reach or a condition under the same filter always go out.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from app.domain.audiences import Audience, AudienceFilter, Facts

Mode = Literal["full", "delta"]
Ids = frozenset[str]
PLANS = "plans:"
"""How the list is called on which it is accounted for who of an audience its plans have let out; no audience is."""
Enough = Callable[[Collection[str]], bool]
"""Whether some identities are surely no fewer than k."""


Stint = tuple[int, int | None]
"""From which export on somebody was on a list, and by which one it was taken off; in ms, ``None``: still on it."""
Marks = Mapping[str, Hashable]
"""What the files of one audience show of each identity that any of them ever had; alike: in the same files."""


@dataclass(frozen=True, slots=True)
class HeldList:
    """What a receiver holds of one audience, as it was told last, and held before."""

    audience: str
    filter: AudienceFilter
    """By which its members were chosen."""
    at: datetime
    expires_at: datetime
    members: Mapping[str, str] = field(default_factory=dict[str, str])
    """Member key by identity, of those on it now."""
    stints: Mapping[str, tuple[Stint, ...]] = field(default_factory=dict[str, tuple[Stint, ...]])
    """By identity, of those on it now and of those taken off whom a file may still have."""
    erased: tuple[str, ...] = ()
    """Member keys of those who were erased since; nothing else is known of them."""


@dataclass(frozen=True, slots=True)
class Change:
    """What of a list may change now."""

    added: Ids
    removed: Ids
    waits: bool
    """Whether some would be added and are too few for now."""
    filter_waits: bool
    """Whether the list goes on by the filter before: the new one would single out too few."""


def plan_change(
    matching: Ids,
    allowed: Ids,
    held: Ids,
    files: Sequence[Marks],
    enough: Enough,
    *,
    is_changed: bool,
    shops_own: Sequence[Marks] = (),
) -> Change:
    """Say what may be added to a list, and what is taken from it.

    ``matching`` are those who are meant now, ``allowed`` those who may be contacted at all, ``held`` who is on the list
    (empty before the first time), ``files`` what all that ever left shows, of this list and of the others;
    ``shops_own`` what files show that only the shop has. It knows who consents to what, so whoever may not be contacted
    is no part of a crowd there, and nobody is isolated by that. ``is_changed``: the list was made by another filter.
    """
    fresh, kept = matching - held, matching & held
    left = (held & allowed) - matching
    every = [*files, *shops_own]
    wholes = [held, *_atoms(every).values()]
    if held and is_changed and not _may_be_parted(wholes, kept, left, enough):
        return Change(frozenset(), held - allowed, waits=bool(fresh), filter_waits=True)
    added, before = fresh, None
    while added != before:
        before = added
        if files or not shops_own:
            added = _joining(added, files, enough, None)
        if shops_own:
            added = _joining(added, every, enough, allowed)
    return Change(added, held - kept, waits=len(added) < len(fresh), filter_waits=False)


def _joining(fresh: Ids, files: Sequence[Marks], enough: Enough, among: Ids | None) -> Ids:
    """Who may be added so that each atom is parted into enough who are and enough who are not; ``among`` whom it is."""
    atoms, added = _atoms(files), set[str]()
    for files_of, people in _split(fresh, files).items():
        others = atoms.get(files_of, frozenset[str]()) - people
        others = others if among is None else others & among
        if enough(people) and (not others or enough(others)):
            added |= people
    return frozenset(added)


def _may_be_parted(wholes: Sequence[Ids], kept: Ids, left: Ids, enough: Enough) -> bool:
    """Whether another filter leaves each whole undivided, or parts it into enough who stay and enough who go."""
    parts = [(whole & kept, whole & left) for whole in wholes]
    return all(not stay or not go or (enough(stay) and enough(go)) for stay, go in parts)


def _atoms(files: Sequence[Marks]) -> Mapping[tuple[Hashable, ...], Ids]:
    """All who are in any file, by the files that they are in."""
    return _split(frozenset[str]().union(*files), files)


def _split(people: Ids, files: Sequence[Marks]) -> Mapping[tuple[Hashable, ...], Ids]:
    """Part people by the files that they are in; who is in none is in the part without any mark."""
    parts: defaultdict[tuple[Hashable, ...], set[str]] = defaultdict(set)
    for one in people:
        parts[tuple(marks.get(one) for marks in files)].add(one)
    return {files_of: frozenset(part) for files_of, part in parts.items()}


@dataclass(frozen=True, slots=True)
class ExportRow:
    """One line of an export."""

    action: Literal["add", "remove"]
    identity_id: str | None
    """``None`` for who was erased: only the member key of an earlier line says who that is."""
    member: str
    """A random key of this identity on this list."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What an export was; signed, so that it can be shown."""

    id: str
    tenant: str
    audience: str
    channel: str
    purpose: str
    filter: str
    """JSON."""
    mode: Mode
    at: str
    """RFC 3339."""
    expires_at: str
    """When the receiver must have deleted what it holds, unless another export comes before."""
    run: str | None
    k: int
    added: int
    removed: int
    listed: int
    """On the receiver's list with this export."""
    additions_wait: bool
    filter_waits: bool
    sha256: str
    """Of the file."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that an export is decided by, of one moment."""

    audience: Audience | None
    """``None``: it was deleted, and a receiver still holds its list."""
    facts: Sequence[Facts]
    """Of everybody who may be contacted, judged for the filter that the list goes on by, or for the audience's."""
    lists: Mapping[str, HeldList]
    """By audience; those that have not expired."""
    counts: frozenset[str]
    """Of all of them, who counts towards k."""
    run: str | None
    now: datetime


@dataclass(frozen=True, slots=True)
class Listing:
    """What of a list changes on account."""

    filter: AudienceFilter
    """By which the list goes on."""
    expires_at: datetime
    """Until when it is on account."""
    added: Mapping[str, str]
    """Member key by identity."""
    removed: Ids


@dataclass(frozen=True, slots=True)
class Export:
    """What leaves, and what is noted of it."""

    rows: tuple[ExportRow, ...]
    listing: Listing
    receipt: Receipt
