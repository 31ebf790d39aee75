"""Claims: a signed-in identity says that what was done in an anonymous session was its own doing. No I/O."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.domain.errors import ConflictError, NotFoundError
from app.domain.models import IdentityKind


@dataclass(frozen=True, slots=True)
class Claim:
    """One identity's word on one session; undone, it leaves nothing behind."""

    id: str
    identity_id: str
    session_id: str
    at: datetime
    interactions: int
    """That became the identity's evidence by this call."""


@dataclass(frozen=True, slots=True)
class SessionShare:
    """Somebody who did something in a session, and who has claimed it."""

    owner: str
    kind: IdentityKind
    claimer: str | None = None
    claim_id: str | None = None


def claim_to_extend(identity_id: str, kind: IdentityKind | None, session: Sequence[SessionShare]) -> str | None:
    """The identity's claim on the session that is there already; ``None`` when it may make one.

    Raises ``NotFoundError`` when there is no such identity (``kind`` is ``None``) or nothing was done in the session,
    ``ConflictError`` when the one who claims is anonymous, or the session is somebody else's or claimed by them.
    """
    if kind is None:
        raise NotFoundError("There is no such identity.")
    if not session:
        raise NotFoundError("Nothing was done in such a session.")
    if kind == "anonymous":
        raise ConflictError("An anonymous identity cannot claim a session; put the identity first.")
    if any(share.kind != "anonymous" and share.owner != identity_id for share in session):
        raise ConflictError("The session belongs to an identity that has a name.")
    if all(share.owner == identity_id for share in session):
        raise ConflictError("The session is this identity's own; there is nothing to claim.")
    if any(share.claimer not in (None, identity_id) for share in session):
        raise ConflictError("The session was claimed by another identity.")
    return next((share.claim_id for share in session if share.claimer == identity_id), None)
