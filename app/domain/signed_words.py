"""What the service has signed so that it can be handed out and shown again: nobody can make one up. No I/O."""

import binascii
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from typing import Any

from app.domain.hashing import Hasher

LONGEST = 2_000
"""Characters; an id may need four bytes a character."""


def sign_fields(hasher: Hasher, purpose: str, fields: Mapping[str, object]) -> str:
    """Sign fields for the hasher's tenant: letters, digits, ``-``, ``_``, ``=`` and one point."""
    text = json.dumps(dict(fields), separators=(",", ":")).encode()
    said = urlsafe_b64encode(text).decode()
    return f"{said}.{hasher.sign(purpose, said)}"


def read_fields(hasher: Hasher, purpose: str, text: str) -> dict[str, Any] | None:
    """Read what ``sign_fields`` wrote for the same tenant and purpose; ``None`` for any other text."""
    if len(text) > LONGEST:
        return None
    said, _, signature = text.partition(".")
    if not hasher.is_signed(purpose, said, signature):
        return None
    try:
        return json.loads(urlsafe_b64decode(said))
    except (binascii.Error, ValueError):  # signed by another version of this service
        return None
