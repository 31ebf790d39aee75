"""Feeds and exports on the command line: how they are read, and what is said about each."""

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path

from app.intake.chunks import locate_events, locate_identities
from app.intake.exports.event_types import EventTypes
from app.intake.feeds.notes import FeedNotes, FeedOptions
from app.intake.feeds.read import named_products, read_feed
from app.intake.lines import Located
from app.services.full_sync import Leaving, SyncedStore, find_leaving


class Feeds:
    """The files of one command."""

    def __init__(
        self,
        options: FeedOptions | None = None,
        types: EventTypes | None = None,
        *,
        is_whole: bool = False,
        is_confirmed: bool = False,
    ) -> None:
        """``is_whole``: together they are the whole catalogue; ``is_confirmed``: even if much leaves it."""
        self.is_whole = is_whole
        self.is_confirmed = is_confirmed
        self._options = options or FeedOptions()
        self._types = types or EventTypes()
        self._notes: dict[Path, FeedNotes] = {}

    def locate(self, path: Path) -> Iterator[Located]:
        """Yield a feed's products with their lines."""
        self._notes[path] = FeedNotes()
        return read_feed(path, self._options, self._notes[path])

    def locate_events(self, path: Path) -> Iterator[Located]:
        """Yield a file's events with their lines."""
        self._notes[path] = FeedNotes()
        return locate_events(path, self._types, self._notes[path])

    def locate_identities(self, path: Path) -> Iterator[Located]:
        """Yield a file's identities with their lines."""
        self._notes[path] = FeedNotes()
        return locate_identities(path, self._notes[path])

    async def find_leaving(self, store: SyncedStore, tenant: str, paths: Sequence[Path]) -> Leaving:
        """Find what the files do not name of the catalogue; a row that is refused names its product all the same."""
        named, unreadable = await asyncio.to_thread(named_products, paths, self._options)
        return await find_leaving(store, tenant, named, unreadable)

    def forms(self) -> dict[str, str]:
        """What each file turned out to be, by its name."""
        return {path.name: notes.form for path, notes in self._notes.items() if notes.form}

    def warnings(self) -> list[str]:
        """What is said about each file."""
        return [told for path, notes in self._notes.items() for told in notes.sentences(path.name)]
