"""A feed is fetched from the open internet and from nowhere else: real sockets on loopback, allowed or refused."""

import asyncio
import bz2
import gzip
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from ipaddress import ip_address
from pathlib import Path

import pytest

from app.domain.errors import InvalidError
from app.domain.feeds import is_public, parse_url, refuse_inner
from app.services.fetch_feed import MOST_REDIRECTS, FeedFetcher

FEED = b"id,title\np1,Pan\n"


class Server:
    """Answers every request alike, and counts them."""

    def __init__(self) -> None:
        self.port = 0
        self.requests: list[bytes] = []
        self.answers: list[bytes] = []

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def says(self, *answers: bytes) -> None:
        """One after the other; the last one goes on."""
        self.answers = list(answers)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.requests.append(await reader.readuntil(b"\r\n\r\n"))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if answer:
            writer.write(answer)
            await writer.drain()
            writer.close()
        else:
            await reader.read()  # never answers
            writer.close()


def ok(body: bytes, *headers: str) -> bytes:
    head = "".join(f"{one}\r\n" for one in headers)
    return f"HTTP/1.1 200 OK\r\n{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def moved(to: str, status: int = 302) -> bytes:
    return f"HTTP/1.1 {status} Found\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n".encode()


@asynccontextmanager
async def serving() -> AsyncGenerator[Server]:
    server = Server()
    listener = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.port = listener.sockets[0].getsockname()[1]
    server.says(ok(FEED))
    async with listener:
        yield server


async def fetched(url: str, folder: Path, *allowed: str, most_bytes: int = 1_000_000, seconds: float = 20) -> bytes:
    return (await FeedFetcher(allowed, most_bytes, seconds).fetch(url, folder)).read_bytes()


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1:{port}",
        "localhost:{port}",
        "[::1]:{port}",
        "[::ffff:127.0.0.1]:{port}",
        "0.0.0.0:{port}",
        "0:{port}",
        "2130706433:{port}",
    ],
)
async def test_loopback_is_refused_however_it_is_written(tmp_path: Path, host: str) -> None:
    async with serving() as server:
        with pytest.raises(InvalidError, match="no public address"):
            await fetched(f"http://{host.format(port=server.port)}/", tmp_path)
        assert server.requests == []


@pytest.mark.parametrize(
    "url",
    [
        *("http://10.0.0.1/", "http://192.168.1.1/", "http://172.16.0.1/", "http://169.254.169.254/latest/meta-data/"),
        *("http://100.64.0.1/", "http://[fe80::1]/", "http://[fd00:ec2::254]/", "http://[64:ff9b::a9fe:a9fe]/"),
        *(
            "http://[2002:7f00:1::]/",
            "http://224.0.0.1/",
            "http://255.255.255.255/",
            "http://[ff02::1]/",
            "http://[::]/",
        ),
    ],
)
async def test_inner_addresses_are_refused_before_anything_is_asked(tmp_path: Path, url: str) -> None:
    with pytest.raises(InvalidError, match="no public address"):
        await fetched(url, tmp_path, seconds=3)
    with pytest.raises(InvalidError, match="no public address"):
        refuse_inner(parse_url(url), frozenset())


PUBLIC = (
    *("93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"),
    *("::ffff:93.184.215.14", "64:ff9b::5db8:d70e", "2002:5db8:d70e::1"),
)
"""By themselves, and wrapped into others."""


def test_public_addresses_are_known() -> None:
    assert all(is_public(ip_address(one)) for one in PUBLIC)


async def test_a_host_that_the_operator_allows_is_fetched_from(tmp_path: Path) -> None:
    async with serving() as server:
        for allowed in ("127.0.0.1", server.host):
            assert await fetched(f"http://{server.host}/feed.csv?a=1#part", tmp_path, allowed) == FEED
        with pytest.raises(InvalidError, match="no public address"):
            await fetched(f"http://{server.host}/", tmp_path, "127.0.0.1:1", "localhost")
        assert server.requests[0].startswith(b"GET /feed.csv?a=1 HTTP/1.1\r\n")
        assert f"host: {server.host}".encode() in server.requests[0].lower()


