"""The drawings of the page, but for the heat map and the scatter: each row has its words above it, whole."""

import math
from collections.abc import Iterator, Sequence

from app.domain.brands import Facet, Niche
from app.domain.communities import Told
from app.domain.disclosure import Figure
from app.report.layout import place_circles
from app.report.svg import (
    ACCENT,
    FAINT,
    SECOND,
    WIDTH,
    circle,
    drawing,
    line,
    rect,
    scale,
    shortened,
    text,
    width_of,
    wrapped,
)

MOST = 14
MOST_SIZES = 30
MOST_DISCS = 40
"""Rows and discs of a drawing; the tables below have the rest."""
_TOP, _ROW, _TALL = 28.0, 42.0, 54.0
_EDGE = 6.0
"""Room beside a scale, for half a dot."""


def draw_map(communities: Sequence[Told]) -> str:
    """Communities as discs of their size; a line joins two that share members, thicker for more."""
    height = 380.0
    shown = [one for one in communities if one.size][:MOST_DISCS]
    largest = max((one.size or 0 for one in shown), default=1)
    crowd = math.sqrt(max(1.0, len(shown) / 16))
    radii = [(12 + 34 * math.sqrt((one.size or 0) / largest)) / crowd for one in shown]
    shared = shared_members(shown)
    at = place_circles(radii, shared, WIDTH, height)
    lines = (line(*at[one], *at[other], color="#b9c6da", width=1 + 8 * share) for (one, other), share in shared.items())
    discs = (
        circle(
            at[place][0],
            at[place][1],
            radii[place],
            opacity=0.85,
            hint=f"{name_of(one)}: about {one.size:,} members",
        )
        for place, one in enumerate(shown)
    )
    names = (
        words for place, one in enumerate(shown) for words in _disc_words(at[place][0], at[place][1], radii[place], one)
    )
    return drawing("Map of the communities", height, (*lines, *discs, *names))


def shared_members(communities: Sequence[Told]) -> dict[tuple[int, int], float]:
    """Pairs of positions that share members, and the share of the first one's."""
    places = {one.id: place for place, one in enumerate(communities)}
    return {
        (places[one.id], places[other.id]): other.shared.value or 0.0
        for one in communities
        for other in one.neighbours
        if other.id in places
    }


def _disc_words(x: float, y: float, radius: float, one: Told) -> Iterator[str]:
    """Id, and the first of the name where a disc has room for it; the key below the map has all names."""
    first = wrapped((one.label or "").partition(",")[0], 1.5 * radius, 10, 2)
    has_room = bool(first) and not any(words.endswith("…") for words in first) and radius > 24
    yield text(x, y - 6 if has_room else y + 4, one.id, anchor="middle", size=11, color="#ffffff", bold=True)
    if has_room:
        for row, words in enumerate(first):
            yield text(x, y + 6 + 11 * row, words, anchor="middle", size=10, color="#ffffff")


def draw_sizes(communities: Sequence[Told]) -> str:
    """Bars of members, each with its growth since the run before, if any is known."""
    shown = communities[:MOST_SIZES]
    largest = max((one.size or 0 for one in shown), default=1)
    return drawing("Members and growth", _ROW * len(shown), _size_rows(shown, largest))


def _size_rows(shown: Sequence[Told], largest: int) -> Iterator[str]:
    for row, one in enumerate(shown):
        y, size, growth = row * _ROW, one.size or 0, one.figures["growth"]
        changed = "" if growth.value is None else f"growth {write(growth, 'change')}"
        yield from _words(y, name_of(one), changed)
        end = scale(size, 0, largest, 0, WIDTH - 60)
        yield rect(0, y + 20, end, 14, hint=f"{name_of(one)}: ~{size:,}")
        yield text(end + 6, y + 31, f"~{size:,}", size=12)


