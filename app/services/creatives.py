"""Use case: a marketer brings pictures and words; the next decision uses them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from cachetools import TTLCache

from app.domain import clock
from app.domain.creatives import Creative, KnownCreative
from app.domain.errors import ConflictError, InvalidError, NotFoundError
from app.services.pages import Page, take_page

BELIEVED_SECONDS = 5.0
"""So long another process may go by what it has read, and so long a creative outlives the last piece of its product."""
_MOST_TENANTS = 1_000
PICTURE_SECONDS = 10.0
"""So long a picture may take to come, when it is looked at."""


class CreativeStore(Protocol):
    """Where creatives are kept."""

    async def read(self, tenant: str, now: datetime, creative_id: str | None = None) -> list[KnownCreative]:
        """The creatives of a tenant by id, or the one of this id."""
        ...

    async def write(self, tenant: str, creatives: Sequence[Creative], at: datetime, actor: str) -> None:
        """Keep creatives, each in place of the one of its id."""
        ...

    async def note_picture(self, tenant: str, creative_id: str, link: str, dead: str | None) -> None:
        """Keep why a creative's picture could not be fetched, or that it could."""
        ...

    async def delete(self, tenant: str, creative_id: str, actor: str) -> bool:
        """Forget a creative; whether there was one."""
        ...


class PictureSource(Protocol):
    """The open internet, within bounds."""

    async def check(self, url: str) -> None:
        """See whether a file is there; ``InvalidError`` says why not."""
        ...


class CreativeBook:
    """Reads and changes creatives; one a process."""

    def __init__(
        self, store: CreativeStore, pictures: PictureSource | None = None, believed_seconds: float = BELIEVED_SECONDS
    ) -> None:
        """``pictures`` may be left out where none is checked."""
        self._store = store
        self._pictures = pictures
        self._believed = TTLCache[str, list[KnownCreative]](_MOST_TENANTS, believed_seconds)

    async def all_of(self, tenant: str) -> list[KnownCreative]:
        """All of a tenant, by id, as they were a few seconds ago at most; those put by this process as they are."""
        if (believed := self._believed.get(tenant)) is None:
            believed = await self._store.read(tenant, clock.now())
            self._believed[tenant] = believed
        return believed

    async def page(self, tenant: str, after: str | None, limit: int) -> Page[KnownCreative]:
        """Return a page of the list."""
        return take_page(await self._store.read(tenant, clock.now()), lambda one: one.creative.id, after, limit)

    async def find(self, tenant: str, creative_id: str) -> KnownCreative:
        """Return one; ``NotFoundError`` when there is none of that id."""
        found = await self._store.read(tenant, clock.now(), creative_id)
        if not found:
            raise NotFoundError("There is no creative of this id.")
        return found[0]

    async def check_picture(self, tenant: str, creative_id: str) -> KnownCreative:
        """See whether a creative's picture is there; until it is, the creative is not used.

        Raises ``NotFoundError``, and ``ConflictError`` for one without a picture.
        """
        found = await self.find(tenant, creative_id)
        link = found.creative.image_link
        if link is None or self._pictures is None:
            raise ConflictError("This creative has no picture.")
        dead = None
        try:
            await self._pictures.check(link)
        except InvalidError as error:
            dead = str(error)
        await self._store.note_picture(tenant, creative_id, link, dead)
        self._believed.pop(tenant, None)
        return await self.find(tenant, creative_id)

    async def put(self, tenant: str, creatives: Sequence[Creative], actor: str) -> None:
        """Keep creatives, each in place of the one of its id; of equal ids the last one stands."""
        if creatives:
            latest = {one.id: one for one in creatives}
            await self._store.write(tenant, list(latest.values()), clock.to_milliseconds(clock.now()), actor)
            self._believed.pop(tenant, None)

    async def delete(self, tenant: str, creative_id: str, actor: str) -> None:
        """Forget a creative; ``NotFoundError`` when there is none of that id."""
        was_there = await self._store.delete(tenant, creative_id, actor)
        self._believed.pop(tenant, None)
        if not was_there:
            raise NotFoundError("There is no creative of this id.")
