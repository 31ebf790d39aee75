"""Everything that can go wrong, as one tree that knows nothing of HTTP.

PluralError                 the message is one sentence that says what to do
├── SetupError              the operator must mend the machine, the settings or the server
├── InvalidError            what was sent cannot be used as it is
├── NotFoundError           there is no such thing in this tenant
├── ConflictError           it contradicts what is there (a run under way, an edited migration)
└── UnavailableError        the database did not answer in time; try again
"""


class PluralError(Exception):
    """Base of all errors raised on purpose; not for programming mistakes."""


class SetupError(PluralError):
    """Something outside the code must be mended before Plural can run."""


class InvalidError(PluralError):
    """Input that cannot be used; nothing was changed by it."""


class NotFoundError(PluralError):
    """No such thing in this tenant; says nothing about other tenants."""


class ConflictError(PluralError):
    """It contradicts what is there now."""

    def __init__(self, message: str, path: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.path = path
        """The way from one contradicting thing to the other; empty where there is none."""


class UnavailableError(PluralError):
    """The database is away or too slow; the same call may succeed later."""