def draw_facets(facets: Sequence[Facet]) -> str:
    """Share of each community that buys the brand, with its interval; the mark is everybody's."""
    shown = facets[:MOST]
    most = max((end for one in shown for end in (one.share.high, one.overall_share.value) if end), default=1.0)
    return drawing("The brand in each community", _TOP + _ROW * len(shown), _facet_rows(shown, most))


def _facet_rows(shown: Sequence[Facet], most: float) -> Iterator[str]:
    overall = shown[0].overall_share if shown else None
    if overall is not None and overall.value is not None:
        yield rect(0, 4, 3, 12, color=SECOND)
        yield text(9, 15, f"everybody: {write(overall, 'percent')}{_n(overall)}", size=11, color=SECOND)
    for row, one in enumerate(shown):
        y = _TOP + row * _ROW
        yield from _words(y, _name(one), f"{write(one.share, 'percent')}{_n(one.share)}")
        if overall is not None and overall.value is not None:
            yield rect(_at(overall.value, most) - 1.5, y + 19, 3, 16, color=SECOND)
        yield from _whisker(one.share, most, y + 27, ACCENT)


def draw_niches(niches: Sequence[Niche]) -> str:
    """Expected and actual share of each niche, with intervals."""
    shown = niches[:MOST]
    ends = [end for one in shown for end in (one.expected_share.high, one.actual_share.high) if end is not None]
    return drawing("Niches of the brand", _TOP + _TALL * len(shown), _niche_rows(shown, max(ends, default=1.0)))


def _niche_rows(shown: Sequence[Niche], most: float) -> Iterator[str]:
    yield circle(8, 11, 5, color=SECOND)
    yield text(17, 15, "expected", size=11, color=FAINT)
    yield circle(84, 11, 5)
    yield text(93, 15, "actual, or at most where there is no dot", size=11, color=FAINT)
    for row, one in enumerate(shown):
        y, actual = _TOP + row * _TALL, one.actual_share
        buys = f"actual {actual.value:.0%}" if actual.value is not None else f"at most {actual.high or 0:.0%}"
        told = f"expected {one.expected_share.value or 0:.0%}, {buys}{_n(actual)}"
        yield from _words(y, _name(one), told)
        yield from _whisker(one.expected_share, most, y + 26, SECOND)
        yield from _whisker(actual, most, y + 38, ACCENT)


def _words(y: float, name: str, figure: str) -> Iterator[str]:
    """What a row is called, and its figure at the right end; a long name is cut, never the figure."""
    yield text(0, y + 14, shortened(name, WIDTH - width_of(figure, 11) - 8))
    if figure:
        yield text(WIDTH, y + 14, figure, anchor="end", size=11, color=FAINT)


def _name(one: Facet | Niche) -> str:
    return f"{one.community_id} {one.label}" if one.label else one.community_id


def _n(figure: Figure) -> str:
    return "" if figure.n is None else f", n ~{figure.n:,}"


def _at(value: float, most: float) -> float:
    return scale(value, 0, most, _EDGE, WIDTH - _EDGE)


def _whisker(figure: Figure, most: float, y: float, color: str) -> Iterator[str]:
    """An interval with its value as a dot; without a value the interval alone."""
    low, high = (_at(end or 0.0, most) for end in (figure.low, figure.high))
    yield line(low, y, high, y, color=color, width=2)
    if figure.value is not None:
        yield circle(_at(figure.value, most), y, 5, color=color, hint=f"{write(figure, 'percent')}{_n(figure)}")


def name_of(one: Told) -> str:
    """Id and label."""
    return f"{one.id} {one.label}" if one.label else one.id


def write(figure: Figure, unit: str) -> str:
    """Write a figure with its interval, in words where there is none."""
    if figure.value is None:
        return figure.note or ""
    style = {"percent": ".0%", "change": "+.0%", "times": ".2g"}.get(unit, ",.4g")
    value, low, high = (format(one, style) for one in (figure.value, figure.low or 0.0, figure.high or 0.0))
    mark = "x" if unit == "times" else ""
    return f"{value}{mark}" if low == high else f"{value}{mark} ({low} to {high})"
