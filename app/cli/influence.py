"""Prints how far influence is found in a community."""

from rich.console import Console
from rich.table import Table

from app.cli.figures import write_figure
from app.domain.influence_figures import FIGURES, InfluenceFigures


def print_influence(console: Console, published: InfluenceFigures) -> None:
    """Print the sums and the flows that were published, and what they mean."""
    table = Table("", "", "of", title="How things spread", title_justify="left", show_header=True, min_width=70)
    for name, (label, unit) in FIGURES.items():
        figure = published.figures[name]
        table.add_row(label, write_figure(figure, unit), "" if figure.n is None else f"~{figure.n:,}")
    for flows, direction in ((published.comes_from, "led from"), (published.goes_to, "of theirs led from here:")):
        for one in flows:
            lag = write_figure(one.lag_days, "number")
            table.add_row(f"{direction} {one.community_id}, after days: {lag}", write_figure(one.share, "percent"), "")
    console.print(table)
    console.print(f"{published.reason}\n", soft_wrap=True)
