"""The `plural` command, as typed: one sentence when something is wrong, and a clean end."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

from app.cli import doctor
from app.cli import main as command
from app.cli.serve import address_of, listen
from app.domain.errors import SetupError
from app.graph.migrations import Migration, load_migrations
from tests.conftest import HASH_KEY, Neo4jServer

PROGRAM = [sys.executable, "-u", "-c", "from app.cli.main import main; main()"]


@dataclass(frozen=True)
class Answer:
    """What a command left behind."""

    code: object
    out: str
    err: str


Plural = Callable[..., Answer]


@pytest.fixture(autouse=True)
def environment(neo4j_server: Neo4jServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The run's own server under the names that a user would set, and nothing else of Plural's."""
    for name in [name for name in os.environ if name.startswith(("PLURAL_", "NEO4J_"))]:
        monkeypatch.delenv(name)
    settings = {
        "NEO4J_URI": neo4j_server.bolt_uri,
        "PLURAL_HOME": str(tmp_path),
        "PLURAL_PORT": "0",
        "PLURAL_HASH_KEY": HASH_KEY,
    }
    password = {"NEO4J_PASSWORD": neo4j_server.password} if neo4j_server.password else {}
    for name, value in {**settings, **password, "PLURAL_QUERY_TIMEOUT_SECONDS": "60"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)  # where no .env lies


@pytest.fixture
def plural(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Plural:
    """Run the command in this process."""

    def run(*words: str) -> Answer:
        monkeypatch.setattr(sys, "argv", ["plural", *words])
        with pytest.raises(SystemExit) as end:
            command.main()
        said = capsys.readouterr()
        return Answer(end.value.code or 0, said.out, said.err)

    return run


@pytest.fixture
def service() -> Generator[subprocess.Popen[str]]:
    with subprocess.Popen([*PROGRAM, "serve"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


def address(service: subprocess.Popen[str]) -> str:
    assert service.stdout is not None
    for line in service.stdout:
        if found := re.search(r"http://\S+", line):
            return found[0]
    raise AssertionError(service.communicate()[1])


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_keys_are_made_and_used_while_it_serves_and_it_ends_cleanly(
    service: subprocess.Popen[str], plural: Plural, tenant: str, stop: signal.Signals
) -> None:
    url = address(service)
    made = plural("keys", "create", "--tenant", tenant, "--scope", "recommend", "--label", "till", "--json")
    key = json.loads(made.out)

    def ask() -> httpx2.Response:
        return httpx2.post(f"{url}/v1/recommendations", json={}, headers={"X-API-Key": key["token"]}, timeout=60)

    assert ask().status_code == 200
    assert (key["tenant"], key["scopes"], key["label"]) == (tenant, ["recommend"], "till")
    listed = json.loads(plural("keys", "list", "--tenant", tenant, "--json").out)
    assert [one["id"] for one in listed] == [key["id"]]
    assert key["token"] not in plural("keys", "list", "--tenant", tenant).out

    assert plural("keys", "revoke", key["id"], "--tenant", tenant).code == 0

    service.send_signal(stop)
    _, log = service.communicate(timeout=60)
    assert service.returncode == 0
    assert "Traceback" not in log
    assert '"route": "/v1/recommendations", "status": 200' in log
    for secret in (key["token"], key["id"], tenant):
        assert secret not in log


def test_a_port_in_use_is_told_in_one_sentence(plural: Plural, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        monkeypatch.setenv("PLURAL_PORT", str(port))
        answer = plural("serve")

    assert answer.code == 1
    assert (
        answer.err == f"Port {port} is in use by another program: stop that, or name another port with PLURAL_PORT.\n"
    )


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["keys", "create", "--scope", "root"], "'root' is no scope"),
        (["keys", "create", "--tenant", "My Shop"], "A tenant is"),
        (["keys", "revoke", "000000000000", "--tenant", "nobody"], "has no key"),
    ],
)
def test_what_is_wrong_is_one_sentence(plural: Plural, words: list[str], sentence: str) -> None:
    answer = plural(*words)

    assert answer.code == 1
    assert sentence in answer.err
    assert len(answer.err.splitlines()) == 1
    assert answer.out == ""


def test_a_server_that_is_not_there_is_one_sentence(plural: Plural, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEO4J_URI", "bolt://127.0.0.1:1")
    answer = plural("refresh")

    assert answer.code == 69
    assert "NEO4J_URI" in answer.err
    assert "Traceback" not in answer.err


def test_the_doctor_looks_at_everything(plural: Plural, tenant: str) -> None:
    plural("keys", "list")  # brings the schema up to date
    answer = plural("doctor", "--tenant", tenant, "--json")
    findings = {finding["name"]: finding for finding in json.loads(answer.out)}

    assert findings.keys() >= {"database", "server", "GDS", "schema", "active run", "nodes", "relationships", "memory"}
    assert findings["GDS"]["ok"]
    assert findings["active run"]["mend"] == f"plural refresh --tenant {tenant}"
    assert "Migration" in findings["nodes"]["found"]
    assert answer.code == 1  # no run yet
    assert "mend: plural refresh" in plural("doctor", "--tenant", tenant).out


def test_the_doctor_starts_nothing_where_nothing_is_yet(plural: Plural, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NEO4J_URI")
    answer = plural("doctor", "--json")
    findings = {finding["name"]: finding for finding in json.loads(answer.out)}

    assert list(findings) == ["database", "Java", "jars", "server", "memory"]
    assert "make demo" in findings["server"]["mend"]
    assert not Path(findings["database"]["found"].removeprefix("embedded, in ")).exists()


@pytest.mark.parametrize(
    ("known", "sentence"),
    [
        (lambda: [*load_migrations(), Migration("V999", "later", (), "0")], "or any other command, completes it"),
        (lambda: load_migrations()[:1], "use the Plural that made this graph"),
    ],
)
def test_the_doctor_tells_an_old_schema_from_one_of_another_plural(
    plural: Plural, monkeypatch: pytest.MonkeyPatch, known: Callable[[], list[Migration]], sentence: str
) -> None:
    plural("keys", "list")  # brings the schema up to date
    monkeypatch.setattr(doctor, "load_migrations", known)
    findings = {finding["name"]: finding for finding in json.loads(plural("doctor", "--json").out)}

    assert sentence in findings["schema"]["mend"]


def test_an_older_python_is_told_before_anything_else() -> None:
    lines = Path(command.__file__).read_text(encoding="utf-8").splitlines()
    imports = [line for line in lines if line.startswith(("import ", "from "))]

    assert imports[0] == "import sys"
    assert lines.index("if sys.version_info < (3, 11):  # noqa: UP036") < lines.index(imports[1])


def test_an_address_that_is_not_ours_is_told() -> None:
    with pytest.raises(SetupError, match="PLURAL_HOST"):
        listen("192.0.2.1", 0)


def test_port_0_takes_a_free_one() -> None:
    with listen("127.0.0.1", 0) as listener:
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+", address_of(listener))
