"""What a shop's texts must not do to the terminal of whoever reads them."""

import re
import sys
from collections.abc import Generator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import Any, TextIO

from rich.console import Console

_STEERING = re.compile("[\x80-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""C1 controls, which a terminal obeys as it does ESC sequences, and marks that turn the direction of writing around."""


class CleanStream:
    """A stream of text that lets no steering characters through; all else is the stream's own."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write the text without them; the length of what was given."""
        self._stream.write(_STEERING.sub("", text))
        return len(text)

    def writelines(self, lines: Any) -> None:
        """Write several texts."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        """All else is the stream's own."""
        return getattr(self._stream, name)


def plain_console() -> Console:
    """Return a console that prints a shop's texts as they are: in ``[/b]`` or ``:x:`` it sees no markup."""
    return Console(markup=False, emoji=False)


@contextmanager
def clean_terminal() -> Generator[None]:
    """Keep what steers a terminal, or turns its lines around, out of both outputs, whichever command writes it."""
    out: Any = CleanStream(sys.stdout)
    err: Any = CleanStream(sys.stderr)
    with redirect_stdout(out), redirect_stderr(err):
        yield
