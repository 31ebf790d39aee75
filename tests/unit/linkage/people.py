"""Made-up customers with typing errors, for tests of linkage."""

import random

import pyarrow as pa

_GIVEN = "Anna Bert Clara David Emma Felix Greta Hugo Ida Jonas Karla Louis Maria Nils Olga Paul Rosa Simon Tilda Uwe"
_SURNAME = "Abel Baker Carter Dixon Evans Fisher Grant Harris Irwin Jones Keller Lewis Moore Nolan Owens Parker Quinn"
_STREET = "Oak Maple Church Station Mill High Park Castle Bridge King Queen Garden"


def make_people(count: int, copies: int = 2, seed: int = 0) -> tuple[pa.Table, list[int]]:
    """Records by the names of columns, and who each is of; ``copies`` records a person, the first as it should be."""
    rng = random.Random(seed)
    rows: list[dict[str, str | None]] = []
    truth: list[int] = []
    for person in range(count):
        row: dict[str, str | None] = {
            "given": rng.choice(_GIVEN.split()),
            "surname": rng.choice(_SURNAME.split()) + rng.choice(["", "s", "son", "ton", "er"]),
            "birth": f"{rng.randrange(1940, 2005)}-{rng.randrange(1, 13):02}-{rng.randrange(1, 29):02}",
            "street": f"{rng.choice(_STREET.split())} {rng.choice(['Road', 'Lane', 'Street'])} {rng.randrange(1, 99)}",
            "postcode": f"{rng.randrange(10000, 99999)}",
            "email": None,
        }
        row["email"] = f"{row['given']}.{row['surname']}{rng.randrange(99)}@example.org".lower()
        for copy in range(copies):
            rows.append(row if copy == 0 else _damaged(row, rng))
            truth.append(person)
    columns = {name: pa.array([row[name] for row in rows], pa.string()) for name in rows[0]}
    return pa.table(columns), truth


def _damaged(row: dict[str, str | None], rng: random.Random) -> dict[str, str | None]:
    """Two fields: one is missing, one has a typing error."""
    missing, wrong = rng.sample(sorted(row), 2)
    value = row[wrong] or "x"
    place = rng.randrange(len(value))
    letter = rng.choice("1234567890" if value[place].isdigit() else "abcdefghijklmnopqrstuvwxyz")
    return {**row, missing: None, wrong: value[:place] + letter + value[place + 1 :]}
