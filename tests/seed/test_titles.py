import csv
import re
from collections import Counter
from importlib import resources

import pytest

from app.domain.models import Product
from seed.catalogue import shelf_size
from seed.journey import Journey, ProductRow
from seed.sizes import readable_size
from seed.titles import Titles


@pytest.fixture(scope="session")
def titles(journey: Journey) -> Titles:
    return Titles.load(row.type for row in journey.products.values())


@pytest.fixture(scope="session")
def frequent(journey: Journey) -> list[ProductRow]:
    """One product of each of the 700 types that are bought most (over 90 % of all lines)."""
    counts = Counter[tuple[str, str]]()
    rows: dict[tuple[str, str], ProductRow] = {}
    products: list[int] = journey.receipts.product.tolist()
    for product_id, count in Counter(products).items():
        if row := journey.products.get(product_id):
            counts[row.category, row.type] += count
            rows[row.category, row.type] = row
    return [rows[kind] for kind, _ in counts.most_common(700) if kind[1]]


@pytest.mark.parametrize(
    ("category", "product_type", "readable"),
    [
        ("DOG FOODS", "CAN DOGFD GOURMET/SUPER PREM (", "Gourmet canned dog food"),
        ("BACON", "ECONOMY", "Economy bacon"),
        ("APPLES", "APPLES GALA (BULK&BAG)", "Gala apples"),
        ("EGGS", "EGGS - JUMBO", "Jumbo eggs"),
        ("NUTS", "PECANS SHELLED", "Shelled pecans"),
        ("BREAD", "BREAD:PARTY BREADS", "Party bread"),
        ("COLD AND FLU", "SINUS/ALLERGY - PSE", "Sinus and allergy tablets"),
        ("HISPANIC", "AUTHENTIC DRY BEVERAGES W/SWEE", "Sweetened drink mix"),
        ("COOKIES/CONES", "SPECIALTY COOKIES", "Specialty cookies"),
        ("CHEESE", "REGULAR SEASONAL ASSORTED", "Assorted seasonal regular cheese"),
        ("MAGAZINE", "FOOD-MAGAZINE", "Food magazine"),
    ],
)
def test_a_type_becomes_what_a_shopper_would_call_it(titles: Titles, category: str, product_type: str, readable: str):
    assert titles.type_name(category, product_type) == readable


def test_a_word_that_the_data_cut_in_the_middle_is_dropped(titles: Titles):
    cut = "VENDING SIZE/SNGL SERVE CRACKX"

    assert "crackx" not in titles.type_name("CRACKERS/MISC BKD FD", cut).lower()


def test_frequent_types_have_no_capitals_but_names_and_no_abbreviation(titles: Titles, frequent: list[ProductRow]):
    abbreviations = {row["token"].lower() for row in _read("words.csv") if row["word"].lower() != row["token"].lower()}
    meant = {"can", "value", "ss", "all", "reg", "n", "w", "sup", "color", "other", "others"}
    for row in frequent:
        name = titles.type_name(row.category, row.type)
        words = re.findall(r"[A-Za-z'-]+", name)
        assert not [word for word in words if word.isupper() and word not in {"TV", "DVD", "DXM", "PSE"}], name
        assert not [word for word in words[1:] if word.lower() in abbreviations - meant and word.islower()], name


def test_every_hand_written_name_is_about_a_type_of_the_data(titles: Titles, journey: Journey):
    pairs = {(row.category, row.type) for row in journey.products.values()}
    types = {product_type for _, product_type in pairs}

    assert [key for key in titles.types if key not in pairs and not (key[0] == "" and key[1] in types)] == []


@pytest.mark.parametrize(
    ("label", "readable"),
    [
        ("13.2 OZ", "13.2 oz"),
        ("L    16 OZ", "16 oz"),
        ("12/12 OZ", "12 x 12 oz"),
        ("6 PK/.5 L", "6 x 0.5 l"),
        ("1/2 GAL", "1/2 gal"),
        ("15 1/4 OZ", "15 1/4 oz"),
        ("48-54 CT", "48-54 count"),
        ("10 CT/12 OZ", "10 count, 12 oz"),
        ("10.4 OZ/8 CT", "8 count, 10.4 oz"),
        ("PT", "1 pt"),
        ("974246  PK", None),
        ("15 00 OZ", None),
        ("1 CT", None),
        ("CELL PK", None),
        ("", None),
        (None, None),
    ],
)
def test_a_label_size_is_readable_or_left_out(label: str | None, readable: str | None):
    assert readable_size(label) == readable


def test_produce_is_not_sold_by_the_crate_that_it_came_in():
    bananas = ProductRow(1, 2, "PRODUCE", "National", "TROPICAL FRUIT", "BANANAS", "40 LB")
    potatoes = ProductRow(2, 2, "PRODUCE", "Private", "POTATOES", "POTATOES RUSSET (BULK&BAG)", "5 LB")

    assert shelf_size(bananas) == ""
    assert shelf_size(potatoes) == "5 LB"


def test_every_product_has_a_title_a_brand_a_price_and_the_four_facets(catalogue: dict[str, Product]):
    bought = [product for product in catalogue.values() if product.price is not None]

    assert len(bought) > 60_000
    for product in bought:
        assert product.title[0].isupper() or product.title[0].isdigit(), product
        assert product.brand
        assert {tag.facet for tag in product.tags} == {"department", "category", "type", "label"}


def _read(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(resources.files("seed.names").joinpath(name).read_text(encoding="utf-8").splitlines()))
