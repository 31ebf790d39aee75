"""Who shares a person, account or household, read from live links."""

from datetime import UTC, datetime, timedelta

import pytest

from app.domain.errors import NotFoundError
from app.domain.models import Consent, Identity
from app.graph.circles import CircleGraph
from app.services.describe_circle import describe_circle
from tests.graph.shop import NOW, Shop


@pytest.fixture
def family() -> tuple[Identity, ...]:
    return (
        Identity("tom-personal", "personal", "tom", "login", "home"),
        Identity("tom-work", "work", "tom", "office-card"),
        Identity("debbie", "personal", "debbie", "login", "home"),
        Identity("stranger", "personal", "stranger", "other-login"),
    )


@pytest.mark.parametrize(
    ("name", "around"),
    [
        ("tom", {"tom-personal", "tom-work", "debbie"}),
        ("tom-work", {"tom-personal", "tom-work", "debbie"}),
        ("home", {"tom-personal", "tom-work", "debbie"}),
        ("office-card", {"tom-personal", "tom-work", "debbie"}),
        ("stranger", {"stranger"}),
    ],
)
async def test_a_circle_is_who_shares_a_person_account_or_household(
    shop: Shop, family: tuple[Identity, ...], name: str, around: set[str]
) -> None:
    await shop.knows(*family)
    await shop.says("tom-work", Consent("c1", "personalise_content", "granted", NOW - timedelta(days=1)))

    circle = await describe_circle(CircleGraph(shop.db), shop.tenant, name, "personalise_content", datetime.now(UTC))

    assert {one.id for one in circle.identities} == around
    assert [(one.source_id, one.reader_id) for one in circle.influences if one.may] == (
        [("tom-work", "tom-work")] if "tom-work" in around else []
    )


async def test_links_that_ended_are_not_followed(shop: Shop, family: tuple[Identity, ...]) -> None:
    await shop.knows(*family)
    await shop.query(
        "MATCH (:Person {tenant: $tenant, id: 'tom'})-[has:HAS_IDENTITY]->(:Identity {id: 'tom-work'})"
        " SET has.valid_until = datetime() - duration({days: 1})"
    )

    circle = await describe_circle(CircleGraph(shop.db), shop.tenant, "tom-work", "newsletter", datetime.now(UTC))

    assert {one.id for one in circle.identities} == {"tom-work"}


async def test_a_name_nobody_has_is_told(shop: Shop) -> None:
    with pytest.raises(NotFoundError):
        await describe_circle(CircleGraph(shop.db), shop.tenant, "nobody", "newsletter", datetime.now(UTC))
