"""What nothing can be faster than: `RETURN 1` through the driver, and bare HTTP routes without and with it.

`python -m tests.bench.floor serve` serves the routes and prints its address; `… driver CLIENTS SECONDS` asks the
driver directly and prints milliseconds as JSON. The server comes from NEO4J_URI, NEO4J_USER and NEO4J_PASSWORD.
"""

# The driver declares its configuration as **Unknown.
# pyright: reportUnknownMemberType=false

import asyncio
import json
import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from time import perf_counter

import uvloop
from fastapi import FastAPI
from neo4j import AsyncDriver, AsyncGraphDatabase

from app.cli.serve import address_of, build_server, listen
from app.settings import Settings


def connect() -> AsyncDriver:
    """A driver like the service's own."""
    auth = (os.environ["NEO4J_USER"], os.environ["NEO4J_PASSWORD"])
    return AsyncGraphDatabase.driver(os.environ["NEO4J_URI"], auth=auth)


async def return_one(driver: AsyncDriver) -> int:
    """Ask the smallest question as the service asks its own: one auto-commit read."""
    async with driver.session(database="neo4j", default_access_mode="READ") as session:
        record = await (await session.run("RETURN 1 AS one")).single(strict=True)
    return record["one"]


def create_floor() -> FastAPI:
    """Two routes: one that does nothing and one that asks the database nothing."""
    driver = connect()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        async with driver:
            yield

    async def empty() -> dict[str, int]:
        return {"one": 1}

    async def one() -> dict[str, int]:
        return {"one": await return_one(driver)}

    app = FastAPI(lifespan=lifespan)
    app.add_api_route("/empty", empty)
    app.add_api_route("/one", one)
    return app


async def serve() -> None:
    """Serve the routes as `plural serve` serves its own."""
    with listen("127.0.0.1", 0) as listener:
        sys.stdout.write(address_of(listener) + "\n")
        sys.stdout.flush()
        await build_server(create_floor(), Settings.load()).serve([listener])


async def ask_driver(clients: int, seconds: float) -> dict[str, object]:
    """Ask from so many tasks for so long; milliseconds ascending, and the seconds it took."""
    milliseconds: list[float] = []

    async def ask(driver: AsyncDriver) -> None:
        while perf_counter() < stop_at:
            sent_at = perf_counter()
            await return_one(driver)
            milliseconds.append((perf_counter() - sent_at) * 1000)

    async with connect() as driver:
        started = perf_counter()
        stop_at = started + seconds
        await asyncio.gather(*(ask(driver) for _ in range(clients)))
        return {"milliseconds": sorted(milliseconds), "seconds": perf_counter() - started}


def main() -> None:
    """Serve or ask."""
    if sys.argv[1] == "serve":
        uvloop.run(serve())
    else:
        sys.stdout.write(json.dumps(uvloop.run(ask_driver(int(sys.argv[2]), float(sys.argv[3])))))


if __name__ == "__main__":
    main()
