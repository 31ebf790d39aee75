"""Use case: the rows of one shop leave without what is only good where they were, and arrive under another name."""

import gzip
import json
from collections import Counter
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from app.domain.errors import InvalidError
from app.domain.hashing import Hasher, identify
from app.domain.identity_rules import IdentityRules
from app.domain.models import GivenIdentifier
from app.domain.progress import Progress
from app.domain.shop_dump import IDENTIFIER, SHOP, STAYING, SUBJECTS, TRAVELLING, ShopManifest, mark_of
from app.services.portable_rows import PortableRow, Target, read_rows

_ITS_OWN = frozenset({"tenant", "id", "audit_sequence", "audit_seal"})
"""What the node of each shop says for itself."""

Values = Mapping[str, GivenIdentifier]
"""What the shop hands in, by each digest that may be kept of it."""


def values_by_digest(hasher: Hasher, rules: IdentityRules, given: Collection[GivenIdentifier]) -> Values:
    """Find values again by what is kept of them, under any key."""
    known = ((identify(hasher, rules, one.type, one.value), one) for one in given)
    return {digest: one for kept, one in known for digest in (kept.digest, *kept.other_digests)}


class Leaving:
    """Decides of each node whether it leaves, and counts; nothing that leaves holds a keyed hash."""

    def __init__(self, hasher: Hasher, salt: str, values: Values, subjects: Path) -> None:
        """``subjects`` is where to note by which marks those who can be erased are found again."""
        self.labels: Counter[str] = Counter()
        self.shop: dict[str, Any] = {}
        self._hasher = hasher
        self._salt = salt
        self._values = values
        self._subjects = gzip.open(subjects, "wt", encoding="utf-8")  # noqa: SIM115 (closed by ``close``)

    def close(self) -> None:
        """Nothing more leaves."""
        self._subjects.close()

    def take(self, row: PortableRow) -> PortableRow | None:
        """Return the row as it leaves; ``None`` where it stays behind."""
        [label], plain, timed = row
        if label == SHOP:
            self.shop = {name: value for name, value in plain.items() if name not in _ITS_OWN}
        if label in STAYING or (label == IDENTIFIER and plain["id"] not in self._values):
            return None
        if label not in TRAVELLING:
            raise InvalidError(f"Whether {label} leaves with a shop is not known to this version of Plural.")
        if label in SUBJECTS:
            self._note(SUBJECTS[label], plain["id"])
        self.labels[label] += 1
        return [[label], self._named(plain) if label == IDENTIFIER else plain, timed]

    def _named(self, plain: Mapping[str, Any]) -> dict[str, Any]:
        given = self._values[plain["id"]]
        return {"type": given.type, "value": given.value}

    def _note(self, kind: str, id_: str) -> None:
        marks = [mark_of(self._salt, digest) for digest in self._hasher.every_subject(kind, id_)]
        self._subjects.write(json.dumps([kind, id_, marks]) + "\n")


class Arriving:
    """Writes the rows of a dump as another shop's; implements ``Target``."""

    def __init__(self, target: Target, hasher: Hasher, rules: IdentityRules) -> None:
        self._target = target
        self._hasher = hasher
        self._rules = rules

    async def write_nodes(self, rows: list[PortableRow]) -> None:
        """Write nodes of the new shop; identifiers by hashes under its own key."""
        await self._target.write_nodes([[labels, self._owned(labels, plain), timed] for labels, plain, timed in rows])

    async def write_relationships(self, rows: list[PortableRow]) -> None:
        """Write relationships as they are."""
        await self._target.write_relationships(rows)

    def _owned(self, labels: list[str], plain: Mapping[str, Any]) -> dict[str, Any]:
        if labels == [IDENTIFIER]:
            known = identify(self._hasher, self._rules, plain["type"], plain["value"])
            plain = {"id": known.digest, "type": known.type, "blocked": known.blocked, "key_version": known.key_version}
        return {**plain, "tenant": self._hasher.tenant}


async def check_rows(manifest: ShopManifest, nodes: Path, relationships: Path, progress: Progress) -> None:
    """Read all rows before one is written; ``InvalidError`` for what no dump of a shop holds."""
    with progress.step("Checking", sum(manifest.rows), "rows") as step:
        labels: Counter[str] = Counter()
        async for page in read_rows(nodes, manifest.rows[0]):
            labels.update(_label_of(row) for row in page)
            step.advance(len(page))
        types: Counter[str] = Counter()
        async for page in read_rows(relationships, manifest.rows[1]):
            types.update(_type_of(row, manifest.rows[0]) for row in page)
            step.advance(len(page))
    if (labels, types) != (Counter(manifest.nodes), Counter(manifest.relationships)):
        raise InvalidError("The dump is not whole: it does not hold what its manifest says.")


def _label_of(row: PortableRow) -> str:
    match row:
        case [[str(label)], {"id": str()} | {"type": str(), "value": str()}, [*_]] if label in TRAVELLING:
            return label
        case _:
            raise InvalidError("The dump holds a node that no dump of a shop holds.")


def _type_of(row: PortableRow, nodes: int) -> str:
    match row:
        case [str(type_), int(start), int(end), {}, [*_]] if 0 <= start < nodes and 0 <= end < nodes:
            return type_
        case _:
            raise InvalidError("The dump holds a relationship that no dump of a shop holds.")


def find_erased(
    subjects: Path, manifest: ShopManifest, hasher: Hasher, erased: Mapping[str, Collection[str]]
) -> list[tuple[str, str]]:
    """Those of a dump, as (kind, id), who are noted as erased: where they come from, or where they come to.

    ``erased`` holds keyed hashes by shop.
    """
    marks = {mark_of(manifest.salt, digest) for digest in erased.get(manifest.tenant, ())}
    here = set(erased.get(hasher.tenant, ()))
    with gzip.open(subjects, "rt", encoding="utf-8") as lines:
        return [
            (kind, id_)
            for kind, id_, known_by in map(json.loads, lines)
            if not marks.isdisjoint(known_by) or not here.isdisjoint(hasher.every_subject(kind, id_))
        ]
