"""Docker's engine is absent where this is built: what can be known without it is tested here."""

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any, NamedTuple, cast

import pytest
import yaml
from pydantic import AliasChoices

from app.cli.main import app as commands
from app.embedded.config import COMMON_SETTINGS, JVM_FLAGS_FROM_25, ServerConfig
from app.embedded.jars import JarLock
from app.settings import Settings
from tests.packaging.conftest import ROOT, Environment

COMPOSE = ROOT / "docker-compose.yml"
IMAGE_TAKES = {"NEO4J_AUTH_FILE", "NEO4J_PLUGINS", "JAVA_TOOL_OPTIONS"}
"""By Neo4j\'s entry point and by Java; all other names are settings of the server."""

Service = dict[str, Any]


class Instruction(NamedTuple):
    word: str
    rest: str


@pytest.fixture(scope="module")
def services() -> dict[str, Service]:
    return yaml.safe_load(COMPOSE.read_text())["services"]


@pytest.fixture(scope="module")
def dockerfile() -> list[Instruction]:
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [Instruction(*line.split(maxsplit=1)) for line in lines]


def setting_names() -> dict[str, str]:
    """Environment variable to field, for all of our settings."""
    names: dict[str, str] = {}
    for field, info in Settings.model_fields.items():
        alias = info.validation_alias
        given = cast("list[str]", alias.choices) if isinstance(alias, AliasChoices) else [f"PLURAL_{field.upper()}"]
        names |= dict.fromkeys(given, field)
    return names


def server_settings(services: dict[str, Service]) -> dict[str, str]:
    """What the database's container is told, by the names of neo4j.conf."""
    given = services["neo4j"]["environment"].items()
    return {
        name.removeprefix("NEO4J_").replace("__", "\0").replace("_", ".").replace("\0", "_"): value
        for name, value in given
        if name not in IMAGE_TAKES
    }


PLACES = re.compile(
    r"server\.(directories\..*|default_listen_address|bolt\..*_address|http\..*_address|https\.enabled)"
    r"|dbms\.security\.(http_access_control_allow_origin|auth_max_failed_attempts)"
)
"""What the embedded server is told of this machine: its folders and ports, and who may ask at them."""


def embedded_settings() -> dict[str, str]:
    """What the embedded server is told."""
    config = ServerConfig(Path("home"), bolt_port=7687, http_port=7474, heap_mb=2048, page_cache_mb=512)
    return dict(line.split("=", 1) for line in config.neo4j_conf(Path("jars")).splitlines())


def with_defaults(text: str) -> str:
    """The text as compose reads it when no variable is set."""
    return re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", text)


def test_compose_itself_accepts_the_file():
    client = shutil.which("docker")
    if not client or subprocess.run([client, "compose", "version"], capture_output=True, check=False).returncode:
        pytest.skip("there is no `docker compose` here to read docker-compose.yml")

    subprocess.run([client, "compose", "--file", COMPOSE, "config", "--quiet"], check=True)


def test_the_database_is_the_version_that_is_embedded_with_the_library(services: dict[str, Service]):
    assert services["neo4j"]["image"] == f"neo4j:{JarLock.load().neo4j_version}"
    assert services["neo4j"]["environment"]["NEO4J_PLUGINS"] == '["graph-data-science"]'


def test_the_database_is_told_what_the_embedded_one_is_told(services: dict[str, Service]):
    told = {name: with_defaults(value) for name, value in server_settings(services).items()}

    assert told.pop("server.memory.heap.max_size") == "2048m"
    assert told.pop("server.bolt.advertised_address") == "127.0.0.1:7687"
    assert told == {name: value for name, value in embedded_settings().items() if not PLACES.fullmatch(name)}
    assert COMMON_SETTINGS.items() <= told.items()


def test_java_has_compact_headers_in_both(services: dict[str, Service]):
    flags = services["neo4j"]["environment"]["JAVA_TOOL_OPTIONS"].split()

    assert "-XX:+UseCompactObjectHeaders" in JVM_FLAGS_FROM_25
    assert flags == ["-XX:+IgnoreUnrecognizedVMOptions", "-XX:+UseCompactObjectHeaders"]


def test_containers_end_orderly_and_their_logs_stay_small(services: dict[str, Service]):
    for service in services.values():
        assert service["init"]
        assert service["logging"]["options"] == {"max-size": "10m", "max-file": "3"}
    assert services["neo4j"]["attach"] is False
    assert {"Docker 25", "5 GB"} <= set(re.findall(r"Docker 25|5 GB", COMPOSE.read_text()))


