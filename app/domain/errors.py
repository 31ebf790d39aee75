"""Everything that can go wrong, as one tree that knows nothing of HTTP.

PluralError                 the message is one sentence that says what to do
├── SetupError              the operator must mend the machine, the settings or the server
│   ├── MissingKeyError     a hash key that the graph was made with is lost, or another lies in its place
│   └── UnreachableError    no server answers where the settings say that one is
├── InvalidError            what was sent cannot be used as it is
├── NotFoundError           there is no such thing in this tenant
├── ConflictError           it contradicts what is there (a run under way, an edited migration)
└── UnavailableError        the database cannot do it now; the same call may succeed later
    ├── BusyError           it works, and is at work on too much
    │   └── SlowError       it did not end within the time that it was given; again it would take as long
    ├── HeldError           a backup is being made, and reads what must not change meanwhile
    ├── DatabaseGoneError   nothing answers where it should be, or it is being started again
    ├── ForeignKeyError     this machine lacks a hash key that the others have; another may answer
    ├── DatabaseBrokenError it answers, and cannot use its own store
    └── NoRoomError         the disk is full, or nearly so

What a machine or a script has to tell apart has a ``kind``: the problem type of an answer and the exit code of the
command both come from it.
"""

from typing import ClassVar


class PluralError(Exception):
    """Base of all errors raised on purpose; not for programming mistakes."""

    kind: ClassVar[str | None] = None
    """A word for machines, such as ``disk-full``; a subclass has its base's. ``None``: the sentence says it all."""


class SetupError(PluralError):
    """Something outside the code must be mended before Plural can run."""


class MissingKeyError(SetupError):
    """A hash key that the graph was made with is lost, or another lies in its place."""

    kind = "missing-key"


class UnreachableError(SetupError):
    """No server answers where the settings say that one is."""

    kind = "database-gone"


class InvalidError(PluralError):
    """Input that cannot be used; nothing was changed by it.

    ``fields`` are paths of what is wrong in it, each with the reason.
    """

    def __init__(self, message: str, fields: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(message)
        self.fields = fields


class NotFoundError(PluralError):
    """No such thing in this tenant; says nothing about other tenants."""


class ConflictError(PluralError):
    """It contradicts what is there now."""

    def __init__(self, message: str, path: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.path = path
        """The way from one contradicting thing to the other; empty where there is none."""


class UnavailableError(PluralError):
    """The database is away, too slow or cannot write; the same call may succeed later."""

    retry_seconds: ClassVar[int] = 1
    """How long to wait before it is worth another try."""


class BusyError(UnavailableError):
    """The database works, but is at work on too much, or another writer was in the way."""

    kind = "busy"


class SlowError(BusyError):
    """The database did not end within the time that it was given; whoever tries again gives it that time again."""


class HeldError(UnavailableError):
    """Writing is held back while a backup is made; reading goes on."""

    kind = "writes-held"
    retry_seconds = 10


class DatabaseGoneError(UnavailableError):
    """Nothing answers where the database should be, or it is just being started again."""

    kind = "database-gone"
    retry_seconds = 5


class ForeignKeyError(UnavailableError):
    """This machine lacks a hash key that the graph was given elsewhere: another machine may have it."""

    kind = "missing-key"
    retry_seconds = 30


class DatabaseBrokenError(UnavailableError):
    """The database answers, and cannot use its own store: somebody has to look at it."""

    kind = "database-broken"
    retry_seconds = 30


class NoRoomError(UnavailableError):
    """The disk is full, or so nearly that nothing more is written to it."""

    kind = "disk-full"
    retry_seconds = 30
