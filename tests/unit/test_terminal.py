"""Texts of a shop are shown, and steer no terminal."""

import sys

import pytest
from rich.table import Table

from app.cli import main as command
from app.cli.terminal import clean_terminal, plain_console

RANGES = [range(0x80, 0xA0), range(0x200E, 0x2010), range(0x202A, 0x202F), range(0x2066, 0x206A), range(0x61C, 0x61D)]
STEERING = [chr(code) for codes in RANGES for code in codes]


@pytest.mark.parametrize("mark", STEERING, ids=lambda mark: f"U+{ord(mark):04X}")
def test_no_mark_that_steers_reaches_a_terminal(mark: str, capsys: pytest.CaptureFixture[str]) -> None:
    table = Table("title", title=f"a{mark}b")
    table.add_row(f"Tea{mark}31m, größer עברית 茶")
    with clean_terminal():
        plain_console().print(table)
        print(f"a{mark}b", file=sys.stderr)
    shown = capsys.readouterr()

    assert mark not in shown.out + shown.err
    assert all(part in shown.out for part in ("31m, größer", "עברית", "茶"))
    assert shown.err == "ab\n"


def test_every_command_writes_through_it(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["plural", "keys", "create", "--scope", "ro\x9b31mot\u202e"])
    before = sys.stdout
    with pytest.raises(SystemExit):
        command.main()
    shown = capsys.readouterr()

    assert "ro" in shown.err
    assert not {"\x9b", "\u202e"} & set(shown.out + shown.err)
    assert sys.stdout is before


def test_a_title_is_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    table = Table("title")
    table.add_row("[/b] [link=https://example.org]tea[/link] :smile:")
    plain_console().print(table)

    assert "[/b] [link=https://example.org]tea[/link] :smile:" in capsys.readouterr().out
