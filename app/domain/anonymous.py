"""Names of identities, sessions and events that have none of their own. No I/O."""

import hashlib

MAX_ID = 200
"""Characters of an id."""


def anonymous_identity(session_id: str | None, event_id: str) -> str:
    """Whose event it is that names nobody: its session's, which may go on, else nobody's but its own."""
    kind, id_ = ("session", session_id) if session_id is not None else ("event", event_id)
    name = f"{kind}:{id_}"
    return name if len(name) <= MAX_ID else derived_id(kind, id_)


def derived_id(prefix: str, *parts: object) -> str:
    """Name something that has no id of its own by what it says, so that sending it again changes nothing."""
    digest = hashlib.sha256("\x1f".join(str(part) for part in parts).encode("utf-8", "replace"))
    return f"{prefix}-{digest.hexdigest()[:40]}"
