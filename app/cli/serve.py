"""`plural serve`: the service on one port, with the database it needs."""

import asyncio
import errno
import gc
import logging
import resource
import signal
import socket
from collections.abc import Coroutine
from contextlib import nullcontext, suppress
from functools import partial
from typing import Annotated, Any

import typer
import uvicorn
from fastapi import FastAPI

from app.api.connections import ConnectionLimits
from app.cli.progress import Bars
from app.domain.errors import SetupError
from app.graph.keeper import Keeper
from app.main import create_app
from app.opening import find_embedded, open_database
from app.settings import Settings

_GRACE_SECONDS = 10
_LOOK_SECONDS = 0.5
_TELL_SECONDS = 2.0
"""So long `/healthz` tells of a database that was given up, before the process ends."""
_BACKLOG = 2048
_MOST_FILES = 65_536
_FILES_IN_RESERVE = 200
"""Of the database's connections, files and logs."""


RefreshEvery = Annotated[
    str | None,
    typer.Option(metavar="TIME", help="Refresh each shop so often, e.g. 6h, 90m or 1d (PLURAL_REFRESH_EVERY)."),
]


def serve(refresh_every: RefreshEvery = None) -> None:
    """Serve the API until Ctrl-C; starts the embedded database when no server is named."""
    settings = Settings.load(**({} if refresh_every is None else {"refresh_every": refresh_every}))
    start_logging(settings.log_level)
    with listen(settings.host, settings.port) as listener:
        run_until_stopped(_serve(settings, listener))


async def _serve(settings: Settings, listener: socket.socket) -> None:
    async with open_database(settings, Bars(), share=False, patient=False) as db:
        typer.echo(f"API             {settings.public_url or address_of(listener)} (documentation at /docs)")
        if server := find_embedded(settings):
            typer.echo(f"Neo4j Browser   {server.browser_uri} (user {server.user}, password in {server.password_file})")
        typer.echo("Ctrl-C stops it.")
        app = create_app(settings, partial(nullcontext, db))
        await answer_requests(build_server(app, settings), listener, db.keeper)


def run_until_stopped(service: Coroutine[Any, Any, None]) -> None:
    """Run to the end, or until Ctrl-C or a stop order of the system, which end it in the same good order."""
    signal.signal(signal.SIGTERM, _interrupt)
    loop_factory = uvicorn.Config("").get_loop_factory()  # uvloop where there is one
    with asyncio.Runner(loop_factory=loop_factory) as runner, suppress(KeyboardInterrupt):
        runner.run(service)


def _interrupt(*_: object) -> None:
    signal.raise_signal(signal.SIGINT)


async def answer_requests(server: uvicorn.Server, listener: socket.socket, keeper: Keeper) -> None:
    """Answer on ``listener`` until Ctrl-C; requests under way are finished first.

    Ends too when the keeper of the database has given it up, and raises why.
    """
    leave_alone_what_stays()
    looking = asyncio.create_task(_stop_after_failure(server, keeper))
    try:
        await server.serve([listener])
    finally:
        looking.cancel()
    if keeper.failure is not None:
        raise keeper.failure


async def _stop_after_failure(server: uvicorn.Server, keeper: Keeper) -> None:
    while keeper.failure is None:
        await asyncio.sleep(_LOOK_SECONDS)
    await asyncio.sleep(_TELL_SECONDS)
    server.should_exit = True


def leave_alone_what_stays() -> None:
    """Let the garbage collector not look again and again at modules and routes, nor at each thousand new objects.

    As Python sets it, a batch of half a million lines is looked through again and again, 50 ms each time, in which
    nobody is answered.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def build_server(app: FastAPI, settings: Settings) -> uvicorn.Server:
    """A server that ends on Ctrl-C, or in the same good order once its ``should_exit`` is set."""
    # No log lines of the server's own: they hold whole paths, and with them identifiers.
    config = uvicorn.Config(
        app,
        log_config=None,
        log_level=logging.ERROR,  # its warnings are about what anybody may send, as often as they like
        http=connection_limits(settings).protocol(),
        ws="none",
        forwarded_allow_ips=list(settings.trusted_proxies),
        access_log=False,
        lifespan="on",
        server_header=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
        timeout_keep_alive=settings.keep_alive_seconds,
    )
    return uvicorn.Server(config)


def connection_limits(settings: Settings) -> ConnectionLimits:
    """What a connection may cost, as the settings say; as many may be open as the system lets us, but for a reserve."""
    return ConnectionLimits(
        max_head_bytes=settings.max_head_bytes,
        max_head_fields=settings.max_head_fields,
        head_seconds=settings.head_seconds,
        max_body_bytes=settings.max_body_bytes,
        max_keyless_body_bytes=settings.max_keyless_body_bytes,
        body_seconds=settings.body_seconds,
        body_bytes_per_second=settings.body_bytes_per_second,
        answer_seconds=settings.answer_seconds,
        connections_per_address=settings.connections_per_address,
        max_connections=max(1, _open_files() - _FILES_IN_RESERVE),
        trusted_proxies=settings.trusted_proxies,
    )


def _open_files() -> int:
    """Let this process have as many open files as it may; how many."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = min(hard, _MOST_FILES) if hard != resource.RLIM_INFINITY else _MOST_FILES
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return max(soft, wanted)


def listen(host: str, port: int) -> socket.socket:
    """Take the port before anything else is started; ``SetupError`` when it cannot be had. Port 0 is a free one."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(address[:2], family=family, backlog=_BACKLOG)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise SetupError(
                f"Port {port} is in use by another program: stop that, or name another port with PLURAL_PORT."
            ) from error
        raise SetupError(
            f"The API cannot listen on {host} port {port} ({error.strerror}): see PLURAL_HOST and PLURAL_PORT."
        ) from error


def address_of(listener: socket.socket) -> str:
    """Where the API is, e.g. ``http://127.0.0.1:8765``."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def start_logging(level: str) -> None:
    """Log to stderr; the access log is one JSON object a line."""
    logging.basicConfig(level=level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("neo4j").setLevel(logging.ERROR)  # it tells of each retry; what comes of them we tell ourselves
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(message)s"))
    access = logging.getLogger("plural.access")
    access.handlers, access.propagate = [handler], False
