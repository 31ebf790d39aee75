"""Identifiers: how spellings of one value become equal. No I/O."""

import unicodedata


def normalise(type_: str, value: str) -> str:
    """Make spellings of one identifier equal: Unicode form and blanks; case of an e-mail; of a phone + and digits."""
    plain = unicodedata.normalize("NFKC", value).strip()
    if type_ == "email":
        return plain.casefold()
    if type_ == "phone":
        return ("+" if plain.startswith("+") else "") + "".join(filter(str.isdigit, plain))
    return plain
