"""Shapes of a drawing, as SVG text; whatever came from data is escaped here."""

from collections.abc import Iterable
from html import escape

INK, FAINT, GRID, ACCENT, SECOND = "#1d2633", "#5b6673", "#dfe4ea", "#2f5da8", "#c7742f"
WIDTH = 400
"""Units that every drawing is wide; a phone shows them at nine tenths, so nothing is smaller than 10 units."""
_NARROW, _WIDE = frozenset("fijlrtI.,:;'|!()[] "), frozenset("mwMW@%&")


def drawing(title: str, height: float, shapes: Iterable[str]) -> str:
    """Put shapes on a canvas ``WIDTH`` wide; the title is what a screen reader says."""
    body = "\n".join(shapes)
    return (
        f'<svg viewBox="0 0 {WIDTH} {height:.0f}" role="img" aria-label="{escape(title)}" '
        f'xmlns="http://www.w3.org/2000/svg">\n{body}\n</svg>'
    )


def text(
    x: float, y: float, words: str, *, anchor: str = "start", size: float = 13, color: str = INK, bold: bool = False
) -> str:
    """Write words; ``anchor`` is start, middle or end."""
    weight = ' font-weight="600"' if bold else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size:g}" fill="{color}"{weight}>'
        f"{escape(words)}</text>"
    )


def line(x1: float, y1: float, x2: float, y2: float, *, color: str = GRID, width: float = 1) -> str:
    """Draw a straight line."""
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{color}" stroke-width="{width:.1f}" '
        'stroke-linecap="round"/>'
    )


def circle(x: float, y: float, radius: float, *, color: str = ACCENT, opacity: float = 1, hint: str = "") -> str:
    """Draw a disc; the hint shows when pointed at."""
    return (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="{color}" fill-opacity="{opacity:g}">'
        f"<title>{escape(hint)}</title></circle>"
    )


def rect(x: float, y: float, width: float, height: float, *, color: str = ACCENT, hint: str = "") -> str:
    """Draw a box; the hint shows when pointed at."""
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(0.0, width):.1f}" height="{height:.1f}" rx="2" fill="{color}">'
        f"<title>{escape(hint)}</title></rect>"
    )


def width_of(words: str, size: float) -> float:
    """Units that words take at most, in the sans serif of whatever device; there is no way to ask it."""
    return size * sum(0.38 if letter in _NARROW else 0.95 if letter in _WIDE else 0.63 for letter in words)


def shortened(words: str, room: float, size: float = 13) -> str:
    """Cut what would not fit into ``room`` units."""
    if width_of(words, size) <= room:
        return words
    kept = words
    while kept and width_of(f"{kept}…", size) > room:
        kept = kept[:-1]
    return f"{kept.rstrip(' ,')}…"


def wrapped(words: str, room: float, size: float, lines: int) -> list[str]:
    """Break words into lines of ``room`` units at their gaps; the last one is cut where there are more."""
    rows: list[str] = []
    for word in words.split():
        if rows and width_of(f"{rows[-1]} {word}", size) <= room:
            rows[-1] += f" {word}"
        else:
            rows.append(word)
    kept = [*rows[: lines - 1], " ".join(rows[lines - 1 :])] if len(rows) > lines else rows
    return [shortened(row, room, size) for row in kept]


def scale(value: float, low: float, high: float, start: float, end: float) -> float:
    """Where a value lies between two ends; values beyond them at the end."""
    share = 0.0 if high <= low else min(1.0, max(0.0, (value - low) / (high - low)))
    return start + share * (end - start)
