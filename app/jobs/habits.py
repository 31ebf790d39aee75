"""Learns what members of shared logins are known by, and gives sessions that have ended to whom they belong."""

from collections.abc import Sequence
from itertools import groupby

from app.graph.audit import AuditTrail
from app.graph.database import Row
from app.graph.shared_sessions import SharedSessionGraph, pieces_of
from app.graph.times import to_ms
from app.jobs.run import Run
from app.recommend.habits import Counts, Deed, count_clues, learn_portrait
from app.services.hashing import tenant_hashers

PAGE = 50
"""Identities that are read at a time."""
CROWD = 200
"""Identities whose habits stand for anybody's."""
MOST_DEEDS = 500
"""Events of one identity that are looked at, the latest."""
CROWD_DEEDS = 50


async def settle_sessions(run: Run) -> None:
    """Settle what has ended, also anew where a consent has run out meanwhile."""
    graph = shared_sessions_of(run)
    with run.progress.step("Attributing sessions of shared logins"):
        await graph.reopen_lapsed(run.tenant)
        await graph.settle(run.tenant)
        await graph.remove_empty(run.tenant)


def shared_sessions_of(run: Run) -> SharedSessionGraph:
    """Where they are kept."""
    settings = run.settings
    audit = AuditTrail(tenant_hashers(settings))
    return SharedSessionGraph(
        run.db, audit, settings.evidence_rules, settings.attribution_threshold, settings.session_minutes
    )


async def write_habits(run: Run) -> int:
    """Write the run's KNOWS_HABITS records; their number. Needs the run's microgenres.

    Of those alone who consent to ``link_identities`` and share a login. What they are compared with, the crowd's
    counts, is kept nowhere.
    """
    with run.progress.step("Learning habits of members of shared logins"):
        rows = await run.db.run_long("attribution/choose_members", tenant=run.tenant, now=run.now)
        members = [row["id"] for row in rows]
        if not members:
            return 0
        crowd = await _count_crowd(run)
        for start in range(0, len(members), PAGE):
            deeds = await _read(run, members[start : start + PAGE], MOST_DEEDS)
            kept = [[id_, learn_portrait(done, crowd, *_age(run)).to_json()] for id_, done in deeds]
            await run.db.run_long("attribution/write_habits", tenant=run.tenant, run=run.id, rows=kept)
    return len(members)


async def _count_crowd(run: Run) -> Counts:
    """What anybody does."""
    rows = await run.db.run_long("attribution/choose_crowd", tenant=run.tenant, run=run.id, limit=CROWD)
    ids = [row["id"] for row in rows]
    found: list[Deed] = []
    for start in range(0, len(ids), PAGE):
        found += [deed for _, deeds in await _read(run, ids[start : start + PAGE], CROWD_DEEDS) for deed in deeds]
    return count_clues(found, *_age(run))


async def _read(run: Run, ids: Sequence[str], most: int) -> list[tuple[str, list[Deed]]]:
    rows = await run.db.run_long(
        "attribution/read_deeds", tenant=run.tenant, run=run.id, identity_ids=list(ids), limit=most
    )
    return [(id_, [_deed(row) for row in mine]) for id_, mine in groupby(rows, key=lambda row: row["identity_id"])]


def _deed(row: Row) -> Deed:
    return Deed(row["at_ms"], pieces_of(row["pieces"]), row["channel"], row["device"], row["bought"])


def _age(run: Run) -> tuple[int, float]:
    return to_ms(run.now), run.settings.decay_days
