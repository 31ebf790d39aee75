"""The catalogue: what the shop offers, and what is like what."""

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, Field

from app.api.batches import BatchRoute, parsed_parts, weight_of
from app.api.bodies import BatchReport, Body, Rows, ShapedLike, refuse_if_nothing_taken, row_errors
from app.api.deps import Ingesting, Recommending
from app.api.errors import PROBLEM_RESPONSES, problems
from app.api.figures import At
from app.api.product_bodies import ProductAnswer, ProductPage, ProductPatch, product_answer
from app.api.recommendation_answers import ItemAnswer, RunAnswer, render_item
from app.domain import clock
from app.domain.catalogue import ProductFilter
from app.domain.errors import InvalidError
from app.domain.matching import Likeness, explain
from app.domain.models import Availability, Product, RowError
from app.domain.recommendation import RecommendationRequest
from app.intake.batches import Refused
from app.intake.fields import Id
from app.intake.products import ProductRow, parse_products
from app.intake.products import change_product as changed_by
from app.services.read_products import change_product, find_product, list_products
from app.services.upsert_products import upsert_products, withdraw_product

router = APIRouter(prefix="/v1/products", tags=["products"], responses=PROBLEM_RESPONSES, route_class=BatchRoute)


class ProductsBody(Body):
    """Rows named as in a Google Merchant feed, plus `tags: [{name, facet, weight}]`."""

    products: Rows[Annotated[Any, ShapedLike(ProductRow)]]


async def _wanted(
    availability: Annotated[Availability | None, Query(description="As the catalogue says, whatever the date.")] = None,
    brand: Annotated[str | None, Query(max_length=750)] = None,
    category: Annotated[str | None, Query(max_length=750, description="It, or one that holds it.")] = None,
    item_group_id: Id | None = None,
) -> ProductFilter:
    return ProductFilter(availability, brand, category, item_group_id)


class SimilarProductsAnswer(BaseModel):
    """What is like a product."""

    product_id: str
    decision_id: Annotated[str, Field(description="Send it with the events that follow.")]
    items: Annotated[list[ItemAnswer], Field(description="Best first; empty where nothing is known to be like it.")]
    run: Annotated[RunAnswer | None, Field(description="null before the first `plural refresh`.")]


class UnmatchedProduct(BaseModel):
    """A product by the text that events call it by, which is no product's id in the catalogue."""

    product_id: str
    purchases: int
    likeness: Annotated[
        Likeness,
        Field(
            description="group: it is the item_group_id of products, and counts for one of them; ambiguous: several "
            "products have it as gtin, mpn or sku; unknown: no product has it."
        ),
    ]
    variants: Annotated[int, Field(description="Products in a group of this id.")]


class UnmatchedAnswer(BaseModel):
    """What was bought of products that no feed has, most first."""

    items: list[UnmatchedProduct]
    hint: Annotated[str | None, Field(description="What it looks like as a whole; null where nothing is unmatched.")]


@router.get(":unmatched")
async def read_unmatched(caller: Ingesting, limit: Annotated[int, Query(ge=1, le=1000)] = 100) -> UnmatchedAnswer:
    """List what was bought of products that no feed has; most often the feed has variants and the tags parents."""
    found = await caller.services.unmatched.list_unmatched(caller.tenant, limit)
    return UnmatchedAnswer(
        items=[UnmatchedProduct.model_validate(one, from_attributes=True) for one in found], hint=explain(found)
    )


@router.put("")
async def put_products(caller: Ingesting, body: ProductsBody) -> BatchReport:
    """Put up to 1,000 products; each replaces what was known of its id. Large batches are written in parts."""
    accepted, errors = 0, list[RowError]()
    async for _, parsed in parsed_parts(body.products, partial(weight_of, field="tags"), parse_products):
        await upsert_products(caller.services.products, caller.tenant, parsed.values)
        accepted += len(parsed.rows) + parsed.replaced
        errors += parsed.errors
    refuse_if_nothing_taken("products", accepted, errors)
    return BatchReport(accepted=accepted, errors=row_errors(errors))


@router.get("")
async def read_products(
    caller: Ingesting,
    wanted: Annotated[ProductFilter, Depends(_wanted)],
    after: At = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> ProductPage:
    """List the catalogue by id, also what is withdrawn."""
    page = await list_products(caller.services.catalogue, caller.tenant, wanted, after, limit)
    now = clock.now()
    return ProductPage(products=[product_answer(one, now) for one in page.items], next_after=page.next_after)


@router.get("/{product_id}", responses=problems(404))
async def read_product(caller: Ingesting, product_id: Id) -> ProductAnswer:
    """Read what the catalogue says of a product."""
    return product_answer(await find_product(caller.services.catalogue, caller.tenant, product_id), clock.now())


@router.patch("/{product_id}", responses=problems(404))
async def patch_product(caller: Ingesting, product_id: Id, body: ProductPatch) -> ProductAnswer:
    """Change some of a product: a price, what is in stock. What is not given stays; `clear` takes values away."""
    changed = await change_product(
        caller.services.catalogue, caller.tenant, product_id, lambda product: _changed(product, body)
    )
    return product_answer(changed, clock.now())


def _changed(product: Product, body: ProductPatch) -> Product:
    try:
        return changed_by(product, body, body.clear)
    except Refused as refused:
        raise InvalidError(f"{refused.field} {refused.reason}.") from refused


@router.delete("/{product_id}", status_code=204, response_class=Response, responses=problems(404))
async def delete_product(caller: Ingesting, product_id: Id) -> None:
    """Withdraw a product: it is never recommended again until it is put anew; its history stays."""
    await withdraw_product(caller.services.products, caller.tenant, product_id)


@router.get("/{product_id}/similar", responses=problems(404))
async def read_similar(
    caller: Recommending, product_id: Id, limit: Annotated[int, Query(ge=1, le=100)] = 12
) -> SimilarProductsAnswer:
    """List the products most like this one, best first; by what the same identities like.

    It is a question of the recommender, beside this product and with the source `similar` alone: variants are one,
    nothing sensitive is shown beside what is not, and nothing that is not on offer.
    """
    await find_product(caller.services.catalogue, caller.tenant, product_id)
    asked = RecommendationRequest(
        product_ids=(product_id,), limit=limit, sources=("similar",), shelf="for_you", placement="similar"
    )
    answer = await caller.services.recommender.answer(caller.tenant, asked)
    return SimilarProductsAnswer(
        product_id=product_id,
        decision_id=answer.decision_id,
        items=[ItemAnswer.model_validate(render_item(item)) for item in answer.items],
        run=answer.run and RunAnswer(id=answer.run.id, model_version=answer.run.model_version),
    )
