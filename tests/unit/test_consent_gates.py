"""No statement reads what an identity likes, did or belongs to without its consent, proven from the text alone."""

import re
from collections.abc import Callable
from importlib.resources import files

import pytest

from app.domain.models import PURPOSES
from tests.unit.gates import LEARNING, SHARING, Reading, gate_of, read_statement, reads_watched

TEXTS = {
    f"{folder.name}/{file.name.removesuffix('.cypher')}": file.read_text(encoding="utf-8")
    for folder in files("cypher").iterdir()
    if folder.is_dir() and folder.name not in {"schema", "browser"}
    for file in folder.iterdir()
    if file.name.endswith(".cypher")
}

NOT_SERVING = {
    "ingest": "writes down what arrives and sums it up for the identity itself",
    "evaluate": "counts how communities came out in a throw-away tenant; serves nothing and tells of nobody",
    "describe": "tells the one whom it is about, or the shop's staff, what is known and why",
    "attribution": "says whose a session of a login is, of those who consent to link_identities; see the test below",
    "channels": "counts what was sent to it and bounced, so that less is sent; says nothing of what it likes",
    "claims": "says whose a visit is; serves nothing",
    "exclusions": "writes down what an identity does not want, tells it so, finds what its likes are without",
    "experiments": "counts what came of arms, of those who consent to be measured; see the test below",
    "outcomes": "counts what came of decisions, of those who consent to be measured; see the test below",
    "erase": "removes, and hands out what is held to the one whom it is about",
    "journeys": "draws lines for the shop's staff; crosses those who consent to link_identities; see the test below",
    "export": "hands out what is held to the one whom it is about",
}
"""Folders that read an identity for another end than to serve it, and why they may."""

NOT_LEARNING = {
    "refresh/read_all_evidence": "sums up an identity's own likes anew",
    "refresh/remove_likes": "deletes them for that",
    "communities/remove_edges": "deletes what earlier runs derived",
    "refresh/write_followed": "only writes, of those that the run learned from",
    "refresh/remove_followed": "deletes what earlier runs derived",
    "communities/write_members": "only writes, of those that the run learned from",
}

DOORS = {"$purpose", *(f"'{purpose}'" for purpose in PURPOSES)} - {LEARNING, SHARING, "'link_identities'"}
"""Purposes that somebody may be served for."""

WATCHING = {name: text for name, text in TEXTS.items() if reads_watched(text)}
LEARNING_FOLDERS = {"refresh", "communities", "portraits"}
LEARNED = {name for name in WATCHING if name.split("/")[0] in LEARNING_FOLDERS} - NOT_LEARNING.keys()
SERVED = {name for name in WATCHING if name.split("/")[0] not in {*LEARNING_FOLDERS, *NOT_SERVING}}
RANKING = TEXTS["recommend/read_reader"]


def served(text: str) -> Reading:
    return read_statement(text, Reading(lambda proven: bool(proven & DOORS)))


def learned(text: str) -> Reading:
    return read_statement(text, Reading(lambda proven: LEARNING in proven, learned_from=True))


@pytest.mark.parametrize("name", sorted({"recommend/read_reader", *SERVED}))
def test_serving_reads_nobody_without_a_gate(name: str) -> None:
    found = served(TEXTS[name])

    assert found.reads
    assert found.offences == []


@pytest.mark.parametrize("name", sorted(name for name in TEXTS if name.startswith("recommend/")))
def test_every_statement_that_ranks_is_looked_at(name: str) -> None:
    assert served(TEXTS[name]).offences == []


@pytest.mark.parametrize("name", sorted(LEARNED))
def test_learning_starts_from_whoever_may_be_learned_from(name: str) -> None:
    assert learned(TEXTS[name]).offences == []


def test_the_statements_that_matter_are_there() -> None:
    assert {"refresh/choose_learners", "refresh/read_likes", "refresh/score_products"} <= LEARNED
    assert {"portraits/read_members", "portraits/read_deeds", "portraits/read_purchases"} <= LEARNED
    assert NOT_LEARNING.keys() <= WATCHING.keys()
    assert NOT_SERVING.keys() <= {name.split("/")[0] for name in WATCHING}


@pytest.mark.parametrize("name", ["read_session", "choose_members", "reopen_lapsed"])
def test_nobody_is_known_or_attributed_without_a_consent_to_be_linked(name: str) -> None:
    text = " ".join(TEXTS[f"attribution/{name}"].split())

    assert " ".join(gate_of("i", "'link_identities'").split()) in text
    if name == "read_session":
        assert "OPTIONAL MATCH (run)-[known:KNOWS_HABITS]->(i) WHERE may_be_named" in text
    assert sum("KNOWS_HABITS" in one for one in TEXTS.values() if "portrait" in one) == 2


