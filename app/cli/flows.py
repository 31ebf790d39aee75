"""Draws where the lines of many are, and what comes next."""

from rich.console import Console
from rich.table import Table

from app.cli.figures import write_figure
from app.domain.disclosure import NOT_ENOUGH
from app.domain.journey_figures import JourneyFigures, StageFigures


def print_flows(console: Console, figures: JourneyFigures) -> None:
    """Print the stages with what came next; in words where nothing may be published."""
    if not figures.flows.stages:
        console.print(f"Stages of their journeys: {figures.flows.reason}\n", soft_wrap=True)
        return
    table = Table("stage", "are in it", "what came next", title_justify="left")
    table.title = f"Stages of about {figures.flows.people or 0:,} journeys"
    for stage in figures.flows.stages:
        onward = "\n".join(_onward(stage, figures.horizon_days)) or NOT_ENOUGH
        table.add_row(stage.stage.replace("_", " "), write_figure(stage.share, "percent"), onward)
    console.print(table)
    console.print(f"{figures.flows.reason}\n", soft_wrap=True)


def _onward(stage: StageFigures, horizon_days: int) -> list[str]:
    """What is known of it, the likeliest first."""
    known = sorted(
        (one for one in stage.next_stage if one.chance.value is not None), key=lambda one: -(one.chance.value or 0.0)
    )
    said = [
        f"{one.stage.replace('_', ' ')} {write_figure(one.chance, 'percent')}, "
        f"after {write_figure(one.median_days, 'number')} days"
        for one in known
    ]
    stayed = f"nothing in {horizon_days} days {write_figure(stage.stayed, 'percent')}"
    return [*said, stayed] if stage.stayed.value is not None else said
