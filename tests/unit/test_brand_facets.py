"""What a brand is to a community is told of by taste alone."""

from app.domain.brands import AspectKind, FoundAspect, FoundFacet, FoundNiche
from app.domain.disclosure import Disclosure
from app.services.brands import tell_facet, tell_niche

RULE = Disclosure(50)
LABELS: tuple[tuple[AspectKind, str], ...] = (
    ("tag", "soap"),
    ("tag", "Pain relief"),
    ("microgenre", "cold and flu"),
    ("product", "Pregnancy test"),
)


def test_a_facet_has_no_aspect_that_tells_of_more_than_taste() -> None:
    aspects = tuple(FoundAspect(kind, label, label, 80, 200) for kind, label in LABELS)
    told = tell_facet(RULE, FoundFacet("c1", "soap", 100, 90, 300, aspects), 1_000)

    assert [one.label for one in told.aspects] == ["soap"]


def test_a_niche_has_no_door_that_tells_of_more_than_taste() -> None:
    doors = (("p1", "Laxatives"), ("p2", "Bar soap"))
    told = tell_niche(RULE, FoundNiche("c1", "soap", 200, 60, 300, 120.0, 8.0, (), doors, ()))

    assert told.doors == (("p2", "Bar soap"),)
