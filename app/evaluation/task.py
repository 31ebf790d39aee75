"""One question to a ranking: what it may learn from, whom it is asked for, and what it should have found."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from app.domain.errors import InvalidError
from app.evaluation import protocols
from app.evaluation.datasets.values import Dataset, Interactions, Ints, Mask, tag_products
from app.evaluation.protocols import Parts, Protocol

Part = Literal["validation", "test"]

MIN_PEOPLE_A_TAG = 5
"""Tags that fewer people gave are noise in the diversity of lists."""

COLD_SHARE = 0.2
"""Of the asked identities, when histories are cut: the rest keep theirs, so that there is a crowd to learn from."""


@dataclass(frozen=True, slots=True)
class Task:
    """Rows of ``train`` and of what is asked, in positions of ``dataset``."""

    dataset: Dataset
    train: Interactions
    asked: Ints
    """Identities that are asked for, ascending."""
    relevant: tuple[frozenset[int], ...]
    """What was held out of each; never empty."""
    barred: tuple[frozenset[int], ...]
    """Products outside of train that the protocol forbids in each list: a held-out part that is not told."""
    asked_at: Ints | None
    """Time of each held-out basket; None: right after the last training interaction."""
    repeats: bool
    """Whether products of the identity's own train part may be ranked."""
    known_besides: tuple[frozenset[int], ...] | None = None
    """Products bought between train and what is asked, so no news either; None where ``repeats`` is false."""
    protocol: str = ""
    """How rows were held out, in words for the report."""
    notes: tuple[str, ...] = ()
    """Who and what of the data set was left out, and why; a sentence each."""
    with_tags: bool = True
    """Whether the service is told the products' tags; lists are judged by them anyway."""
    full_price: tuple[frozenset[int], ...] | None = None
    """Those of ``relevant`` that were bought without any discount; None when the data has no prices."""
    viewed: tuple[frozenset[int], ...] | None = None
    """Products on the page that each asked identity looks at; None: no page."""


def build_task(
    dataset: Dataset, protocol: Protocol | None, part: Part, seed: int, identities: int | None = None
) -> Task:
    """Split by the protocol and ask for the validation or the test part; a ready-made split needs no protocol.

    ``identities`` draws so many of those that the protocol keeps (seeded); products are those that are left.
    Raises ``InvalidError`` when the data lacks times or nothing is held out.
    """
    if dataset.ready_made is not None:
        return _ready_made(dataset, dataset.ready_made, part)
    if protocol is None:
        raise InvalidError("Say with --protocol how interactions are held out, or bring a split with --test.")
    drawn = _drawn(dataset.interactions, identities, seed)
    if protocol in ("last-basket", "taiw"):
        task = _last_basket(dataset, part, seed, identities, told=protocol == "last-basket")
    else:
        task = _unseen(dataset, protocols.merge_pairs(drawn), protocol, part, seed)
    return replace(task, protocol=protocol, notes=_notes(dataset.interactions, task, protocol))


def cut_histories(task: Task, items: int, seed: int, *, viewing: int = 0) -> Task:
    """Ask only for a fifth of the identities (seeded), of whose training rows no more than ``items`` are left.

    Everybody else's rows, and all that is known besides, stay. What was cut is neither learned from nor a right
    answer, so unseen lists must not show it; ``viewing`` of it stand on the page that the identity looks at.
    """
    rng = np.random.default_rng(seed)
    places = np.sort(rng.permutation(len(task.asked))[: max(1, round(COLD_SHARE * len(task.asked)))])
    rows: list[int] = places.tolist()
    cold = task.asked[places]
    order = rng.permutation(len(task.train))
    order = order[np.argsort(task.train.identity[order], kind="stable")]
    owner = task.train.identity[order]
    rank = np.arange(len(order)) - np.searchsorted(owner, owner)
    cut = np.zeros(len(order), dtype=np.bool_)
    cut[order] = np.isin(owner, cold) & (rank >= items)
    shown = np.zeros(len(order), dtype=np.bool_)
    shown[order] = cut[order] & (rank < items + viewing)
    hidden = _products_by_identity(task.train, cut & (not task.repeats), cold)
    few = narrow(task, rows)
    return replace(
        few,
        viewed=_products_by_identity(task.train, shown, cold) if viewing else None,
        dataset=replace(
            task.dataset, name=f"{task.dataset.name}, {items} known" + f", {viewing} viewed" * bool(viewing)
        ),
        train=task.train[~cut],
        barred=tuple(barred | more for barred, more in zip(few.barred, hidden, strict=True)),
    )


