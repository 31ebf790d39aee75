"""DuckDB as the linkage uses it: in memory, bounded, and fetching nothing from anywhere."""

from typing import Any

import duckdb


def open_tables(memory_mb: int, threads: int) -> duckdb.DuckDBPyConnection:
    """Open an empty database in memory; what exceeds the bound is an error and never spilled to disk."""
    return duckdb.connect(
        ":memory:",
        config={
            "memory_limit": f"{memory_mb}MB",
            "threads": threads,
            "temp_directory": "",
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "preserve_insertion_order": False,
        },
    )


def read_row(con: duckdb.DuckDBPyConnection, sql: str) -> tuple[Any, ...]:
    """Read the one row of a query, to its end: a connection does nothing else before."""
    (row,) = con.execute(sql).fetchall()
    return row
