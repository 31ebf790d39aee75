"""Whoever looks after the database's server, as the door to it sees them."""

from typing import Protocol

from app.domain.errors import SetupError, UnavailableError


class Keeper(Protocol):
    """Whoever looks after the server; asked before each statement, so none of this may wait."""

    def check_up(self) -> None:
        """Raise ``UnavailableError`` while it is known that nothing would answer."""
        ...

    def check_room(self) -> None:
        """Raise ``NoRoomError`` while nothing should be written."""
        ...

    def note_trouble(self, error: UnavailableError) -> UnavailableError:
        """Hear of a statement that failed by the server's fault; what is to be raised, which may be named better."""
        ...

    @property
    def starts(self) -> int:
        """How often the server was started again; whatever it had learned is gone each time."""
        ...

    @property
    def failure(self) -> SetupError | None:
        """Why nothing more is done for the server; ``None`` while something is."""
        ...


class Unattended:
    """The keeper of a server that somebody else looks after: a named one. Implements ``Keeper``."""

    failure: SetupError | None = None
    starts = 0

    def check_up(self) -> None:
        """Let everything through."""

    def check_room(self) -> None:
        """Let everything through."""

    def note_trouble(self, error: UnavailableError) -> UnavailableError:
        """Leave it to whoever asked."""
        return error
