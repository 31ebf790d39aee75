"""What of the documentation is written from the code."""

from collections.abc import Mapping
from pathlib import Path

from tests.api.rights import Decision

DOCS = Path(__file__).parents[1] / "docs"


def rights_table(decisions: Mapping[str, Decision]) -> str:
    """Return the table of routes and kinds of keys, in Markdown."""
    rows = ["| route | scope of a server's key | bound key | browser key |", "|---|---|---|---|"]
    for operation, decision in sorted(decisions.items(), key=lambda one: one[0].split(" ")[::-1]):
        scopes = ", ".join(scope for scope in decision.scopes if scope != "browser") or "-"
        bound = "its own" if decision.bound == "own subject only" else "-"
        browser = "yes" if "browser" in decision.scopes else "-"
        rows.append(f"| `{operation}` | {scopes} | {bound} | {browser} |")
    return "\n".join(rows) + "\n"


if __name__ == "__main__":
    from tests.api.rights import DECISIONS

    print(rights_table(DECISIONS), end="")
