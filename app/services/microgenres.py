"""Use case: look at microgenres, and call one by a better name."""

from datetime import datetime
from typing import Protocol

from app.domain.communities import Genre
from app.domain.errors import ConflictError, NotFoundError
from app.services.pages import Page, take_page


class GenreStore(Protocol):
    """Where microgenres are kept."""

    async def read_genres(self, tenant: str, genre_id: str | None = None) -> list[Genre]:
        """Those of the active run, by id; with an id only that one."""
        ...

    async def name_genre(self, tenant: str, genre_id: str, name: str, at: datetime, actor: str) -> str | None:
        """Name one; the id of another that is called so already (nothing is written then).

        Raises ``NotFoundError``.
        """
        ...


async def list_genres(store: GenreStore, tenant: str, after: str | None, limit: int) -> Page[Genre]:
    """Microgenres, those with most products first."""
    found = sorted(await store.read_genres(tenant), key=lambda one: (-(one.products or 0), len(one.id), one.id))
    return take_page(found, lambda one: one.id, after, limit)


async def find_genre(store: GenreStore, tenant: str, genre_id: str) -> Genre:
    """One microgenre of the active run; ``NotFoundError``."""
    found = await store.read_genres(tenant, genre_id)
    if not found:
        raise NotFoundError("There is no such microgenre.")
    return found[0]


async def name_genre(store: GenreStore, tenant: str, genre_id: str, name: str, at: datetime, actor: str) -> Genre:
    """Give a microgenre a name that every later run keeps.

    Raises ``NotFoundError``, and ``ConflictError`` when another one is called so.
    """
    taken_by = await store.name_genre(tenant, genre_id, name, at, actor)
    if taken_by is not None:
        raise ConflictError("Another microgenre is called so; two of one name could not be told apart.", (taken_by,))
    return await find_genre(store, tenant, genre_id)