async def test_a_name_is_looked_up_once_and_asked_at_the_address_that_was_checked(tmp_path: Path) -> None:
    """A name that means another address the second time leads nowhere."""
    asked: list[str] = []

    async def resolve(host: str, _: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["169.254.169.254"]

    async with serving() as server:
        url = f"http://feeds.shop.example:{server.port}/"
        path = await FeedFetcher({"feeds.shop.example"}, 1_000, 5, resolve).fetch(url, tmp_path)
        assert path.read_bytes() == FEED
        assert asked == ["feeds.shop.example"]
        assert b"feeds.shop.example" in server.requests[0]
        with pytest.raises(InvalidError, match="no public address"):
            await FeedFetcher({"another"}, 1_000, 5, resolve).fetch(url, tmp_path)


async def test_one_inner_address_among_others_is_one_too_many(tmp_path: Path) -> None:
    async def resolve(*_: object) -> list[str]:
        return ["93.184.215.14", "10.0.0.1"]

    with pytest.raises(InvalidError, match="no public address"):
        await FeedFetcher((), 1_000, 2, resolve).fetch("https://feeds.shop.example/", tmp_path)


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.2:{port}/",
        "http://localhost:{port}/",
        "//[::1]:{port}/",
        "http://169.254.169.254/latest/",
        "http://0x7f.1:{port}/",
    ],
)
async def test_a_redirect_is_checked_like_the_first_address(tmp_path: Path, target: str) -> None:
    async with serving() as server:
        server.says(moved(target.format(port=server.port)), ok(FEED))
        with pytest.raises(InvalidError, match="no public address"):
            await fetched(f"http://{server.host}/", tmp_path, "127.0.0.1", seconds=5)
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    "target", ["file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1:70/", "http://a:b@127.0.0.1/"]
)
async def test_a_redirect_to_anything_but_http_is_refused(tmp_path: Path, target: str) -> None:
    async with serving() as server:
        server.says(moved(target))
        with pytest.raises(InvalidError, match="URL must"):
            await fetched(f"http://{server.host}/", tmp_path, "127.0.0.1")


async def test_redirects_are_followed_and_have_an_end(tmp_path: Path) -> None:
    async with serving() as server:
        server.says(moved("/other", 301), moved("?page=2", 308), ok(FEED))
        assert await fetched(f"http://{server.host}/", tmp_path, "127.0.0.1") == FEED
        assert [one.split()[1] for one in server.requests] == [b"/", b"/other", b"/other?page=2"]
        server.says(moved("/again"))
        with pytest.raises(InvalidError, match=f"more than {MOST_REDIRECTS} times"):
            await fetched(f"http://{server.host}/", tmp_path, "127.0.0.1")


@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress])
async def test_a_feed_is_unpacked_and_measured_unpacked(tmp_path: Path, pack: type[bytes]) -> None:
    async with serving() as server:
        server.says(ok(pack(FEED * 100), "Content-Encoding: gzip" if pack is gzip.compress else "X-A: b"))
        assert await fetched(f"http://{server.host}/", tmp_path, "127.0.0.1") == FEED * 100
        with pytest.raises(InvalidError, match="larger than"):
            await fetched(f"http://{server.host}/", tmp_path, "127.0.0.1", most_bytes=1_500)


async def test_a_bomb_stops_at_the_bound(tmp_path: Path) -> None:
    bomb = gzip.compress(bytes(200_000_000), 1)
    async with serving() as server:
        server.says(ok(bomb))
        with pytest.raises(InvalidError, match="larger than 5 MB"):
            await fetched(f"http://{server.host}/", tmp_path, "127.0.0.1", most_bytes=5_000_000)
        assert (tmp_path / "unpacked").stat().st_size <= 5_000_000
        server.says(ok(gzip.compress(gzip.compress(FEED))))
        with pytest.raises(InvalidError, match="packed twice"):
            await fetched(f"http://{server.host}/", tmp_path, "127.0.0.1")
        server.says(ok(gzip.compress(FEED)[:-6]))
        with pytest.raises(InvalidError, match="packed, and damaged"):
            await fetched(f"http://{server.host}/", tmp_path, "127.0.0.1")


async def test_a_stream_without_end_stops_at_the_bound(tmp_path: Path) -> None:
    async def pour(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        try:
            while True:
                writer.write(bytes(65_536))
                await writer.drain()
        except ConnectionError:
            writer.close()

    listener = await asyncio.start_server(pour, "127.0.0.1", 0)
    async with listener:
        url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}/"
        with pytest.raises(InvalidError, match="larger than 1 MB"):
            await fetched(url, tmp_path, "127.0.0.1")


async def test_a_server_that_never_answers_or_says_no_is_told(tmp_path: Path) -> None:
    async with serving() as server:
        server.says(b"")
        with pytest.raises(InvalidError, match="did not come within"):
            await fetched(f"http://{server.host}/", tmp_path, "127.0.0.1", seconds=0.5)
        server.says(b"HTTP/1.1 404 Not Found\r\nContent-Length: 6\r\n\r\nsecret")
        with pytest.raises(InvalidError, match=r"answered 404\.$"):
            await fetched(f"http://{server.host}/", tmp_path, "127.0.0.1")
        server.says(b"SSH-2.0-OpenSSH_9\r\n")
        with pytest.raises(InvalidError, match="cannot be fetched") as told:
            await fetched(f"http://{server.host}/", tmp_path, "127.0.0.1")
        assert "SSH" not in str(told.value)
        with pytest.raises(InvalidError, match="cannot be fetched"):
            await fetched(f"https://{server.host}/", tmp_path, "127.0.0.1")


@pytest.mark.parametrize(
    "url",
    ["ftp://a.example/", "file:///etc/passwd", "https://", "http://a:b@c.example/", "http://[1/", "http://a:99999/"],
)
def test_other_addresses_are_none(url: str) -> None:
    with pytest.raises(InvalidError, match="URL"):
        parse_url(url)
