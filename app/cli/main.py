"""The `plural` command: its parts, and one sentence for whatever goes wrong."""

import sys

# Before anything that an older Python cannot even read; pip is not always asked.
if sys.version_info < (3, 11):  # noqa: UP036
    sys.exit(f"Plural needs Python 3.11 or newer, and this is {sys.version.split()[0]}: make a newer environment.")

import typer

from app.cli import (
    audiences,
    audit,
    backup,
    communities,
    decide,
    demo,
    doctor,
    dump,
    evaluate,
    experiments,
    exposure,
    identifiers,
    journey,
    keys,
    link,
    load,
    openapi,
    plans,
    refresh,
    replay,
    report,
    restore,
    retention,
    rules,
    seed,
    serve,
    settings,
    who,
)
from app.cli.terminal import clean_terminal
from app.domain.errors import PluralError

app = typer.Typer(
    name="plural",
    help="Recommends to identities on a property graph.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("demo")(demo.demo)
app.command("serve")(serve.serve)
app.command("load")(load.load)
app.command("link")(link.link)
app.command("seed")(seed.seed)
app.command("refresh")(refresh.refresh)
app.command("doctor")(doctor.doctor)
app.command("who")(who.who)
app.command("decide")(decide.decide)
app.command("experiments")(experiments.experiments)
app.command("replay")(replay.replay)
app.command("communities")(communities.communities)
app.command("community")(communities.community)
app.command("journey")(journey.journey)
app.command("exposure")(exposure.exposure)
app.command("retention")(retention.retention)
app.command("report")(report.report)
app.command("backup")(backup.backup)
app.command("dump")(dump.dump_shop)
app.command("restore")(restore.restore)
app.command("settings")(settings.settings)
app.command("openapi")(openapi.openapi)
app.add_typer(audiences.app, name="audiences")
app.add_typer(plans.app, name="plans")
app.add_typer(evaluate.app, name="evaluate")
app.add_typer(keys.app, name="keys")
app.add_typer(identifiers.app, name="identifiers")
app.add_typer(audit.app, name="audit")
app.add_typer(rules.app, name="rules")


EXIT_CODES = {
    "database-gone": 69,
    "disk-full": 73,
    "database-broken": 74,
    "busy": 75,
    "writes-held": 75,
    "missing-key": 78,
}
"""Exit code by kind of error, those of sysexits.h; 1 for all others. Rows that were refused are 2."""


def main() -> None:
    """Run the command; an error of ours becomes its sentence on stderr and the exit code of its kind."""
    with clean_terminal():
        try:
            app()
        except PluralError as error:
            typer.echo(str(error), err=True)
            raise SystemExit(EXIT_CODES.get(error.kind or "", 1)) from None
