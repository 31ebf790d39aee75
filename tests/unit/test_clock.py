"""One clock for all machines: nothing that expires is judged by the machine that happens to be asked."""

import re
import time
from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.domain import clock

APP = Path(__file__).parents[2] / "app"
JUDGING = ("api", "services", "graph", "jobs", "domain", "recommend")
OWN = {"domain/clock.py", "api/boundary.py"}
"""The clock itself, and the access log, which is read beside other logs of its machine."""


@pytest.fixture(autouse=True)
def own_clock() -> Generator[None]:
    yield
    clock.agree(None)


def test_the_present_is_this_machines_own_until_the_server_was_asked() -> None:
    clock.agree(None)
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=1)


@pytest.mark.parametrize("hours", [-5, 0, 5])
def test_the_present_is_the_servers_and_passes_evenly(monkeypatch: pytest.MonkeyPatch, hours: int) -> None:
    elapsed = 100.0
    monkeypatch.setattr(time, "monotonic", lambda: elapsed)
    said = datetime(2026, 11, 30, 12, tzinfo=UTC) + timedelta(hours=hours)
    clock.agree(said)
    assert clock.now() == said

    elapsed += 7
    assert clock.now() == said + timedelta(seconds=7)


def test_what_took_long_to_be_answered_is_counted_from_the_question_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the present would lie behind what was just written, and a grant of this moment would wait for it."""
    monkeypatch.setattr(time, "monotonic", lambda: 100.0)
    said = datetime(2026, 11, 30, 12, tzinfo=UTC)
    clock.agree(said, asked_at=97.0)

    assert clock.now() == said + timedelta(seconds=3)


def test_nothing_but_the_clock_asks_this_machine_for_the_time_of_day() -> None:
    asking = re.compile(r"datetime\.now\(|datetime\.utcnow\(|time\.time\(|date\.today\(")
    found = {
        str(path.relative_to(APP))
        for room in JUDGING
        for path in (APP / room).rglob("*.py")
        if asking.search(path.read_text())
    }
    assert found <= OWN
