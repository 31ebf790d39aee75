"""Which lists are asked of one run: the protocol's own, and where products repeat, what is new and what is no deal."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.domain.recommendation import Objective, Source
from app.domain.recommendation import Shelf as ShelfKind
from app.evaluation.baselines import Baseline, baselines_of, rank_by_undiscounted_frequency
from app.evaluation.task import Task, narrow
from app.settings import Settings


@dataclass(frozen=True, slots=True)
class Question:
    """How the service is asked for a list."""

    ranking: str
    """Name of its row in the report."""
    sources: tuple[Source, ...] | None = None
    """None: as the settings say."""
    objective: Objective = "balanced"
    shelf: ShelfKind = "ranking"
    """ranking: what is likeliest, each variant for itself, as published protocols rank."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """One list: for whom, what it should find, and what it is compared with."""

    name: str
    task: Task
    questions: tuple[Question, ...]
    baselines: tuple[Baseline, ...]


def shelves_of(task: Task, settings: Settings) -> tuple[Shelf, ...]:
    """The protocol's own list first; further ones where somebody has anything to find on them."""
    questions = [Question("service"), *([Question("service, mixed shelf", shelf="mixed")] if task.repeats else [])]
    shelves = [Shelf("", task, tuple(questions), baselines_of(task)), _new_for_you(task, settings)]
    shelves.append(_full_price(task))
    return tuple(shelf for shelf in shelves if shelf is not None)


def _new_for_you(task: Task, settings: Settings) -> Shelf | None:
    """Products never bought before: the sources are all that the settings name, without what was bought."""
    if task.known_besides is None:
        return None
    owned = _owned(task)
    news = tuple(
        relevant - known - owned.get(identity, frozenset())
        for relevant, known, identity in zip(task.relevant, task.known_besides, task.asked.tolist(), strict=True)
    )
    unseen = _wanting(replace(task, barred=task.known_besides, repeats=False), news)
    if unseen is None:
        return None
    named: list[Source] = [source for source in (*settings.recommenders, *settings.fallback) if source != "repeat"]
    questions = (
        Question("service", tuple(named)),
        Question("service, shelf for you", shelf="for_you"),
        Question("service, mixed shelf", shelf="mixed"),
    )
    return Shelf("new for you", unseen, questions, baselines_of(unseen))


def _full_price(task: Task) -> Shelf | None:
    """Products bought without a discount, beside a rule that knows nothing but how often a product is discounted."""
    bought = None if task.full_price is None else _wanting(task, task.full_price)
    if bought is None:
        return None
    questions = Question("service, balanced"), Question("service, full price", objective="full_price")
    rule = Baseline("product-only rule", rank_by_undiscounted_frequency)
    return Shelf("bought at full price", bought, questions, (*baselines_of(bought), rule))


def _wanting(task: Task, relevant: Sequence[frozenset[int]]) -> Task | None:
    """The task with other right answers, for those who have any; None when nobody has."""
    rows = [row for row, wanted in enumerate(relevant) if wanted]
    return narrow(replace(task, relevant=tuple(relevant)), rows) if rows else None


def _owned(task: Task) -> dict[int, frozenset[int]]:
    owned: dict[int, set[int]] = {}
    for identity, product in zip(task.train.identity.tolist(), task.train.product.tolist(), strict=True):
        owned.setdefault(identity, set()).add(product)
    return {identity: frozenset(products) for identity, products in owned.items()}
