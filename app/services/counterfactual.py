"""Use case: how an answer would be without a part of the history; nothing is written, nothing is logged."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from app.domain.counterfactual import Counterfactual, Without, changed_likes, moves
from app.domain.evidence import EvidenceRules
from app.domain.models import Interaction, Purpose
from app.domain.recommendation import NOTHING, Item, LeftOut, Ranking, RecommendationRequest


class EvidenceReader(Protocol):
    """Where the evidence behind an identity's likes is."""

    async def read_evidence(
        self, tenant: str, identity_id: str, purpose: Purpose, now: datetime | None
    ) -> Sequence[Interaction]:
        """All that it did, oldest first; nothing without its consent for the purpose."""
        ...


class Imagining(Protocol):
    """Answers without a trace."""

    async def imagine(
        self, tenant: str, request: RecommendationRequest, now: datetime | None, left_out: LeftOut
    ) -> tuple[Ranking, tuple[Item, ...]]:
        """Rank, and fill the places by rank."""
        ...


class Counterfactuals:
    """Compares two answers of one moment."""

    def __init__(self, recommender: Imagining, evidence: EvidenceReader, rules: EvidenceRules) -> None:
        self._recommender = recommender
        self._evidence = evidence
        self._rules = rules

    async def compare(
        self, tenant: str, request: RecommendationRequest, without: Without, now: datetime | None = None
    ) -> Counterfactual:
        """Answer with the history as it is and ``without``, both without drawing places by lot.

        Whoever has not consented, or is not there, is answered as anybody: the same twice.
        """
        left_out = await self._left_out(tenant, request, without, now)
        ranking, before = await self._recommender.imagine(tenant, request, now, NOTHING)
        _, after = await self._recommender.imagine(tenant, request, now, left_out)
        outcome = "granted" if ranking.granted else "contextual_only"
        return Counterfactual(outcome, ranking.run, before, after, moves(before, after))

    async def _left_out(
        self, tenant: str, request: RecommendationRequest, without: Without, now: datetime | None
    ) -> LeftOut:
        """Turn what is imagined into what the ranking leaves out."""
        evidence: Sequence[Interaction] = ()
        # Whom identifiers name is looked for even where they name nobody, so that both take as long.
        if without.reads_evidence and (request.identity_id is not None or request.method != "asserted"):
            identity_id = request.identity_id or ""
            evidence = await self._evidence.read_evidence(tenant, identity_id, request.purpose, now)
        likes = changed_likes(evidence, without, self._rules)
        return LeftOut(without.product_ids, without.interaction_ids, without.community, likes)
