"""Which ids a run carries on: what the run before found, and the highest numbers that ids ever had."""

from collections.abc import Sequence

import numpy as np

from app.graph.database import Row
from app.jobs.run import Run
from app.taste.lineage import Former
from app.taste.values import Ints


def former_of(rows: Sequence[Row], products: Sequence[str], last_number: int) -> Former:
    """What the run before found, over today's ``products``; rows have id, size and product_ids."""
    places = {product: place for place, product in enumerate(products)}
    parts: Ints = np.full(len(products), -1, dtype=np.int64)
    for number, row in enumerate(rows):
        parts[[places[product] for product in row["product_ids"] if product in places]] = number
    sizes = {row["id"]: row["size"] for row in rows}
    return Former(parts, tuple(row["id"] for row in rows), sizes, last_number)


async def read_last_numbers(run: Run) -> tuple[int, int]:
    """The highest numbers that a community and a microgenre of the tenant ever had."""
    rows = await run.db.run_long("communities/read_numbers", tenant=run.tenant)
    return rows[0]["community"], rows[0]["genre"]


async def keep_last_numbers(run: Run, *, community: int = 0, genre: int = 0) -> None:
    """Remember numbers that were given out; kept even when the run dies, so that none is given twice."""
    await run.db.run_long("communities/keep_numbers", tenant=run.tenant, community=community, genre=genre)
