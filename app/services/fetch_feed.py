"""Use case: a file is fetched from the open internet, and from nowhere else, within bounds."""

import asyncio
import bz2
import gzip
import socket
import ssl
import zlib
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from ipaddress import ip_address
from pathlib import Path
from typing import IO, TypeVar, cast
from urllib.parse import SplitResult, urljoin

import httpx2

from app import __version__
from app.domain.errors import InvalidError
from app.domain.feeds import NOT_PUBLIC, is_allowed, is_public, parse_url

MOST_REDIRECTS = 5
_CONNECT_SECONDS = 10.0
_BLOCK_BYTES = 1 << 18
_PACKED = {b"\x1f\x8b": gzip.open, b"BZ": bz2.open}
_HEADERS = {"User-Agent": f"plural/{__version__}", "Accept": "*/*", "Accept-Encoding": "identity"}

Taken = TypeVar("Taken")
Resolve = Callable[[str, int], Awaitable[list[str]]]
"""Addresses of a host, as text."""


class FeedFetcher:
    """Fetches within bounds of time and size; a name is looked up once, and the address that was checked is asked."""

    def __init__(
        self,
        allowed: Iterable[str],
        most_bytes: int,
        timeout_seconds: float,
        resolve: Resolve | None = None,
        what: str = "feed",
    ) -> None:
        """``allowed`` are hosts (``host`` or ``host:port``) that may have an inner address; ``what`` is for people."""
        self._what = what
        self.allowed = frozenset(host.strip().lower() for host in allowed if host.strip())
        self._most_bytes = most_bytes
        self._timeout = timeout_seconds
        self._resolve: Resolve = resolve or _resolve
        self._tls: ssl.SSLContext | None = None

    async def fetch(self, url: str, folder: Path) -> Path:
        """Fetch a file into ``folder`` and unpack it; ``InvalidError`` says why that cannot be."""

        async def keep(answer: httpx2.Response) -> Path:
            return await self._kept(answer, folder)

        return await self._within_bounds(url, keep)

    async def check(self, url: str) -> None:
        """See whether a file is there, without reading it; ``InvalidError`` says why not."""
        await self._within_bounds(url, self._checked)

    async def _within_bounds(self, url: str, take: Callable[[httpx2.Response], Awaitable[Taken]]) -> Taken:
        try:
            async with asyncio.timeout(self._timeout):
                return await self._follow(parse_url(url), take)
        except TimeoutError as error:
            raise InvalidError(f"The {self._what} did not come within {self._timeout:g} seconds.") from error
        except httpx2.HTTPError as error:
            raise InvalidError(f"The {self._what} cannot be fetched ({type(error).__name__}).") from error

    async def _follow(self, parts: SplitResult, take: Callable[[httpx2.Response], Awaitable[Taken]]) -> Taken:
        for _ in range(MOST_REDIRECTS + 1):
            async with self._opened(parts) as answer:
                target = answer.headers.get("Location")
                if answer.status_code not in (301, 302, 303, 307, 308) or target is None:
                    return await take(answer)
            further = parse_url(urljoin(parts.geturl(), target))
            if parts.scheme == "https" and further.scheme == "http":
                raise InvalidError(f"The {self._what} is redirected from https to http.")
            parts = further
        raise InvalidError(f"The {self._what} is redirected more than {MOST_REDIRECTS} times.")

    @asynccontextmanager
    async def _opened(self, parts: SplitResult):
        """Connect to an address that was checked, under the host's own name."""
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        address = await self._find_address(parts, host, port)
        url = httpx2.URL(parts._replace(fragment="").geturl())
        headers = {**_HEADERS, "Host": url.netloc.decode("ascii")}
        if self._tls is None:
            self._tls = await asyncio.to_thread(ssl.create_default_context)
        limits = httpx2.Timeout(self._timeout, connect=_CONNECT_SECONDS)
        transport = httpx2.AsyncHTTPTransport(verify=self._tls, trust_env=False)
        async with (
            httpx2.AsyncClient(transport=transport, timeout=limits, trust_env=False) as client,
            client.stream(
                "GET", url.copy_with(host=address), headers=headers, extensions={"sni_hostname": url.host}
            ) as answer,
        ):
            yield answer

    async def _find_address(self, parts: SplitResult, host: str, port: int) -> str:
        try:
            addresses = await self._resolve(host, port)
        except (OSError, UnicodeError):
            addresses = []
        inner = [one for one in addresses if not is_public(ip_address(one.partition("%")[0]))]
        if not addresses or (inner and not is_allowed(parts, self.allowed)):
            raise InvalidError(NOT_PUBLIC)  # the same for a name that there is not: nobody finds out about inner ones
        return addresses[0]

    async def _checked(self, answer: httpx2.Response) -> None:
        if answer.status_code != 200:
            raise InvalidError(f"The {self._what}'s server answered {answer.status_code}.")

    async def _kept(self, answer: httpx2.Response, folder: Path) -> Path:
        await self._checked(answer)
        path = folder / "fetched"
        size = 0
        with path.open("wb") as file:
            async for block in answer.aiter_raw(_BLOCK_BYTES):
                size += len(block)
                self._check(size)
                await asyncio.to_thread(file.write, block)
        return await asyncio.to_thread(self._unpacked, path)

    def _unpacked(self, path: Path) -> Path:
        """Unpack a file, once and within the same bound."""
        opened = _PACKED.get(_begins(path))
        if opened is None:
            return path
        plain, size = path.with_name("unpacked"), 0
        try:
            with opened(path, "rb") as content, plain.open("wb") as file:
                for block in _blocks(cast("IO[bytes]", content)):
                    size += len(block)
                    self._check(size)
                    file.write(block)
        except (OSError, EOFError, zlib.error) as error:
            raise InvalidError("The feed is packed, and damaged.") from error
        if _begins(plain) in _PACKED:
            raise InvalidError("The feed is packed twice.")
        return plain

    def _check(self, size: int) -> None:
        if size > self._most_bytes:
            raise InvalidError(f"The feed is larger than {self._most_bytes // 1_000_000:,} MB.")


def _begins(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(2)


def _blocks(content: IO[bytes]) -> Iterator[bytes]:
    return iter(lambda: content.read(_BLOCK_BYTES), b"")


async def _resolve(host: str, port: int) -> list[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]
