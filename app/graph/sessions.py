"""Notes which sessions are on a login, with the events that say so (attribution/note_sessions.cypher)."""

from collections.abc import Sequence
from typing import Any

from app.domain.models import Interaction
from app.graph.database import Transaction
from app.graph.times import to_ms


async def note_sessions(transaction: Transaction, tenant: str, fresh: Sequence[Interaction]) -> None:
    """Keep which sessions are on a login; nothing where none is."""
    rows: dict[str, dict[str, Any]] = {}
    for one in fresh:
        if one.session_id is not None and is_on_login(one):
            row = rows.setdefault(one.session_id, {"session_id": one.session_id, "last_ms": 0})
            row["account_id"] = one.account_id or row.get("account_id")
            row["hinted_id"] = one.hinted_id or row.get("hinted_id")
            row["last_ms"] = max(row["last_ms"], to_ms(one.at))
    if rows:
        ordered = [rows[id_] for id_ in sorted(rows)]
        await transaction.run("attribution/note_sessions", tenant=tenant, rows=ordered)


def is_on_login(interaction: Interaction) -> bool:
    """Whether an event named a login, or somebody who shares one: whose it is is not known yet."""
    return interaction.account_id is not None or interaction.hinted_id is not None
