#!/usr/bin/env bash
# neo4j (Python driver) 6.4.1: a datetime of offset zero that is read and written back becomes one of the time zone "UTC".
#
# One would expect that a property which a program copies stays what it is. The driver makes the same Python value of
# Cypher's datetime('2026-11-30T02:00:00Z') (an offset) and of datetime('2026-11-30T02:00:00[UTC]') (a named zone), since
# pytz.FixedOffset(0) is pytz.UTC, which has a name; and sends a value whose zone has a name as a named zone. So every
# `Z` that goes through a copy, a migration or a read-modify-write comes back as `[UTC]`, and toString() of it differs.
# Offsets other than zero stay offsets. A copy that must be exact lets the server write the text: toString(n.at).
# Seen: wire structure "I" (offset) goes in, "i" (zone id) comes out. Runs without a server, on the codec of Bolt 5.
# Exits 0 while that is so, 1 when it has changed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check neo4j==6.4.1
"$folder/venv/bin/python" - <<'PYTHON'
import sys

import neo4j
from neo4j._codec.hydration.bolt.v2.temporal import dehydrate_datetime, hydrate_datetime

SECONDS = 1_796_004_000  # 2026-11-30T02:00:00Z
print("neo4j", neo4j.__version__)
sent = {}
for offset in (0, 3_600):
    read = hydrate_datetime(SECONDS, 0, offset)
    written = dehydrate_datetime(read)
    sent[offset] = (written.tag, written.fields[2])
    print(f"read with offset {offset:>5} s as {read.iso_format()}: written as {written.tag!r} {written.fields[2]!r}")
as_described = sent == {0: (b"i", "UTC"), 3_600: (b"I", 3_600)}
print("as described" if as_described else "CHANGED")
sys.exit(not as_described)
PYTHON
