"""The page: six drawings with what they say in words, each with a table of every figure, its interval and its n."""

from collections.abc import Iterable, Sequence
from html import escape
from itertools import chain, islice

from app.domain.communities import Told
from app.domain.disclosure import NOT_ENOUGH, Figure
from app.report.grids import choose_cells, draw_heat, draw_loyalty
from app.report.plots import MOST_DISCS, draw_facets, draw_map, draw_niches, draw_sizes, name_of, shared_members, write
from app.report.values import BrandView, Report

MOST_MATCHES = 400
"""Rows of the table of associations: those that are drawn, then the highest."""

_STYLE = """
:root { color-scheme: light; }
body { margin: 0; background: #f6f7f9; color: #1d2633; font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 820px; margin: 0 auto; padding: 16px; }
section { background: #fff; border: 1px solid #dfe4ea; border-radius: 8px; padding: 16px; margin: 16px 0; }
h1 { font-size: 1.6rem; margin: 8px 0; } h2 { font-size: 1.15rem; margin: 0 0 4px; }
p { margin: 4px 0 12px; } .faint { color: #5b6673; font-size: .9rem; }
.plot, .table { overflow-x: auto; }
.plot svg { display: block; width: 100%; max-width: 560px; margin: 0 auto; height: auto; }
table { border-collapse: collapse; font-size: .85rem; margin-top: 8px; }
th, td { text-align: left; padding: 3px 12px 3px 0; border-bottom: 1px solid #eef1f4; vertical-align: top; }
.key { columns: 15em; column-gap: 24px; font-size: .85rem; list-style: none; margin: 12px 0 0; padding: 0; }
.key li { break-inside: avoid; padding: 1px 0 1px 3em; text-indent: -3em; }
.key b { display: inline-block; width: 3em; text-indent: 0; }
@media (max-width: 500px) { main { padding: 8px; } section { padding: 12px 10px; } h1 { font-size: 1.3rem; } }
summary { cursor: pointer; color: #2f5da8; }
"""


def write_page(report: Report) -> str:
    """Write the whole page: one HTML document that asks no network for anything."""
    told = report.communities
    sections = [
        _map(told),
        _sizes(told),
        _heat(report),
        *_brand(report.brand),
        _loyalty(told),
    ]
    head = f"Taste communities of {escape(report.tenant)}"
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{head}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{head}</h1>\n"
        f"{_preface(report)}\n{''.join(sections)}\n</main>\n</body>\n</html>\n"
    )


def _preface(report: Report) -> str:
    silent = f" {report.silent} more have too few members to be told of." if report.silent else ""
    return (
        f'<p class="faint">Run {escape(report.run)}, written {escape(report.made_at)}. '
        f"{len(report.communities)} communities.{silent} No figure stands for fewer than {report.k} identities; "
        "numbers of people carry noise (~76: about 76), so that nobody shows. Intervals are 95 % and hold it. "
        "Lifts are associations: they say what goes together, not what leads to what.</p>"
    )


def _map(told: Sequence[Told]) -> str:
    rows = [
        (name_of(one), neighbour.id, *_parts(neighbour.shared, "percent"))
        for one in told
        for neighbour in one.neighbours
    ]
    lines = (
        "a line joins two that share members"
        if shared_members(told[:MOST_DISCS])
        else "no two share enough members to be joined by a line"
    )
    key = "".join(f"<li><b>{escape(one.id)}</b>{escape(one.label or 'no name')}</li>" for one in told[:MOST_DISCS])
    return _section(
        "Community map",
        f"A disc is a community, as large as its membership; {lines}.",
        f"{draw_map(told)}<ul class='key'>{key}</ul>" if told else "",
        ("community", "shares with", "share of its members", "95 % interval", "n"),
        rows,
    )


def _sizes(told: Sequence[Told]) -> str:
    rows = [(name_of(one), f"~{one.size:,}", *_parts(one.figures["growth"], "change")) for one in told]
    return _section(
        "Sizes and growth",
        f"How many belong{_growth_words(told)}.",
        draw_sizes(told) if told else "",
        ("community", "members", "growth", "95 % interval", "n"),
        rows,
    )


