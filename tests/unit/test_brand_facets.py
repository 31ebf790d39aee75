"""What a brand is to a community is told of by taste alone."""

from app.domain.brands import AspectKind, FoundAspect, FoundFacet, FoundNiche
from app.domain.disclosure import Disclosure
from app.services.brands import tell_facet, tell_niche
from app.taste.noise import published_count as so_many

RULE = Disclosure(50)
LABELS: tuple[tuple[AspectKind, str], ...] = (
    ("tag", "soap"),
    ("tag", "Pain relief"),
    ("microgenre", "cold and flu"),
    ("product", "Pregnancy test"),
)


def test_a_facet_has_no_aspect_that_tells_of_more_than_taste() -> None:
    aspects = tuple(FoundAspect(kind, label, label, so_many(80), so_many(200)) for kind, label in LABELS)
    size, everybody, buyers, overall = (so_many(number) for number in (100, 1_000, 90, 300))
    told = tell_facet(RULE, FoundFacet("c1", "soap", size, everybody, buyers, overall, aspects))

    assert [one.label for one in told.aspects] == ["soap"]


def test_a_niche_has_no_door_that_tells_of_more_than_taste() -> None:
    entry_products = (("p1", "Laxatives"), ("p2", "Bar soap"))
    size, buyers, overall, expected = (so_many(number) for number in (200, 60, 300, 120))
    told = tell_niche(RULE, FoundNiche("c1", "soap", size, buyers, overall, expected, 8.0, (), entry_products, ()))

    assert told.entry_products == (("p2", "Bar soap"),)
