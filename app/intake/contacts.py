"""What events say of contacts beside what they are kept as: whoever unsubscribes takes a consent back."""

from collections.abc import Iterable

from app.domain import clock
from app.domain.anonymous import derived_id
from app.domain.channels import CHANNELS, PURPOSE_OF
from app.domain.models import Consent, Interaction


def withdrawals_of(interactions: Iterable[Interaction]) -> list[tuple[str, Consent]]:
    """Consents that ``unsubscribed`` events take back, by identity; an event that is sent again says nothing new."""
    return [
        (
            one.identity_id,
            Consent(
                derived_id("unsubscribed", one.id),
                PURPOSE_OF[one.channel],
                "withdrawn",
                clock.to_milliseconds(one.at),
                source="unsubscribed",
            ),
        )
        for one in interactions
        if one.type == "unsubscribed" and one.channel in CHANNELS
    ]
