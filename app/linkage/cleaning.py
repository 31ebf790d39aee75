"""One spelling of what records say, as SQL over the columns of one kind; what says nothing becomes NULL."""

from collections.abc import Sequence

from app.linkage.columns import Column

_NOTHING = "('', 'null', 'none', 'nan', 'na', 'n a', 'unknown', 'not known', 'not given', 'xxx')"


def clean_expressions(columns: Sequence[Column]) -> dict[str, str]:
    """SQL over the columns' names, by the name of what comes of them; the identities' ids are left out."""
    found: dict[str, str] = {}
    names = {column.name for column in columns}
    for column in columns:
        if column.kind == "identity_id":
            continue
        found[column.name] = _CLEAN.get(column.kind, _words)(column.name)
        if column.kind == "email":
            found[f"{column.name}_box"] = f"nullif(split_part({found[column.name]}, '@', 1), '')"
    if {"full_name", "given", "surname"} <= names:
        found["full_name"] = _other_names(found)
    return found


def _words(name: str) -> str:
    """Letters and digits in lower case without accents, words parted by one blank."""
    plain = rf"trim(regexp_replace(strip_accents(lower({name})), '[^\p{{L}}\p{{N}}]+', ' ', 'g'))"
    return f"CASE WHEN {plain} IN {_NOTHING} THEN NULL ELSE {plain} END"


def _compact(name: str) -> str:
    """The same without any blank."""
    return f"replace({_words(name)}, ' ', '')"


def _digits(name: str) -> str:
    return rf"nullif(regexp_replace({name}, '[^0-9]+', '', 'g'), '')"


def _phone(name: str) -> str:
    """The last nine digits: country codes and leading zeros are written or not."""
    return f"CASE WHEN length({_digits(name)}) >= 6 THEN right({_digits(name)}, 9) END"


def _email(name: str) -> str:
    plain = f"lower(trim({name}))"
    return f"CASE WHEN contains({plain}, '@') THEN {plain} END"


def _birth(name: str) -> str:
    """Eight digits: year, month, day. Day first, unless one of the column's second numbers can only be a day."""
    short = r"'^\s*(\d{1,2})\D(\d{1,2})\D(\d{4})\b.*'"
    first, second = (f"try_cast(regexp_extract({name}, {short}, {place}) AS INTEGER)" for place in (1, 2))
    month_first = f"{second} > 12 OR ({first} <= 12 AND max({second}) OVER () > 12 AND max({first}) OVER () <= 12)"
    month, day = (
        f"CASE WHEN {month_first} THEN {one} ELSE {other} END" for one, other in ((first, second), (second, first))
    )
    turned = f"regexp_extract({name}, {short}, 3) || lpad(({month})::VARCHAR, 2, '0') || lpad(({day})::VARCHAR, 2, '0')"
    return f"CASE WHEN regexp_matches({name}, {short}) THEN {turned} ELSE left({_digits(name)}, 8) END"


def _other_names(found: dict[str, str]) -> str:
    """Of a full name what given name and surname have not said yet, as a list of words."""
    known = f"string_split(concat_ws(' ', {found['given']}, {found['surname']}), ' ')"
    words = f"string_split({_words('full_name')}, ' ')"
    others = f"list_filter({words}, lambda word: length(word) > 2 AND NOT list_contains({known}, word))"
    return f"nullif(list_sort(list_distinct({others})), [])"


_CLEAN = {
    "birth": _birth,
    "email": _email,
    "phone": _phone,
    "postcode": _compact,
    "number": _compact,
}
"""By kind; others are words."""
