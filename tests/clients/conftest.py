"""The service on a real socket, and both clients built and installed as somebody would who has never seen the code."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from shutil import which
from uuid import uuid4

import pytest
import pytest_asyncio
import uvicorn

from app.domain.keys import SCOPES, KeyRequest
from app.graph.audit import AuditTrail
from app.graph.database import Database
from app.graph.keys import KeyGraph
from app.main import create_app
from app.services.keys import create_key
from app.settings import Settings
from tests.graph.shop import HASHER


@dataclass(frozen=True)
class Address:
    """Where the service is, and a key of one shop."""

    url: str
    key: str


@pytest_asyncio.fixture(scope="session")
async def address(db: Database, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Address]:
    home = tmp_path_factory.mktemp("home")
    settings = Settings(home=home, _env_file=None)  # pyright: ignore[reportCallIssue]
    server = uvicorn.Server(uvicorn.Config(create_app(settings, partial(nullcontext, db)), port=0, log_config=None))
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.05)
    port = server.servers[0].sockets[0].getsockname()[1]
    issued = await create_key(KeyGraph(db, AuditTrail(HASHER)), f"shop-{uuid4().hex[:12]}", KeyRequest(SCOPES))
    yield Address(f"http://127.0.0.1:{port}", issued.token)
    server.should_exit = True
    await serving


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with the wheel and, where npm is, the tarball."""
    subprocess.run(["clients/build"], check=True, env=_environment(tmp_path_factory.mktemp("build")))
    return Path("dist/clients").resolve()


def _environment(home: Path) -> dict[str, str]:
    return {
        **os.environ,
        "PYTHON": sys.executable,
        "PLURAL": f"{Path(sys.executable).parent}/plural",
        "PLURAL_HOME": str(home),
    }


@pytest.fixture(scope="session")
def python(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An interpreter that has the Python client and nothing of ours beside it."""
    folder = tmp_path_factory.mktemp("python")
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    wheel = next(built.glob("*.whl"))
    subprocess.run(
        [folder / "bin/pip", "install", "--quiet", "--disable-pip-version-check", wheel, "pyright"], check=True
    )
    return folder / "bin/python"


@pytest.fixture(scope="session")
def node(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the npm client is installed."""
    if which("npm") is None:
        pytest.skip("npm is not here: the npm client is not tried")
    folder = tmp_path_factory.mktemp("node")
    tarball = next(built.glob("*.tgz"))
    (folder / "package.json").write_text('{"type": "module", "private": true}')
    packages = [str(tarball), "typescript@5.9.3", "@types/node@20"]
    subprocess.run(
        ["npm", "install", "--silent", "--no-package-lock", "--no-audit", "--no-fund", *packages],
        cwd=folder,
        check=True,
    )
    return folder
