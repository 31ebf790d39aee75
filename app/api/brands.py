"""A brand in the plural: what it is to each community, and where it could be more."""

from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from app.api.bodies import Answer
from app.api.deps import Looking
from app.api.errors import PROBLEM_RESPONSES, problems
from app.api.figures import FigureAnswer, NamedAnswer
from app.domain.brands import AspectKind, Niche
from app.intake.fields import Id

router = APIRouter(prefix="/v1/brands", tags=["brands"], responses={**PROBLEM_RESPONSES, **problems(404)})


class AspectAnswer(Answer):
    """A product, tag or microgenre of the brand that this community's buyers choose more often than its others."""

    kind: AspectKind
    id: str
    label: str
    here: Annotated[FigureAnswer, Field(description="Share of the brand's buyers in the community.")]
    overall: Annotated[FigureAnswer, Field(description="Share of the brand's buyers anywhere.")]
    lift: Annotated[FigureAnswer, Field(description="Association: how many times as often as among all its buyers.")]


class FacetAnswer(Answer):
    """What the brand is to one community."""

    community_id: str
    label: str | None
    size: int
    share: Annotated[FigureAnswer, Field(description="Share of the community that buys the brand.")]
    overall_share: Annotated[FigureAnswer, Field(description="Share of everybody that does.")]
    aspects: Annotated[list[AspectAnswer], Field(description="By kind, most above the brand overall first.")]


class FacetsAnswer(BaseModel):
    """A brand in the plural."""

    brand_id: str
    name: str
    run: str | None
    facets: Annotated[list[FacetAnswer], Field(description="Communities of which k and more buy it, most first.")]


class FitAnswer(Answer):
    """A microgenre of the brand that the community is associated with."""

    id: str
    label: str
    lift: FigureAnswer
    measure: Literal["association"] = "association"


class SimilarBrandAnswer(BaseModel):
    """What a brand of the same microgenres sells here."""

    id: str
    label: str
    share: Annotated[FigureAnswer, Field(description="Share of the community that buys it.")]
    products: list[NamedAnswer]


class NicheAnswer(BaseModel):
    """A community whose taste fits the brand, and that buys it less than its microgenres let expect."""

    community_id: str
    label: str | None
    size: int
    expected_share: FigureAnswer
    actual_share: Annotated[
        FigureAnswer, Field(description="No value: fewer than k may buy it; `high` is about the most.")
    ]
    extra_buyers: Annotated[FigureAnswer, Field(description="Expected less actual buyers, told low rather than high.")]
    fits: list[FitAnswer]
    entry_products: Annotated[list[NamedAnswer], Field(description="Products of the brand that fit best.")]
    similar: list[SimilarBrandAnswer]


class NichesAnswer(BaseModel):
    """Where a brand could be more."""

    brand_id: str
    name: str
    run: str | None
    niches: Annotated[list[NicheAnswer], Field(description="Most expected extra buyers first.")]


@router.get("/{brand_id}/facets")
async def read_facets(caller: Looking, brand_id: Id) -> FacetsAnswer:
    """Tell what the brand is to each community that buys it, compared with the brand overall."""
    brand, facets = await caller.services.brands.facets(caller.tenant, brand_id)
    told = [FacetAnswer.model_validate(one) for one in facets]
    return FacetsAnswer(brand_id=brand.id, name=brand.name, run=brand.run, facets=told)


@router.get("/{brand_id}/niches")
async def read_niches(caller: Looking, brand_id: Id) -> NichesAnswer:
    """Tell which communities could be expected to buy the brand and do not, by expected extra buyers."""
    brand, niches = await caller.services.brands.niches(caller.tenant, brand_id)
    return NichesAnswer(brand_id=brand.id, name=brand.name, run=brand.run, niches=[_niche(one) for one in niches])


def _niche(told: Niche) -> NicheAnswer:
    figure = FigureAnswer.model_validate
    similar = [
        SimilarBrandAnswer(id=one.id, label=one.label, share=figure(one.share), products=_named(one.products))
        for one in told.similar
    ]
    return NicheAnswer(
        community_id=told.community_id,
        label=told.label,
        size=told.size,
        expected_share=figure(told.expected_share),
        actual_share=figure(told.actual_share),
        extra_buyers=figure(told.extra_buyers),
        fits=[FitAnswer.model_validate(one) for one in told.fits],
        entry_products=_named(told.entry_products),
        similar=similar,
    )


def _named(pairs: tuple[tuple[str, str], ...]) -> list[NamedAnswer]:
    return [NamedAnswer(id=id_, label=label) for id_, label in pairs]
