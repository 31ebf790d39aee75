"""Use case: look at how exposed a shop is to logins and devices that several identities use, as it was published."""

from typing import Protocol

from app.domain.exposure import Exposure


class ExposureStore(Protocol):
    """Where what was published is kept."""

    async def read(self, tenant: str) -> Exposure | None:
        """What was published of the whole shop; ``None`` where nothing was yet."""
        ...
