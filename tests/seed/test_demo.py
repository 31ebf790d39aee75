"""`plural demo` as it is typed: a process of its own, a folder of its own, free ports."""

import os
import re
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import psutil
import pytest

HOUSEHOLDS = "3"
PATIENCE_SECONDS = 420


def environment(home: Path, **more: str) -> dict[str, str]:
    """What the process sees: nothing of ours but where to live, and no server that the outer environment names."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PLURAL_", "NEO4J_"))}
    ports = dict.fromkeys(("PLURAL_PORT", "PLURAL_BOLT_PORT", "PLURAL_BROWSER_PORT"), "0")
    return {**kept, **ports, "PLURAL_HOME": str(home), "PLURAL_HEAP_MB": "768", "COLUMNS": "200", **more}


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-c", "from app.cli.main import main; main()", "demo", *arguments]


class Demo:
    """A demo that runs."""

    def __init__(self, process: subprocess.Popen[str], log: Path) -> None:
        self.process = process
        self._log = log

    @property
    def screen(self) -> str:
        return self._log.read_text(encoding="utf-8")

    def wait_for(self, text: str) -> str:
        """What is on the screen once ``text`` is."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while text not in self.screen:
            assert self.process.poll() is None, self.screen
            assert time.monotonic() < deadline, self.screen
            time.sleep(0.2)
        return self.screen


@contextmanager
def running(home: Path, *arguments: str) -> Generator[Demo]:
    log = home.parent / "screen.txt"
    with log.open("w", encoding="utf-8") as screen:
        process = subprocess.Popen(
            command(*arguments),
            env=environment(home),
            cwd=home.parent,
            stdout=screen,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        try:
            yield Demo(process, log)
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo") / "home"


def test_the_demo_shows_real_answers_and_ends_both_processes_on_ctrl_c(home: Path):
    with running(home, "--households", HOUSEHOLDS) as demo:
        screen = demo.wait_for("Ctrl-C stops the service")
        children = psutil.Process(demo.process.pid).children(recursive=True)
        database = [child for child in children if "java" in child.name()]
        api = found(r"API +(http://\S+)", screen)
        key = found(r"API key +(plural_\S+)", screen)
        body = found(r"-d '(.*tom-personal.*?)'", screen)
        reply = httpx2.post(
            f"{api}/v1/recommendations",
            content=body,
            headers={"X-API-Key": key, "Content-Type": "application/json"},
            timeout=60,
        )
        picture = httpx2.get(found(r"(http://\S+\.png)", screen), timeout=60)
        demo.process.send_signal(signal.SIGINT)
        exit_code = demo.process.wait(120)
        screen = demo.screen

    assert exit_code in {0, 130}
    assert "Traceback" not in screen
    assert "Stopped." in screen
    assert len(database) == 1
    assert not any(child.is_running() and child.status() != psutil.STATUS_ZOMBIE for child in database)
    assert reply.status_code == 200
    assert reply.json()["items"]
    assert re.search(r"The studio's answer rests on none of the \d+ products of his\s+private life", screen)
    assert "Outcome: contextual_only; the same items for all three" in screen
    assert re.search(r"│ [^│]+ │ \d+x +│ +[3-6]\d% ", screen), screen
    assert re.search(r"Aaron's offers address +│ newsletter +│ [^-]", screen), screen
    assert re.search(r" +│ paid_social +│ - +│ - +│ no consent for paid_social since", screen), screen
    assert re.search(r"Nora, who refused +│ newsletter +│ - +│ - +│ no consent for newsletter", screen), screen
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/png")
    assert stat.S_IMODE((home / "demo.key").stat().st_mode) == 0o600


def test_a_second_start_loads_nothing_and_shows_the_same_key(home: Path):
    key = (home / "demo.key").read_text()

    with running(home, "--households", HOUSEHOLDS, "--once") as demo:
        exit_code = demo.process.wait(PATIENCE_SECONDS)
        screen = demo.screen

    assert exit_code == 0, screen
    assert key in screen
    assert "Loading" not in screen
    assert "Comparing" not in screen
    assert "Traceback" not in screen


def test_a_port_in_use_is_one_sentence_that_says_what_to_do(tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run(tmp_path / "home", PLURAL_PORT=str(port))

    assert done.returncode == 1
    assert f"Port {port} is in use" in done.stderr
    assert "PLURAL_PORT" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path):
    (tmp_path / "file").touch()
    done = run(tmp_path / "file" / "home")

    assert done.returncode == 1
    assert "PLURAL_HOME" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_number_of_households_that_is_none_is_one_sentence(tmp_path: Path):
    done = run(tmp_path / "home", "--households", "few")

    assert done.returncode == 1
    assert done.stderr.strip() == "--households takes a number from 1 or `all`, and 'few' is neither."


def run(home: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments), env=environment(home, **more), capture_output=True, text=True, timeout=120, check=False
    )


def found(pattern: str, screen: str) -> str:
    match = re.search(pattern, screen)
    assert match, screen
    return match[1]
