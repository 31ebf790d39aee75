"""Shopify's webhooks: signed instead of keyed."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Header, Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.exceptions import HTTPException

from app.api.deps import Services, ServicesDep
from app.api.errors import problems
from app.api.shop_words import WebhookAnswer, answer, read_payload, take_events, take_wishes
from app.domain.errors import InvalidError
from app.domain.stock import FOR_GOOD
from app.domain.webhooks import SHOPIFY, Customer, is_signed
from app.intake.shopify import also_known, marketing_wishes, order_rows, refund_row
from app.intake.shopify_products import GoneBody, LevelBody, ProductBody, shop_product

router = APIRouter(prefix="/webhooks", tags=["webhooks"])

_UNSIGNED = "The signature in X-Shopify-Hmac-Sha256 is not that of this body."
_BODY: dict[str, Any] = {"requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}}}


# The header with the topic is not signed, so each body must be of its topic's own shape: none passes for another one.
class _ShopPayload(BaseModel):
    shop_domain: Annotated[str, Field(min_length=1, max_length=255)]


class _Customer(BaseModel):
    id: int | Annotated[str, Field(max_length=255)] | None = None
    email: Annotated[str, Field(max_length=1000)] | None = None
    phone: Annotated[str, Field(max_length=255)] | None = None

    def to_domain(self) -> Customer:
        return Customer(SHOPIFY, None if self.id is None else str(self.id), self.email, self.phone)


class _Whole(BaseModel):
    """A body of which more is read than stands here."""

    model_config = ConfigDict(extra="allow")


class _Order(_Whole):
    id: int | Annotated[str, Field(max_length=150)]
    customer: dict[str, Any] | None = None
    line_items: list[Any]


class _Refund(_Whole):
    id: int | Annotated[str, Field(max_length=150)]
    order_id: int | Annotated[str, Field(max_length=150)]
    refund_line_items: list[Any]


class _Consents(_Whole):
    id: int | Annotated[str, Field(max_length=255)] | None = None
    customer_id: int | Annotated[str, Field(max_length=255)] | None = None
    email: Annotated[str, Field(max_length=1000)] | None = None
    email_address: Annotated[str, Field(max_length=1000)] | None = None
    phone: Annotated[str, Field(max_length=255)] | None = None

    def to_domain(self) -> Customer:
        number = self.customer_id if self.customer_id is not None else self.id
        return Customer(SHOPIFY, None if number is None else str(number), self.email or self.email_address, self.phone)


class _RequestId(BaseModel):
    id: int | Annotated[str, Field(max_length=255)]


class _RedactCustomer(_ShopPayload):
    customer: _Customer
    orders_to_redact: list[Any] | None


class _RequestData(_ShopPayload):
    customer: _Customer
    data_request: _RequestId


class _RedactShop(_ShopPayload):
    model_config = ConfigDict(extra="forbid")

    shop_id: int


async def _take_order(services: Services, tenant: str, _: str, body: bytes) -> bool:
    """Record an order as it stands; its customer becomes known by it, with what they want of marketing."""
    order = read_payload(_Order, body)
    whole = order.model_dump()
    identity_id = None
    if order.customer:
        try:
            known = _Customer.model_validate(order.customer).to_domain()
        except ValidationError as error:
            raise InvalidError("The body is not what this topic carries.") from error
        wishes = marketing_wishes(order.customer, whole.get("updated_at") or whole.get("created_at"))
        identity_id = await take_wishes(services, tenant, known, wishes)
    return await take_events(services, tenant, order_rows(whole, identity_id), also_known(whole))


async def _take_refund(services: Services, tenant: str, _: str, body: bytes) -> bool:
    refund = read_payload(_Refund, body).model_dump()
    row = refund_row(refund)
    return row is not None and await take_events(services, tenant, [row], also_known(refund))


async def _take_customer(services: Services, tenant: str, _: str, body: bytes) -> bool:
    """Record what a customer wants of marketing; of one who never said it nothing is kept."""
    customer = read_payload(_Consents, body)
    wishes = marketing_wishes(customer.model_dump(), customer.model_dump().get("updated_at"))
    return bool(wishes) and await take_wishes(services, tenant, customer.to_domain(), wishes) is not None


async def _take_product(services: Services, tenant: str, shop: str, body: bytes) -> bool:
    return await services.stock.put_product(tenant, shop_product(read_payload(ProductBody, body), shop))


async def _remove_product(services: Services, tenant: str, _: str, body: bytes) -> bool:
    return await services.stock.remove_product(tenant, read_payload(GoneBody, body).id, FOR_GOOD)


async def _take_level(services: Services, tenant: str, _: str, body: bytes) -> bool:
    level = read_payload(LevelBody, body).to_domain()
    return level is not None and await services.stock.put_level(tenant, level)


OF_A_SHOP: Mapping[str, Callable[[Services, str, str, bytes], Awaitable[bool]]] = {
    "orders/create": _take_order,
    "orders/updated": _take_order,
    "orders/cancelled": _take_order,
    "refunds/create": _take_refund,
    "customers/create": _take_customer,
    "customers/update": _take_customer,
    "customers_marketing_consent/update": _take_customer,
    "customers_email_marketing_consent/update": _take_customer,
    "products/create": _take_product,
    "products/update": _take_product,
    "products/delete": _remove_product,
    "inventory_levels/connect": _take_level,
    "inventory_levels/update": _take_level,
}
"""What is done about a topic; each is signed with the secret of its shop."""


@router.post("/shopify", responses=problems(401, 404, 413, 422, 503), openapi_extra=_BODY, summary="Shopify's webhooks")
async def receive_shopify(
    request: Request,
    services: ServicesDep,
    topic: Annotated[str, Header(alias="X-Shopify-Topic", max_length=255)] = "",
    signature: Annotated[str, Header(alias="X-Shopify-Hmac-Sha256", max_length=255)] = "",
    shop: Annotated[str, Header(alias="X-Shopify-Shop-Domain", max_length=255)] = "",
) -> WebhookAnswer:
    """Do what `customers/data_request`, `customers/redact` or `shop/redact` asks for; take what a shop says of itself.

    Those three are signed with the app's secret (`PLURAL_SHOPIFY_SECRET`). Orders, refunds, customers' marketing
    consents, products and inventory levels are signed with the secret of their shop (`PLURAL_SHOPIFY_SECRETS`). Each
    may come twice, late, or in another order: the newest word counts, by the time that stands in the body.
    """
    body = await request.body()
    if (take := OF_A_SHOP.get(topic)) is not None:
        if not services.shopify_shops.signed(shop, body, signature):
            raise HTTPException(401, _UNSIGNED)
        return answer(done=await take(services, services.shopify_shops.tenant_of(shop), shop.lower(), body))
    if not is_signed(services.shopify_secret, body, signature):
        raise HTTPException(401, _UNSIGNED)
    return answer(done=await _obey(services, topic, body))


async def _obey(services: Services, topic: str, body: bytes) -> bool:
    """Do what the law demands; False for a topic that demands nothing."""
    match topic:
        case "customers/data_request":
            asked = read_payload(_RequestData, body)
            tenant = services.shopify_shops.tenant_of(asked.shop_domain)
            await services.customers.request_data(tenant, asked.customer.to_domain(), str(asked.data_request.id))
        case "customers/redact":
            gone = read_payload(_RedactCustomer, body)
            tenant = services.shopify_shops.tenant_of(gone.shop_domain)
            await services.customers.redact_customer(tenant, gone.customer.to_domain())
        case "shop/redact":
            shop = read_payload(_RedactShop, body).shop_domain
            await services.customers.redact_shop(services.shopify_shops.tenant_of(shop))
        case _:
            return False
    return True
