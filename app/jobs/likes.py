"""Sums all LIKES anew when the evidence rules have changed since they were written."""

import json
from dataclasses import asdict

from app.graph.database import Transaction
from app.graph.interactions import recount_all
from app.jobs.run import Run

FORM = 2
"""Of what LIKES carry; raised where they carry more than before, so that those from before are summed anew."""
PAGE = 50
"""Identities a transaction."""


async def recount_all_likes(run: Run) -> int:
    """Bring every LIKES to today's evidence rules; the number of identities recounted, 0 when they fit already.

    Events keep LIKES fresh under the rules of their day; only a changed rule makes this necessary.
    """
    rules = json.dumps({**asdict(run.settings.evidence_rules), "form": FORM}, sort_keys=True)
    state = (await run.db.run_long("refresh/read_state", tenant=run.tenant))[0]
    recounted = 0
    if state["evidence_rules"] not in (None, rules):
        rows = await run.db.run_long("refresh/count_identities", tenant=run.tenant)
        with run.progress.step("Weighing all evidence anew", rows[0]["identities"], "identities") as step:
            after = ""
            while page := await _page(run, after):
                await _recount(run, page)
                step.advance(len(page))
                recounted += len(page)
                after = page[-1]
    await run.db.run_long("refresh/keep_rules", tenant=run.tenant, evidence_rules=rules)
    return recounted


async def _page(run: Run, after: str) -> list[str]:
    rows = await run.db.run_long("refresh/find_identity_page", tenant=run.tenant, after=after, limit=PAGE)
    return [row["id"] for row in rows]


async def _recount(run: Run, identity_ids: list[str]) -> None:
    """Sum the likes of some identities from all their interactions, in one transaction."""
    rules = run.settings.evidence_rules

    async def work(transaction: Transaction) -> None:
        await recount_all(transaction, run.tenant, identity_ids, rules)

    await run.db.transact(work, tenant=run.tenant, timeout_seconds=600)
