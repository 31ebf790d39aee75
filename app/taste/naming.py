"""Names of microgenres and communities, made of the words of the catalogue.

A microgenre is called by a small grammar: mood, kind and detail ("gourmet dry cat food"). A community is called by
what its members like more than others do, and never by a word that tells of more than taste.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from app.taste.sensitive import is_sensitive
from app.taste.speech import spoken
from app.taste.tags import CleanTags
from app.taste.values import Edges, Floats
from app.taste.words import is_mood, words_of

SURE = 1.96
"""Standard deviations of log-odds below which nothing is said to set a community apart."""
NEARLY = 1 / 3
"""How sure a further term of a label must be, as a share of the first."""
PRIOR = 500.0
"""Likes that the crowd's own distribution of terms counts for."""
MOOD_SHARE, MOOD_LIFT = 0.4, 2.0
"""Share of a microgenre that wears a mood at least, and how many times the usual share that is."""
SECOND, NARROWER = 0.5, 0.9
"""A second kind, or a narrower word for the first, must fit at least so well as a share of what the kind does."""
APART = 0.5
"""Two kinds are two when at most this share of the rarer one's products is the other's too."""
STEM, ENDING = 5, 2
"""Letters that two words must share to be one, and by which the longer one may be longer."""
CANDIDATES = 8


@dataclass(frozen=True, slots=True)
class GenreLabel:
    """What a microgenre is called."""

    name: str
    sensitive: bool
    """Whether most of it is about what communities may not be described by."""


def name_genres(
    tags: CleanTags, joined: Edges, genres: int, weight: Floats, taken: Sequence[str] = ()
) -> list[GenreLabel | None]:
    """Name each microgenre by the tags that describe it best; None for one that no tag describes.

    ``joined`` are edges from product to microgenre, ``weight`` says how much each product counts. No two are called the
    same, nor as one of ``taken``.
    """
    describing = _Describing(tags, joined, genres, weight)
    used = {name.casefold() for name in taken}
    labels: list[GenreLabel | None] = []
    for genre in range(genres):
        label = next((one for one in describing.labels(genre) if one.name.casefold() not in used), None)
        if label:
            used.add(label.name.casefold())
        labels.append(label)
    return labels


class _Describing:
    """How well tags describe microgenres: the harmonic mean of how much of each is in the other (F1)."""

    def __init__(self, tags: CleanTags, joined: Edges, genres: int, weight: Floats) -> None:
        self._names = tuple(spoken(name) for name in tags.names)
        worn = tags.edges.matrix(len(weight), len(tags.names))
        inside = csr_array(joined.matrix(len(weight), genres).T.multiply(weight[None, :]))
        self._worn = worn.tocsc()
        self._both = csr_array(inside @ worn)
        self._of_tag: Floats = np.asarray(worn.T @ weight)
        self._of_genre: Floats = np.asarray(inside.sum(axis=1), dtype=np.float64).ravel()
        self._all = float(weight.sum())
        self._moods = np.asarray([is_mood(*pair) for pair in zip(tags.names, tags.facets, strict=True)], dtype=bool)
        self._secret = np.asarray([is_sensitive(name) for name in tags.names], dtype=bool)

    def labels(self, genre: int) -> Iterable[GenreLabel]:
        """Names in order of how well they fit; the later ones for when the first are taken."""
        tags, both = self._row(genre)
        secret = self._secret[tags]
        score = 2 * both / (self._of_tag[tags] + self._of_genre[genre])
        sensitive = bool(len(tags)) and score[secret].max(initial=0) > score[~secret].max(initial=0)
        # What is mostly medicine is called so: "lip balm" would be no better kept, and wrong.
        open_ = np.ones(len(tags), dtype=bool) if sensitive else ~secret
        mood = self._mood(genre, tags[open_], both[open_])
        order = np.lexsort((tags, -score))
        kinds = [int(tags[place]) for place in order.tolist() if open_[place] and not self._moods[tags[place]]]
        fits = dict(zip(tags.tolist(), score.tolist(), strict=True))
        phrases = list(self._phrases(kinds[:CANDIDATES], fits)) or [name for name in [mood] if name]
        for number in range(1, 100):
            for phrase in phrases:
                name = _with_mood(mood, phrase)
                yield GenreLabel(name if number == 1 else f"{name} {number}", sensitive)

    def _phrases(self, kinds: Sequence[int], fits: Mapping[int, float]) -> Iterable[str]:
        """Kind and detail in order of preference: a narrower word, with a second kind, alone, then what is left."""
        if not kinds:
            return
        names = self._names
        kind, others = kinds[0], kinds[1:]
        yield from (
            names[tag] for tag in others if fits[tag] >= NARROWER * fits[kind] and _narrows(names[tag], names[kind])
        )
        seconds = [names[tag] for tag in others if fits[tag] >= SECOND * fits[kind] and self._apart(kind, tag)]
        short = [name for name in seconds if _is_short(names[kind], name)]
        yield from (_join(names[kind], name) for name in short[:1])
        yield names[kind]
        yield from (_join(names[kind], name) for name in [*short[1:], *seconds])
        yield from (names[tag] for tag in others)

    def _apart(self, one: int, other: int) -> bool:
        """Whether two tags are of different products, and not one of the other."""
        if _same_thing(self._names[one], self._names[other]) or _same_stem(self._names[one], self._names[other]):
            return False
        first, second = ((self._worn[:, [tag]] > 0).astype(float) for tag in (one, other))
        both = float(first.multiply(second).sum())
        return both <= APART * min(float(first.sum()), float(second.sum()))

    def _row(self, genre: int) -> tuple[np.ndarray, Floats]:
        start, end = self._both.indptr[genre], self._both.indptr[genre + 1]
        return self._both.indices[start:end], self._both.data[start:end]

    def _mood(self, genre: int, tags: np.ndarray, both: Floats) -> str | None:
        """The mood that most sets a microgenre apart."""
        share = both / max(self._of_genre[genre], 1e-12)
        lift = share / np.maximum(self._of_tag[tags] / max(self._all, 1e-12), 1e-12)
        fits = self._moods[tags] & (share >= MOOD_SHARE) & (lift >= MOOD_LIFT)
        if not fits.any():
            return None
        return self._names[tags[fits][np.lexsort((tags[fits], -lift[fits]))[0]]]


