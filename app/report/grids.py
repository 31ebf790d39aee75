"""The drawings with two axes: communities by microgenre, and deals against loyalty."""

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.domain.communities import Match, Told
from app.domain.disclosure import Figure
from app.report.plots import name_of, write
from app.report.svg import FAINT, INK, WIDTH, circle, drawing, line, rect, scale, shortened, text, width_of, wrapped

MOST_CELLS = 12
"""Rows, and columns, of the heat map; the table below has the rest."""
_LEFT, _ROW, _HEAD_ROOM = 132.0, 30.0, 150.0
_SLOPE = math.radians(56)
_STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.25)
_MARKS = 6
Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""
Point = tuple[Told, Figure, Figure]
Cells = Mapping[tuple[str, str], Match]


@dataclass(frozen=True, slots=True)
class Axis:
    """Where an axis begins and ends, and what lies between two of its marks."""

    low: float
    high: float
    step: float

    def place(self, value: float, start: float, end: float) -> float:
        """Where a value lies between two ends of the canvas."""
        return scale(value, self.low, self.high, start, end)

    def marks(self) -> list[float]:
        """Values that are written beside it."""
        return [self.low + place * self.step for place in range(round((self.high - self.low) / self.step) + 1)]


def choose_cells(matches: Sequence[Match], communities: Sequence[Told]) -> tuple[list[Told], list[str], Cells]:
    """Rows, columns (microgenre ids) and what is told of both.

    The largest communities with any match; columns are what each in turn is most associated with, so that the eye
    finds a staircase.
    """
    of: defaultdict[str, list[Match]] = defaultdict(list)
    for match in matches:
        if match.kind == "microgenre" and match.lift.value is not None:
            of[match.community_id].append(match)
    rows = [one for one in communities if of[one.id]][:MOST_CELLS]
    ranked = [sorted(of[one.id], key=lambda match: (-(match.lift.value or 0.0), match.id)) for one in rows]
    columns: list[str] = []
    while len(columns) < MOST_CELLS:
        left = [next((match.id for match in one if match.id not in columns), None) for one in ranked]
        found = [id_ for id_ in dict.fromkeys(left) if id_ is not None]
        if not found:
            break
        columns += found[: MOST_CELLS - len(columns)]
    kept = set(columns)
    return rows, columns, {(m.community_id, m.id): m for one in ranked for m in one if m.id in kept}


def draw_heat(matches: Sequence[Match], communities: Sequence[Told]) -> str:
    """How much more often than elsewhere each community buys in each microgenre, darker for more."""
    rows, columns, cells = choose_cells(matches, communities)
    names = {match.id: match.label for match in cells.values()}
    wide = (WIDTH - 40 - _LEFT) / max(1, len(columns))
    at = [_LEFT + (place + 0.6) * wide for place in range(len(columns))]
    rooms = [min(_HEAD_ROOM, (WIDTH - x - 8) / math.cos(_SLOPE)) for x in at]
    said = [shortened(names[id_], room, 11) for id_, room in zip(columns, rooms, strict=True)]
    head = 16 + math.sin(_SLOPE) * max((width_of(words, 11) for words in said), default=0.0)
    shapes = [
        f'<g transform="translate({x:.1f} {head - 6:.1f}) '
        f'rotate({-math.degrees(_SLOPE):.0f})">{text(0, 0, words, size=11)}</g>'
        for x, words in zip(at, said, strict=True)
    ]
    for row, one in enumerate(rows):
        y = head + row * _ROW
        lines = wrapped(name_of(one), _LEFT - 8, 11, 2)
        first = y + (19 if len(lines) == 1 else 13)
        shapes += [text(0, first + 12 * place, words, size=11) for place, words in enumerate(lines)]
        for place, id_ in enumerate(columns):
            shapes += _cell(cells.get((one.id, id_)), _LEFT + place * wide, y, wide)
    return drawing("Communities by microgenre", head + _ROW * len(rows), shapes)


def _cell(match: Match | None, x: float, y: float, wide: float) -> Iterator[str]:
    if match is None or match.lift.value is None:
        yield rect(x + 1, y + 1, wide - 2, _ROW - 2, color="#f3f5f8", hint="not enough data")
        return
    lift = match.lift.value
    heat = scale(math.log(max(lift, 0.2)), math.log(0.5), math.log(5), 0, 1)
    color = f"rgb({235 - 188 * heat:.0f} {240 - 147 * heat:.0f} {248 - 80 * heat:.0f})"
    hint = f"{match.community_label} and {match.label}: association {write(match.lift, 'times')}, n ~{match.lift.n}"
    yield rect(x + 1, y + 1, wide - 2, _ROW - 2, color=color, hint=hint)
    ink = "#ffffff" if heat > 0.75 else INK
    yield text(x + wide / 2, y + 19, f"{lift:.1f}" if lift < 10 else f"{lift:.0f}", anchor="middle", size=10, color=ink)


