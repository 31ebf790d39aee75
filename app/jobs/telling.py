"""Remembers which step a run is at, so that others than whoever watches it can be told."""

from collections.abc import Generator
from contextlib import contextmanager

from app.domain.progress import Progress, Step


class ToldStep:
    """A bar whose share is known."""

    def __init__(self, name: str, total: float | None, bar: Step) -> None:
        self.name = name
        self._total = total
        self._bar = bar
        self._done = 0.0

    @property
    def share(self) -> float | None:
        """How much is done, 0 to 1; ``None`` while there is no total."""
        return min(1.0, self._done / self._total) if self._total else None

    def advance(self, amount: float = 1) -> None:
        """Report ``amount`` more units as done."""
        self._done += amount
        self._bar.advance(amount)

    def reset(self, total: float | None) -> None:
        """Set the total once it is known; what was done counts no more."""
        self._total, self._done = total, 0.0
        self._bar.reset(total)


class Told:
    """Progress that passes on what it is told, and remembers the innermost open step (``now``)."""

    def __init__(self, watched: Progress) -> None:
        self.now: ToldStep | None = None
        self._watched = watched

    @contextmanager
    def step(self, name: str, total: float | None = None, unit: str = "") -> Generator[Step, None, None]:
        """A bar that is open while the block runs."""
        outer = self.now
        with self._watched.step(name, total, unit) as bar:
            self.now = ToldStep(name, total, bar)
            try:
                yield self.now
            finally:
                self.now = outer
