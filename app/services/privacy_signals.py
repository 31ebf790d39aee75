"""Use case: who sends ``Sec-GPC: 1`` is kept out of ads audiences; written down behind the answer's back."""

import logging
import time
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from app.domain import clock
from app.domain.consent import Heard, Signal
from app.domain.errors import UnavailableError
from app.services.write_behind import WriteBehind

_log = logging.getLogger("plural.privacy")

Whose = tuple[str, str]
"""Tenant and identity id."""


def privacy_signal(identity_id: str, at: datetime) -> Signal:
    """``Sec-GPC: 1`` as a signal like any other: no ads audience."""
    return Signal(identity_id, {"ads_audience": False}, clock.to_milliseconds(at), "gpc", at_arrival=True)


def keep_private(signal: Signal) -> Signal:
    """What else a request with ``Sec-GPC: 1`` says; where a banner allows ads audiences the header holds."""
    if "ads_audience" not in signal.allowed:
        return signal
    return replace(signal, allowed={**signal.allowed, "ads_audience": False})


class Denials:
    """Remembers for whom a denial was stored, at most ``capacity`` and ``seconds`` long; a grant makes it forget.

    Another process may store a grant that this one does not hear of: hence the seconds.
    """

    def __init__(
        self, capacity: int = 50_000, seconds: float = 30.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._capacity = capacity
        self._seconds = seconds
        self._clock = clock
        self._until: OrderedDict[Whose, float] = OrderedDict()

    def __contains__(self, whose: Whose) -> bool:
        """Whether a denial was stored a moment ago and no grant since."""
        return self._until.get(whose, 0.0) > self._clock()

    def remember(self, whose: Whose) -> None:
        """Note that a denial is being stored."""
        self._until.pop(whose, None)
        self._until[whose] = self._clock() + self._seconds
        if len(self._until) > self._capacity:
            self._until.popitem(last=False)

    def forget(self, tenant: str, identity_id: str) -> None:
        """Note that something else was said."""
        self._until.pop((tenant, identity_id), None)


class SignalStore(Protocol):
    """Where denials are kept."""

    async def hear(self, tenant: str, signals: Sequence[Signal], actor: str, *, known_only: bool = False) -> Heard:
        """Append what signals add to the logs; with ``known_only`` unknown identities are passed over."""
        ...


class PrivacySignals(WriteBehind):
    """Takes privacy signals without waiting and writes them in batches; ``async with`` it, so that the rest is written.

    A signal that finds ``capacity`` others waiting, or whose batch fails, is not remembered: the next one of the same
    identity is taken again.
    """

    def __init__(
        self,
        store: SignalStore,
        denials: Denials,
        *,
        capacity: int = 20_000,
        batch_size: int = 500,
        pause_seconds: float = 0.25,
    ) -> None:
        super().__init__("privacy signals", batch_size, pause_seconds)
        self._store = store
        self._denials = denials
        self._capacity = capacity
        self._waiting: dict[Whose, tuple[datetime, str]] = {}

    def note(self, tenant: str, identity_id: str, actor: str) -> None:
        """Take one signal; never waits, and asks nobody whether the identity exists."""
        whose = (tenant, identity_id)
        if whose not in self._denials and (whose in self._waiting or len(self._waiting) < self._capacity):
            self._waiting[whose] = (clock.now(), actor)

    def number_waiting(self) -> int:
        """How many signals wait to be written."""
        return len(self._waiting)

    async def write_batch(self) -> None:
        """Write a batch, one call a tenant and actor."""
        for (tenant, actor), signals in self._take_batch().items():
            await self._write(tenant, actor, signals)

    def _take_batch(self) -> Mapping[tuple[str, str], list[Signal]]:
        """At most ``batch_size`` of what waits, by tenant and actor."""
        batch: defaultdict[tuple[str, str], list[Signal]] = defaultdict(list)
        for whose in list(self._waiting)[: self.batch_size]:
            at, actor = self._waiting.pop(whose)
            batch[whose[0], actor].append(privacy_signal(whose[1], at))
            # Before it is written: a grant that comes in between makes it forgotten again.
            self._denials.remember(whose)
        return batch

    async def _write(self, tenant: str, actor: str, signals: Sequence[Signal]) -> None:
        unheard: Iterable[str] = [signal.identity_id for signal in signals]
        try:
            unheard = (await self._store.hear(tenant, signals, actor, known_only=True)).passed_over
        except UnavailableError:
            _log.warning("%d privacy signals wait for the next request", len(signals))
        except Exception as error:
            _log.error("a batch of privacy signals was refused: %s", type(error).__qualname__)
        for identity_id in unheard:
            self._denials.forget(tenant, identity_id)
