"""What `plural evaluate` prints: a table of rankings for each list, and how the run's communities came out."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer
from rich.table import Table

from app.cli.terminal import plain_console
from app.evaluation.attribution import AttributionReport
from app.evaluation.communities import COMMUNITY_TAGS, PRODUCT_TAGS, CommunityFigures
from app.evaluation.lists import Difference
from app.evaluation.microgenres import MicrogenreFigures
from app.evaluation.profiles import Gain, ProfileReport
from app.evaluation.report import Report, Score
from app.evaluation.retention import GoingReport, Interval

if TYPE_CHECKING:
    from app.evaluation.linkage import LinkageReport  # brings Splink

COLUMNS = (
    "Recall", "NDCG", "NDCG all", "±", "behind", "MRR", "Hit", "Precision", "coverage", "novelty", "diversity", "ms",
)  # fmt: skip
"""Of the tables, behind the ranking's name."""


def show_going(report: GoingReport) -> None:
    """Print how well it was foretold who would be gone."""
    table = Table(
        "", "ours", "recency and frequency", title="Complete Journey, cut at day 240: gone in the next 60 days"
    )
    table.add_row("AUC", _interval(report.auc), _interval(report.baseline_auc))
    errors = report.calibration_error, report.baseline_calibration_error
    table.add_row("expected calibration error", *(_interval(one) for one in errors))
    plain_console().print(table)
    typer.echo(
        f"{report.households:,} households, {report.gone:,} of them gone, {report.expected_gone:.1f} expected. "
        f"AUC gain {_interval(report.auc_gain)}; 95 % intervals over households."
    )


def _interval(one: Interval) -> str:
    return f"{one.value:.3f} ({one.low:.3f} to {one.high:.3f})"


def show_report(report: Report) -> None:
    """Print the tables, what the run was, and what could not be shown."""
    of = f"{report.dataset}, {report.protocol}, {report.part} part"
    caption = (
        f"At {report.k} places. NDCG: ideal over min(k, held out); NDCG all: over all that was held out; "
        "±: standard error of the protocol's own; behind: how far behind the first row by it, paired. Novelty in bits."
    )
    _print_scores(f"{of}: {report.identities:,} identities, {report.products:,} products", report.scores, caption)
    for shelf in report.shelves:
        _print_scores(f"{of}, {shelf.name}: {shelf.identities:,} identities", shelf.scores)
    run = report.run
    typer.echo(
        f"Learned from {run.learners:,} identities and {report.interactions:,} rows: {run.similar:,} similarities and "
        f"{run.rhythms:,} rhythms in {run.seconds:g} s. ms: median and p95 of one answer once its history is read."
    )
    if report.communities is not None:
        typer.echo(_told(report.communities))
    if report.microgenres is not None:
        _print_microgenres(report.microgenres)
    for note in report.notes:
        typer.echo(f"{note[0].upper()}{note[1:]}.")
    for name in report.left_out:
        typer.echo(f"Not shown: {name}.")


def _told(found: CommunityFigures) -> str:
    told = f"{found.communities:,} communities; the median identity is in {found.median_memberships:g}"
    told += f", {found.members:.0%} are in any."
    if found.tag_cover is None or found.overall_cover is None:
        return told
    return told + (
        f" A community's {COMMUNITY_TAGS} strongest tags cover {found.tag_cover:.1%} of the {PRODUCT_TAGS} strongest of"
        f" its products ({found.products:,} with tags, each left out itself), those of all {found.overall_cover:.1%}."
    )


def _print_microgenres(found: MicrogenreFigures) -> None:
    title = f"{found.microgenres:,} microgenres: how often two products of one held-out basket are of one group"
    table = Table("grouped by", "groups", "share", "by chance", "lift", "microgenres across", title=title)
    for one in found.purity:
        figures = f"{one.groups:,}", f"{one.together:.4f}", f"{one.by_chance:.4f}", f"{one.lift:.2f}"
        table.add_row(one.name, *figures, "" if one.across is None else f"{one.across:.0%}")
    plain_console().print(table)


def _print_scores(title: str, scores: Sequence[Score], caption: str | None = None) -> None:
    table = Table("ranking", title=title, caption=caption)
    for name in COLUMNS:
        table.add_column(name, justify="right", no_wrap=True)
    for score in scores:
        table.add_row(*_cells(score))
    plain_console().print(table)


