"""`python -m tests.bench.tenants`: does the time to answer betray whether an id is another tenant's?

Every route that takes an id is asked in turn for one that another tenant has and for one that nobody has. Printed are
both medians and how far they lie apart.
"""

import asyncio
import random
import tempfile
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter

import httpx2

from app.embedded import throwaway_server
from app.graph.database import Database
from app.graph.migrations import migrate
from app.jobs.refresh import refresh
from app.main import create_app
from app.settings import Settings
from tests.api.conftest import Shop
from tests.api.every_route import CALLS, Ids, furnish, nobodys, send

QUESTIONS = 500
"""Of each kind, for each route."""
WARM_UP = 50
ASKED = [
    operation
    for operation, call in CALLS.items()
    if operation.startswith(("GET /v1/", "POST /v1/recommendations"))
    and "_id}" in f"{call.path}{call.query}{call.body}"
]


def main() -> None:
    """Measure and print."""
    with throwaway_server(heap_mb=1024, page_cache_mb=128) as server, tempfile.TemporaryDirectory() as home:
        settings = Settings.load(home=Path(home), rate_limit_per_minute=0)
        rows = asyncio.run(_measure(settings, (server.bolt_uri, server.user, server.password)))
    print(f"Medians of {QUESTIONS} questions each, ms: another tenant's id, nobody's id, how far apart")
    for operation, theirs, blank in rows:
        print(f"{operation:<64}{theirs:>9.3f}{blank:>9.3f}{abs(theirs - blank) / blank:>8.1%}")


async def _measure(settings: Settings, server: tuple[str, str, str]) -> list[tuple[str, float, float]]:
    db = await Database.connect(*server, timeout_seconds=60)
    await migrate(db)
    app = create_app(settings, partial(nullcontext, db))
    transport = httpx2.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=transport, base_url="http://plural.test") as client,
    ):
        shops = [Shop(f"shop-{number}", client, db) for number in range(2)]
        theirs = await furnish(shops[1], "tom")
        await furnish(shops[0], "ann")
        for shop in shops:
            await refresh(db, settings, shop.tenant)
        rows = [(operation, *await _ask(shops[0], operation, theirs)) for operation in ASKED]
    await db.close()
    return rows


async def _ask(shop: Shop, operation: str, theirs: Ids) -> tuple[float, float]:
    """Medians in ms for ids of another tenant and for ids that nobody has, drawn in turn by lot."""
    kinds = [(theirs, list[float]()), (nobodys(theirs), list[float]())]
    for asked in range(WARM_UP + QUESTIONS):
        for ids, milliseconds in random.sample(kinds, 2):
            begun = perf_counter()
            await send(shop, operation, ids)
            if asked >= WARM_UP:
                milliseconds.append((perf_counter() - begun) * 1000)
    return median(kinds[0][1]), median(kinds[1][1])


if __name__ == "__main__":
    main()
