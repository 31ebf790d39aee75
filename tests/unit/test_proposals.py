"""Proposals suppress duplicates and do nothing else."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from app.domain.proposals import LinkProposal, ProposalKind, ProposalStatus, Use, links_of_accepted, without_duplicates

NOW = datetime(2026, 1, 1, tzinfo=UTC)
IDS = [f"i{n}" for n in range(6)]


def proposal(
    one: str, other: str, probability: float = 0.995, status: ProposalStatus = "open", kind: ProposalKind = "person"
) -> LinkProposal:
    return LinkProposal("p", kind, one, other, probability, (), NOW, status)


proposals = st.lists(
    st.builds(
        proposal,
        st.sampled_from(IDS),
        st.sampled_from(IDS),
        st.floats(0, 1),
        st.sampled_from(("open", "accepted", "rejected")),
        st.sampled_from(("person", "household")),
    ).filter(lambda one: one.one != one.other)
)
uses: st.SearchStrategy[Use] = st.sampled_from(("transactional", "mail"))


@given(st.lists(st.sampled_from(IDS), unique=True), proposals, uses)
def test_nobody_is_ever_added_and_the_order_stays(ids: list[str], found: list[LinkProposal], use: Use) -> None:
    kept = without_duplicates(ids, found, use)

    assert kept == [id_ for id_ in ids if id_ in kept]
    assert kept[:1] == ids[:1]


@given(st.lists(st.sampled_from(IDS), unique=True), proposals)
def test_whoever_gets_what_they_bought_is_left_out_only_by_a_decision(
    ids: list[str], found: list[LinkProposal]
) -> None:
    undecided = [one for one in found if one.status != "accepted"]

    assert without_duplicates(ids, undecided, "transactional") == ids
    assert set(without_duplicates(ids, found, "mail")) <= set(ids)


def test_a_household_or_a_rejected_proposal_suppresses_nobody() -> None:
    found = [proposal("a", "b", kind="household", status="accepted"), proposal("a", "c", 1.0, "rejected")]

    assert without_duplicates(["a", "b", "c"], found, "mail") == ["a", "b", "c"]


def test_a_chain_of_proposals_suppresses_only_those_who_are_one_with_somebody_who_stays() -> None:
    found = [proposal("a", "b"), proposal("b", "c")]

    assert without_duplicates(["a", "b", "c"], found, "mail") == ["a", "c"]
    assert without_duplicates(["a", "b"], [proposal("a", "b", 0.98)], "mail") == ["a", "b"]


def links(*accepted: LinkProposal, persons: dict[str, str] | None = None) -> dict[str, set[str]]:
    """Who each person is, by links of accepted proposals."""
    found: dict[str, set[str]] = {}
    for link in links_of_accepted(accepted, persons or {}, NOW):
        if link.type == "person_identity":
            found.setdefault(link.start, set()).add(link.end)
    return found


def numbered(id_: str, one: str, other: str, kind: ProposalKind = "person") -> LinkProposal:
    return LinkProposal(id_, kind, one, other, 0.9, (), NOW, "accepted")


def test_accepted_proposals_that_hang_together_are_one_person_in_any_order() -> None:
    chain = [numbered("1", "a", "b"), numbered("2", "c", "d"), numbered("3", "b", "c")]

    assert list(links(*chain).values()) == [{"a", "b", "c", "d"}]
    assert links(*chain[::-1]) == links(*chain)
    assert sorted(links(*chain[:2]).values(), key=min) == [{"a", "b"}, {"c", "d"}]


def test_a_person_that_is_there_is_kept() -> None:
    assert links(numbered("1", "a", "b"), persons={"b": "berta"}) == {"berta": {"a", "b"}}


def test_who_lives_together_stays_of_two_persons() -> None:
    accepted = [numbered("1", "a", "b"), numbered("2", "b", "c", "household"), numbered("3", "c", "d", "household")]

    found = links_of_accepted(accepted, {}, NOW)

    assert sorted(map(sorted, links(*accepted).values())) == [["a", "b"], ["c"], ["d"]]
    assert len({link.end for link in found if link.type == "person_household"}) == 1
    assert {link.source for link in found} == {"proposal 1", "proposal 2", "proposal 3"}
