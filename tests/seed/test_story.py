import csv
import struct
from collections import Counter
from datetime import UTC, datetime, timedelta
from importlib import resources
from itertools import pairwise

import pytest

from app.domain.consent import effective_consent
from app.domain.models import Identifier, Product
from app.intake.creatives import parse_creatives
from seed.story import (
    QUIET_DAYS,
    moment,
    read_habits,
    read_login_visits,
    read_looks,
    story_consents,
    story_creatives,
    story_identities,
    story_interactions,
)

ANCHORS = [datetime(2026, 11, day, hour, tzinfo=UTC) for day in range(16, 24) for hour in (0, 9, 23)]
NOW = ANCHORS[0]


def hashed(kind: str, value: str) -> Identifier:
    return Identifier(kind, f"hash of a {kind}" if value else "")


def test_every_product_of_the_story_is_in_the_catalogue_under_the_name_that_the_story_gives(
    catalogue: dict[str, Product],
):
    told = [(one.product_id, one.product) for one in (*read_habits(), *read_looks(), *read_login_visits())]

    assert [(id_, name) for id_, name in told if id_ not in catalogue or catalogue[id_].title != name] == []


def test_the_cast_has_twelve_identities_that_did_something_and_a_household_that_only_was_granted(
    catalogue: dict[str, Product],
):
    identities = story_identities(hashed)
    lines = Counter[str]()
    for interaction in story_interactions(NOW, catalogue):
        if interaction.account_id is not None:  # whoever is at the family computer
            continue
        lines[interaction.identity_id] += len(interaction.lines)

    assert len(identities) == 13
    assert {identity.id for identity in identities} - set(lines) == {"tom-and-debbie"}
    assert all(count >= 24 for identity_id, count in lines.items() if identity_id != "visitor-0815"), lines


def test_identifiers_come_hashed_only():
    values = [entry for row in _read("identities.csv") for entry in row["identifiers"].split("|") if entry]
    digests = [known.digest for identity in story_identities(hashed) for known in identity.identifiers]

    assert len(digests) == len(values)
    assert all(digest.startswith("hash of") for digest in digests)
    assert all("example.com" in value for value in values if value.startswith("email:"))


def test_tom_and_debbie_share_household_login_and_computer_but_are_two():
    tom, debbie = (
        identity for identity in story_identities(hashed) if identity.id in {"tom-personal", "debbie-personal"}
    )

    assert (tom.household_id, tom.account_id) == (debbie.household_id, debbie.account_id)
    assert {known.type for known in tom.identifiers} & {known.type for known in debbie.identifiers} >= {"device"}
    assert tom.person_id != debbie.person_id


@pytest.mark.parametrize("anchor", ANCHORS, ids=str)
def test_tom_buys_dog_food_every_wednesday_and_is_about_to_need_more(anchor: datetime, catalogue: dict[str, Product]):
    bought = [
        interaction.at
        for interaction in story_interactions(anchor, catalogue)
        if interaction.identity_id == "tom-personal"
        for line in interaction.lines
        if catalogue[line.product_id].title == "Canned dog food, 13.2 oz"
    ]

    assert {at.strftime("%a") for at in bought} == {"Wed"}
    assert {later - earlier for earlier, later in pairwise(bought)} == {timedelta(days=7)}
    assert timedelta(days=QUIET_DAYS) <= anchor - bought[-1] < timedelta(days=QUIET_DAYS + 7)


@pytest.mark.parametrize("anchor", ANCHORS, ids=str)
def test_nothing_in_the_story_lies_in_the_future_and_ids_do_not_depend_on_the_day(
    anchor: datetime, catalogue: dict[str, Product]
):
    told = story_interactions(anchor, catalogue)

    assert max(interaction.at for interaction in told) <= anchor
    assert {i.id for i in told} == {i.id for i in story_interactions(NOW, catalogue)}
    assert len({i.id for i in told}) == len(told)


def test_a_habit_comes_back_on_its_weekday_at_its_time():
    for habit in read_habits():
        at = moment(habit, 3, NOW)

        assert (at.weekday(), at.time()) == (habit.weekday, habit.time)
        assert moment(habit, 2, NOW) - at == timedelta(weeks=1)


def test_dora_never_pays_the_full_price(catalogue: dict[str, Product]):
    baskets = [i for i in story_interactions(NOW, catalogue) if i.identity_id == "dora-deals"]
    shares = [line.discount_share for basket in baskets for line in basket.lines]

    assert min(shares) >= 0.3
    assert 0.4 < sum(shares) / len(shares) < 0.6


@pytest.mark.parametrize(
    ("identity_id", "purpose", "effective"),
    [
        ("tom-personal", "personalise_content", "granted"),
        ("nora-refuses", "personalise_content", "denied"),
        ("eve-expired", "personalise_content", "denied"),
        ("visitor-0815", "personalise_content", "denied"),
        ("aaron-work", "newsletter", "denied"),
        ("aaron-marketing", "newsletter", "granted"),
        ("aaron-marketing", "personalise_content", "denied"),
        ("aaron-marketing", "ads_audience", "denied"),
        ("dora-deals", "direct_mail", "granted"),
        ("aaron-personal", "direct_mail", "denied"),
    ],
)
def test_consents_of_the_cast_come_to_what_the_story_says(identity_id: str, purpose: str, effective: str):
    records = [consent for owner, consent in story_consents(NOW) if owner == identity_id]

    assert all(record.source == "demo" for record in records)
    assert effective_consent(records, purpose, NOW) == effective  # pyright: ignore[reportArgumentType]


def test_twelve_creatives_are_for_categories_of_the_catalogue_and_have_a_picture_for_pages_and_one_for_mail(
    catalogue: dict[str, Product],
):
    rows = story_creatives("https://shop.example/pictures")
    known = {product.product_type for product in catalogue.values()}

    parsed = parse_creatives(rows)

    assert (len(parsed.values), parsed.errors) == (12, [])
    for one in parsed.values:
        assert set(one.about.categories) <= known, one.id
        assert one.headline
        assert one.text
        picture = resources.files("seed").joinpath("pictures", str(one.image_link).rsplit("/", 1)[-1])
        png = picture.read_bytes()
        assert png.startswith(b"\x89PNG")
        assert struct.unpack(">II", png[16:24]) == (600, 400)
        drawn = resources.files("seed").joinpath("pictures", f"{picture.name.removesuffix('.png')}.svg")
        assert 'width="600" height="400"' in drawn.read_text(encoding="utf-8")


def _read(name: str) -> list[dict[str, str]]:
    text = resources.files("seed").joinpath("story", name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
