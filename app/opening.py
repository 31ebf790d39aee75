"""Opens the database of the settings for whoever needs it: the named server, or the embedded one of the home."""

import signal
import threading
import time
from collections.abc import AsyncGenerator, Generator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, nullcontext
from pathlib import Path
from typing import TypedDict

from app.domain.errors import UnreachableError
from app.domain.progress import Progress, Silent
from app.embedded import EmbeddedServer, FolderBusyError, RunningServer, find_running
from app.graph.audit import AuditGraph
from app.graph.database import Database
from app.graph.hash_keys import HashKeyGraph
from app.graph.migrations import migrate
from app.graph.status import check_server
from app.graph.tombstones import GraveGraph
from app.graph.write_hold import refuse_unfinished_restore
from app.services.audit_anchor import AuditAnchors
from app.services.erased_log import ErasedLog, note_erased
from app.services.hash_keys import confirm_hash_keys
from app.services.hashing import tenant_hashers
from app.settings import Settings
from app.upkeep import OWNER_GONE, Place, looked_after, wait_for_answer

_LOOK_SECONDS = 0.25


@asynccontextmanager
async def open_database(
    settings: Settings,
    progress: Progress | None = None,
    *,
    share: bool = True,
    prepare: bool = True,
    restoring: bool = False,
    patient: bool = True,
) -> AsyncGenerator[Database]:
    """Open the database of the settings: the named server, else the embedded one of ``home``.

    With ``share`` an embedded server that another process runs for this folder is used; without, that is an error.
    With ``prepare`` the server is checked, the schema brought up to date, and the hash keys must be the graph's own.
    What a restore left half done is opened with ``restoring`` only. A command is ``patient`` (``Database.patience``); a
    request is told to come again instead. Raises ``SetupError`` with one sentence. An embedded server that is started
    here is looked after as long as the block lasts (``Database.keeper``).
    """
    with _server(settings, progress or Silent(), share) as place:
        db = await _connect(place, settings)
        stack = AsyncExitStack()
        stack.push_async_callback(db.close)
        async with stack:
            await wait_for_answer(db, settings.start_timeout_seconds)
            await stack.enter_async_context(looked_after(db, place, settings))
            if not restoring:
                await refuse_unfinished_restore(db)
            if prepare:
                with db.patience(settings.start_timeout_seconds):  # its first statements are a server's slowest
                    await check_server(db)
                    await migrate(db)
                    await confirm_hash_keys(HashKeyGraph(db), settings)
                    await note_erased(GraveGraph(db), erased_log(settings))
                    stack.push_async_callback(audit_anchors(settings, db).note)  # what a command adds, at its end
            with db.patience() if patient else nullcontext():
                yield db


async def _connect(place: Place, settings: Settings) -> Database:
    try:
        return await Database.connect(
            place.uri,
            place.user,
            place.password,
            settings.neo4j_database,
            pool_size=settings.driver_pool_size,
            timeout_seconds=settings.query_timeout_seconds,
        )
    except UnreachableError as error:
        if place.home is None or place.started is not None:
            raise
        raise UnreachableError(OWNER_GONE) from error  # between the look at its note and the call


@contextmanager
def _server(settings: Settings, progress: Progress, share: bool) -> Generator[Place]:
    """Yield where a server runs; one that is started here is stopped afterwards.

    Starting blocks the event loop, in which nothing else runs at that time, so that Ctrl-C reaches it at once.
    """
    if settings.neo4j_uri is not None:
        yield Place(settings.neo4j_uri, settings.neo4j_user, settings.read_neo4j_password())
        return
    server = EmbeddedServer(
        embedded_home(settings),
        bolt_port=settings.bolt_port,
        http_port=settings.browser_port,
        progress=progress,
        **embedded_options(settings),
    )
    with _interrupts_raised():
        running = _find_or_start(server, settings, share)
    if running is not None:
        yield Place(running.bolt_uri, running.user, running.password, home=running.home)
        return
    try:
        yield Place(server.bolt_uri, server.user, server.password, server.running.home, server)
    finally:
        server.stop()


def _find_or_start(server: EmbeddedServer, settings: Settings, share: bool) -> RunningServer | None:
    """Return what another process runs, also when it is only starting it; ``None`` once ``server`` was started."""
    deadline = time.monotonic() + settings.start_timeout_seconds
    while True:
        if share and (running := find_running(embedded_home(settings))):
            return running
        try:
            server.start()
        except FolderBusyError:
            if not share or time.monotonic() > deadline:
                raise
            time.sleep(_LOOK_SECONDS)
        else:
            return None


def erased_log(settings: Settings) -> ErasedLog:
    """Who was erased, noted outside the database."""
    return ErasedLog(settings.home.expanduser())


def audit_anchors(settings: Settings, db: Database) -> AuditAnchors:
    """Where the ends of the audit log are noted, outside the database."""
    return AuditAnchors(AuditGraph(db), settings.home.expanduser(), tenant_hashers(settings))


class EmbeddedOptions(TypedDict):
    """What the settings say of any server that is started here."""

    heap_mb: int | None
    page_cache_mb: int
    cache: Path
    maven_url: str | None
    java_home: Path | None
    start_timeout_seconds: float


def embedded_options(settings: Settings) -> EmbeddedOptions:
    """Options of an embedded server, be it of ``home`` or thrown away."""
    return {
        "heap_mb": settings.heap_mb,
        "page_cache_mb": settings.page_cache_mb,
        "cache": settings.cache.expanduser(),
        "maven_url": settings.maven_url,
        "java_home": settings.java_home,
        "start_timeout_seconds": settings.start_timeout_seconds,
    }


def embedded_home(settings: Settings) -> Path:
    """Folder of the embedded server."""
    return settings.home.expanduser() / "neo4j"


def find_embedded(settings: Settings) -> RunningServer | None:
    """Return the embedded server that runs for ``home``; ``None`` when none does, or another server is named."""
    return None if settings.neo4j_uri else find_running(embedded_home(settings))


@contextmanager
def _interrupts_raised() -> Generator[None]:
    """Let Ctrl-C end what blocks; an event loop would only note it down for later."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    noted_down = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, noted_down)
