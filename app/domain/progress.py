"""How long work tells how far it is, without knowing who watches."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Protocol


class Step(Protocol):
    """One bar."""

    def advance(self, amount: float = 1) -> None:
        """Report ``amount`` more units as done."""
        ...

    def reset(self, total: float | None) -> None:
        """Set the total once it is known."""
        ...


class Progress(Protocol):
    """Opens a bar per step of the work."""

    @contextmanager
    def step(self, name: str, total: float | None = None, unit: str = "") -> Generator[Step, None, None]:
        """A bar that is open while the block runs; ``total`` None shows time only."""
        ...


class SilentStep:
    """A bar nobody looks at."""

    def advance(self, amount: float = 1) -> None:
        """Do nothing."""

    def reset(self, total: float | None) -> None:
        """Do nothing."""


class Silent:
    """Progress for tests and for services that nobody watches."""

    @contextmanager
    def step(self, name: str, total: float | None = None, unit: str = "") -> Generator[Step, None, None]:
        """Open no bar."""
        yield SilentStep()