def _growth_words(told: Sequence[Told]) -> str:
    known = any(one.figures["growth"].value is not None for one in told)
    return (
        ", and how that changed since figures were published before"
        if known
        else "; how that changed is told from the next week on"
    )


def _heat(report: Report) -> str:
    drawn = choose_cells(report.matches, report.communities)[2]
    others = (one for one in report.matches if one.kind == "brand" or (one.community_id, one.id) not in drawn)
    rows = [
        (match.community_label or match.community_id, match.label, *_parts(match.lift, "times"))
        for match in islice(chain(drawn.values(), others), MOST_MATCHES)
    ]
    return _section(
        "Communities and microgenres",
        "How many times as often as elsewhere a community buys in a microgenre (association). Empty: not enough data. "
        "The table has intervals, and brands.",
        draw_heat(report.matches, report.communities) if rows else "",
        ("community", "microgenre or brand", "lift", "95 % interval", "n"),
        rows,
    )


def _brand(view: BrandView | None) -> Iterable[str]:
    if view is None:
        yield _section("One brand in the plural", "", "", (), [])
        yield _section("Its niches", "", "", (), [])
        return
    yield _facets(view)
    yield _niches(view)


def _facets(view: BrandView) -> str:
    shares = [
        (facet.label or facet.community_id, "buys the brand", *_parts(facet.share, "percent"), "")
        for facet in view.facets
    ]
    aspects = [
        (
            facet.label or facet.community_id,
            f"{aspect.kind}: {aspect.label}",
            *_parts(aspect.here, "percent"),
            write(aspect.lift, "times"),
        )
        for facet in view.facets
        for aspect in facet.aspects
    ]
    return _section(
        f"{view.brand.name} in the plural",
        "What share of each community buys it; the table says which of its products, tags and microgenres it is there.",
        draw_facets(view.facets) if view.facets else "",
        ("community", "what", "share of its buyers there", "95 % interval", "n", "association, times as overall"),
        [*shares, *aspects],
    )


def _niches(view: BrandView) -> str:
    rows = [
        (
            niche.label or niche.community_id,
            write(niche.expected_share, "percent"),
            write(niche.actual_share, "percent"),
            write(niche.extra_buyers, "number"),
            f"~{niche.size:,}",
            ", ".join(fit.label for fit in niche.fits),
            ", ".join(label for _, label in niche.entry_products),
            ", ".join(brand.label for brand in niche.similar),
        )
        for niche in view.niches
    ]
    return _section(
        f"Niches of {view.brand.name}",
        "Communities whose taste fits the brand and that buy it less than their microgenres let expect.",
        draw_niches(view.niches) if view.niches else "",
        (
            "community",
            "expected share",
            "actual share",
            "extra buyers",
            "n",
            "fits",
            "entry products",
            "similar brands",
        ),
        rows,
    )


def _loyalty(told: Sequence[Told]) -> str:
    rows = [
        (name_of(one), *_parts(one.figures["deal_share"], "percent"), *_parts(one.figures["repeat_share"], "percent"))
        for one in told
    ]
    known = [one for one in told if one.figures["deal_share"].value is not None]
    return _section(
        "Deals against loyalty",
        "Lines bought below the list price against products bought more than once, averages over members.",
        draw_loyalty(told) if known else "",
        ("community", "deal share", "95 % interval", "n", "bought again", "95 % interval", "n"),
        rows,
    )


def _section(title: str, says: str, plot: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    body = f'<div class="plot">{plot}</div>' if plot else f"<p><em>{NOT_ENOUGH}</em></p>"
    return f"<section><h2>{escape(title)}</h2><p class='faint'>{escape(says)}</p>{body}{_table(head, rows)}</section>\n"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return ""
    top = "".join(f"<th>{escape(one)}</th>" for one in head)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return (
        f"<details><summary>All {len(rows)} figures with interval and n</summary><div class='table'>"
        f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div></details>"
    )


def _parts(figure: Figure, unit: str) -> tuple[str, str, str]:
    """Value, interval and n as cells."""
    if figure.value is None:
        return figure.note or "", "", ""
    value, _, interval = write(figure, unit).partition(" ")
    return value, interval.strip("()"), f"~{figure.n:,}"
