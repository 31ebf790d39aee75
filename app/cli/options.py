"""Options that several commands share."""

from typing import Annotated

import typer

Tenant = Annotated[str, typer.Option("--tenant", help="The shop: 1 to 63 of a-z, 0-9 and -.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
