"""The six drawings of the page."""

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence

from app.domain.brands import Facet, Niche
from app.domain.communities import Match, Told
from app.domain.disclosure import Figure
from app.report.layout import place_circles
from app.report.svg import ACCENT, FAINT, INK, SECOND, WIDTH, circle, drawing, line, rect, scale, shortened, text

MOST = 14
MOST_COLUMNS = 10
"""Rows of a drawing; the tables below have the rest."""
_LEFT, _RIGHT = 165.0, WIDTH - 48.0
_ROW = 28.0
_LABEL = 23
Ends = tuple[float, float]


def draw_map(communities: Sequence[Told]) -> str:
    """Communities as discs of their size; a line joins two that share members, thicker for more."""
    height = 340.0
    shown = [one for one in communities if one.size][:40]
    places = {one.id: place for place, one in enumerate(shown)}
    largest = max((one.size or 0 for one in shown), default=1)
    radii = [10 + 34 * math.sqrt((one.size or 0) / largest) for one in shown]
    shared = {
        (places[one.id], places[other.id]): other.shared.value or 0.0
        for one in shown
        for other in one.neighbours
        if other.id in places
    }
    at = place_circles(radii, shared, WIDTH, height)
    lines = (line(*at[one], *at[other], color="#b9c6da", width=1 + 8 * share) for (one, other), share in shared.items())
    discs = (
        circle(
            at[place][0], at[place][1], radii[place], opacity=0.85, hint=f"{_name(one)}: {one.size:,} members and more"
        )
        for place, one in enumerate(shown)
    )
    names = (
        words for place, one in enumerate(shown) for words in _disc_words(at[place][0], at[place][1], radii[place], one)
    )
    return drawing("Map of the communities", height, (*lines, *discs, *names))


def _disc_words(x: float, y: float, radius: float, one: Told) -> Iterator[str]:
    """Id, and as much of the name as a disc has room for."""
    room = int(2 * radius / 6.2) - 2
    has_room = bool(one.label) and room > 6
    yield text(x, y - 2 if has_room else y + 4, one.id, anchor="middle", size=11, color="#ffffff", bold=True)
    if has_room:
        yield text(x, y + 12, shortened(one.label or "", room), anchor="middle", size=10, color="#ffffff")


def draw_sizes(communities: Sequence[Told]) -> str:
    """Bars of members, each with its growth since the run before."""
    shown = communities[:MOST]
    largest = max((one.size or 0 for one in shown), default=1)
    return drawing("Members and growth", 30 + _ROW * len(shown), _size_rows(shown, largest))


def _size_rows(shown: Sequence[Told], largest: int) -> Iterator[str]:
    yield text(_LEFT, 16, "members and more", size=11, color=FAINT)
    yield text(WIDTH, 16, "growth since the run before", anchor="end", size=11, color=FAINT)
    for row, one in enumerate(shown):
        y, size = 30 + row * _ROW, one.size or 0
        end = scale(size, 0, largest, _LEFT, WIDTH - 170)
        yield text(_LEFT - 8, y + 15, shortened(_name(one), _LABEL), anchor="end")
        yield rect(_LEFT, y + 3, end - _LEFT, 17, hint=f"{_name(one)}: {size:,}+")
        yield text(end + 6, y + 15, f"{size:,}+", size=12)
        yield text(WIDTH, y + 15, write(one.figures["growth"], "change"), anchor="end", size=12, color=FAINT)


