"""Who belongs to the communities of a run, and who of them counts in figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.sparse import csr_array

from app.jobs.run import Run
from app.taste.values import Ints, Matrix


@dataclass(frozen=True)
class People:
    """People who belong anywhere."""

    ids: tuple[str, ...]
    """Sorted."""
    communities: tuple[str, ...]
    """Sorted."""
    members: Matrix
    """Strengths, of shape (people, communities)."""

    @cached_property
    def place(self) -> dict[str, int]:
        """Position by id."""
        return {id_: place for place, id_ in enumerate(self.ids)}

    def members_among(self, ids: Sequence[str]) -> dict[str, Ints]:
        """Positions in ``ids`` of each community's members, rising; who is not there (erased meanwhile) is left out."""
        place = {id_: at for at, id_ in enumerate(ids)}
        places = np.array([place.get(id_, -1) for id_ in self.ids], dtype=np.int64)
        columns = self.members.tocsc()
        found: dict[str, Ints] = {}
        for at, community in enumerate(self.communities):
            members = np.sort(places[columns.indices[columns.indptr[at] : columns.indptr[at + 1]]])
            found[community] = members[members >= 0]
        return found


async def read_people(run: Run, *, all_: bool = False) -> People:
    """Read who counts, or ``all_`` who belong anywhere; the communities are all of the run."""
    rows = await run.db.run_long("portraits/read_members", tenant=run.tenant, run=run.id)
    communities = tuple(sorted({community for row in rows for community in row["communities"]}))
    place = {community: at for at, community in enumerate(communities)}
    counting = [row for row in rows if all_ or row["counts"]]
    source = [at for at, row in enumerate(counting) for _ in row["communities"]]
    target = [place[community] for row in counting for community in row["communities"]]
    strengths = [strength for row in counting for strength in row["strengths"]]
    cells = (np.asarray(source, dtype=np.int64), np.asarray(target, dtype=np.int64))
    members = csr_array((np.asarray(strengths, dtype=np.float64), cells), shape=(len(counting), len(communities)))
    return People(tuple(row["identity_id"] for row in counting), communities, members)
