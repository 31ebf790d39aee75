"""What can keep the embedded server from running; every message says what to do.

SetupError
└── EmbeddedError
    ├── DownloadError         a jar did not come
    │   └── ChecksumError     a jar came, but it is not the one that was locked
    ├── JavaError             no Java that Neo4j runs on
    ├── FolderError           the folder cannot be used
    │   ├── FolderBusyError   another process serves it
    │   └── DiskFullError     no room left
    ├── PortInUseError        another program listens there
    └── StartError            the server ended, or took too long; carries the last lines of its log
"""

from app.domain.errors import SetupError


class EmbeddedError(SetupError):
    """Base of what goes wrong with the embedded server."""


class DownloadError(EmbeddedError):
    """A jar could not be fetched; what did come is kept for the next start."""


class ChecksumError(DownloadError):
    """A jar is not the one in jars.lock; it was not kept."""


class JavaError(EmbeddedError):
    """No suitable Java."""


class FolderError(EmbeddedError):
    """A folder cannot be read or written."""


class FolderBusyError(FolderError):
    """Another process serves this folder."""


class DiskFullError(FolderError):
    """Too little room on the disk."""

    kind = "disk-full"


class PortInUseError(EmbeddedError):
    """Another program listens on a port the server was given."""


class StartError(EmbeddedError):
    """The server did not come up; the message ends with the last lines of its log."""