def ask_fewer(task: Task, identities: int, seed: int) -> Task:
    """Ask only for so many, drawn by seed; what is learned from stays. All when there are not more."""
    drawn: list[int] = np.random.default_rng(seed).permutation(len(task.asked))[:identities].tolist()
    return narrow(task, sorted(drawn))


def narrow(task: Task, rows: Sequence[int]) -> Task:
    """Ask only for some, given as ascending positions in ``asked``; what is learned from stays."""

    def some(sets: tuple[frozenset[int], ...]) -> tuple[frozenset[int], ...]:
        return tuple(sets[row] for row in rows)

    def some_if_any(sets: tuple[frozenset[int], ...] | None) -> tuple[frozenset[int], ...] | None:
        return None if sets is None else some(sets)

    return replace(
        task,
        asked=task.asked[list(rows)],
        relevant=some(task.relevant),
        barred=some(task.barred),
        asked_at=None if task.asked_at is None else task.asked_at[list(rows)],
        known_besides=some_if_any(task.known_besides),
        full_price=some_if_any(task.full_price),
        viewed=some_if_any(task.viewed),
    )


def _last_basket(dataset: Dataset, part: Part, seed: int, identities: int | None, *, told: bool) -> Task:
    """Ask for a basket; whether the one before the test basket is ``told`` is what protocols differ in."""
    if dataset.interactions.at is None:
        raise InvalidError("The protocol last-basket needs a column 'timestamp'.")
    kept = dataset.interactions[protocols.keep_regular_shoppers(dataset.interactions)]
    dataset, rows = _without_unused_products(dataset, _drawn(kept, identities, seed))
    if not len(rows):
        raise InvalidError("No identity has 5 visits with products that were bought 10 times; nothing to evaluate.")
    parts = protocols.split_last_basket(rows)
    between = (parts == protocols.VALIDATION) & (part == "test")
    if told:
        parts[between] = protocols.TRAIN
    task = _task(dataset, rows, parts, part, repeats=True, timed=True)
    task = replace(task, known_besides=_products_by_identity(rows, between, task.asked))
    if rows.discounted is None:
        return task
    undiscounted = _held_out(parts, part) & ~rows.discounted
    return replace(task, full_price=_products_by_identity(rows, undiscounted, task.asked))


def _ready_made(dataset: Dataset, held_out: Mask, part: Part) -> Task:
    """Ask for the rows that came as the test part; products may repeat where any of them does."""
    if part == "validation":
        raise InvalidError("A ready-made split has a test part alone: give its validation part as --test.")
    rows = dataset.interactions
    train, test = rows[~held_out], rows[held_out]
    products = len(dataset.products)
    known = np.isin(_pairs(test.identity, test.product, products), _pairs(train.identity, train.product, products))
    repeats = bool(known.any())
    parts = np.where(held_out, protocols.TEST, protocols.TRAIN).astype(np.int8)
    task = _task(dataset, rows, parts, part, repeats=repeats, timed=rows.at is not None)
    nothing = (frozenset[int](),) * len(task.asked)
    notes = (*dataset.notes, f"{int(known.sum()):,} of {len(test):,} held-out rows repeat what the identity has")
    return replace(task, protocol="ready-made split", known_besides=nothing if repeats else None, notes=notes)


def _unseen(dataset: Dataset, rows: Interactions, protocol: Protocol, part: Part, seed: int) -> Task:
    """A task that ranks only what the identity has not; acts of tagging held-out products must not leak."""
    timed = protocol == "leave-one-out" and rows.at is not None
    if not timed:  # what is held out at random is as old as what is known, so times say nothing of it
        rows = replace(rows, at=None)
    parts = _part(rows, protocol, seed)
    if part == "test" and protocol != "ratio":
        # When the last one is asked for, the one before is history, as published; RecBole's ratio only bars it.
        parts[parts == protocols.VALIDATION] = protocols.TRAIN
    if dataset.tag_acts is not None:
        acts = dataset.tag_acts
        held_out = rows[parts != protocols.TRAIN]
        secret = _pairs(held_out.identity, held_out.product, len(dataset.products))
        hidden = np.isin(_pairs(acts.identity, acts.product, len(dataset.products)), secret)
        dataset = replace(dataset, products=tag_products(dataset.products, acts, hidden, MIN_PEOPLE_A_TAG))
    return _task(dataset, rows, parts, part, repeats=False, timed=timed)


