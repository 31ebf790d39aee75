"""The catalogue of cypher/: every statement is loaded, and its header checked, before the first is run."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import LiteralString, cast

from app.domain.errors import PluralError

LANGUAGE = "CYPHER 25"
"""What the files are written in; a named server may have another default."""

_NOT_CODE = re.compile(r"//[^\n]*|/\*.*?\*/|'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"", re.DOTALL)
_USED_PARAM = re.compile(r"\$(\w+)")
_SECTION = re.compile(r"^(params|returns|needs|again):\s*(.*)$")
_DECLARED_PARAM = re.compile(r"(?:^|,)\s*(\w+)\s+([A-Z][^,]*)")
_NOT_CODE_OR_PARAM = re.compile(f"{_NOT_CODE.pattern}|{_USED_PARAM.pattern}", re.DOTALL)
_OF_MANY_PLANS = re.compile(r"STRING|LIST|NULL")
_WRITES = re.compile(r"\b(CREATE|MERGE|SET|REMOVE|DELETE)\b")
_IN_PARTS = re.compile(r"\bIN (?:\S+ CONCURRENT )?TRANSACTIONS\b")
_REMARK = re.compile(r"\([^()]*\)")
_SKIPPED_FOLDERS = {"schema", "browser", "__pycache__"}


class CypherFileError(PluralError):
    """A statement's header and body do not agree; found at start-up, not when a route is hit."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of the catalogue."""

    name: str
    """Path below cypher/ without the ending, e.g. ``recommend/read_reader``."""
    text: LiteralString
    """As the server gets it: without comments, parameters in ``given`` are read out of the one map ``$given``."""
    purpose: str
    params: frozenset[str]
    repeatable: bool
    """Whether it may be run again when nobody knows what became of it: it only reads, or its header's ``again`` says
    why a second time does no harm. What commits in parts has to, since a failure leaves the parts before it."""
    writes: bool = False
    """Whether it changes the graph."""
    given: frozenset[str] = frozenset()
    """Parameters that travel in a map.

    The server plans a statement anew for each size class (1, 10, 100 …) of each text and list and for each NULL
    among its parameters; a large statement takes a second each time. Of a map it looks at nothing, so there is one
    plan.
    """

    def arguments(self, params: Mapping[str, object]) -> dict[str, object]:
        """Arrange what a caller gives; ``KeyError`` when a parameter is missing."""
        arguments = {name: params[name] for name in self.params - self.given}
        return {**arguments, "given": {name: params[name] for name in self.given}} if self.given else arguments


def load_catalogue(root: Traversable | None = None) -> Mapping[str, Statement]:
    """Read every statement below ``root`` (default: the packaged cypher/), by name.

    Schema migrations and saved Browser queries are not part of it. Raises ``CypherFileError`` when a header is
    missing or declares other parameters than the body uses.
    """
    found: dict[str, Statement] = {}
    for folder in (root or files("cypher")).iterdir():
        if folder.is_dir() and folder.name not in _SKIPPED_FOLDERS:
            for file in folder.iterdir():
                if file.name.endswith(".cypher"):
                    name = f"{folder.name}/{file.name.removesuffix('.cypher')}"
                    found[name] = parse_statement(name, file.read_text(encoding="utf-8"))
    return found


def parse_statement(name: str, text: str) -> Statement:
    """Split one file into header and body and compare the parameters of both."""
    header = _header_of(text)
    missing = {"purpose", "params", "returns", "needs"} - header.keys()
    if missing:
        raise CypherFileError(f"cypher/{name}.cypher: its header lacks {', '.join(sorted(missing))}.")
    code = _NOT_CODE.sub(" ", text)
    types = dict(_DECLARED_PARAM.findall(_without_remarks(header["params"])))
    declared = set(types)
    used = set(_USED_PARAM.findall(code))
    if declared != used:
        raise CypherFileError(
            f"cypher/{name}.cypher declares {sorted(declared - used)} that it does not use "
            f"and uses {sorted(used - declared)} that it does not declare."
        )
    if _IN_PARTS.search(code) and "again" not in header:
        raise CypherFileError(f"cypher/{name}.cypher commits in parts: its header must say what a second run does.")
    given = frozenset(param for param, type_ in types.items() if _OF_MANY_PLANS.search(type_))
    writes = _WRITES.search(code) is not None
    # The one cast of the project: the text comes from our own files, never from a caller.
    sent = cast("LiteralString", f"{LANGUAGE}\n{_as_sent(text, given)}")
    return Statement(name, sent, header["purpose"], frozenset(declared), "again" in header or not writes, writes, given)


def _as_sent(text: str, given: frozenset[str]) -> str:
    """Write ``$given.name`` for ``$name``, and leave out comments: the text travels with every call."""

    def rewritten(found: re.Match[str]) -> str:
        if found[0].startswith("//"):
            return ""
        return f"$given.{found[1]}" if found[1] in given else found[0]

    return _NOT_CODE_OR_PARAM.sub(rewritten, text).strip()


def _header_of(text: str) -> dict[str, str]:
    """Sections of the leading comment: ``purpose`` and the named ones, continuation lines joined."""
    sections: dict[str, str] = {}
    current = "purpose"
    for line in text.splitlines():
        if not line.startswith("//"):
            break
        words = line.removeprefix("//").strip()
        if named := _SECTION.match(words):
            current, words = named[1], named[2]
        sections[current] = f"{sections.get(current, '')} {words}".strip()
    return sections


def _without_remarks(text: str) -> str:
    """Take out what stands in brackets, innermost first."""
    while (shorter := _REMARK.sub("", text)) != text:
        text = shorter
    return text