def draw_heat(matches: Sequence[Match], communities: Sequence[Told]) -> str:
    """How much more often than elsewhere each community buys in each microgenre, darker for more."""
    rows = [one for one in communities[:MOST] if any(m.community_id == one.id for m in matches)]
    weight: dict[str, float] = defaultdict(float)
    names: dict[str, str] = {}
    kept = {one.id for one in rows}
    for match in matches:
        if match.kind == "microgenre" and match.community_id in kept:
            weight[match.id] += match.lift.value or 0.0
            names[match.id] = match.label
    columns = sorted(weight, key=lambda id_: (-weight[id_], id_))[:MOST_COLUMNS]
    cells = {(m.community_id, m.id): m for m in matches if m.kind == "microgenre"}
    head = 30 + 4.6 * min(26, max((len(name) for name in names.values()), default=0))
    wide = (WIDTH - 60 - _LEFT) / max(1, len(columns))
    shapes: list[str] = []
    for place, id_ in enumerate(columns):
        x = _LEFT + (place + 0.5) * wide
        slanted = text(0, 0, shortened(names[id_], 26), size=11)
        shapes.append(f'<g transform="translate({x:.1f} {head - 8:.1f}) rotate(-52)">{slanted}</g>')
    for row, one in enumerate(rows):
        y = head + row * _ROW
        shapes.append(text(_LEFT - 8, y + 18, shortened(_name(one), _LABEL), anchor="end"))
        shapes += [
            part
            for place, id_ in enumerate(columns)
            for part in _cell(cells.get((one.id, id_)), _LEFT + place * wide, y, wide)
        ]
    return drawing("Communities by microgenre", head + _ROW * len(rows), shapes)


def _cell(match: Match | None, x: float, y: float, wide: float) -> Iterator[str]:
    if match is None or match.lift.value is None:
        yield rect(x + 1, y + 1, wide - 2, _ROW - 2, color="#f3f5f8", hint="not enough data")
        return
    lift = match.lift.value
    heat = scale(math.log(max(lift, 0.2)), math.log(0.5), math.log(5), 0, 1)
    color = f"rgb({235 - 188 * heat:.0f} {240 - 147 * heat:.0f} {248 - 80 * heat:.0f})"
    hint = f"{match.community_label} and {match.label}: association {write(match.lift, 'times')}, n {match.lift.n}+"
    yield rect(x + 1, y + 1, wide - 2, _ROW - 2, color=color, hint=hint)
    ink = "#ffffff" if heat > 0.45 else INK
    yield text(x + wide / 2, y + 18, f"{lift:.2g}", anchor="middle", size=11, color=ink)


def draw_facets(facets: Sequence[Facet]) -> str:
    """Share of each community that buys the brand, with its interval; the line is everybody's."""
    shown = facets[:MOST]
    most = max((one.share.high or 0.0 for one in shown), default=1.0)
    return drawing("The brand in each community", 34 + _ROW * len(shown), _facet_rows(shown, most))


def _facet_rows(shown: Sequence[Facet], most: float) -> Iterator[str]:
    overall = shown[0].overall_share.value if shown else None
    if overall is not None:
        x = scale(overall, 0, most, _LEFT, _RIGHT)
        yield line(x, 22, x, 34 + _ROW * len(shown), color=SECOND, width=1.5)
        yield text(x, 14, f"everybody {overall:.0%}", anchor="middle", size=11, color=SECOND)
    for row, one in enumerate(shown):
        y = 34 + row * _ROW + 12
        yield text(_LEFT - 8, y + 4, shortened(one.label or one.community_id, _LABEL), anchor="end")
        yield from _whisker(one.share, most, y, ACCENT)
        yield text(WIDTH, y + 4, f"{one.share.value or 0:.0%}", anchor="end", size=12)


def draw_niches(niches: Sequence[Niche]) -> str:
    """Expected and actual share of each niche, with intervals."""
    shown = niches[:MOST]
    ends = [end for one in shown for end in (one.expected_share.high, one.actual_share.high) if end is not None]
    return drawing("Niches of the brand", 34 + 40 * len(shown), _niche_rows(shown, max(ends, default=1.0)))


def _niche_rows(shown: Sequence[Niche], most: float) -> Iterator[str]:
    yield circle(8, 12, 5, color=SECOND)
    yield text(17, 16, "expected", size=11, color=FAINT)
    yield circle(88, 12, 5)
    yield text(97, 16, "actual, or at most where there is no dot", size=11, color=FAINT)
    for row, one in enumerate(shown):
        y = 34 + row * 40 + 12
        yield text(_LEFT - 8, y + 8, shortened(one.label or one.community_id, _LABEL), anchor="end")
        yield from _whisker(one.expected_share, most, y, SECOND)
        yield from _whisker(one.actual_share, most, y + 12, ACCENT)


