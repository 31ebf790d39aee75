"""The ends of the audit logs stand outside the database, and only ever move on from what is still there."""

import json
import logging
import stat
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import pytest

from app.domain.audit import Head
from app.domain.errors import UnavailableError
from app.domain.hashing import Hasher
from app.services.audit_anchor import AuditAnchors, read_anchors

HASHER = partial(Hasher, keys={1: b"k" * 32})
A, B, C = (letter * 64 for letter in "abc")


class Logs:
    """The audit logs, each a list of seals."""

    def __init__(self) -> None:
        self.seals: dict[str, list[str]] = {}
        self.away = False

    async def list_heads(self, noted: Mapping[str, Head]) -> dict[str, tuple[Head, str | None]]:
        if self.away:
            raise UnavailableError("The database does not answer; try again.")
        found: dict[str, tuple[Head, str | None]] = {}
        for tenant, seals in self.seals.items():
            at = noted[tenant].sequence if tenant in noted else 0
            found[tenant] = (Head(len(seals), seals[-1]), seals[at - 1] if 0 < at <= len(seals) else None)
        return found


@pytest.fixture
def logs() -> Logs:
    return Logs()


@pytest.fixture
def anchors(logs: Logs, tmp_path: Path) -> AuditAnchors:
    return AuditAnchors(logs, tmp_path / "home", HASHER)


async def test_ends_are_noted_and_move_on(logs: Logs, anchors: AuditAnchors, tmp_path: Path) -> None:
    logs.seals = {"tea": [A], "cup": [C]}
    await anchors.note()
    assert read_anchors(tmp_path / "home") == {"tea": Head(1, A), "cup": Head(1, C)}

    logs.seals["tea"].append(B)
    await anchors.note()

    assert read_anchors(tmp_path / "home") == {"tea": Head(2, B), "cup": Head(1, C)}
    assert stat.S_IMODE((tmp_path / "home" / "audit.anchor").stat().st_mode) == 0o600


@pytest.mark.parametrize("seals", [[A], [A, C], [A, C, C]], ids=["cut off", "replaced", "cut off and written on"])
async def test_an_end_that_is_gone_stays_noted_and_is_told(
    logs: Logs, anchors: AuditAnchors, tmp_path: Path, seals: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    logs.seals = {"tea": [A, B]}
    await anchors.note()
    logs.seals = {"tea": seals}

    await anchors.note()

    assert read_anchors(tmp_path / "home") == {"tea": Head(2, B)}
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert json.loads(caplog.records[0].message)["event"] == "an audit log lacks the end that was noted"


async def test_the_log_to_ship_elsewhere_names_the_end_and_no_shop(
    logs: Logs, anchors: AuditAnchors, caplog: pytest.LogCaptureFixture
) -> None:
    logs.seals = {"tea-and-more": [A]}
    with caplog.at_level(logging.INFO):
        await anchors.note()
        await anchors.note()  # nothing new, nothing told

    (line,) = [json.loads(record.message) for record in caplog.records if record.name == "plural.audit"]
    assert (line["event"], line["sequence"], line["seal"]) == ("end of an audit log", 1, A)
    assert "tea-and-more" not in caplog.text


async def test_neither_a_database_nor_a_disk_that_is_away_keeps_anybody(
    logs: Logs, anchors: AuditAnchors, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    logs.away = True
    await anchors.note()
    logs.away = False
    logs.seals = {"tea": [A]}
    (tmp_path / "file").touch()
    await AuditAnchors(logs, tmp_path / "file", HASHER).note()

    assert [record.levelname for record in caplog.records] == ["WARNING", "WARNING"]


async def test_a_service_notes_them_while_it_runs_and_at_its_end(
    logs: Logs, anchors: AuditAnchors, tmp_path: Path
) -> None:
    async with anchors:
        logs.seals = {"tea": [A]}

    assert read_anchors(tmp_path / "home") == {"tea": Head(1, A)}
