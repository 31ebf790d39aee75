"""Feeds that are due are fetched and loaded, beside the requests, by the readers of `plural load products`."""

import asyncio
import logging
import secrets
import tempfile
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar, Protocol

from app.background import Background
from app.domain import clock
from app.domain.errors import InvalidError, UnavailableError
from app.domain.feeds import MOST_TOLD, Feed, FeedResult, FeedRowError
from app.intake.chunks import Chunk, prefetched, read_chunks
from app.intake.feeds.notes import FeedNotes, FeedOptions
from app.intake.feeds.read import named_products, read_feed
from app.intake.products import parse_products
from app.services.feeds import FeedStore
from app.services.fetch_feed import FeedFetcher
from app.services.full_sync import SyncedStore, find_leaving, withdraw_leaving
from app.services.upsert_products import ProductStore, upsert_products

_LEASE = timedelta(minutes=5)
_ROWS_A_COMMIT = 1_000
_log = logging.getLogger("plural.feeds")


class CatalogueStore(ProductStore, SyncedStore, Protocol):
    """Where the catalogue is kept."""


class FeedRunner(Background):
    """Looks for feeds that are due, and loads one at a time; several processes share them by claims in the graph."""

    name: ClassVar[str] = "feeds"

    def __init__(
        self,
        store: FeedStore,
        catalogue: CatalogueStore,
        fetcher: FeedFetcher,
        home: Path,
        look_seconds: float,
    ) -> None:
        """``home`` is where files are kept while they are read."""
        self._store = store
        self._catalogue = catalogue
        self._fetcher = fetcher
        self._home = home
        self._look_seconds = look_seconds

    async def _run(self) -> None:
        while True:
            try:
                ran = await self.run_next()
            except UnavailableError as error:  # the feed stays due
                _log.warning("feeds wait: %s", error)
                ran = False
            if not ran:
                await asyncio.sleep(self._look_seconds)

    async def run_next(self) -> bool:
        """Load the feed that has been due for longest; whether one was."""
        claim = secrets.token_hex(8)
        for tenant, name in await self._store.list_due(clock.now()):
            now = clock.now()
            feed = await self._store.claim(tenant, name, claim, now, now + _LEASE)
            if feed is not None:
                async with self._renewed(tenant, name, claim):
                    result = await self._load(tenant, feed)
                next_at = clock.to_milliseconds(clock.now() + feed.source.every)
                await self._store.finish(tenant, name, claim, result, next_at)
                return True
        return False

    @asynccontextmanager
    async def _renewed(self, tenant: str, name: str, claim: str) -> AsyncGenerator[None]:
        """Keep a claim as long as the block lasts."""

        async def renew() -> None:
            while True:
                await asyncio.sleep(_LEASE.total_seconds() / 5)
                now = clock.now()
                await self._store.claim(tenant, name, claim, now, now + _LEASE)

        task = asyncio.create_task(renew(), name="claim on a feed")
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _load(self, tenant: str, feed: Feed) -> FeedResult:
        began = time.monotonic()
        self._home.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self._home, prefix=".feed-") as folder:
            try:
                path = await self._fetcher.fetch(feed.source.url, Path(folder))
                told = await load_feed(self._catalogue, tenant, path, feed)
            except InvalidError as error:
                told: dict[str, Any] = {"problem": str(error).replace(folder, "")}
        seconds = round(time.monotonic() - began, 1)
        return FeedResult(at=clock.to_milliseconds(clock.now()), seconds=seconds, **told)


async def load_feed(store: CatalogueStore, tenant: str, path: Path, feed: Feed) -> dict[str, Any]:
    """Load one file as its feed says; what came of it, by the names of ``FeedResult``.

    ``InvalidError`` for a file that is no feed, or of which too much would leave.
    """
    source, notes = feed.source, FeedNotes()
    options = FeedOptions(source.locale, source.currency, source.encoding)
    leaving = None
    if source.is_whole:
        leaving = await find_leaving(store, tenant, *await asyncio.to_thread(named_products, [path], options))
        if not feed.is_confirmed:
            leaving.check()
    accepted, refused, errors = 0, 0, list[FeedRowError]()
    chunks = read_chunks(read_feed(path, options, notes), parse_products, _ROWS_A_COMMIT)
    async with aclosing(prefetched(chunks)) as pages:
        async for chunk in pages:
            accepted += await upsert_products(store, tenant, chunk.parsed.values)
            refused += len({error.index for error in chunk.parsed.errors})
            errors += _told(chunk)[: MOST_TOLD - len(errors)]
    return {
        "form": notes.form,
        "accepted": accepted,
        "refused": refused,
        "withdrawn": await withdraw_leaving(store, tenant, leaving) if leaving is not None else 0,
        "errors": tuple(errors),
        "warnings": tuple(notes.sentences("feed")[:MOST_TOLD]),
    }


def _told(chunk: Chunk[Any]) -> list[FeedRowError]:
    return [FeedRowError(error.index, error.field, error.reason) for error in chunk.parsed.errors]
