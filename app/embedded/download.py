"""Fetches jars in parallel over kept connections; each moves into place when it is whole and right."""

import hashlib
import random
import threading
from collections.abc import Mapping
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from pathlib import Path
from urllib.parse import urlsplit

import httpx2

from app.domain.progress import Step
from app.embedded.errors import ChecksumError, DownloadError
from app.embedded.jars import Jar

CONNECTIONS = 8
ATTEMPTS = 5
FIRST_PAUSE_SECONDS = 0.25
PASSING_STATUS = {408, 425, 429, 500, 502, 503, 504}


class Download:
    """One run over the jars that are missing.

    ``fetches`` says where each goes; ``step`` advances by bytes, back again when a transfer broke, from several
    threads but one at a time. Proxies and certificates are taken from the environment.
    """

    def __init__(self, fetches: Mapping[Jar, Path], maven_url: str, step: Step) -> None:
        self._fetches = fetches
        self._url = maven_url.rstrip("/")
        self._host = urlsplit(maven_url).hostname or maven_url
        self._step = step
        self._counting = threading.Lock()
        self._stopped = threading.Event()

    def run(self) -> None:
        """Fetch all, or raise what kept the first jar from coming (``DownloadError`` or ``OSError``)."""
        limits = httpx2.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS)
        with (
            httpx2.Client(limits=limits, timeout=30, follow_redirects=True) as client,
            ThreadPoolExecutor(CONNECTIONS) as threads,
        ):
            tasks = [threads.submit(self._fetch, client, jar, path) for jar, path in self._fetches.items()]
            try:
                done, _ = wait(tasks, return_when=FIRST_EXCEPTION)
            finally:  # on Ctrl-C too: what is under way stops at its next chunk
                self._stopped.set()
                threads.shutdown(cancel_futures=True)
        for task in done:
            task.result()

    def _fetch(self, client: httpx2.Client, jar: Jar, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        for attempt in range(1, ATTEMPTS + 1):
            if self._stopped.is_set():
                return
            try:
                self._fetch_once(client, jar, path)
                return
            except (httpx2.TransportError, httpx2.HTTPStatusError) as error:
                if attempt == ATTEMPTS or not _may_pass(error):
                    raise DownloadError(
                        f"{jar.file_name} did not come from {self._host} ({_reason(error)}): check the network and "
                        "its proxy, or name a mirror with PLURAL_MAVEN_URL; what did come is kept."
                    ) from error
            # Jitter, so that eight connections do not ask a struggling name server in step.
            self._stopped.wait(FIRST_PAUSE_SECONDS * 2**attempt * random.uniform(0.5, 1))  # noqa: S311

    def _fetch_once(self, client: httpx2.Client, jar: Jar, path: Path) -> None:
        part, digest, received = path.with_name(f"{path.name}.part"), hashlib.sha256(), 0
        try:
            with client.stream("GET", f"{self._url}/{jar.maven_path}") as response, part.open("wb") as file:
                response.raise_for_status()
                for chunk in response.iter_bytes():
                    self._check_stopped()
                    file.write(chunk)
                    digest.update(chunk)
                    received += len(chunk)
                    self._count(len(chunk))
            self._check(jar, digest.hexdigest())
            part.replace(path)
        except BaseException as error:
            part.unlink(missing_ok=True)
            self._count(-received)
            if not isinstance(error, _StoppedError):
                raise

    def _check_stopped(self) -> None:
        if self._stopped.is_set():
            raise _StoppedError

    def _check(self, jar: Jar, sha256: str) -> None:
        if sha256 != jar.sha256:
            raise ChecksumError(
                f"{jar.file_name} from {self._host} is not the locked one (SHA-256 {sha256[:12]}… instead of "
                f"{jar.sha256[:12]}…) and was not kept: try again, or name another mirror with PLURAL_MAVEN_URL."
            )

    def _count(self, received_bytes: int) -> None:
        with self._counting:
            self._step.advance(received_bytes)


class _StoppedError(Exception):
    """Another jar failed, or somebody pressed Ctrl-C."""


def _may_pass(error: httpx2.HTTPError) -> bool:
    return not isinstance(error, httpx2.HTTPStatusError) or error.response.status_code in PASSING_STATUS


def _reason(error: httpx2.HTTPError) -> str:
    if isinstance(error, httpx2.HTTPStatusError):
        return f"HTTP status {error.response.status_code}"
    return str(error) or type(error).__name__
