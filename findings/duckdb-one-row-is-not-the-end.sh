#!/usr/bin/env bash
# duckdb 2.0.1 (Python): after `SELECT count(*)` and fetchone(), whose one row is all that there is, the connection still counts the
# result as unfinished, and register, unregister, append, create_function and sql() raise ResourceInUseException. execute() and
# begin() do not, so the same code works until a table is registered after a count. One would expect a result whose only row was
# fetched to be over. fetchall(), or one more fetchone() that returns None, ends it.
# Seen: "register: ResourceInUseException", "sql: ResourceInUseException", "execute: fine", "register after fetchall: fine".
# Runs without Plural. Fails when this changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check duckdb==2.0.1 pyarrow==25.0.1
cat >"$folder/try.py" <<'PY'
import duckdb
import pyarrow

connection = duckdb.connect()
table = pyarrow.table({"a": [1]})


def after_one_row(what, fetch="fetchone"):
    getattr(connection.execute("SELECT count(*) FROM range(3)"), fetch)()
    try:
        what()
    except Exception as error:
        connection.execute("SELECT 1").fetchall()
        return type(error).__name__
    return "fine"


seen = {
    "register": after_one_row(lambda: connection.register("t", table)),
    "sql": after_one_row(lambda: connection.sql("SELECT 1").fetchall()),
    "execute": after_one_row(lambda: connection.execute("SELECT 1")),
    "register after fetchall": after_one_row(lambda: connection.register("t", table), "fetchall"),
}
for what, came in seen.items():
    print(f"{what}: {came}")
refused, fine = "ResourceInUseException", "fine"
assert list(seen.values()) == [refused, refused, fine, fine], "this has changed"
PY
"$folder/venv/bin/python" "$folder/try.py"