def test_the_headers_commands_may_be_repeated_and_keep_the_password(tmp_path: Path):
    commands = [
        line.removeprefix("#   ").partition("     #")[0]
        for line in COMPOSE.read_text().splitlines()
        if re.match(r"#   (mkdir|\[|chmod)", line)
    ]
    assert len(commands) == 3
    kept: list[str] = []
    for _ in range(2):
        subprocess.run(["bash", "-ec", "\n".join(commands)], cwd=tmp_path, check=True)
        kept.append((tmp_path / "secrets" / "neo4j_auth").read_text())

    assert re.fullmatch(r"neo4j/[0-9a-f]{32}\n", kept[0])
    assert kept[0] == kept[1]


def start_neo4j(folder: Path, entrypoint: str) -> "subprocess.Popen[str]":
    """The database's start script with another entry point of the image, on a plugin folder of the test's."""
    (folder / "plugins").mkdir(exist_ok=True)
    (folder / "entry.sh").write_text(f"#!/bin/bash\n{entrypoint}\n")
    (folder / "entry.sh").chmod(0o755)
    told = {"NEO4J_START": str(folder / "entry.sh"), "NEO4J_PLUGIN_FOLDER": str(folder / "plugins")}
    return subprocess.Popen(
        ["bash", str(ROOT / "app" / "embedded" / "start-neo4j.sh")],
        env={**os.environ, **told, "NEO4J_PLUGINS": "asked"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_plugin_that_is_there_is_not_fetched_again(tmp_path: Path):
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "neo4j-graph-data-science-2.26.0.jar").touch()
    with start_neo4j(tmp_path, 'echo "$1 ${NEO4J_PLUGINS:-nothing}"; exit 3') as started:
        out, _ = started.communicate(timeout=60)

    assert (out, started.returncode) == ("neo4j nothing\n", 3)


def test_a_plugin_that_is_fetched_is_used_and_a_stop_reaches_the_database(tmp_path: Path):
    jar = tmp_path / "plugins" / "graph-data-science.jar"
    entrypoint = f'trap "echo stopped; exit 7" TERM; touch {jar}; echo "$NEO4J_PLUGINS"; sleep 60 >&- 2>&- & wait'
    with start_neo4j(tmp_path, entrypoint) as started:
        assert started.stdout
        assert started.stdout.readline() == "asked\n"
        started.terminate()
        out, _ = started.communicate(timeout=60)

    assert (out, started.returncode) == ("stopped\n", 7)


def test_a_plugin_that_cannot_be_had_is_named_once_and_nothing_loops(tmp_path: Path):
    with start_neo4j(tmp_path, "exit 1") as started:
        assert started.stderr
        said = started.stderr.readline()
        assert started.poll() is None
        started.terminate()
        started.communicate(timeout=60)

    assert "Graph Data Science plugin is not in the volume 'plugins'" in said
    assert started.returncode == 0


def test_every_variable_is_one_of_our_settings(services: dict[str, Service], dockerfile: list[Instruction]):
    in_services = {name for name in ("api", "seed") for name in services[name]["environment"]}
    in_the_image = {name for word, rest in dockerfile if word == "ENV" for name in re.findall(r"(\w+)=", rest)}
    for_the_user = set(re.findall(r"\$\{(\w+)", COMPOSE.read_text()))

    assert in_services | in_the_image | for_the_user <= setting_names().keys()


def test_a_variable_that_is_not_set_means_what_it_means_to_plural():
    defaults = dict(re.findall(r"\$\{(\w+):-([^}]*)\}", COMPOSE.read_text()))
    defaults.pop("PLURAL_HEAP_MB")  # unset, Plural looks at the machine's memory, which compose cannot

    fields = {name: Settings.model_fields[setting_names()[name]] for name in defaults}
    assert defaults == {name: str(field.default) for name, field in fields.items()}


def test_the_log_names_the_address_that_a_person_can_open(services: dict[str, Service]):
    [port] = services["api"]["ports"]
    outside, _ = with_defaults(str(port)).rsplit(":", 1)

    assert with_defaults(services["api"]["environment"]["PLURAL_PUBLIC_URL"]) == f"http://{outside}"
    names = {name for name in services["seed"]["environment"] if name != "PLURAL_PUBLIC_URL"}
    assert names == services["api"]["environment"].keys() - {"PLURAL_PUBLIC_URL"}  # it repeats what it overrides


def test_the_plugin_has_a_volume_and_may_do_what_it_does_without_the_images_help(services: dict[str, Service]):
    assert "plugins:/plugins" in services["neo4j"]["volumes"]
    assert server_settings(services)["dbms.security.procedures.unrestricted"] == "gds.*"


def test_the_commands_for_containers_are_commands_of_plural():
    words = set(re.findall(r"docker compose exec (?:-T )?api plural (\w+)", COMPOSE.read_text()))

    assert words == {"keys", "load", "backup"}
    assert words <= {
        *(one.name for one in commands.registered_commands),
        *(one.name for one in commands.registered_groups),
    }
    script = (ROOT / ".ci" / "containers").read_text()
    assert set(re.findall(r"exec -T api plural (\w+)", script)) == words  # `make test-containers` tries each


def test_ports_are_open_to_this_machine_only(services: dict[str, Service]):
    ports = [port for service in services.values() for port in service.get("ports", [])]

    assert len(ports) == 3
    assert all(str(port).startswith("127.0.0.1:") for port in ports)


def test_the_password_comes_from_a_file_that_git_and_images_never_see(services: dict[str, Service]):
    secret = yaml.safe_load(COMPOSE.read_text())["secrets"]["neo4j_auth"]["file"]
    ignored = subprocess.run(["git", "check-ignore", "--quiet", secret], cwd=ROOT, check=False)

    assert ignored.returncode in (0, 128)  # 128: no repository, so nothing to keep it out of
    assert Path(secret).parts[0] not in may_be_copied()
    for service in services.values():
        assert service["secrets"] == ["neo4j_auth"]
        secrets = {name: text for name, text in service["environment"].items() if "AUTH" in name or "PASS" in name}
        assert list(secrets.values()) == ["/run/secrets/neo4j_auth"]
        assert all(name.endswith("_FILE") for name in secrets)


def test_the_password_file_is_read_in_the_form_of_neo4js_image(tmp_path: Path):
    for text in ("neo4j/a-password\n", "a-password"):
        (tmp_path / "neo4j_auth").write_text(text)

        assert Settings.load(neo4j_password_file=tmp_path / "neo4j_auth").read_neo4j_password() == "a-password"


def test_the_service_waits_for_the_database_and_the_seed(services: dict[str, Service]):
    conditions = {name: state["condition"] for name, state in services["api"]["depends_on"].items()}

    assert conditions == {"neo4j": "service_healthy", "seed": "service_completed_successfully"}
    assert services["seed"]["command"] == ["plural", "seed", "--refresh"]
    assert services["seed"]["restart"] == "no"
    assert {"neo4j", "api"} <= {name for name, service in services.items() if "healthcheck" in service}


def test_data_outlives_the_containers_in_named_volumes(services: dict[str, Service]):
    mounts = [mount.split(":")[0] for service in services.values() for mount in service["volumes"] if mount[0] != "."]

    assert set(mounts) == set(yaml.safe_load(COMPOSE.read_text())["volumes"])
    assert services["api"]["volumes"] == services["seed"]["volumes"]


def test_the_image_runs_a_suitable_python_as_a_user_of_its_own(dockerfile: list[Instruction]):
    words = dict(dockerfile)  # the last of each counts
    version = re.fullmatch(r"python:(\d+)\.(\d+)-slim-\w+", words["FROM"])
    needed = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]

    assert version
    assert (int(version[1]), int(version[2])) >= tuple(int(part) for part in needed.removeprefix(">=").split("."))
    assert words["USER"] == "plural"
    assert any(word == "RUN" and re.match(r"useradd .*\bplural$", rest) for word, rest in dockerfile)
    order = [word for word, _ in dockerfile]
    assert order.index("USER") > max(index for index, word in enumerate(order) if word == "RUN")


def test_the_steps_of_the_image_work_in_an_empty_folder(
    dockerfile: list[Instruction], environment: Environment, tmp_path: Path
):
    image = tmp_path / "image"
    image.mkdir()
    for word, rest in dockerfile:
        if word == "COPY":
            copy(rest.split(), image)
        elif word == "RUN" and rest.startswith("pip "):
            environment.run(environment.python, "-m", *rest.split(), cwd=image)

    environment.check_plural()


def copy(names: list[str], image: Path) -> None:
    """COPY, of what .dockerignore lets through."""
    *sources, target = names
    assert set(sources) <= may_be_copied()
    for source in sources:
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, image / target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / source, image / target)


def may_be_copied() -> set[str]:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    assert lines[1] == "*"
    return {line.removeprefix("!") for line in lines if line.startswith("!")}
