"""How fast a big Merchant feed in XML is read and gets into the graph, and how much memory the command takes.

Measures, never asserts: `plural load products` as a process of its own, first with `--check`, which reads and writes
nothing, then into a throw-away Neo4j; with a tenth of the products and with all. `python -m tests.bench.feeds` prints
a table.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console
from rich.table import Table

from app.embedded import throwaway_server
from tests.bench.latency import Environment, plural_environment

ITEM = """<item><g:id>sku-{n}</g:id><g:title>Cotton shirt number {n}, blue</g:title>
<g:description>A shirt of cotton, number {n}. Washes well, dries fast, and is kind to skin &amp; purse.</g:description>
<g:link>https://shop.example/p/{n}</g:link><g:image_link>https://cdn.example/i/{n}.jpg</g:image_link>
<g:availability>in_stock</g:availability><g:price>{price}.99 EUR</g:price><g:sale_price>{price}.49 EUR</g:sale_price>
<g:brand>Brand {brand}</g:brand><g:gtin>{gtin}</g:gtin><g:condition>new</g:condition>
<g:product_type>Apparel &gt; Shirts &gt; Kind {kind}</g:product_type><g:item_group_id>group-{group}</g:item_group_id>
<g:color>blue</g:color><g:size>M</g:size><g:material>cotton</g:material>
<g:shipping><g:country>DE</g:country><g:price>4.90 EUR</g:price></g:shipping></item>
"""


def measure(products: int) -> list[dict[str, Any]]:
    """One row a size: ``products``, ``parsed`` and ``loaded`` a second, and the most memory of each in MiB."""
    with TemporaryDirectory(prefix="plural-feeds-") as folder:
        return [_row(Path(folder), size) for size in (products // 10, products)]


def _row(folder: Path, products: int) -> dict[str, Any]:
    feed = folder / f"{products}.xml"
    _write(feed, products)
    with TemporaryDirectory(prefix="plural-bench-") as home, throwaway_server() as server:
        environment = plural_environment(server, home)
        parsed, parsed_mb = _load(feed, environment, "--check")
        loaded, loaded_mb = _load(feed, environment)
    rates = {"parsed": round(products / parsed), "loaded": round(products / loaded)}
    return {"products": products, **rates, "parsed_mb": parsed_mb, "loaded_mb": loaded_mb}


def _write(feed: Path, products: int) -> None:
    with feed.open("w", encoding="utf-8") as file:
        file.write('<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel><title>Shop</title>\n')
        for n in range(products):
            kinds = {"price": 10 + n % 90, "brand": n % 300, "kind": n % 40, "group": n // 4}
            file.write(ITEM.format(n=n, gtin=4_000_000_000_000 + n, **kinds))
        file.write("</channel></rss>\n")


def _load(feed: Path, environment: Environment, *options: str) -> tuple[float, int]:
    """Seconds by the command's own word, and the most memory that it took, in MiB."""
    plural = Path(sys.executable).with_name("plural")
    command = [plural, "load", "products", feed, "--tenant", "bench", "--json", *options]
    with subprocess.Popen(command, env=dict(environment), stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        report = json.loads(process.stdout.read())
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return report["seconds"], round(usage.ru_maxrss / 1024)


def table_of(rows: Sequence[Mapping[str, Any]]) -> Table:
    """Lay the figures out for people."""
    table = Table("products", "read/s", "MiB", "into the graph/s", "MiB", title_justify="left")
    table.title = "A Merchant feed in XML"
    for row in rows:
        table.add_row(*(f"{row[name]:,}" for name in ("products", "parsed", "parsed_mb", "loaded", "loaded_mb")))
    return table


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.feeds", description=__doc__)
    parser.add_argument("--products", type=int, default=200_000, help="of the big feed; 200,000 unless given")
    Console().print(table_of(measure(parser.parse_args().products)))


if __name__ == "__main__":
    main()
