"""Who belongs to the communities of a run, and who of them counts in figures."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.sparse import csr_array

from app.jobs.run import Run
from app.taste.values import Matrix


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
