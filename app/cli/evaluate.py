"""`plural evaluate`: how good the served ranking is on a data set, beside baselines."""

import asyncio
import json
import secrets
from collections.abc import AsyncGenerator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import SecretStr

from app.cli.evaluate_report import (
    show_attribution,
    show_differences,
    show_going,
    show_linkage,
    show_profiles,
    show_report,
)
from app.cli.options import AsJson
from app.cli.progress import Bars
from app.domain.errors import InvalidError
from app.domain.progress import Progress
from app.embedded import throwaway_server
from app.evaluation.attribution import FOLDS, evaluate_attribution
from app.evaluation.datasets import (
    Dataset,
    read_camra,
    read_complete_journey,
    read_lastfm,
    read_movielens,
    read_tables,
)
from app.evaluation.datasets.people import SETS, read_people_set, repeat_people
from app.evaluation.lists import ListWriter, compare_lists
from app.evaluation.profiles import USERS, evaluate_profiles
from app.evaluation.protocols import Protocol
from app.evaluation.report import Report
from app.evaluation.report import evaluate as run_evaluation
from app.evaluation.retention import evaluate_going
from app.evaluation.task import Part, Task, ask_fewer, build_task, cut_histories
from app.graph.database import Database
from app.opening import embedded_options, open_database
from app.settings import Settings

PATIENCE_SECONDS = 300
"""Nobody waits for an answer here, so a slow machine must not spoil a measurement."""

HEAP_MB = 1024
"""Of the throw-away server unless the settings say otherwise: it serves nobody but the evaluation."""

app = typer.Typer(
    help="Measure the served ranking: load a training part, refresh, ask for everybody, compare with the rest.",
    no_args_is_help=True,
)

Places = Annotated[int, typer.Option("--k", min=1, max=100, help="Length of the lists.")]
Seed = Annotated[int, typer.Option("--seed", help="Of everything that is drawn.")]
Held = Annotated[Part, typer.Option("--part", help="Tune on validation, quote test.")]
Overrides = Annotated[
    list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="A setting for this run; may be repeated.")
]
NoTags = Annotated[bool, typer.Option("--no-tags", help="Load the catalogue without its tags.")]
History = Annotated[
    int | None,
    typer.Option(
        "--history", min=0, help="Ask only for a fifth of the identities, each cut to so many random training items."
    ),
]

Viewing = Annotated[
    int, typer.Option("--viewing", min=0, help="With --history: so many of the items that were cut stand on the page.")
]
Lists = Annotated[
    Path | None, typer.Option("--lists", help="Write every list to this CSV file, for `plural evaluate compare`.")
]


@app.command("retention")
def retention(as_json: AsJson = False) -> None:
    """Measure on Complete Journey, cut at day 240, how well it is foretold who buys nothing in the next 60 days."""
    report = evaluate_going()
    if as_json:
        typer.echo(json.dumps(asdict(report)))
    else:
        show_going(report)


@app.command("lastfm")
def lastfm(
    data: Annotated[Path, typer.Option("--data", help="Folder of the HetRec 2011 Last.fm files, plain or .gz.")],
    seed: Seed = 0,
    k: Places = 10,
    part: Held = "test",
    no_tags: NoTags = False,
    history: History = None,
    viewing: Viewing = 0,
    set_: Overrides = None,
    lists: Lists = None,
    as_json: AsJson = False,
) -> None:
    """Artists a listener has not heard: 8:1:1 of everybody's listens at random."""
    task = _task(read_lastfm(data), "ratio", part, seed, no_tags=no_tags, history=history, viewing=viewing)
    _evaluate(_settings(["quantity_growth=1", *(set_ or [])]), task, part, k, lists, as_json)


@app.command("ml-100k")
def ml_100k(
    data: Annotated[Path, typer.Option("--data", help="Folder of MovieLens 100k: u.data, or RecBole's ml-100k.inter.")],
    seed: Seed = 0,
    k: Places = 10,
    part: Held = "test",
    no_tags: NoTags = False,
    history: History = None,
    viewing: Viewing = 0,
    set_: Overrides = None,
    lists: Lists = None,
    as_json: AsJson = False,
) -> None:
    """Films a person has not rated: 80/20 of all ratings at random, the split on which others certify evaluators."""
    task = _task(read_movielens(data), "holdout", part, seed, no_tags=no_tags, history=history, viewing=viewing)
    _evaluate(_settings(set_), task, part, k, lists, as_json)


