"""Reads the operator's copy of Google's product taxonomy."""

from pathlib import Path

from app.domain.errors import SetupError
from app.domain.taxonomy import Taxonomy

_MOST_BYTES = 16 << 20


def load_taxonomy(path: Path | None) -> Taxonomy:
    """Read a file "taxonomy-with-ids"; ``SetupError`` where it cannot be, or is none. No path: an empty one."""
    if path is None:
        return Taxonomy()
    try:
        with path.expanduser().open(encoding="utf-8-sig") as file:
            found = Taxonomy.parse(file.read(_MOST_BYTES).splitlines())
    except OSError as error:
        raise SetupError(f"PLURAL_GOOGLE_TAXONOMY: {path} cannot be read ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        raise SetupError(f"PLURAL_GOOGLE_TAXONOMY: {path} is not in UTF-8.") from error
    if not found:
        raise SetupError(f"PLURAL_GOOGLE_TAXONOMY: {path} has no line such as `499 - Home & Garden > Kitchen`.")
    return found
