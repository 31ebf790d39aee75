"""`plural openapi`: the document that clients are generated from."""

import json

import typer

from app.main import create_app
from app.settings import Settings


def openapi() -> None:
    """Print the OpenAPI document of this version; no database is asked."""
    typer.echo(json.dumps(create_app(Settings.load()).openapi(), indent=2))