def _narrows(detail: str, kind: str) -> bool:
    """Whether the detail has all words of the kind and more: "dry cat food" of "cat food"."""
    return set(words_of(kind)) < set(words_of(detail))


def _same_thing(one: str, other: str) -> bool:
    """Whether one of two tags has all words of the other."""
    first, second = set(words_of(one)), set(words_of(other))
    return first <= second or second <= first


def _same_stem(one: str, other: str) -> bool:
    """Whether two words differ by an ending alone, as a country and its people: "russia" and "russian"."""
    short, long = sorted((one, other), key=len)
    return len(short) >= STEM and long.startswith(short) and len(long) - len(short) <= ENDING


def _is_pair(name: str) -> bool:
    """Whether a tag tells of two things already."""
    return " and " in name


def _is_short(one: str, other: str) -> bool:
    """Whether two kinds are said in one breath: not a pair with another, nor the words of a pair twice."""
    return not _is_pair(one) and not (_is_pair(other) and set(words_of(one)) & set(words_of(other)))


def _join(one: str, other: str) -> str:
    """Say two kinds, what they have in common once: "dry and canned cat food"; "batteries with films and cameras"."""
    if _is_pair(one) or _is_pair(other):
        return f"{one} with {other}"
    first, second = one.split(), other.split()
    head = _common(first, second)
    tail = _common(first[head:][::-1], second[head:][::-1])
    return " ".join([*first[: len(first) - tail], "and", *second[head:]])


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """How many words two lists begin with together."""
    return next(
        (place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )


def _with_mood(mood: str | None, phrase: str) -> str:
    return phrase if mood is None or set(words_of(mood)) & set(words_of(phrase)) else f"{mood} {phrase}"


def find_apart(counts: Floats) -> Floats:
    """How surely each term sets each group apart from all others: log-odds in standard deviations.

    ``counts`` is of shape (groups, terms). Monroe et al. (2008), "Fightin' Words": an informative Dirichlet prior, the
    crowd's own distribution with a weight of ``PRIOR``, so that rare terms prove little.
    """
    overall = counts.sum(axis=0)
    prior = PRIOR * overall / max(float(overall.sum()), 1.0)
    inside, outside = counts + prior, overall - counts + prior
    of_inside, of_outside = inside.sum(axis=1, keepdims=True), outside.sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        odds = np.log(inside / (of_inside - inside)) - np.log(outside / (of_outside - outside))
        sureness = odds / np.sqrt(1 / inside + 1 / outside)
    return np.nan_to_num(sureness, nan=0.0, posinf=0.0, neginf=0.0)


@dataclass(frozen=True, slots=True)
class CommunityLabel:
    """What a community is called, and what sets it apart, surest first of each kind; nothing where nothing does."""

    name: str | None
    terms: tuple[str, ...]


def name_communities(
    sureness: Sequence[Floats], names: Sequence[Sequence[str]], leaders: int = 2, most: int = 8
) -> list[CommunityLabel]:
    """Name communities by the terms above ``SURE``; ``sureness`` and ``names`` are of kinds, the best kind first.

    The label is of the surest term and up to ``leaders`` - 1 others that are nearly as sure; of more where two would be
    called the same. A term that is empty or sensitive is nowhere.
    """
    sayable = [np.asarray([bool(name) and not is_sensitive(name) for name in kind], dtype=bool) for kind in names]
    used: set[str] = set()
    labels: list[CommunityLabel] = []
    for group in range(len(sureness[0]) if len(sureness) else 0):
        ranked = [
            _surest(np.where(may, z[group], 0.0), kind, 3 * most)
            for z, kind, may in zip(sureness, names, sayable, strict=True)
        ]
        terms = _distinct(term for kind in ranked for term in kind)[:most]
        label = _unused(terms, leaders, used)
        used.update([label] if label else [])
        labels.append(CommunityLabel(label, tuple(name for name, _ in terms)))
    return labels


def _surest(z: Floats, names: Sequence[str], most: int) -> list[tuple[str, float]]:
    order: list[int] = np.lexsort((np.arange(len(z)), -z))[:most].tolist()
    return [(names[place], float(z[place])) for place in order if z[place] > SURE]


def _distinct(terms: Iterable[tuple[str, float]]) -> list[tuple[str, float]]:
    """The terms without those whose words an earlier one has, or that have all of an earlier one's."""
    kept: list[tuple[str, float]] = []
    for term in terms:
        if not any(_same_thing(term[0], one) for one, _ in kept):
            kept.append(term)
    return kept


def _unused(terms: Sequence[tuple[str, float]], leaders: int, used: set[str]) -> str | None:
    """A label that no other has: the first terms, or the first one with another."""
    if not terms:
        return None
    names = [name for name, _ in terms]
    first = [name for name, z in terms[:leaders] if z >= NEARLY * terms[0][1]]
    tries: list[list[str]] = [first, *([names[0], name] for name in names[1:]), names[:3]]
    labels = [", ".join(words) for words in tries]
    return next((one for one in labels if one not in used), f"{labels[0]} ({len(used) + 1})")
