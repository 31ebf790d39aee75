"""What an identity would be shown, were some of its history not there. No I/O."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from app.domain.evidence import EvidenceRules, Like, sum_likes
from app.domain.models import Interaction
from app.domain.opinions import what_counts
from app.domain.recommendation import Item, Outcome, RunStamp


@dataclass(frozen=True, slots=True)
class Without:
    """What is left out, or seen otherwise; ids that are not there leave out nothing."""

    product_ids: tuple[str, ...] = ()
    """Products, out of the own history and the session."""
    interaction_ids: tuple[str, ...] = ()
    """Own interactions; what a refund among them took back stays away."""
    community: str | None = None
    """A taste community, as if the identity did not belong to it."""
    deals_full: bool = False
    """What was bought on a deal counts as if it had been at full price."""

    @property
    def reads_evidence(self) -> bool:
        """Whether likes have to be summed anew from the interactions."""
        return bool(self.interaction_ids) or self.deals_full


@dataclass(frozen=True, slots=True)
class Move:
    """A product whose place would be another; ``None`` where it has none."""

    product_id: str
    from_rank: int | None
    to_rank: int | None


@dataclass(frozen=True, slots=True)
class Counterfactual:
    """Both answers, and what moved from one to the other."""

    outcome: Outcome
    run: RunStamp | None
    before: tuple[Item, ...]
    after: tuple[Item, ...]
    moved: tuple[Move, ...]


def changed_likes(evidence: Sequence[Interaction], without: Without, rules: EvidenceRules) -> Mapping[str, Like | None]:
    """Sum one identity's likes with all its evidence and without; those that differ, by product id."""
    kept = what_counts(evidence)
    imagined = replace(rules, discount_penalty=0.0, deal_factor=1.0) if without.deals_full else rules
    left_out = set(without.interaction_ids)
    before = {like.product_id: like for like in sum_likes(kept, rules)}
    after = {like.product_id: like for like in sum_likes((i for i in kept if i.id not in left_out), imagined)}
    return {id_: after.get(id_) for id_, like in before.items() if after.get(id_) != like}


def moves(before: Sequence[Item], after: Sequence[Item]) -> tuple[Move, ...]:
    """Which products change places, in the order of ``before``, then those that are new in ``after``."""
    old, new = ({item.product_id: item.rank for item in items} for items in (before, after))
    return tuple(Move(id_, old.get(id_), new.get(id_)) for id_ in {**old, **new} if old.get(id_) != new.get(id_))