COUNTING = sorted(name for name in WATCHING if name.split("/")[0] in {"outcomes", "experiments"})


@pytest.mark.parametrize("name", COUNTING)
def test_outcomes_are_of_whoever_consents_and_of_no_browser_that_refused(name: str) -> None:
    text = " ".join(TEXTS[name].split())
    of_one = name == "experiments/read_exposed"
    purpose = "'measurement'" if of_one else "purpose"
    gate = " ".join(gate_of("i", purpose).split())
    refused = f"""COLLECT {{ MATCH (by)-[:GAVE]->(c:Consent {{purpose: {purpose}}})
        RETURN c.status ORDER BY c.counts_from DESC, c.status LIMIT 1 }} IN [[], ['granted']]"""
    refused = " ".join(refused.split())

    assert (f"WHERE {gate}" if of_one else f"all(purpose IN $purposes WHERE {gate})") in text
    assert f"by = i OR {refused if of_one else f'all(purpose IN $purposes WHERE {refused})'}" in text
    assert "(by = i OR by.kind = 'anonymous' OR EXISTS { (i)-[:CLAIMED]->(x) })" in text


def test_what_counts_outcomes_is_looked_at() -> None:
    assert COUNTING == [
        "experiments/read_exposed",
        "outcomes/read_logged",
        "outcomes/read_touches",
        "outcomes/tally_outcomes",
    ]


@pytest.mark.parametrize("name", ["find_shared_sessions", "find_shared_devices", "find_touches"])
def test_no_line_crosses_another_without_a_consent_to_be_linked(name: str) -> None:
    text, gate = " ".join(TEXTS[f"journeys/{name}"].split()), gate_of("i", "'link_identities'")

    gated = f"MATCH (i:Identity {{tenant: $tenant, id: id}}) WHERE {gate} MATCH (i)-["
    assert " ".join(gated.split()) in text
    assert text.count(":Identity") == 1


GATES = list(re.finditer(r"COLLECT \{\s*MATCH \((\w+)\)-\[:GAVE\]->.*?\} = \[true\]", RANKING, re.DOTALL))


CHANGES: dict[str, Callable[[str, str], str]] = {
    "removed": lambda gate, name: "true",
    "of another": lambda gate, name: gate.replace(f"({name})", "(run)"),
    "of another label": lambda gate, name: gate.replace("Consent", "Content"),
    "inverted": lambda gate, name: gate.replace("= [true]", "= [false]"),
    "unknown is yes": lambda gate, name: gate.replace("= [true]", "<> [false]"),
    "another status": lambda gate, name: gate.replace("'granted'", "'denied'"),
    "future records": lambda gate, name: gate.replace("WHERE c.at <= $now OR c.status <> 'granted'\n", "\n"),
    "no future denials": lambda gate, name: gate.replace(" OR c.status <> 'granted'", ""),
    "by what was said": lambda gate, name: gate.replace("c.counts_from DESC", "c.at DESC"),
    "no expiry": lambda gate, name: gate.replace("c.expires_at > $now, true", "true"),
    "any of a tie": lambda gate, name: gate.replace("c.counts_from DESC, live", "c.counts_from DESC"),
    "the oldest": lambda gate, name: gate.replace("c.counts_from DESC", "c.counts_from"),
    "two records": lambda gate, name: gate.replace("LIMIT 1", "LIMIT 2"),
    "another purpose": lambda gate, name: re.sub(r"purpose: [^}]+", "purpose: 'model_training'", gate),
    "any purpose": lambda gate, name: re.sub(r" \{purpose: [^}]+\}", "", gate),
    "not": lambda gate, name: f"NOT {gate}",
    "or": lambda gate, name: f"{gate} OR true",
}


@pytest.mark.parametrize("place", range(len(GATES)))
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_gate_that_is_not_the_gate_is_noticed(place: int, change: Callable[[str, str], str]) -> None:
    found = GATES[place]
    spoiled = change(found[0], found[1])
    assert spoiled != found[0]

    assert served(RANKING[: found.start()] + spoiled + RANKING[found.end() :]).offences


def test_there_are_gates_to_spoil() -> None:
    assert {found[1] for found in GATES} >= {"asked", "giver", "visitor"}