@app.command("complete-journey")
def complete_journey(
    seed: Seed = 0,
    k: Places = 10,
    part: Held = "test",
    households: Annotated[int | None, typer.Option(min=1, help="Draw so many; default all 2,234.")] = None,
    set_: Overrides = None,
    lists: Lists = None,
    as_json: AsJson = False,
) -> None:
    """A household's last basket at a grocer's, repeats allowed (protocol of TAIW, RecSys 2023)."""
    task = build_task(read_complete_journey(), "taiw", part, seed, households)
    _evaluate(_settings(set_), task, part, k, lists, as_json)


@app.command("csv")
def csv(
    interactions: Annotated[Path, typer.Option(help="identity_id,product_id[,timestamp][,weight]")],
    protocol: Annotated[
        Protocol | None,
        typer.Option(help="How interactions are held out; taiw: last-basket, without the basket before it."),
    ] = None,
    test: Annotated[
        Path | None, typer.Option(help="The held-out part of a ready-made split, in the columns of --interactions.")
    ] = None,
    products: Annotated[Path | None, typer.Option(help="product_id,title,brand,tags; tags parted by |")] = None,
    social: Annotated[Path | None, typer.Option(help="identity_id,identity_id; the first follows the second")] = None,
    seed: Seed = 0,
    k: Places = 10,
    part: Held = "test",
    no_tags: NoTags = False,
    history: History = None,
    viewing: Viewing = 0,
    ask: Annotated[
        int | None, typer.Option(min=1, help="Ask for so many identities, drawn by the seed; all are learned from.")
    ] = None,
    set_: Overrides = None,
    lists: Lists = None,
    as_json: AsJson = False,
) -> None:
    """Measure on any other data set, as CSV files; a weight counts as a quantity."""
    if (protocol is None) == (test is None):
        raise InvalidError("Say either with --protocol how interactions are held out, or bring a split with --test.")
    with Bars().step(f"Reading {interactions.name}"):
        data = read_tables(interactions, products, social, test)
    task = _task(data, protocol, part, seed, no_tags=no_tags, history=history, viewing=viewing)
    if ask is not None:
        task = ask_fewer(task, ask, seed)
    _evaluate(_settings(["quantity_growth=1", *(set_ or [])]), task, part, k, lists, as_json)


@app.command("camra")
def camra(
    data: Annotated[Path, typer.Option("--data", help="Folder of the CAMRa2011 files, plain or .gz.")],
    seed: Seed = 0,
    part: Held = "test",
    as_json: AsJson = False,
) -> None:
    """Which member of a household rated a film, given household, film and rating: the posterior of shared logins."""
    with Bars().step("Learning members of households", FOLDS + 1, "folds") as step:
        report = evaluate_attribution(read_camra(data), part, seed, step.advance)
    if as_json:
        typer.echo(json.dumps(asdict(report)))
    else:
        show_attribution(report)


@app.command("profiles")
def profiles(
    data: Annotated[Path, typer.Option("--data", help="Folder of the HetRec 2011 Last.fm files, plain or .gz.")],
    seed: Seed = 0,
    part: Held = "test",
    as_json: AsJson = False,
) -> None:
    """How many listeners share a login: histories of one, two and three, fused and parted again without labels."""
    with Bars().step("Parting logins", len(USERS), "numbers of users") as step:
        report = evaluate_profiles(read_lastfm(data), part, seed, advance=step.advance)
    if as_json:
        typer.echo(json.dumps(asdict(report)))
    else:
        show_profiles(report)


