"""What a log of consent records means at a moment; consent only narrows."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from app.domain.models import Consent, Purpose

Effective = Literal["granted", "denied"]


def effective_consent(records: Iterable[Consent], purpose: Purpose, at: datetime) -> Effective:
    """Say whether ``purpose`` is allowed at the time ``at``.

    The latest record that is not in the future decides; absent, withdrawn or expired is denied; of records at one
    time the stricter decides. The order of ``records`` does not matter.
    """
    known = [record for record in records if record.purpose == purpose and record.at <= at]
    if not known:
        return "denied"
    latest = max(record.at for record in known)
    deciding = [record for record in known if record.at == latest]
    return "granted" if all(is_live(record, at) for record in deciding) else "denied"


def is_live(record: Consent, at: datetime) -> bool:
    """Say whether a record grants and has not expired at ``at``."""
    return record.status == "granted" and (record.expires_at is None or record.expires_at > at)
