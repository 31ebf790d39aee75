"""Likes that are hidden from a run, to see which sources find them: the last that an identity took up."""

from dataclasses import dataclass

import numpy as np

from app.recommend.history import build_history
from app.recommend.membership import find_belonging
from app.recommend.model import RunModel
from app.recommend.query import Likes as ReaderLikes
from app.recommend.query import Query, Scored
from app.recommend.sources.base import Ask
from app.recommend.tuning import Tuning
from app.taste.values import Floats, Ints, Likes


@dataclass(frozen=True)
class HeldOut:
    """Likes parted for learning: what may be looked at, and what should be found."""

    known: Likes
    wanted: dict[int, frozenset[int]]
    """Products to find, by identity."""


def hold_out(likes: Likes, seed: int, *, share: float = 0.1, most: int = 1500, shortest: int = 5) -> HeldOut:
    """Hide a ``share`` of the likes, at least one, of up to ``most`` identities with at least ``shortest`` of them.

    Those that were taken up last are hidden, as they are what an answer would have had to find; at equal times, and
    where there are none, chance decides.
    """
    rng = np.random.default_rng(seed)
    starts = likes.starts
    able = np.flatnonzero(np.diff(starts) >= shortest)
    times = likes.moments.first_ms if likes.moments else np.zeros(len(likes.edges))
    hidden = np.zeros(len(likes.edges), dtype=np.bool_)
    wanted: dict[int, frozenset[int]] = {}
    for identity in np.sort(rng.choice(able, size=min(most, len(able)), replace=False)).tolist():
        own = np.arange(int(starts[identity]), int(starts[identity + 1]))
        chosen = latest(own, times, max(1, round(share * len(own))), rng)
        hidden[chosen] = True
        wanted[identity] = frozenset(likes.edges.target[chosen].tolist())
    return HeldOut(likes.only(~hidden), wanted)


def latest(entries: Ints, times: Floats, most: int, rng: np.random.Generator) -> Ints:
    """The ``most`` latest of some entries, ascending; chance decides between equal times."""
    drawn = rng.permutation(entries)
    return np.sort(drawn[np.argsort(times[drawn], kind="stable")][-most:])


def ask_as(known: Likes, used: Ints, model: RunModel, tuning: Tuning, followed: Scored = Scored()) -> Ask:  # noqa: B008
    """The question that an identity with these likes would ask at the time of the latest, as it is asked when serving.

    Weights are log(1 + evidence that did not age), so the evidence is in units of the identity's mean.
    """
    lasting = known.lasting.edges.weight[used]
    evidence = np.expm1(lasting)
    at_ms = known.moments.last_ms[used] if known.moments else np.zeros(len(used))
    places: list[int] = known.edges.target[used].tolist()
    ids = tuple(known.products[place] for place in places)
    none, bought = np.zeros(len(used), np.int64), np.zeros(len(used), np.bool_)
    likes = ReaderLikes("", None, ids, evidence, evidence, at_ms, bought, at_ms, none, none.astype(np.float64))
    query = Query(
        now_ms=int(at_ms.max(initial=0.0)),
        sources=frozenset({"similar", "followed", "community"}),
        history=(likes,),
        own_id="",
        followed=followed,
    )
    history = build_history(query, model, tuning)
    return Ask(query, history, find_belonging(history, model), model, tuning)
