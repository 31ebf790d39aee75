"""Checks that a port is free, or chooses one."""

import socket
from collections.abc import Generator
from contextlib import contextmanager

from app.embedded.config import LOOPBACK
from app.embedded.errors import PortInUseError


def choose_ports(bolt_port: int, http_port: int) -> tuple[int, int]:
    """Check the ports named and choose those that are 0; ``PortInUseError`` names the setting to change."""
    with _held(bolt_port, "PLURAL_BOLT_PORT") as bolt, _held(http_port, "PLURAL_BROWSER_PORT") as http:
        return bolt, http


@contextmanager
def _held(port: int, setting: str) -> Generator[int]:
    """Hold ``port`` (0: a free one) for a moment, so that two choices differ."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port is free although it rests from a use
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            raise PortInUseError(
                f"Port {port} is in use by another program: stop that, or name another port with {setting}."
            ) from error
        yield probe.getsockname()[1]
