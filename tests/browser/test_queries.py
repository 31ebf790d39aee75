"""The saved queries draw what their headers promise: bounded, of one tenant, and in the style that comes with them."""

import re

import pytest
from neo4j.graph import Graph, Node

from tests.browser.conftest import QUERIES, STYLE, TENANT, SavedQuery, Viewer

BY_NAME = {query.name: query for query in QUERIES}
each_query = pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.name)


def drawn(graph: Graph, label: str) -> list[Node]:
    """Nodes of one label."""
    return [node for node in graph.nodes if label in node.labels]


def ends(graph: Graph, type_: str) -> list[tuple[Node, Node]]:
    """Both ends of every relationship of one type."""
    pairs = [(one.start_node, one.end_node) for one in graph.relationships if one.type == type_]
    return [(start, end) for start, end in pairs if start is not None and end is not None]


@each_query
def test_a_saved_query_says_what_to_look_for_and_how_to_adapt_it(query: SavedQuery):
    sections = re.findall(r"^// (look for|adapt|needs): +\S", query.header, re.MULTILINE)

    assert query.title.endswith(".")
    assert sections == ["look for", "adapt", "needs"]


@each_query
def test_a_saved_query_runs_as_pasted(query: SavedQuery):
    """One bounded statement, its ids in the first line, no parameter to set before."""
    statement = query.text.removeprefix(query.header).strip()

    assert statement.startswith(f"WITH {TENANT}")
    assert re.search(r"\nLIMIT \d+$", statement)
    assert not re.search(r"[$;]", statement)


@each_query
async def test_a_saved_query_draws_one_shop_in_a_picture_that_can_be_read(viewer: Viewer, query: SavedQuery):
    graph = await viewer.draws(query.of(viewer.tenant))

    assert 10 <= len(graph.nodes) <= 60
    assert len(graph.nodes) - 1 <= len(graph.relationships) <= 80
    assert {node["tenant"] for node in graph.nodes} == {viewer.tenant}


@each_query
async def test_the_style_knows_every_label_and_caption_that_is_drawn(viewer: Viewer, query: SavedQuery):
    rules = dict(re.findall(r"^node\.(\w+) \{.*?caption: '(.+?)';", STYLE, re.MULTILINE | re.DOTALL))

    for node in (await viewer.draws(query.of(viewer.tenant))).nodes:
        (label,) = node.labels
        shown = re.findall(r"\{(\w+)\}", rules[label])
        assert shown
        assert all(node[name] for name in shown)


async def test_a_household_shares_what_it_shares_and_no_taste(viewer: Viewer):
    graph = await viewer.draws(BY_NAME["show_household"].of(viewer.tenant))

    assert {node["id"] for node in drawn(graph, "Identity")} == {"tom-personal", "tom-work", "debbie-personal"}
    known = [(identity["id"], identifier["id"]) for identity, identifier in ends(graph, "KNOWN_BY")]
    shared = {identifier for _, identifier in known if len([one for one in known if one[1] == identifier]) > 1}
    assert [node["type"] for node in drawn(graph, "Identifier") if node["id"] in shared] == ["device"]
    liked = [product["id"] for _, product in ends(graph, "LIKES")]
    assert len(liked) == len(set(liked)) == 12


async def test_between_identities_of_a_home_there_is_nothing_but_grants(viewer: Viewer):
    graph = await viewer.draws(BY_NAME["show_firewall"].of(viewer.tenant))

    between = [one for one in graph.relationships if all(node and "Identity" in node.labels for node in one.nodes)]
    assert {one.type for one in between} == {"GRANTED"}
    assert {(giver["id"], taker["id"]) for giver, taker in ends(graph, "GRANTED")} == {
        ("tom-personal", "tom-and-debbie"),
        ("debbie-personal", "tom-and-debbie"),
    }
    assert "household_share" in {node["purpose"] for node in drawn(graph, "Consent")}


async def test_a_journey_has_two_lanes_and_one_crossing(viewer: Viewer):
    graph = await viewer.draws(BY_NAME["show_journey"].of(viewer.tenant))

    lanes = {node["id"] for node in drawn(graph, "Identity")}
    assert lanes == {"tom-personal", "tom-work"}
    whose = {deed["id"]: identity["id"] for identity, deed in ends(graph, "DID")}
    touched: dict[str, set[str]] = {}
    for deed, product in ends(graph, "OF"):
        touched.setdefault(product["title"], set()).add(whose[deed["id"]])
    assert [title for title, by in touched.items() if by == lanes] == ["Charcoal, 18 lb"]
    assert {one.type for one in graph.relationships} == {"HAS_IDENTITY", "DID", "OF"}


async def test_without_the_consent_of_both_two_lanes_do_not_cross(viewer: Viewer):
    """To household_share Tom consents at home alone, so a query that asks for that consent draws no crossing."""
    text = (
        BY_NAME["show_journey"]
        .of(viewer.tenant)
        .replace("{purpose: 'link_identities'}", "{purpose: 'household_share'}")
    )
    graph = await viewer.draws(text)

    assert len(drawn(graph, "Identity")) == 2
    assert "Charcoal, 18 lb" not in {node["title"] for node in drawn(graph, "Product")}
    assert {node["type"] for node in drawn(graph, "Interaction")} == {"purchase"}


async def test_an_answer_leads_from_own_likes_to_what_is_not_owned(viewer: Viewer):
    graph = await viewer.draws(BY_NAME["explain_answer"].of(viewer.tenant))

    own = {product["id"] for _, product in ends(graph, "LIKES")}
    reasons = [(liked["id"], near["id"]) for liked, near in ends(graph, "SIMILAR_TO")]
    again = {product["id"] for product, _ in ends(graph, "REPURCHASED")}
    assert reasons
    assert {liked for liked, _ in reasons} | again == own
    assert not {near for _, near in reasons} & own
    assert again


@pytest.mark.parametrize("identity_id", ["nora-refuses", "eve-expired", "visitor-0815"])
async def test_without_a_live_consent_there_is_no_answer_to_explain(viewer: Viewer, identity_id: str):
    text = BY_NAME["explain_answer"].of(viewer.tenant).replace("debbie-personal", identity_id)

    assert not (await viewer.draws(text)).nodes


async def test_every_consent_hangs_on_one_identity(viewer: Viewer):
    graph = await viewer.draws(BY_NAME["show_consents"].of(viewer.tenant))

    given = ends(graph, "GAVE")
    assert len(given) == len(drawn(graph, "Consent"))
    assert all("Identity" in giver.labels for giver, _ in given)
    assert len(drawn(graph, "Identity")) == 5


async def test_a_deal_hunter_pays_less_than_the_list_price(viewer: Viewer):
    graph = await viewer.draws(BY_NAME["weigh_deals"].of(viewer.tenant))

    lines = [one for one in graph.relationships if one.type == "OF"]
    assert lines
    assert all(line["price_paid"] < line["list_price"] for line in lines)
    assert {p["id"] for _, p in ends(graph, "LIKES")} == {p["id"] for _, p in ends(graph, "OF")}


async def test_a_run_shows_whom_it_learned_from_and_what_it_derived(viewer: Viewer):
    graph = await viewer.draws(BY_NAME["show_run"].of(viewer.tenant))

    (run,) = drawn(graph, "Run")
    assert run["active"]
    assert {"LEARNED_FROM", "POPULAR", "REPURCHASED"} == {one.type for one in graph.relationships}
    assert all(one["run"] == run["id"] for one in graph.relationships if one.type != "LEARNED_FROM")