@app.command("link")
def link(
    name: Annotated[str, typer.Argument(metavar="SET", help=f"{', '.join(SETS)}: files of your own.")],
    data: Annotated[
        list[Path] | None, typer.Option("--data", help="Folder or file of the set; `files`: repeat for several.")
    ] = None,
    columns: Annotated[str | None, typer.Option(help="KIND=HEADER,…; guessed from the headers where not said.")] = None,
    truth: Annotated[str | None, typer.Option(help="`files`: the column that says who a record is of.")] = None,
    repeat: Annotated[
        int,
        typer.Option(min=1, max=100, help="So many times the people, with new errors: time and memory."),
    ] = 1,
    as_json: AsJson = False,
) -> None:
    """Which records are of one person, found without labels; the truth is only compared with in the end."""
    from app.evaluation.linkage import evaluate_linkage  # brings Splink, which no other command waits for

    if name not in SETS:
        raise InvalidError(f"{name!r} is no set; choose of {', '.join(SETS)}.")
    people = read_people_set(name, data or (), columns, truth)
    if repeat > 1:
        people = repeat_people(people, repeat)
    with Bars().step(f"Linking {len(people.table):,} records", 100, "%") as step:
        report = evaluate_linkage(people, lambda share: step.advance(round(100 * share)))
    if as_json:
        typer.echo(json.dumps(asdict(report)))
    else:
        show_linkage(report)


@app.command("compare")
def compare(
    first: Annotated[Path, typer.Argument(help="Lists of a run, as --lists wrote them.")],
    second: Annotated[Path, typer.Argument(help="Lists of another run on the same split; or the same file.")],
    ranking: Annotated[str, typer.Option(help="The ranking to compare, as its row is called.")] = "service",
    with_: Annotated[str | None, typer.Option("--with", help="The second's ranking, where it is another.")] = None,
    as_json: AsJson = False,
) -> None:
    """Compare two runs identity by identity: the mean difference and its standard error."""
    found = compare_lists(first, second, ranking, with_)
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in found]))
    else:
        show_differences(found)


def _task(
    dataset: Dataset,
    protocol: Protocol | None,
    part: Part,
    seed: int,
    *,
    no_tags: bool,
    history: int | None,
    viewing: int,
) -> Task:
    if viewing and history is None:
        raise InvalidError("--viewing shows items that were cut: say with --history N how many are left.")
    task = replace(build_task(dataset, protocol, part, seed), with_tags=not no_tags)
    return task if history is None else cut_histories(task, history, seed, viewing=viewing)


def _settings(overrides: list[str] | None) -> Settings:
    """The environment's settings with those of the command line; values are JSON or plain words."""
    given: dict[str, Any] = {"query_timeout_seconds": PATIENCE_SECONDS}
    for override in overrides or []:
        name, equals, value = override.partition("=")
        if not equals or name not in Settings.model_fields:
            raise InvalidError(f"--set {override}: say NAME=VALUE with a name of `plural settings`.")
        try:
            given[name] = json.loads(value)
        except json.JSONDecodeError:
            given[name] = value
    return Settings.load(**given)


def _evaluate(settings: Settings, task: Task, part: Part, k: int, lists: Path | None, as_json: bool) -> None:
    async def run(writer: ListWriter | None) -> Report:
        progress = Bars()
        async with throwaway_database(settings, progress) as (db, of_it):
            return await run_evaluation(db, of_it, task, part, k, progress, writer)

    with ExitStack() as open_:
        report = asyncio.run(run(open_.enter_context(ListWriter(lists)) if lists else None))
    if as_json:
        typer.echo(json.dumps(asdict(report)))
    else:
        show_report(report)


@asynccontextmanager
async def throwaway_database(settings: Settings, progress: Progress) -> AsyncGenerator[tuple[Database, Settings]]:
    """The named server, else one that lives as long as the evaluation; with its settings."""
    if settings.neo4j_uri is not None:
        async with open_database(settings, progress) as db:
            yield db, settings
        return
    options = embedded_options(settings)
    options["heap_mb"] = settings.heap_mb or HEAP_MB
    with throwaway_server(progress=progress, **options) as server:
        named = {
            "neo4j_uri": server.bolt_uri,
            "neo4j_user": server.user,
            "neo4j_password": SecretStr(server.password),
            "hash_key": SecretStr(secrets.token_hex(32)),  # thrown away as well
        }
        of_it = settings.model_copy(update=named)
        async with open_database(of_it, progress) as db:
            yield db, of_it
