"""A real Neo4j with GDS on this machine, from nothing but packages: used when no server is named."""

from app.embedded.folder import RunningServer
from app.embedded.server import EmbeddedServer, find_running, throwaway_server

__all__ = ["EmbeddedServer", "RunningServer", "find_running", "throwaway_server"]
