"""The password of a home's server: made once, kept in its folder, known to Neo4j before its first start."""

import hashlib
import secrets
from pathlib import Path

from app.embedded.config import has_database
from app.embedded.disk import explained
from app.embedded.errors import FolderError

USER = "neo4j"
HASH_ROUNDS = 1024  # what Neo4j 2026.01 takes with SHA-256


def password_file(home: Path) -> Path:
    """Where the password of the server of ``home`` is, readable by the folder's owner only."""
    return home / "password"


def read_password(home: Path) -> str:
    """Return the password of the server of ``home``; ``FolderError`` when it cannot be read."""
    with explained(home):
        return password_file(home).read_text(encoding="ascii").strip()


def prepare_password(home: Path) -> None:
    """Make a password unless there is one, and hand its hash to the first start of the server.

    Neo4j reads ``auth.ini`` when it makes its system database, and never again. Writing it here instead of by
    ``neo4j-admin dbms set-initial-password`` saves a start of Java, and keeps the password off a command line that
    every user of the machine can read. Raises ``FolderError`` when the password of a database that exists is lost.
    """
    kept, handed_over = password_file(home), home / "data" / "dbms" / "auth.ini"
    with explained(home):
        if not kept.exists():
            if has_database(home):
                raise FolderError(
                    f"The password of the database in {home} is lost: put {kept} back, or remove the folder to begin "
                    "anew."
                )
            _write_secret(kept, f"{secrets.token_urlsafe(24)}\n")
        if not handed_over.exists():
            handed_over.parent.mkdir(parents=True, exist_ok=True)
            _write_secret(handed_over, f"{USER}:{hash_password(read_password(home), secrets.token_bytes(32))}:\n")


def hash_password(password: str, salt: bytes) -> str:
    """Return the credential as Neo4j writes it: algorithm, hash and salt in hex, number of rounds."""
    digest = salt + password.encode()
    for _ in range(HASH_ROUNDS):
        digest = hashlib.sha256(digest).digest()
    return f"SHA-256,{digest.hex()},{salt.hex()},{HASH_ROUNDS}"


def _write_secret(path: Path, text: str) -> None:
    """Write a file of mode 0600, whole or not at all."""
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    draft.write_text(text, encoding="ascii")
    draft.replace(path)
