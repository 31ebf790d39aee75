"""One identity or nobody: doubt means anonymous."""

from collections.abc import Mapping, Sequence
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from app.domain.identity_rules import IdentifierClass
from app.domain.models import IdentityKind
from app.domain.resolution import Candidate, Evidence, resolve

MIN = 0.5
CLASS_OF: Mapping[str, IdentifierClass] = {
    "number": "unique",
    "card_number": "unique",
    "email": "strong",
    "ip": "shared",
    "cookie": "ephemeral",
}


def known(type_: str, *names: str | Candidate, value: str = "v", blocked: bool = False, cap: int = 5) -> Evidence:
    candidates = tuple(Candidate(one, "personal", 1.0) if isinstance(one, str) else one for one in names)
    return Evidence(type_, f"{type_} {value}", CLASS_OF[type_], blocked, cap, candidates)


def who(*evidence: Evidence) -> str | None:
    return resolve(evidence, MIN).identity_id


def test_a_value_that_one_identity_is_known_by_names_it() -> None:
    assert resolve([known("email", "tom")], MIN) == resolve([known("email", "tom"), known("cookie", "debbie")], MIN)
    assert (who(known("email", "tom")), resolve([known("email", "tom")], MIN).method) == ("tom", "resolved")


def test_unique_beats_strong() -> None:
    assert who(known("email", "debbie"), known("number", "tom")) == "tom"


def test_shared_and_ephemeral_values_alone_name_nobody() -> None:
    assert who(known("ip", "tom"), known("cookie", "tom")) is None
    assert resolve([known("ip", "tom")], MIN).why == "not_naming"


def test_two_identities_are_nobody() -> None:
    assert who(known("email", "tom", "debbie")) is None
    assert who(known("email", "tom"), known("email", "debbie", value="w")) is None
    assert who(known("email", "tom", "debbie"), known("ip", "tom"), known("cookie", "tom")) is None


def test_a_quarantined_value_counts_as_not_given() -> None:
    crowd = [f"i{n}" for n in range(6)]
    for bad in (known("number", "tom", blocked=True), known("number", *crowd)):
        assert who(bad) is None
        assert resolve([bad], MIN).why == "quarantined"
        assert who(bad, known("email", "debbie")) == "debbie"
    assert who(known("number", "tom", cap=1)) == "tom"
    assert who(known("number", "tom", cap=0)) is None


def test_a_weak_link_names_nobody() -> None:
    assert who(known("email", Candidate("tom", "personal", 0.49))) is None
    assert who(known("email", Candidate("tom", "personal", 0.5))) == "tom"


def test_what_a_family_shares_is_named_only_by_what_is_its_alone() -> None:
    kinds: Sequence[IdentityKind] = ("shared", "household")
    for kind in kinds:
        family = Candidate("family", kind, 1.0)
        assert who(known("email", family)) == "family"
        assert who(known("email", family, Candidate("tom", "personal", 0.1))) is None
        assert who(known("email", "tom", family)) is None


def test_a_number_that_speaks_against_the_one_found_makes_it_nobody() -> None:
    numbered = Candidate("tom", "personal", 1.0, frozenset({"number"}))
    assert who(known("email", numbered), known("number")) is None
    assert who(known("email", numbered), known("card_number")) == "tom"
    assert who(known("email", "tom"), known("number", Candidate("debbie", "personal", 0.1))) is None
    assert who(known("number", "tom"), known("number", "tom", value="w")) is None


CANDIDATES = st.builds(
    Candidate,
    identity_id=st.sampled_from(["tom", "debbie", "family"]),
    kind=st.just("personal"),
    confidence=st.sampled_from([0.3, 0.5, 1.0]),
    unique_types=st.sampled_from([frozenset[str](), frozenset({"number"})]),
)


def _evidence(type_: str, value: str, blocked: bool, cap: int, candidates: list[Candidate]) -> Evidence:
    distinct = {one.identity_id: one for one in candidates}
    return Evidence(type_, f"{type_} {value}", CLASS_OF[type_], blocked, cap, tuple(distinct.values()))


EVIDENCE = st.builds(
    _evidence,
    st.sampled_from(sorted(CLASS_OF)),
    st.sampled_from("ab"),
    st.booleans(),
    st.integers(0, 3),
    st.lists(CANDIDATES, max_size=3),
)


@given(st.lists(EVIDENCE, max_size=6), st.randoms())
def test_the_order_of_the_values_never_matters(evidence: list[Evidence], random: Random) -> None:
    mixed = list(evidence)
    random.shuffle(mixed)

    assert resolve(mixed, MIN) == resolve(evidence, MIN)


@given(st.lists(EVIDENCE, max_size=6))
def test_who_is_named_is_the_only_one_that_its_class_knows(evidence: list[Evidence]) -> None:
    resolution = resolve(evidence, MIN)

    if resolution.identity_id is None:
        assert resolution.method == "anonymous"
        return
    usable = [one for one in evidence if not one.blocked and len(one.candidates) <= one.cap]
    by_class = {
        class_: {c.identity_id for one in usable if one.class_ == class_ for c in one.candidates if c.confidence >= MIN}
        for class_ in ("unique", "strong")
    }
    assert (by_class["unique"] or by_class["strong"]) == {resolution.identity_id}


@given(st.lists(EVIDENCE, max_size=6), EVIDENCE)
def test_shared_and_quarantined_values_never_change_who_it_is(evidence: list[Evidence], more: Evidence) -> None:
    if more.class_ in ("shared", "ephemeral") or more.quarantined:
        assert who(*evidence, more) == who(*evidence)


@given(st.lists(EVIDENCE, max_size=6), EVIDENCE)
def test_more_doubt_never_turns_one_identity_into_another_of_the_same_class(
    evidence: list[Evidence], more: Evidence
) -> None:
    before, after = resolve(evidence, MIN), resolve([*evidence, more], MIN)

    if before.identity_id and after.identity_id and before.why == after.why:
        assert before.identity_id == after.identity_id
