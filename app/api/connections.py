"""What a connection may cost before it is known who asks: uvicorn's protocol with limits of size, number and time.

The parser that uvicorn uses keeps whatever is sent as one header, and waits for the rest of it for ever. All limits are
per connection or per address; none is shared by all clients, so none can be used up by some.
"""

import asyncio
import ipaddress
import secrets
from collections import Counter, OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Literal

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from app.api.errors import problem

_SLICE = 16_384
"""Bytes that are parsed between two looks at the limits."""

_UNREAD_SECONDS, _PAUSE_SECONDS = 10.0, 0.01
"""So long a whole request of a closed connection may wait to be read, and the time between two looks."""

_MOST_PIPELINED = 32
"""Requests that may wait behind the one that is answered."""


class _RefusedError(Exception):
    """Stops the parser; why is kept by the connection."""


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """See the settings of the same names."""

    max_head_bytes: int
    max_head_fields: int
    head_seconds: float
    max_body_bytes: int
    max_keyless_body_bytes: int
    body_seconds: float
    body_bytes_per_second: float
    answer_seconds: float
    connections_per_address: int
    """0: no limit."""
    max_connections: int
    """Beyond it a new one takes the place of the one that has waited longest without a request."""
    trusted_proxies: Sequence[str]

    def protocol(self) -> type["BoundedProtocol"]:
        """The protocol of one server, with figures of its own."""
        return type("BoundedProtocol", (BoundedProtocol,), {"limits": self, "book": _Book(self)})


class _Book:
    """Who is connected, in one server."""

    def __init__(self, limits: ConnectionLimits) -> None:
        self._limits = limits
        self._trusted = [ipaddress.ip_network(one, strict=False) for one in limits.trusted_proxies]
        self._by_address: Counter[str] = Counter()
        self._without_request: OrderedDict[BoundedProtocol, None] = OrderedDict()

    def enter(self, address: str, *, is_trusted: bool) -> bool:
        """Count a connection of an address; whether it may have it."""
        self._by_address[address] += 1
        most = self._limits.connections_per_address
        return is_trusted or not most or self._by_address[address] <= most

    def trusts(self, peer: str) -> bool:
        """Whether it is a proxy of ours."""
        parsed = ipaddress.ip_address(peer)
        return any(parsed in network for network in self._trusted)

    def leave(self, address: str) -> None:
        """Forget a connection."""
        self._by_address[address] -= 1
        if not self._by_address[address]:
            del self._by_address[address]

    def await_request(self, connection: "BoundedProtocol") -> None:
        """Note that a connection waits for a request, from now on unless it did before."""
        self._without_request.setdefault(connection)

    def has_request(self, connection: "BoundedProtocol") -> None:
        """Note that it waits no more."""
        self._without_request.pop(connection, None)

    def make_room(self, connected: int) -> None:
        """Cut off who has waited longest without a request, where there are too many."""
        if connected > self._limits.max_connections and self._without_request:
            next(iter(self._without_request)).cut_off()


