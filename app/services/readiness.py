"""Says whether this process can do its work: database, schema, an active run."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from app.domain import clock
from app.domain.errors import UnavailableError


class Keeper(Protocol):
    """Whoever looks after the database's server."""

    @property
    def failure(self) -> Exception | None:
        """Why nothing more is done for it; ``None`` while something is, and where that is not this process's work."""
        ...


class Keys(Protocol):
    """Whoever looks whether this machine has the graph's hash keys."""

    @property
    def is_complete(self) -> bool:
        """Whether none is missing."""
        ...


class Warmth(Protocol):
    """How far the warm-up is."""

    @property
    def is_done(self) -> bool:
        """Whether it is over."""
        ...

    @property
    def is_warm(self) -> bool:
        """Whether it ended because answers stopped getting faster."""
        ...


class ReadinessStore(Protocol):
    """What the graph knows of itself."""

    async def schema_is_current(self) -> bool:
        """Whether the graph has exactly the migrations that this version of Plural brings."""
        ...

    async def all_learned(self) -> bool:
        """Whether there are active runs, and each learned from at least one identity."""
        ...

    async def oldest_active_run(self) -> datetime | None:
        """When the oldest of the active runs, one a tenant, finished; ``None`` before the first."""
        ...


@dataclass(frozen=True, slots=True)
class Readiness:
    """Three yes or no, a later one never true without the earlier ones; and how far the warm-up is."""

    database: bool = False
    schema: bool = False
    active_run: bool = False
    learned: bool = False
    """Whether every active run learned from anybody; where none did, answers are what is popular or new."""
    warm: bool = True
    """Whether answers have stopped getting faster since the start."""
    warmed_up: bool = True
    """Whether the warm-up is over, be it that time was short."""
    keys: bool = True
    """Whether this machine has every hash key of the graph."""

    @property
    def ready(self) -> bool:
        """All of the three, the warm-up over, and no key missing."""
        return self.database and self.schema and self.active_run and self.warmed_up and self.keys


def nothing_learned(events: int) -> str:
    """Why a run learned nothing, for its operator."""
    return (
        f"{events:,} events, 0 identities with model_training: nothing was learned, and everybody is shown what is new."
        " Record consents for the purpose model_training, then refresh."
    )


class ReadinessCheck:
    """Asks the graph each time."""

    def __init__(
        self,
        store: ReadinessStore,
        keeper: Keeper | None = None,
        warmth: Warmth | None = None,
        keys: Keys | None = None,
        now: Callable[[], datetime] = clock.now,
    ) -> None:
        self._store = store
        self._keeper = keeper
        self._warmth = warmth
        self._keys = keys
        self._now = now

    @property
    def is_alive(self) -> bool:
        """Whether waiting may help; not once the database was started again in vain: this process has to go then."""
        return self._keeper is None or self._keeper.failure is None

    async def check(self) -> Readiness:
        """Look at everything; an absent database is an answer, not an error."""
        try:
            schema = await self._store.schema_is_current()
            run = schema and await self._store.oldest_active_run() is not None
            learned = run and await self._store.all_learned()
        except UnavailableError:
            return Readiness(warm=self._warmth is None or self._warmth.is_warm)
        keys = self._keys is None or self._keys.is_complete
        if self._warmth is None:
            return Readiness(True, schema, run, learned, keys=keys)
        return Readiness(True, schema, run, learned, self._warmth.is_warm, self._warmth.is_done, keys)

    async def run_age_seconds(self) -> float | None:
        """Age of the oldest active run; ``None`` without one or without a database."""
        try:
            finished_at = await self._store.oldest_active_run()
        except UnavailableError:
            return None
        return None if finished_at is None else (self._now() - finished_at).total_seconds()
