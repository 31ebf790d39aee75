"""Privacy signals are remembered as long as nothing else was said, and never for nobody."""

from collections.abc import Sequence

from app.domain.consent import Heard, Signal
from app.domain.errors import UnavailableError
from app.services.privacy_signals import Denials, PrivacySignals

KNOWN = {"tom", "debbie"}


class Log:
    """Hears signals of those it knows, unless it is away."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.is_away = False

    async def hear(self, tenant: str, signals: Sequence[Signal], actor: str, *, known_only: bool = False) -> Heard:
        assert known_only
        if self.is_away:
            raise UnavailableError("away")
        assert all(signal.allowed == {"ads_audience": False} for signal in signals)
        self.heard += [signal.identity_id for signal in signals]
        return Heard(passed_over=frozenset(signal.identity_id for signal in signals) - KNOWN)


async def send(log: Log, denials: Denials, *identity_ids: str, capacity: int = 100) -> None:
    """Take signals and stop, so that they are written."""
    async with PrivacySignals(log, denials, capacity=capacity) as signals:
        for identity_id in identity_ids:
            signals.note("shop", identity_id, "key")


async def test_who_was_denied_a_moment_ago_is_not_asked_about_again() -> None:
    log, denials = Log(), Denials()
    for _ in range(3):
        await send(log, denials, "tom", "tom", "debbie")

    assert log.heard == ["tom", "debbie"]


async def test_a_grant_makes_it_asked_again() -> None:
    log, denials = Log(), Denials()
    await send(log, denials, "tom")
    denials.forget("shop", "tom")
    await send(log, denials, "tom")

    assert log.heard == ["tom", "tom"]


async def test_one_shops_denial_is_not_anothers() -> None:
    denials = Denials()
    denials.remember(("shop", "tom"))

    assert ("shop", "tom") in denials
    assert ("other", "tom") not in denials


async def test_nobody_is_not_remembered() -> None:
    log, denials = Log(), Denials()
    for _ in range(2):
        await send(log, denials, "nobody")

    assert log.heard == ["nobody", "nobody"]


async def test_what_could_not_be_written_is_taken_again() -> None:
    log, denials = Log(), Denials()
    log.is_away = True
    await send(log, denials, "tom")
    log.is_away = False
    await send(log, denials, "tom")

    assert log.heard == ["tom"]


async def test_memory_is_bounded() -> None:
    log, denials = Log(), Denials(capacity=1)
    await send(log, denials, "tom", "debbie", "nobody", capacity=2)

    assert log.heard == ["tom", "debbie"]
    assert [id_ for id_ in ("tom", "debbie") if ("shop", id_) in denials] == ["debbie"]


async def test_what_another_process_may_have_granted_is_asked_after_a_while() -> None:
    now = 0.0
    denials = Denials(seconds=30, clock=lambda: now)
    denials.remember(("shop", "tom"))
    assert ("shop", "tom") in denials

    now = 31.0
    assert ("shop", "tom") not in denials
