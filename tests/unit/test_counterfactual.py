"""What would be liked, and what would move, without a part of the history."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from app.domain.counterfactual import Move, Without, changed_likes, moves
from app.domain.evidence import EvidenceRules
from app.domain.models import Interaction, InteractionType, Line
from app.domain.recommendation import Item

START = datetime(2026, 1, 1, tzinfo=UTC)
RULES = EvidenceRules()


def did(id_: str, product_id: str, type_: InteractionType = "purchase", day: float = 0, paid: int = 10) -> Interaction:
    lines = (Line(product_id, 1, Decimal(paid), Decimal(10)),)
    return Interaction(id_, type_, "tom", START + timedelta(days=day), lines)


def shown(*ids: str) -> list[Item]:
    return [Item(id_, rank, 1.0, "similar", id_) for rank, id_ in enumerate(ids, start=1)]


def test_likes_without_an_interaction_are_those_of_the_others() -> None:
    evidence = [did("e1", "tea"), did("e2", "tea", day=3), did("e3", "cup")]

    changed = changed_likes(evidence, Without(interaction_ids=("e2", "e3")), RULES)

    assert changed["cup"] is None
    assert changed["tea"] is not None
    assert (changed["tea"].weight, changed["tea"].purchases, changed["tea"].last_at) == (1.0, 1, START)


def test_ids_of_nobody_change_nothing() -> None:
    assert changed_likes([did("e1", "tea")], Without(interaction_ids=("e9",)), RULES) == {}
    assert changed_likes([], Without(interaction_ids=("e1",), deals_full=True), RULES) == {}


def test_a_refund_that_is_left_out_brings_nothing_back() -> None:
    evidence = [did("e1", "tea"), did("e2", "tea", "refund", day=1), did("e3", "cup")]

    assert changed_likes(evidence, Without(interaction_ids=("e2",)), RULES) == {}


def test_deals_counted_fully_change_what_was_bought_on_one() -> None:
    evidence = [did("e1", "tea", paid=5), did("e2", "cup")]

    (changed,) = changed_likes(evidence, Without(deals_full=True), RULES).values()

    assert changed is not None
    assert (changed.product_id, changed.weight, changed.full_price_weight) == ("tea", 1.0, 1.0)


def test_what_moved_is_what_has_another_place() -> None:
    assert moves(shown("tea", "cup", "pot"), shown("tea", "pot", "saw")) == (
        Move("cup", 2, None),
        Move("pot", 3, 2),
        Move("saw", None, 3),
    )
    assert moves(shown("tea"), shown("tea")) == ()
