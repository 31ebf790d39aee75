"""Feeds of products on the command line: how they are read, and what is said about each."""

from collections.abc import Iterator
from pathlib import Path

from app.intake.feeds.notes import FeedNotes, FeedOptions
from app.intake.feeds.read import read_feed
from app.intake.lines import Located


class Feeds:
    """The feeds of one command."""

    def __init__(self, options: FeedOptions | None = None) -> None:
        self._options = options or FeedOptions()
        self._notes: dict[Path, FeedNotes] = {}

    def locate(self, path: Path) -> Iterator[Located]:
        """Yield a file's rows with their lines."""
        self._notes[path] = FeedNotes()
        return read_feed(path, self._options, self._notes[path])

    def forms(self) -> dict[str, str]:
        """What each file turned out to be, by its name."""
        return {path.name: notes.form for path, notes in self._notes.items()}

    def warnings(self) -> list[str]:
        """What is said about each file."""
        return [told for path, notes in self._notes.items() for told in notes.sentences(path.name)]