def draw_loyalty(communities: Sequence[Told]) -> str:
    """Deal share against the share of products bought again, a cross of intervals each."""
    known = [(one, one.figures["deal_share"], one.figures["repeat_share"]) for one in communities]
    points = [(one, deal, loyal) for one, deal, loyal in known if deal.value is not None and loyal.value is not None]
    height, left, bottom = 360.0, 44.0, 315.0
    right = WIDTH - 20.0
    x_ends = _ends([deal for _, deal, _ in points])
    y_ends = _ends([loyal for _, _, loyal in points])
    shapes: list[str] = [*_axes(x_ends, y_ends, left, right, bottom)]
    for one, deal, loyal in points:
        x, y = (scale(deal.value or 0, *x_ends, left, right), scale(loyal.value or 0, *y_ends, bottom, 20))
        xs = [scale(end or 0, *x_ends, left, right) for end in (deal.low, deal.high)]
        ys = [scale(end or 0, *y_ends, bottom, 20) for end in (loyal.low, loyal.high)]
        shapes += [line(xs[0], y, xs[1], y, color="#b9c6da"), line(x, ys[0], x, ys[1], color="#b9c6da")]
        hint = f"{_name(one)}: deals {write(deal, 'percent')}, again {write(loyal, 'percent')}, n {deal.n}+"
        shapes += [circle(x, y, 6, opacity=0.9, hint=hint), text(x + 8, y - 6, one.id, size=11)]
    return drawing("Deals against loyalty", height, shapes)


def _ends(figures: Sequence[Figure]) -> Ends:
    lows = [one.low for one in figures if one.low is not None]
    highs = [one.high for one in figures if one.high is not None]
    low, high = min(lows, default=0.0), max(highs, default=1.0)
    room = (high - low) * 0.05
    return max(0.0, low - room), high + room


def _axes(
    x_ends: tuple[float, float], y_ends: tuple[float, float], left: float, right: float, bottom: float
) -> Iterator[str]:
    for step in range(5):
        share = step / 4
        x, y = left + share * (right - left), bottom - share * (bottom - 20)
        yield line(x, 20, x, bottom)
        yield line(left, y, right, y)
        yield text(x, bottom + 16, f"{x_ends[0] + share * (x_ends[1] - x_ends[0]):.0%}", anchor="middle", size=11)
        yield text(left - 6, y + 4, f"{y_ends[0] + share * (y_ends[1] - y_ends[0]):.0%}", anchor="end", size=11)
    yield text((left + right) / 2, bottom + 34, "lines bought as a deal", anchor="middle", size=12, color=FAINT)
    yield text(left, 12, "products bought again", size=12, color=FAINT)


def _whisker(figure: Figure, most: float, y: float, color: str) -> Iterator[str]:
    """An interval with its value as a dot; without a value the interval alone."""
    low, high = (scale(end or 0.0, 0, most, _LEFT, _RIGHT) for end in (figure.low, figure.high))
    yield line(low, y, high, y, color=color, width=2)
    if figure.value is not None:
        x = scale(figure.value, 0, most, _LEFT, _RIGHT)
        yield circle(x, y, 5, color=color, hint=f"{write(figure, 'percent')}, n {figure.n}+")


def _name(one: Told) -> str:
    return f"{one.id} {one.label}" if one.label else one.id


def write(figure: Figure, unit: str) -> str:
    """Write a figure with its interval, in words where there is none."""
    if figure.value is None:
        return figure.note or ""
    style = {"percent": ".0%", "change": "+.0%", "times": ".2g"}.get(unit, ",.4g")
    value, low, high = (format(one, style) for one in (figure.value, figure.low or 0.0, figure.high or 0.0))
    mark = "x" if unit == "times" else ""
    return f"{value}{mark}" if low == high else f"{value}{mark} ({low} to {high})"
