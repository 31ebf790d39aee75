"""WooCommerce's webhooks: signed instead of keyed."""

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Header, Request
from starlette.exceptions import HTTPException

from app.api.deps import Services, ServicesDep
from app.api.errors import problems
from app.api.shop_words import WebhookAnswer, answer, read_payload, take_events, take_wishes
from app.domain import clock
from app.intake.woocommerce import GoneBody, OrderBody, ProductBody, order_rows, shop_product

router = APIRouter(prefix="/webhooks", tags=["webhooks"])

_UNSIGNED = "The signature in X-WC-Webhook-Signature is not that of this body."
_BODY: dict[str, Any] = {"requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}}}
_PING = re.compile(rb"webhook_id=\d{1,20}")


async def _take_order(services: Services, tenant: str, body: bytes) -> bool:
    order = read_payload(OrderBody, body)
    identity_id = await take_wishes(services, tenant, order.customer, [])
    return await take_events(services, tenant, order_rows(order, identity_id))


async def _take_product(services: Services, tenant: str, body: bytes) -> bool:
    return await services.stock.put_product(tenant, shop_product(read_payload(ProductBody, body)))


async def _remove_product(services: Services, tenant: str, body: bytes) -> bool:
    """It goes to the bin, from which it may come back, as of a later moment."""
    return await services.stock.remove_product(tenant, read_payload(GoneBody, body).id, clock.now())


TOPICS: Mapping[str, Callable[[Services, str, bytes], Awaitable[bool]]] = {
    "order.created": _take_order,
    "order.updated": _take_order,
    "product.created": _take_product,
    "product.updated": _take_product,
    "product.restored": _take_product,
    "product.deleted": _remove_product,
}
"""What is done about a topic."""


@router.post(
    "/woocommerce", responses=problems(401, 404, 413, 422, 503), openapi_extra=_BODY, summary="WooCommerce's webhooks"
)
async def receive_woocommerce(
    request: Request,
    services: ServicesDep,
    topic: Annotated[str, Header(alias="X-WC-Webhook-Topic", max_length=255)] = "",
    signature: Annotated[str, Header(alias="X-WC-Webhook-Signature", max_length=255)] = "",
    shop: Annotated[str, Header(alias="X-WC-Webhook-Source", max_length=2000)] = "",
) -> WebhookAnswer:
    """Take orders and products, signed with the secret of their shop (`PLURAL_WOOCOMMERCE_SECRETS`).

    Each may come twice, late, or in another order: the newest word counts, by the time that stands in the body.
    WooCommerce's ping, which is not signed and asks for nothing, is answered.
    """
    body = await request.body()
    if not topic and _PING.fullmatch(body):
        return answer(done=False)
    if not services.woocommerce_shops.signed(shop, body, signature):
        raise HTTPException(401, _UNSIGNED)
    take = TOPICS.get(topic)
    return answer(done=take is not None and await take(services, services.woocommerce_shops.tenant_of(shop), body))