LIKES = "MATCH (member)-[l:LIKES]->(p:Product)"
LOOSENED = [
    ("WHEN NOT granted OR unchanged THEN []", "WHEN unchanged THEN []"),
    ("WHEN NOT granted OR unchanged THEN []", "WHEN granted OR unchanged THEN []"),
    ("UNWIND members AS member\n", "UNWIND [asked] + others AS member\n"),
    (LIKES, "MATCH (other)-[l:LIKES]->(p:Product)"),
    (LIKES, "MATCH (:Identity {tenant: $tenant})-[l:LIKES]->(p:Product)"),
    (LIKES, "MATCH (member)<-[:USED_BY]-()-[:USED_BY]->(other)-[l:LIKES]->(p:Product)"),
    (LIKES, "MATCH (member)-[l]->(p:Product)"),
    (LIKES, "MATCH (member)-[*1..3]->(p:Product)"),
    (LIKES, "MATCH (member)--(p:Product)"),
    (LIKES, f"WHERE EXISTS {{ MATCH (far)-[:LIKES]->(:Product) }}\n{LIKES}"),
    (LIKES, f"{LIKES}\nWITH p, l, member, [(far)-[:LIKES]->(q) | q.id] AS theirs"),
    ("MATCH (reader)-[s:FOLLOWED_LIKE]->", "MATCH (asked)-[s:FOLLOWED_LIKE]->"),
    ("MATCH (reader)-[s:FOLLOWED_LIKE]->", "MATCH (:Identity {tenant: $tenant})-[s:FOLLOWED_LIKE]->"),
    ("MATCH (x)-[:OF]->(p:Product)", "MATCH (:Interaction {tenant: $tenant})-[:OF]->(p:Product)"),
    ("MATCH (x)-[:OF]->(p:Product)", "MATCH (y:Interaction {tenant: $tenant}) MATCH (y)-[:OF]->(p:Product)"),
    ("RETURN collect(giver) AS givers", "MATCH (giver)<-[:GRANTED]-(far:Identity)\nRETURN collect(far) AS givers"),
]


@pytest.mark.parametrize(("proof", "instead"), LOOSENED, ids=range(len(LOOSENED)))
def test_a_proof_that_was_loosened_is_noticed(proof: str, instead: str) -> None:
    assert proof in RANKING

    assert served(RANKING.replace(proof, instead)).offences


def test_a_reader_is_open_only_behind_the_flag_of_its_own_gate() -> None:
    proof = "CASE WHEN granted AND NOT unchanged THEN asked END AS reader"

    assert proof in RANKING
    for instead in (
        "asked AS reader",
        "CASE WHEN NOT unchanged THEN asked END AS reader",
        "CASE WHEN granted OR unchanged THEN asked END AS reader",
        "CASE WHEN NOT granted THEN asked END AS reader",
        "CASE WHEN granted THEN run END AS reader",
        "coalesce(CASE WHEN granted THEN asked END, asked) AS reader",
    ):
        assert served(RANKING.replace(proof, instead)).offences, instead


def test_a_name_proves_nothing() -> None:
    gate = gate_of("asked", "$purpose")
    head = f"MATCH (asked:Identity {{tenant: $tenant}}) MATCH (b:Identity) WITH asked, b, {gate} AS granted "

    assert not served(f"{head} WITH CASE WHEN granted THEN asked END AS b MATCH (b)-[:LIKES]->(p) RETURN p").offences
    for told in (
        "WITH CASE WHEN granted THEN b END AS asked",
        "WITH b AS asked, granted WITH CASE WHEN granted THEN asked END AS asked",
        "WITH CASE WHEN granted AND true THEN b WHEN true THEN asked END AS asked",
        "WITH asked, NOT granted AS granted WITH CASE WHEN granted THEN asked END AS asked",
        "WITH asked, granted OPTIONAL MATCH (b) WHERE granted WITH asked",
        "WITH [asked, b] AS both UNWIND both AS asked",
    ):
        assert served(f"{head} {told} MATCH (asked)-[:LIKES]->(p) RETURN p").offences, told


@pytest.mark.parametrize("name", sorted(LEARNED))
def test_learning_from_anybody_is_noticed(name: str) -> None:
    text = TEXTS[name]
    loosened = re.sub(r"LEARNED_FROM\]->\(", "KNOWS]->(", text).replace(
        "{purpose: 'model_training'}", "{purpose: 'newsletter'}"
    )
    assert loosened != text

    assert learned(loosened).offences
