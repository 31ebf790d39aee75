"""What commands that change something, or judge what expires, work with: database, clock, keys and audit log."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from app.cli.progress import Bars
from app.domain.hashing import Hasher
from app.graph.audit import AuditTrail
from app.graph.database import Database
from app.opening import open_database
from app.services.audiences import Count
from app.services.hashing import tenant_hashers
from app.settings import Settings

ACTOR = "cli"
"""Who did what a command does, in the audit log."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Open for the time of one command."""

    settings: Settings
    db: Database
    hasher: Callable[[str], Hasher]
    """By tenant."""
    audit: AuditTrail
    count: Count


@asynccontextmanager
async def open_desk() -> AsyncGenerator[Desk]:
    """Open the database of the settings, with its clock read: what expires is judged by the server's."""
    settings = Settings.load()
    hasher = tenant_hashers(settings)
    async with open_database(settings, Bars()) as db:
        await db.now()
        yield Desk(settings, db, hasher, AuditTrail(hasher), Count.of(settings, hasher))
