"""Ids of events that were told with a key of one's own."""

from hypothesis import given
from hypothesis import strategies as st

from app.domain.anonymous import MAX_ID
from app.intake.event_rules import own_event_id

ids = st.text(alphabet="a/%2F5:", min_size=1, max_size=5) | st.text(min_size=1, max_size=MAX_ID)


@given(ids, ids, ids, ids)
def test_no_two_owners_share_an_id(owner: str, event: str, other: str, others_event: str) -> None:
    one, another = own_event_id(owner, event), own_event_id(other, others_event)

    assert (one == another) == ((owner, event) == (other, others_event))
    assert len(one) <= MAX_ID


def test_it_says_whose_event_it_is() -> None:
    assert own_event_id("session:s1", "e1") == "session:s1/e1"
    assert own_event_id("crm/17", "e1") == "crm%2F17/e1"
