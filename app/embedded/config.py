"""What the server is told: neo4j.conf and the Java command line."""

import os
from dataclasses import dataclass
from pathlib import Path

import psutil

from app.embedded.java import Java

MAIN_CLASS = "org.neo4j.server.Neo4jCommunity"
LOOPBACK = "127.0.0.1"

JVM_FLAGS = (
    "-XX:+UseG1GC",
    "-XX:-OmitStackTraceInFastThrow",
    "-XX:+UnlockExperimentalVMOptions",
    "-XX:+TrustFinalNonStaticFields",
    "-XX:+DisableExplicitGC",
    "-Dio.netty.tryReflectionSetAccessible=true",
    "--add-opens=java.base/java.nio=ALL-UNNAMED",
    "--add-opens=java.base/java.io=ALL-UNNAMED",
    "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
    "--add-opens=java.base/java.util.concurrent=ALL-UNNAMED",
    "--enable-native-access=ALL-UNNAMED",
    "-Dlog4j2.disable.jmx=true",
    "-Dfile.encoding=UTF-8",
    "-Djava.awt.headless=true",
)
COMMON_SETTINGS = {
    # Browser and nothing else: it queries by Bolt, so nobody needs a second way in.
    "server.http_enabled_modules": "BROWSER",
    "dbms.security.procedures.unrestricted": "gds.*",
    # Neither the server nor Browser tells anybody about its use.
    "dbms.usage_report.enabled": "false",
    "client.allow_telemetry": "false",
    "db.query.default_language": "CYPHER_25",
    "db.logs.query.enabled": "OFF",
    # What was erased must not live on in old logs: those before the last checkpoint go with it.
    "db.tx_log.rotation.retention_policy": "keep_none",
    "db.tx_log.rotation.size": "16M",
    "db.checkpoint.interval.time": "5m",
    # Its stores are closed by then; the default keeps a stop waiting 10 s for idle threads.
    "internal.server.bolt.thread_pool_shutdown_wait_time": "1s",
    "gds.progress_tracking_retention_period": "5s",
}
"""What every server of ours is told, the embedded one and the container's of docker-compose.yml."""

# Java 21 knows neither: without the first the use of Unsafe warns, with the second rankings are faster by a fifth.
JVM_FLAGS_FROM_25 = ("--sun-misc-unsafe-memory-access=allow", "-XX:+UseCompactObjectHeaders")


USER_LOGS = """<?xml version="1.0" encoding="UTF-8"?>
<Configuration status="ERROR">
  <Appenders>
    <Console name="Console" target="SYSTEM_OUT">
      <PatternLayout pattern="%d{yyyy-MM-dd HH:mm:ss.SSSZ}{GMT+0} %-5p %m%n"/>
      <RegexFilter regex="\\[gid-.*" onMatch="DENY" onMismatch="NEUTRAL"/>
    </Console>
  </Appenders>
  <Loggers>
    <Root level="INFO"><AppenderRef ref="Console"/></Root>
  </Loggers>
</Configuration>
"""
"""What the server says goes to its output, which is console.log, and not into neo4j.log a second time.

Progress of GDS (its lines begin with the id of a job) is in debug.log, which Neo4j rotates, and nowhere else.
"""


@dataclass(frozen=True)
class ServerConfig:
    """Where the server keeps its things, where it listens (loopback only) and how much memory it may take."""

    home: Path
    bolt_port: int
    http_port: int
    heap_mb: int
    page_cache_mb: int

    @property
    def conf_folder(self) -> Path:
        """Folder of neo4j.conf."""
        return self.home / "conf"

    def write(self, jars: Path) -> None:
        """Make the server's folders below ``home`` and write neo4j.conf and user-logs.xml."""
        for folder in (self.conf_folder, self.home / "logs", self.home / "import", self.home / "run"):
            folder.mkdir(exist_ok=True)
        (self.conf_folder / "neo4j.conf").write_text(self.neo4j_conf(jars), encoding="utf-8")
        (self.conf_folder / "user-logs.xml").write_text(USER_LOGS, encoding="utf-8")

    def neo4j_conf(self, jars: Path) -> str:
        """Text of neo4j.conf for the jars in ``jars``.

        Only loopback is served, yet a password is asked for: other users of the machine reach it, and so do web pages
        in the user's browser, to which Bolt answers as a WebSocket without asking where they come from.
        """
        bolt, http = f"{LOOPBACK}:{self.bolt_port}", f"{LOOPBACK}:{self.http_port}"
        settings = {
            "server.directories.data": self.home / "data",
            "server.directories.transaction.logs.root": self.home / "data" / "transactions",
            "server.directories.logs": self.home / "logs",
            "server.directories.run": self.home / "run",
            "server.directories.import": self.home / "import",
            "server.directories.plugins": jars / "plugins",
            "server.directories.lib": jars / "lib",
            "server.default_listen_address": LOOPBACK,
            "server.bolt.listen_address": bolt,
            "server.bolt.advertised_address": bolt,
            "server.http.listen_address": http,
            "server.http.advertised_address": http,
            "server.https.enabled": "false",
            "dbms.security.http_access_control_allow_origin": f"http://{http}",
            # The password is 192 random bits: nobody guesses it, but guessing could lock its owner out.
            "dbms.security.auth_max_failed_attempts": "0",
            **COMMON_SETTINGS,
            "server.memory.pagecache.size": f"{self.page_cache_mb}m",
        }
        return "".join(f"{name}={value}\n" for name, value in settings.items())

    def command(self, java: Java, jars: Path) -> list[str]:
        """Command line of the server. ``--home-dir`` is how a running one is recognised."""
        class_path = f"{jars / 'plugins'}/*{os.pathsep}{jars / 'lib'}/*"
        flags = JVM_FLAGS + (JVM_FLAGS_FROM_25 if java.major >= 25 else ())
        places = [home_argument(self.home), f"--config-dir={self.conf_folder}", "--console-mode"]
        heap = ["-Xms512m", f"-Xmx{self.heap_mb}m"]
        return [str(java.program), "-cp", class_path, *heap, *flags, MAIN_CLASS, *places]


def home_argument(home: Path) -> str:
    """The word on the command line that tells one folder's server from another's."""
    return f"--home-dir={home}"


def has_database(home: Path) -> bool:
    """Whether a server of ``home`` came so far as to make its databases."""
    return (home / "data" / "databases").exists()


def default_heap_mb() -> int:
    """A quarter of the machine's memory, within 1 and 4 GiB."""
    quarter = psutil.virtual_memory().total // (4 * 2**20)
    return max(1024, min(4096, quarter))
