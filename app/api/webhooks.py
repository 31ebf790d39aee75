"""Webhooks that a platform sends: signed instead of keyed."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, TypeVar

from fastapi import APIRouter, Header, Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.exceptions import HTTPException

from app.api.deps import Services, ServicesDep
from app.api.errors import problems
from app.domain import clock
from app.domain.consent import Signal
from app.domain.errors import InvalidError, NotFoundError
from app.domain.shopify import ACTOR, Customer, is_signed
from app.intake.events import parse_events
from app.intake.shopify import order_rows, wants_mail
from app.services.consents import hear_signals
from app.services.record_events import record_events

router = APIRouter(prefix="/webhooks", tags=["webhooks"])

ORDER_TOPICS = frozenset({"orders/create", "orders/updated", "orders/cancelled"})

Payload = TypeVar("Payload", bound=BaseModel)
_UNSIGNED = "The signature in X-Shopify-Hmac-Sha256 is not that of this body."
_BODY: dict[str, Any] = {"requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}}}


class WebhookAnswer(BaseModel):
    """What became of it; nothing is told of whom it was about."""

    status: Literal["done", "ignored"]


# The header with the topic is not signed, so each body must be of its topic's own shape: none passes for another one.
class _ShopPayload(BaseModel):
    shop_domain: Annotated[str, Field(min_length=1, max_length=255)]


class _Customer(BaseModel):
    id: int | Annotated[str, Field(max_length=255)] | None = None
    email: Annotated[str, Field(max_length=1000)] | None = None
    phone: Annotated[str, Field(max_length=255)] | None = None

    def to_domain(self) -> Customer:
        return Customer(None if self.id is None else str(self.id), self.email, self.phone)


class _Order(BaseModel):
    model_config = ConfigDict(extra="allow")

    id: int | Annotated[str, Field(max_length=150)]
    customer: dict[str, Any] | None = None


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


@router.post("/shopify", responses=problems(401, 404, 413, 422, 503), openapi_extra=_BODY, summary="Shopify's webhooks")
async def receive_shopify(
    request: Request,
    services: ServicesDep,
    topic: Annotated[str, Header(alias="X-Shopify-Topic", max_length=255)] = "",
    signature: Annotated[str, Header(alias="X-Shopify-Hmac-Sha256", max_length=255)] = "",
    shop: Annotated[str, Header(alias="X-Shopify-Shop-Domain", max_length=255)] = "",
) -> WebhookAnswer:
    """Do what `customers/data_request`, `customers/redact` or `shop/redact` asks for; take orders.

    `orders/create`, `orders/updated` and `orders/cancelled` are signed with the secret of their shop
    (`PLURAL_SHOPIFY_SECRETS`). Each may come twice.
    """
    body = await request.body()
    if topic in ORDER_TOPICS:
        secret = services.shopify_secrets.get(shop.lower())
        if not is_signed(secret, body, signature):
            raise HTTPException(401, _UNSIGNED)
        return await _take_order(services, shop, _read(_Order, body))
    if not is_signed(services.shopify_secret, body, signature):
        raise HTTPException(401, _UNSIGNED)
    match topic:
        case "customers/data_request":
            asked = _read(_RequestData, body)
            tenant = _tenant(services, asked)
            await services.shopify.request_data(tenant, asked.customer.to_domain(), str(asked.data_request.id))
        case "customers/redact":
            gone = _read(_RedactCustomer, body)
            await services.shopify.redact_customer(_tenant(services, gone), gone.customer.to_domain())
        case "shop/redact":
            await services.shopify.redact_shop(_tenant(services, _read(_RedactShop, body)))
        case _:
            return WebhookAnswer(status="ignored")
    return WebhookAnswer(status="done")


async def _take_order(services: Services, shop: str, order: _Order) -> WebhookAnswer:
    """Record an order of a shop; its customer becomes known by it, with what they want by mail."""
    tenant = services.shopify_shops.get(shop.lower())
    if tenant is None:
        raise NotFoundError("No tenant is set for this shop; see PLURAL_SHOPIFY_SHOPS.")
    now = clock.now()
    identity_id = await _customer(services, tenant, order, now) if order.customer else None
    parsed = parse_events(order_rows(order.model_dump(), identity_id), now, services.future_hours)
    report = await record_events(services.events, tenant, parsed.values)
    services.metrics.note_events(replace(report, errors=tuple(parsed.errors)))
    return WebhookAnswer(status="done" if parsed.values else "ignored")


async def _customer(services: Services, tenant: str, order: _Order, now: datetime) -> str | None:
    customer = order.customer or {}
    try:
        known = _Customer.model_validate(customer).to_domain()
    except ValidationError as error:
        raise InvalidError("The body is not what this topic carries.") from error
    identity_id = await services.shopify.customer_identity(tenant, known)
    allowed, said_at = wants_mail(customer)
    if identity_id is not None and allowed:
        at = min(said_at or now, now).astimezone(UTC)
        said = Signal(identity_id, allowed, at.replace(microsecond=at.microsecond // 1000 * 1000), ACTOR)
        await hear_signals(services.consents, tenant, [said], ACTOR)
    return identity_id


def _read(shape: type[Payload], body: bytes) -> Payload:
    try:
        return shape.model_validate_json(body)
    except ValidationError as error:
        raise InvalidError("The body is not what this topic carries.") from error


def _tenant(services: Services, payload: _ShopPayload) -> str:
    tenant = services.shopify_shops.get(payload.shop_domain.lower())
    if tenant is None:
        raise NotFoundError("No tenant is set for this shop; see PLURAL_SHOPIFY_SHOPS.")
    return tenant