def draw_loyalty(communities: Sequence[Told]) -> str:
    """Deal share against the share of products bought again, a cross of intervals each; equal ones share a dot."""
    known = [(one, one.figures["deal_share"], one.figures["repeat_share"]) for one in communities]
    points = [(one, deal, loyal) for one, deal, loyal in known if deal.value is not None and loyal.value is not None]
    canvas = left, top, right, bottom = 44.0, 24.0, WIDTH - 14.0, 350.0
    across, up = _axis([deal for _, deal, _ in points]), _axis([loyal for _, _, loyal in points])
    shapes: list[str] = [*_draw_axes(across, up, canvas)]
    dots: defaultdict[tuple[float, float], list[Point]] = defaultdict(list)
    for one, deal, loyal in points:
        x, y = across.place(deal.value or 0, left, right), up.place(loyal.value or 0, bottom, top)
        dots[round(x, 1), round(y, 1)].append((one, deal, loyal))
        xs = [across.place(end or 0, left, right) for end in (deal.low, deal.high)]
        ys = [up.place(end or 0, bottom, top) for end in (loyal.low, loyal.high)]
        shapes += [line(xs[0], y, xs[1], y, color="#d3dceb"), line(x, ys[0], x, ys[1], color="#d3dceb")]
    shapes += [circle(x, y, 5, opacity=0.9, hint=_hint(there)) for (x, y), there in dots.items()]
    shapes += _dot_names({at: [one.id for one, _, _ in there] for at, there in dots.items()}, canvas)
    return drawing("Deals against loyalty", bottom + 50, shapes)


def _hint(there: Sequence[Point]) -> str:
    return "; ".join(
        f"{name_of(one)}: deals {write(deal, 'percent')}, again {write(loyal, 'percent')}, n ~{deal.n}"
        for one, deal, loyal in there
    )


def _dot_names(dots: Mapping[tuple[float, float], Sequence[str]], canvas: Box) -> Iterator[str]:
    """Ids beside their dot, where they cover no dot and no other ids; the table has those that find no room."""
    taken: list[Box] = [(x - 5, y - 5, x + 5, y + 5) for x, y in dots]
    for (x, y), ids in dots.items():
        words = f"{', '.join(ids[:3])}{' …' if len(ids) > 3 else ''}"
        wide = width_of(words, 11)
        places = [(x + 7, y - 4), (x + 7, y + 12), (x - 7 - wide, y - 4), (x - 7 - wide, y + 12), (x - wide / 2, y - 9),
                  (x - wide / 2, y + 17)]  # fmt: skip
        for at, base in places:
            box = (at, base - 9, at + wide, base + 2)
            inside = canvas[0] <= box[0] and box[2] <= WIDTH and canvas[1] <= box[1] and box[3] <= canvas[3]
            if inside and not any(_overlap(box, other) for other in taken):
                taken.append(box)
                yield text(at, base, words, size=11)
                break


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _axis(figures: Sequence[Figure]) -> Axis:
    """Whole steps around all intervals."""
    low = min((one.low for one in figures if one.low is not None), default=0.0)
    high = max((one.high for one in figures if one.high is not None), default=1.0)
    step = next((step for step in _STEPS if (high - low) / step <= _MARKS), _STEPS[-1])
    return Axis(math.floor(low / step) * step, math.ceil(high / step) * step, step)


def _draw_axes(across: Axis, up: Axis, canvas: Box) -> Iterator[str]:
    left, top, right, bottom = canvas
    for share in across.marks():
        x = across.place(share, left, right)
        yield line(x, top, x, bottom)
        yield text(x, bottom + 16, f"{share:.0%}", anchor="middle", size=11)
    for share in up.marks():
        y = up.place(share, bottom, top)
        yield line(left, y, right, y)
        yield text(left - 6, y + 4, f"{share:.0%}", anchor="end", size=11)
    yield text((left + right) / 2, bottom + 36, "lines bought as a deal", anchor="middle", size=12, color=FAINT)
    yield text(0, 14, "products bought again", size=12, color=FAINT)