class BoundedProtocol(HttpToolsProtocol):
    """HTTP/1.1 of one connection; what goes beyond a limit is answered 408, 413, 429 or 431, and ended."""

    limits: ConnectionLimits
    book: _Book

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._address = ""
        self._reads: Literal["head", "body", "nothing"] = "nothing"
        self._since = 0.0
        self._read_timer: asyncio.TimerHandle | None = None
        self._write_timer: asyncio.TimerHandle | None = None
        self._head_size = 0
        self._head_fields = 0
        self._bytes = 0
        """Of the head or body that is read now, as they came over the wire."""
        self._refusal: tuple[int, str] | None = None
        self._lost_at: float | None = None

    # What the transport tells ---------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request, unless the address has too many connections."""
        super().connection_made(transport)
        self._address = address_group(self.client[0] if self.client else "")
        if not self.book.enter(self._address, is_trusted=self.client is None or self.book.trusts(self.client[0])):
            self._refuse(429, f"An address has {self.limits.connections_per_address} connections at most.")
            return
        self.book.make_room(len(self.connections))
        self._begin("head")

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it, once what came whole was read: some libraries of tags send and wait for no answer."""
        now = self.loop.time()
        self._lost_at = now if self._lost_at is None else self._lost_at
        if self._has_unread_request() and now < self._lost_at + _UNREAD_SECONDS:
            self.loop.call_later(_PAUSE_SECONDS, self.connection_lost, exc)
            return
        super().connection_lost(exc)
        self.book.leave(self._address)
        self.book.has_request(self)
        for timer in (self._read_timer, self._write_timer):
            if timer is not None:
                timer.cancel()

    def _has_unread_request(self) -> bool:
        """Whether all of a request is here and nobody has read it; uvicorn would drop it."""
        cycle = self._last_cycle
        if cycle is None or cycle.response_complete or cycle.more_body:
            return False
        return cycle.message_event.is_set()

    def data_received(self, data: bytes) -> None:
        """Parse what came, in slices; stop where a limit is reached."""
        for at in range(0, len(data), _SLICE):
            if self.transport.is_closing():
                return
            piece = data if len(data) <= _SLICE else data[at : at + _SLICE]
            self._bytes += len(piece)
            super().data_received(piece)
            self._check_sizes()
        self._watch()

    def pause_writing(self) -> None:
        """Wait no longer than ``answer_seconds`` for a client that does not read."""
        super().pause_writing()
        self._end_unless_written()

    def resume_writing(self) -> None:
        """The client reads on."""
        super().resume_writing()
        if self._write_timer is not None and not self.transport.is_closing():
            self._write_timer.cancel()
            self._write_timer = None

    # What the parser tells ------------------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        """Begin a head."""
        super().on_message_begin()
        self._begin("head")
        self._head_size = self._head_fields = 0

    def on_url(self, url: bytes) -> None:
        """Count a part of the address."""
        self._head_size += len(url)
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Count a field; one that comes behind the body is dropped, since nobody looks at it there."""
        self._head_size += len(name) + len(value) + 4
        self._head_fields += 1
        self._check_head()
        if self._reads == "head":
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Begin the body."""
        self._check_head()
        if len(self.pipeline) >= _MOST_PIPELINED:
            self._stop(429, "Wait for answers before you send more requests.")
        super().on_headers_complete()
        self._begin("body")
        self.book.has_request(self)

    def on_message_complete(self) -> None:
        """Wait for nothing while it is answered."""
        super().on_message_complete()
        self._begin("nothing")

    def on_response_complete(self) -> None:
        """Wait for the next request."""
        super().on_response_complete()
        if self.transport.is_closing():
            self._end_unless_written()
        elif self._reads == "nothing" and not self.pipeline:
            self.book.await_request(self)

    # What uvicorn does ----------------------------------------------------------------------------------------

    def send_400_response(self, msg: str) -> None:
        """Answer what the parser stopped at, ours or its own."""
        self._refuse(*(self._refusal or (400, msg)))

    def timeout_keep_alive_handler(self) -> None:
        """End a connection that asks nothing more."""
        super().timeout_keep_alive_handler()
        self._end_unless_written()

    def _unsupported_upgrade_warning(self) -> None:
        """Log nothing: anybody could fill the disk with it."""

    # Limits ---------------------------------------------------------------------------------------------------

    @property
    def _last_cycle(self) -> RequestResponseCycle | None:
        """The request that was read last; uvicorn declares that there always is one."""
        return self.cycle

    def cut_off(self) -> None:
        """End it at once."""
        self.book.has_request(self)
        self.transport.abort()

    def _begin(self, what: Literal["head", "body", "nothing"]) -> None:
        self._reads, self._since, self._bytes = what, self.loop.time(), 0
        if what == "head":
            self.book.await_request(self)
            if self._read_timer is None:
                self._look_again(self.limits.head_seconds)

    def _watch(self) -> None:
        """Keep a timer while something is to come; what follows an answered request is the next one's head."""
        cycle = self._last_cycle
        is_idle = self._reads == "nothing" and (cycle is None or cycle.response_complete)
        if is_idle and not self.transport.is_closing():
            self._begin("head")
        if self._reads != "nothing" and self._read_timer is None:
            self._look_again(self._seconds_left())

    def _look_again(self, seconds: float) -> None:
        self._read_timer = self.loop.call_later(max(0.01, seconds), self._look)

    def _look(self) -> None:
        """End a connection whose time is up; look again then where it is not."""
        self._read_timer = None
        if self._reads == "nothing" or self.transport.is_closing():
            return
        if self._reads == "body" and self.flow.read_paused:
            self._since = self.loop.time()  # it is us who do not read
        seconds = self._seconds_left()
        if seconds > 0:
            self._look_again(seconds)
        else:
            self._refuse(408, f"The {self._reads} of the request did not come in time.")

    def _seconds_left(self) -> float:
        limits = self.limits
        if self._reads == "head":
            return self._since + limits.head_seconds - self.loop.time()
        return self._since + limits.body_seconds + self._bytes / limits.body_bytes_per_second - self.loop.time()

    def _check_head(self) -> None:
        limits = self.limits
        if self._head_size > limits.max_head_bytes or self._head_fields > limits.max_head_fields:
            self._stop(431, f"A head has {limits.max_head_bytes:,} bytes and {limits.max_head_fields} fields at most.")

    def _check_sizes(self) -> None:
        """Refuse what the parser still keeps to itself: half a field, or what stands between the parts of a body."""
        if self._reads == "head" and self._bytes > self.limits.max_head_bytes + _SLICE:
            self._refuse(431, f"A head has {self.limits.max_head_bytes:,} bytes at most.")
        elif self._reads == "body" and self._is_unwanted():
            self.transport.close()
            self._end_unless_written()
        elif self._reads == "body" and self._bytes > 2 * self.limits.max_body_bytes + _SLICE:
            self._refuse(413, f"A body has {self.limits.max_body_bytes:,} bytes at most.")

    def _is_unwanted(self) -> bool:
        """Whether the answer was given without the body, and too much of it comes nevertheless."""
        cycle = self._last_cycle
        return cycle is not None and cycle.response_complete and self._bytes > self.limits.max_keyless_body_bytes

    def _stop(self, status: int, detail: str) -> None:
        self._refusal = (status, detail)
        raise _RefusedError

    def _refuse(self, status: int, detail: str) -> None:
        """Answer and end; cut off where another answer is under way, which it would land in."""
        if self.transport.is_closing():
            return
        cycle = self._last_cycle
        if cycle is not None and cycle.response_started and not cycle.response_complete:
            self.transport.abort()
            return
        answer = problem(status, detail, secrets.token_hex(12))
        fields = [*answer.raw_headers, (b"connection", b"close"), (b"x-content-type-options", b"nosniff")]
        lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}".encode(), *(b": ".join(one) for one in fields)]
        self.transport.write(b"\r\n".join([*lines, b"", answer.body]))
        self.transport.close()
        self._end_unless_written()

    def _end_unless_written(self) -> None:
        """Let a client that does not take its answer go."""
        if self._write_timer is None:
            self._write_timer = self.loop.call_later(self.limits.answer_seconds, self.transport.abort)


def address_group(address: str) -> str:
    """What counts as one address: of IPv6 the network, since each customer of a provider has one."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv4Address):
        return address
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, 64), strict=False).network_address)
