"""Progress bars with rate and remaining time, on stderr so that output can be piped."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console
from rich.filesize import decimal
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import TimeRemainingColumn as RemainingColumn
from rich.text import Text


class Bars:
    """Opens a bar per step; steps may overlap. Implements ``app.domain.progress.Progress``."""

    def __init__(self, console: Console | None = None) -> None:
        self._bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=30),
            AmountColumn(),
            TimeElapsedColumn(),
            RemainingColumn(),
            console=console or Console(stderr=True),
        )
        self._open = 0

    @contextmanager
    def step(self, name: str, total: float | None = None, unit: str = "") -> Generator["BarStep", None, None]:
        """Show a bar while the block runs; it stays, finished, when the block ends well."""
        if self._open == 0:
            self._bars.start()
        self._open += 1
        task = self._bars.add_task(name, total=total, unit=unit)
        try:
            yield BarStep(self._bars, task)
            self._finish(task)
        finally:
            self._open -= 1
            self._bars.stop_task(task)
            if self._open == 0:
                self._close()

    def _finish(self, task_id: TaskID) -> None:
        """Let a bar without a total end full too."""
        task = self._bars.tasks[self._bars.task_ids.index(task_id)]
        if task.total is None:
            self._bars.update(task_id, total=max(1.0, task.completed), completed=max(1.0, task.completed))

    def _close(self) -> None:
        """Leave what was shown on the screen, and begin anew below it next time."""
        self._bars.stop()
        for task_id in self._bars.task_ids:
            self._bars.remove_task(task_id)


@dataclass(frozen=True, slots=True)
class BarStep:
    """One bar."""

    bars: Progress
    task: TaskID

    def advance(self, amount: float = 1) -> None:
        """Report ``amount`` more units as done."""
        self.bars.advance(self.task, amount)

    def reset(self, total: float | None) -> None:
        """Set the total once it is known."""
        self.bars.update(self.task, total=total)


class AmountColumn(ProgressColumn):
    """How much is done, of what, and how fast: ``12,000 rows, 3,100/s``."""

    def render(self, task: Task) -> Text:
        """Draw it; empty for steps that are not counted."""
        unit = str(task.fields["unit"])
        if not unit or not task.completed:
            return Text("")
        speed = task.finished_speed or task.speed
        rate = f", {_amount(speed, unit)}/s" if speed else ""
        counted = _amount(task.completed, unit)
        return Text(f"{counted if unit == 'bytes' else f'{counted} {unit}'}{rate}", style="progress.download")


def _amount(number: float, unit: str) -> str:
    return decimal(int(number)) if unit == "bytes" else f"{number:,.0f}"
