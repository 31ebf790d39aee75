"""The catalogue: what the shop offers, and what is like what."""

from fastapi import APIRouter, Response

from app.api.bodies import BatchReport, Body, Rows, row_errors
from app.api.deps import Ingesting, ServicesDep
from app.api.errors import PROBLEM_RESPONSES
from app.intake.fields import Id
from app.intake.products import parse_products
from app.services.upsert_products import upsert_products, withdraw_product

router = APIRouter(prefix="/v1/products", tags=["products"], responses=PROBLEM_RESPONSES)


class ProductsBody(Body):
    """Rows named as in a Google Merchant feed, plus `tags: [{name, facet, weight}]`."""

    products: Rows


@router.put("")
async def put_products(key: Ingesting, services: ServicesDep, body: ProductsBody) -> BatchReport:
    """Put up to 1,000 products; each replaces what was known of its id."""
    parsed = parse_products(body.products)
    await upsert_products(services.products, key.tenant, parsed.values)
    return BatchReport(accepted=len(parsed.rows) + parsed.replaced, errors=row_errors(parsed.errors))


@router.delete("/{product_id}", status_code=204, response_class=Response)
async def delete_product(key: Ingesting, services: ServicesDep, product_id: Id) -> None:
    """Withdraw a product: it is never recommended again until it is put anew; its history stays."""
    await withdraw_product(services.products, key.tenant, product_id)
