"""Decisions in the graph: one node an answer, linked to the identity where it consented."""

import json
from collections.abc import Sequence

from app.domain.recommendation import Decision
from app.graph.database import Database


class DecisionGraph:
    """Keeps decisions as ``(:Decision)``; implements ``DecisionStore``."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def write_decisions(self, tenant: str, decisions: Sequence[Decision]) -> None:
        """Keep decisions (cypher/decisions/write_decisions.cypher); a replay changes nothing."""
        await self._db.write("decisions/write_decisions", tenant=tenant, rows=decision_rows(decisions))


def decision_rows(decisions: Sequence[Decision]) -> list[dict[str, object]]:
    """Rows of decisions/write_decisions, by identity, as the event writer locks them, so that both rarely deadlock."""
    return [_row(decision) for decision in sorted(decisions, key=lambda decision: decision.identity_id or "")]


def _row(decision: Decision) -> dict[str, object]:
    items = decision.items
    return {
        "id": decision.id,
        "identity_id": decision.identity_id,
        "properties": {
            "at": decision.at,
            "channel": decision.channel,
            "placement": decision.placement,
            "scenario": decision.scenario,
            "outcome": decision.outcome,
            "run": decision.run_id,
            "product_ids": [item.product_id for item in items],
            "sources": [item.source for item in items],
            "scores": [item.score for item in items],
            "propensities": [item.propensity for item in items],
            **_pinned(decision),
            **_choices(decision),
            **_drawn(decision),
            **_arm(decision),
        },
    }


def _choices(decision: Decision) -> dict[str, object]:
    choices = decision.choices
    if not choices:
        return {}
    return {
        "creative_ids": [one.creative_id for one in choices],
        "creative_propensities": [one.chance for one in choices],
        "community_ids": [id_ for id_, _ in decision.communities],
        "community_weights": [weight for _, weight in decision.communities],
        "deterministic": [one.is_deterministic for one in choices],
        "eligible_creatives": [json.dumps(dict(one.eligible), ensure_ascii=False) for one in choices],
    }


def _drawn(decision: Decision) -> dict[str, object]:
    """What may have stood at each place: the chances follow from it (``chances_at``), so they are not written out."""
    drawn = decision.drawn
    if drawn is None:
        return {}
    return {
        "candidate_ids": [one.product_id for one in drawn.candidates],
        "candidate_scores": [one.score for one in drawn.candidates],
        "exploration": drawn.exploration,
        "first_place": drawn.first_place,
    }


def _pinned(decision: Decision) -> dict[str, object]:
    is_pinned = [item.source == "pinned" for item in decision.items]
    return {"deterministic": is_pinned} if any(is_pinned) else {}


def _arm(decision: Decision) -> dict[str, object]:
    assigned = decision.experiment
    return {"experiment": assigned.experiment_id, "arm": assigned.arm, "unit": assigned.unit} if assigned else {}
