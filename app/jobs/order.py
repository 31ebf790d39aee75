"""What people come to next, as records of the run."""

import asyncio

from app.jobs.edges import write_edges
from app.jobs.run import Run
from app.taste.order import OrderRules, find_next, in_order
from app.taste.values import Edges, Likes, heaviest_first

RULES = OrderRules()


def learn_next(likes: Likes) -> Edges:
    """Edges from product to product (``find_next``), by when each was seen last; none where times are not known."""
    if likes.moments is None:
        return Edges(likes.likers[:0], likes.likers[:0], likes.edges.weight[:0])
    sequence = in_order(likes.edges.source, likes.edges.target, likes.moments.last_ms)
    return find_next(sequence, likes.likers, RULES)


async def write_next(run: Run, likes: Likes) -> int:
    """Write the run's LEADS_ON_IN records; the number of weights."""
    with run.progress.step("Learning what comes next"):
        found = await asyncio.to_thread(learn_next, likes)
    with run.progress.step("Writing what comes next", len(found), "edges") as step:
        return await write_edges(run, "refresh/write_next", heaviest_first(found), likes.products, likes.products, step)
