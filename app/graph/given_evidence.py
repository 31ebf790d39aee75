"""Evidence that was given to an identity and may be taken from it again, with its likes (cypher/attribution/)."""

from collections.abc import Sequence

from app.domain.evidence import EvidenceRules
from app.graph.database import Row, Transaction
from app.graph.interactions import recount_likes
from app.recommend.session import Who


async def recount(
    transaction: Transaction, tenant: str, identity_id: str, rows: Sequence[Row], rules: EvidenceRules
) -> None:
    """Count the likes anew that interactions touch which were given to an identity, or taken from it."""
    touched = {product_id for row in rows for product_id in row["product_ids"]}
    await recount_likes(transaction, tenant, identity_id, touched, rules)


def claim_id_of(session_id: str) -> str:
    """By which id it is undone that a session was given to somebody."""
    return f"posterior:{session_id}"


async def end_given(
    transaction: Transaction, tenant: str, session_id: str, rules: EvidenceRules, *, keep: str | None = None
) -> list[tuple[str, str, int]]:
    """Take the evidence of a session from whom it was given to, but for ``keep``: (identity, session, interactions)."""
    ended: list[tuple[str, str, int]] = []
    for row in await transaction.run("attribution/find_given", tenant=tenant, session_id=session_id):
        identity_id = row["identity_id"]
        if identity_id == keep:
            continue
        await transaction.run("claims/lock_claimer", tenant=tenant, identity_id=identity_id)
        rows = await transaction.run("claims/end_claim", tenant=tenant, identity_id=identity_id, id=row["id"])
        await recount(transaction, tenant, identity_id, rows, rules)
        ended.append((identity_id, session_id, len(rows)))
    return ended


async def write_attribution(transaction: Transaction, tenant: str, session_id: str, who: Who, run: str | None) -> None:
    """Say on an edge whose a session is (attribution/write_attribution.cypher)."""
    await transaction.run(
        "attribution/write_attribution",
        tenant=tenant,
        session_id=session_id,
        identity_id=who.identity_id,
        p=who.confidence,
        method=who.method,
        model=run,
    )
