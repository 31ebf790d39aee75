"""How a figure is written in the terminal."""

from app.domain.disclosure import NOT_ENOUGH, Figure


def write_figure(figure: Figure, unit: str) -> str:
    """Write a figure with its interval: ``31 % (28 to 34)``; in words where there is none."""
    if figure.value is None:
        return figure.note or NOT_ENOUGH
    value, low, high = (_write(one, unit) for one in (figure.value, figure.low, figure.high))
    return value if low == high or not low else f"{value} ({low} to {high})"


def _write(value: float | None, unit: str) -> str:
    if value is None:
        return ""
    match unit:
        case "percent":
            return f"{value:.0%}"
        case "change":
            return f"{value:+.0%}"
        case "times":
            return f"{value:.2g}x"
        case _:
            return f"{value:,.3g}" if abs(value) < 1000 else f"{value:,.0f}"
