"""Settles the orders that were written before there was a rule for it."""

from functools import partial

from app.graph.batch_lookup import lock_orders
from app.graph.database import Transaction
from app.graph.orders import settle_orders
from app.graph.retries import retrying
from app.jobs.run import Run

PAGE = 200
"""Orders a transaction."""


async def settle_all_orders(run: Run) -> int:
    """Settle what more than one message speaks of; the number of such orders, 0 when it was done before.

    Events keep orders settled; the likes that follow are summed anew after this, as of all whose rules changed.
    """
    state = (await run.db.run_long("refresh/read_state", tenant=run.tenant))[0]
    if not state["unsettled"]:
        return 0
    rows = await run.db.run_long("refresh/find_disputed_orders", tenant=run.tenant)
    order_ids = [row["order_id"] for row in rows]
    with run.progress.step("Settling orders", len(order_ids), "orders") as step:
        for start in range(0, len(order_ids), PAGE):
            page = order_ids[start : start + PAGE]
            work = partial(_settle, run.tenant, page)
            await retrying(lost_too=True)(run.db.transact, work, tenant=run.tenant, timeout_seconds=600)
            step.advance(len(page))
    return len(order_ids)


async def _settle(tenant: str, order_ids: list[str], transaction: Transaction) -> None:
    await lock_orders(transaction, tenant, order_ids)
    await settle_orders(transaction, tenant, order_ids)
