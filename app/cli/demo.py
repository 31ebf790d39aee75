"""`plural demo`: everything in one command, and the cast's answers from the running service."""

import asyncio
import os
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from starlette.staticfiles import StaticFiles

from app.cli.demo_answers import show_answers
from app.cli.options import Tenant
from app.cli.progress import Bars
from app.cli.seed import Households, household_count, seed_and_refresh
from app.cli.serve import address_of, answer_requests, build_server, listen, run_until_stopped, start_logging
from app.domain.errors import SetupError
from app.domain.keys import SCOPES, KeyRequest, check_tenant
from app.domain.progress import Progress
from app.embedded import RunningServer
from app.graph.audit import AuditTrail
from app.graph.database import Database
from app.graph.keeper import Keeper
from app.graph.keys import KeyGraph
from app.main import create_app
from app.opening import find_embedded, open_database
from app.services.hashing import tenant_hashers
from app.services.keys import KeyRing, create_key
from app.settings import Settings
from seed.story import story_creatives

KEY_FILE = "demo.key"
PICTURES = "/pictures"
"""Where the demo's pictures lie, which are for everybody; a shop's lie with the shop."""


def demo(
    households: Households = "500",
    tenant: Tenant = "demo",
    once: Annotated[bool, typer.Option("--once", help="Show the answers, then stop instead of serving on.")] = False,
) -> None:
    """Start the database, load the demo's data, refresh, serve, and show what the cast is recommended.

    What was done by an earlier call is not done again. Ctrl-C stops the service and its database.
    """
    check_tenant(tenant)
    settings = Settings.load()
    start_logging("WARNING")
    wanted = _Demo(settings, tenant, household_count(households), once)
    with listen(settings.host, settings.port) as listener:
        run_until_stopped(wanted.run(listener))
    typer.echo("Stopped.")


@dataclass(frozen=True, slots=True)
class _Demo:
    """One call of the command."""

    settings: Settings
    tenant: str
    households: int | None
    once: bool

    async def run(self, listener: socket.socket) -> None:
        """Prepare, serve, ask; ends when the service is stopped."""
        progress = Bars()
        async with open_database(self.settings, progress, share=False) as db:
            await self._prepare(db, progress)
            token = await keep_key(db, self.settings, self.tenant)
            # Requests get a connection of their own, which is less patient.
            app = create_app(self.settings, partial(self._connect, db.keeper))
            app.mount(PICTURES, StaticFiles(packages=[("seed", "pictures")]))
            server = build_server(app, self.settings)
            serving = asyncio.create_task(answer_requests(server, listener, db.keeper))
            try:
                await self._show(address_of(listener), token)
                server.should_exit = self.once
                await serving
            finally:
                server.should_exit = True
                await asyncio.wait([serving])

    @asynccontextmanager
    async def _connect(self, keeper: Keeper) -> AsyncGenerator[Database]:
        """Open the database that runs by now, once more; its keeper stays who it is."""
        async with open_database(self.settings, prepare=False, patient=False) as db:
            db.keeper = keeper
            yield db

    async def _prepare(self, db: Database, progress: Progress) -> None:
        """Load and refresh what is not there yet."""
        await seed_and_refresh(db, self.settings, self.tenant, self.households, progress)

    async def _show(self, api: str, token: str) -> None:
        await show_answers(Console(), api, token, story_creatives(f"{api}{PICTURES}"))
        show_block(Console(), api, find_embedded(self.settings), token)


async def keep_key(db: Database, settings: Settings, tenant: str) -> str:
    """The demo's API key: the one kept in ``home`` (mode 0600) while it is good, else a new one."""
    path = settings.home.expanduser() / KEY_FILE
    store = KeyGraph(db, AuditTrail(tenant_hashers(settings)))
    try:
        kept = path.read_text(encoding="ascii").strip() if path.exists() else ""
        known = await KeyRing(store, 0).verify(kept)
        if known is not None and known.tenant == tenant and known.allows("admin"):
            return kept
        issued = await create_key(store, tenant, KeyRequest(SCOPES, "plural demo"))
        _write_private(path, issued.token)
    except OSError as error:
        raise SetupError(f"{path} cannot be kept ({error.strerror}): make PLURAL_HOME writable.") from error
    return issued.token


def _write_private(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(text)


ASKS = (
    ("Tom at home", "tom-personal"),
    ("Debbie, same login", "debbie-personal"),
    ("Tom and Debbie's kitchen tablet", "tom-and-debbie"),
    ("Tom at work", "tom-work"),
    ("Aaron's studio", "aaron-work"),
    ("Aaron in private", "aaron-personal"),
    ("Aaron on Friday night", "aaron-loud"),
    ("Aaron on Sunday morning", "aaron-calm"),
    ("Dora, deals only", "dora-deals"),
    ("Nora, who refused", "nora-refuses"),
    ("Eve, consent expired", "eve-expired"),
)
"""One question a character."""


def show_block(console: Console, api: str, server: RunningServer | None, token: str) -> None:
    """Print the addresses, the key and one curl a character, ready to be pasted."""
    lines = [f"API             {api}  (documentation: {api}/docs)"]
    if server is not None:
        lines.append(f"Neo4j Browser   {server.browser_uri}  (user {server.user}, password {server.password})")
    lines += [f"API key         {token}", "", f"KEY={token}"]
    lines += [f"{_curl(api, identity_id)}  # {who}" for who, identity_id in ASKS]
    visit = _curl(api, "visit-0815-1", "session_id")
    lines += [f"{visit}  # a visitor nobody knows", ""]
    body = '{"session_id": "family-wednesday", "account_id": "login-tom-and-debbie", "explain": true}'
    lines += [f"{_post(api, body)}  # whoever is at the family computer"]
    lines += [f"{api}{PICTURES}/child-at-breakfast.png  # a picture of the shop"]
    lines += ["plural decide aaron-personal --channel web  # the product, the picture, and why not the others"]
    lines += ["plural who family-saturday  # who that was, event by event"]
    lines += ["plural who tom  # who belongs together, and what could ever move which answer"]
    lines += ["", "Ctrl-C stops the service and its database."]
    console.rule("[bold]Plural is running")
    for line in lines:
        console.print(line, soft_wrap=True, highlight=False, markup=False)


def _curl(api: str, subject: str, name: str = "identity_id") -> str:
    return _post(api, f'{{"{name}": "{subject}", "explain": true}}')


def _post(api: str, body: str) -> str:
    return f"curl -s {api}/v1/recommendations -H \"X-API-Key: $KEY\" -H 'Content-Type: application/json' -d '{body}'"
