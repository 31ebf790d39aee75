"""A real Neo4j with GDS on this machine, from nothing but packages: used when no server is named."""

from app.embedded.disk import Room
from app.embedded.errors import FolderBusyError
from app.embedded.folder import RunningServer
from app.embedded.server import EmbeddedServer, find_running, is_owned, throwaway_server
from app.embedded.supervisor import Care, Supervisor

__all__ = [
    "Care",
    "EmbeddedServer",
    "FolderBusyError",
    "Room",
    "RunningServer",
    "Supervisor",
    "find_running",
    "is_owned",
    "throwaway_server",
]