def _cells(score: Score) -> list[str]:
    accuracy = score.recall, score.ndcg, score.ndcg_all, score.ndcg_error
    behind = "" if score.ahead is None else f"{score.ahead:.4f} ± {score.ahead_error:.4f}"
    times = score.answer_ms_median, score.answer_ms_p95
    return [
        score.ranking,
        *(f"{figure:.4f}" for figure in accuracy),
        behind,
        *(f"{figure:.4f}" for figure in (score.mrr, score.hit, score.precision)),
        f"{score.coverage:.1%}",
        f"{score.novelty:.2f}",
        "" if score.diversity is None else f"{score.diversity:.3f}",
        "" if times[0] is None else f"{times[0]:.1f} / {times[1]:.1f}",
    ]


def show_profiles(report: ProfileReport) -> None:
    """Print how well fused logins were parted, and what that is worth to their users."""
    table = Table(
        "users", "logins", "as many", "more", "fewer", "ARI", "NDCG@10, smaller user", "all users", "none found"
    )
    table.title = f"Logins of known users, parted without labels; learned from {report.crowd:,} others ({report.part})"
    for one in report.by_users:
        shares = (f"{share:.1%}" for share in (one.right, one.over, one.under))
        gains = (_write_gain(gain) for gain in (one.smaller, one.all_users))
        none_found = f"{one.empty_before:.1%}, {one.empty_after:.1%}"
        table.add_row(str(one.users), f"{one.logins:,}", *shares, f"{one.ari:.3f}", *gains, none_found)
    plain_console().print(table)
    table = Table("probability", "held-out sessions", "right", title="Sessions of logins of two and three users")
    table.caption = f"Expected calibration error: {report.calibration_error:.3f}"
    for level in report.assigned:
        table.add_row(f"{level.threshold:g} and more", f"{level.coverage:.1%}", f"{level.accuracy:.1%}")
    plain_console().print(table)


def _write_gain(gain: Gain) -> str:
    return f"{gain.before:.4f}, {gain.after:.4f} ({gain.change:+.1%}; ± {gain.error:.4f})"


def show_differences(differences: Sequence[Difference]) -> None:
    """Print how far the second of two runs is ahead of the first."""
    table = Table("list", "measure", "identities", "first", "second", "second - first", "± standard error")
    for one in differences:
        figures = (f"{value:.4f}" for value in (one.first, one.second, one.difference, one.error))
        table.add_row(one.list or "the protocol's own", one.measure, f"{one.identities:,}", *figures)
    plain_console().print(table)


def show_attribution(report: AttributionReport) -> None:
    """Print how often the right member was named, and how honest the probabilities are."""
    title = f"camra, {report.part} part: {report.rows:,} ratings that one of {report.members:,} members gave"
    table = Table("measure", "figure", title=title)
    table.add_row("accuracy", f"{report.accuracy:.4f} ± {report.error:.4f}")
    table.add_row("... in households of two", f"{report.accuracy_of_two:.4f}")
    table.add_row("... on the 70 % most certain", f"{report.accuracy_of_surest:.4f}")
    table.add_row("expected calibration error", f"{report.calibration_error:.4f}")
    table.add_row("accuracy of the member with most ratings", f"{report.majority:.4f}")
    plain_console().print(table)


def show_linkage(report: "LinkageReport") -> None:
    """Print how well records of one person were found."""
    compared = ", ".join(f"{header} as {name}" for name, header in report.columns.items())
    title = f"{report.name}: {report.records:,} records of {report.people:,} people, {report.true_pairs:,} true pairs"
    table = Table("", "precision", "recall", "F1", title=title, caption=f"Compared: {compared}.")
    for name, one in (("pairs of probability .5 or more", report.pairwise), ("pairs within groups", report.clustered)):
        table.add_row(name, *(f"{figure:.4f}" for figure in (one.precision, one.recall, one.f1)))
    plain_console().print(table)
    typer.echo(f"{report.seconds:.1f} s ({report.cpu_seconds:.1f} s of CPU), {report.peak_mb:,} MB of memory at most.")