def _part(rows: Interactions, protocol: Protocol, seed: int) -> Parts:
    if protocol == "leave-one-out":
        return protocols.leave_one_out(rows.identity, rows.at, seed)
    if protocol == "ratio":
        return protocols.split_by_ratio(rows.identity, seed)
    return protocols.hold_out_fifth(len(rows), seed)


def _task(dataset: Dataset, rows: Interactions, parts: Parts, part: Part, *, repeats: bool, timed: bool) -> Task:
    wanted = _held_out(parts, part)
    if not wanted.any():
        raise InvalidError("Nothing could be held out: no identity has enough interactions.")
    asked = np.unique(rows.identity[wanted])
    # What is neither told nor sought in the test round is known to be no answer; in the validation round test is not.
    other = parts == protocols.VALIDATION if part == "test" and not repeats else np.zeros(len(parts), dtype=np.bool_)
    return Task(
        dataset=dataset,
        train=rows[parts == protocols.TRAIN],
        asked=asked,
        relevant=_products_by_identity(rows, wanted, asked),
        barred=_products_by_identity(rows, other, asked),
        asked_at=_first_times(rows, wanted, asked) if timed else None,
        repeats=repeats,
    )


def _notes(rows: Interactions, task: Task, protocol: Protocol) -> tuple[str, ...]:
    """Who was left out, and whether times were used."""
    notes = list(task.dataset.notes)
    people, left = len(np.unique(rows.identity)), len(np.unique(task.train.identity))
    if left < people:
        why = "fewer than 5 visits, all on one day, an outlier's rate, or not drawn" if task.repeats else "not drawn"
        notes.append(f"{people - left:,} of {people:,} identities are left out ({why})")
    if len(task.asked) < left:
        notes.append(f"{left - len(task.asked):,} of {left:,} identities are learned from and not asked: too short")
    if not task.repeats and rows.at is not None and task.train.at is None:
        notes.append(f"times are not used: {protocol} holds out at random")
    return tuple(notes)


def _held_out(parts: Parts, part: Part) -> Mask:
    return parts == (protocols.TEST if part == "test" else protocols.VALIDATION)


def _products_by_identity(rows: Interactions, chosen: Mask, asked: Ints) -> tuple[frozenset[int], ...]:
    found: dict[int, set[int]] = {int(identity): set() for identity in asked}
    for identity, product in zip(rows.identity[chosen].tolist(), rows.product[chosen].tolist(), strict=True):
        if identity in found:
            found[identity].add(product)
    return tuple(frozenset(found[int(identity)]) for identity in asked)


def _first_times(rows: Interactions, chosen: Mask, asked: Ints) -> Ints:
    """Of each asked identity, the earliest time of its chosen rows."""
    times = np.full(len(asked), np.iinfo(np.int64).max)
    np.minimum.at(times, np.searchsorted(asked, rows.identity[chosen]), protocols.times_of(rows)[chosen])
    return times


def _drawn(rows: Interactions, identities: int | None, seed: int) -> Interactions:
    """The rows of ``identities`` identities drawn by seed; all rows when there are not more."""
    present = np.unique(rows.identity)
    if identities is None or identities >= len(present):
        return rows
    drawn = np.random.default_rng(seed).choice(present, size=identities, replace=False)
    return rows[np.isin(rows.identity, drawn)]


def _without_unused_products(dataset: Dataset, rows: Interactions) -> tuple[Dataset, Interactions]:
    used, product = np.unique(rows.product, return_inverse=True)
    positions: list[int] = used.tolist()
    products = tuple(dataset.products[position] for position in positions)
    return replace(dataset, products=products), replace(rows, product=product.astype(np.int64))


def _pairs(identity: Ints, product: Ints, products: int) -> Ints:
    return identity * products + product
