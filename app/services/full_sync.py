"""Use case: a feed that is the whole catalogue; what it does not name is withdrawn, and keeps its history."""

from collections.abc import AsyncIterator, Sequence, Set
from dataclasses import dataclass
from typing import Protocol

from app.domain.errors import InvalidError

MOST_LEAVING = 0.2
"""Share of what is offered that a feed may leave out without being asked: a cut file leaves out much."""

ROWS_A_COMMIT = 1_000


class SyncedStore(Protocol):
    """Where the catalogue is kept."""

    def list_standing(self, tenant: str) -> AsyncIterator[Sequence[str]]:
        """Yield ids of what the shop has put into its catalogue and not withdrawn, page by page."""
        ...

    async def withdraw(self, tenant: str, product_ids: Sequence[str]) -> int:
        """Take products out of every answer; how many of them there are."""
        ...


@dataclass(frozen=True, slots=True)
class Leaving:
    """What a feed does not name any more."""

    ids: tuple[str, ...]
    standing: int
    """Products of the catalogue, those that leave included."""
    unreadable: int = 0
    """Rows that could not be read: nobody knows which products they are."""

    def check(self) -> None:
        """Raise ``InvalidError`` where this is more than a feed leaves out from one day to the next."""
        if self.unreadable:
            raise InvalidError(
                f"{self.unreadable:,} rows cannot be read, so their products would be withdrawn. Nothing was written: "
                "mend the file, or run it again with --yes."
            )
        if len(self.ids) > MOST_LEAVING * self.standing:
            raise InvalidError(
                f"{len(self.ids):,} of {self.standing:,} products are not in the feed and would be withdrawn. Nothing "
                "was written: if that is meant, run it again with --yes."
            )


async def find_leaving(store: SyncedStore, tenant: str, named: Set[str], unreadable: int = 0) -> Leaving:
    """Find what is in the catalogue, and not among what a feed names, whether or not its rows can be used."""
    ids: list[str] = []
    standing = 0
    async for page in store.list_standing(tenant):
        standing += len(page)
        ids += [id_ for id_ in page if id_ not in named]
    return Leaving(tuple(ids), standing, unreadable)


async def withdraw_leaving(store: SyncedStore, tenant: str, leaving: Leaving) -> int:
    """Withdraw what left, commit by commit; how many."""
    withdrawn = 0
    for start in range(0, len(leaving.ids), ROWS_A_COMMIT):
        withdrawn += await store.withdraw(tenant, leaving.ids[start : start + ROWS_A_COMMIT])
    return withdrawn
