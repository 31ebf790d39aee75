"""Invented brand names: the data has numbers for manufacturers, a shelf has names.

Each manufacturer gets one name of three syllables, the same in every run and no two alike. The names are made up: none
of them is among the 17,046 names of brands and chains, nor a word of one, in OpenStreetMap's name suggestion index
(compared on 2026-11-30, case and punctuation aside).
"""

_FIRST = (
    "Brel", "Cald", "Dorv", "Elv", "Fenn", "Garl", "Holv", "Ister", "Jorv", "Kelv", "Lorv", "Mirv", "Nald", "Orl",
    "Pelv", "Quil", "Rund", "Selv", "Tarv", "Uld", "Vorn", "Wend", "Yarl", "Zelm", "Brund", "Crell", "Drav", "Fjell",
    "Grint", "Harv", "Klev", "Marl", "Norv", "Prell", "Strell", "Trev",
)  # fmt: skip
_SECOND = ("a", "e", "i", "o", "u", "an", "en", "in", "on", "ar", "er", "or", "al", "il")
_THIRD = (
    "bury", "dale", "do", "field", "ga", "ko", "leaf", "lo", "mere", "na", "ro", "sett", "ta", "vik", "wyn", "za",
)  # fmt: skip
_NAMES = len(_FIRST) * len(_SECOND) * len(_THIRD)
_STRIDE = 3_571
"""Prime, so that it has no factor in common with the number of names: neighbouring manufacturers do not sound alike."""


def brand_of(manufacturer: int) -> str:
    """Return the invented name of a manufacturer's number, 0 to 8,063; ``ValueError`` beyond."""
    if not 0 <= manufacturer < _NAMES:
        raise ValueError(f"There are names for {_NAMES:,} manufacturers, and {manufacturer} is beyond.")
    place, third = divmod(manufacturer * _STRIDE % _NAMES, len(_THIRD))
    first, second = divmod(place, len(_SECOND))
    return f"{_FIRST[first]}{_SECOND[second]}{_THIRD[third]}"
