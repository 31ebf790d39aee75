"""What the webhooks of any shop system come to: orders become events, what customers want becomes consents."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ValidationError

from app.api.deps import Services
from app.domain import clock
from app.domain.consent import Signal
from app.domain.errors import InvalidError
from app.domain.models import Interaction, Purpose
from app.domain.webhooks import Customer, Wish
from app.intake.events import parse_events
from app.services.consents import hear_signals
from app.services.record_events import record_events

Payload = TypeVar("Payload", bound=BaseModel)


class WebhookAnswer(BaseModel):
    """What became of it; nothing is told of whom it was about."""

    status: Literal["done", "ignored"]


def answer(*, done: bool) -> WebhookAnswer:
    """Say whether anything came of it."""
    return WebhookAnswer(status="done" if done else "ignored")


def read_payload(shape: type[Payload], body: bytes) -> Payload:
    """Read a body as what its topic carries; ``InvalidError`` for any other."""
    try:
        return shape.model_validate_json(body)
    except ValidationError as error:
        raise InvalidError("The body is not what this topic carries.") from error


async def take_events(
    services: Services,
    tenant: str,
    rows: Sequence[dict[str, Any]],
    also: Mapping[str, tuple[str, ...]] = MappingProxyType({}),
) -> bool:
    """Record rows of our own shape; whether there was anything to record.

    ``also`` says by product what else the shop's system calls it.
    """
    parsed = parse_events(rows, clock.now(), services.future_hours)
    report = await record_events(services.events, tenant, [_known_as(one, also) for one in parsed.values])
    services.metrics.note_events(replace(report, errors=tuple(parsed.errors)))
    return bool(parsed.values)


def _known_as(event: Interaction, also: Mapping[str, tuple[str, ...]]) -> Interaction:
    return replace(event, lines=tuple([replace(ln, also=also.get(ln.product_id, ())) for ln in event.lines]))


async def take_wishes(services: Services, tenant: str, customer: Customer, wishes: Iterable[Wish]) -> str | None:
    """Record what a customer wants, as of when it was said; whose identity that is, ``None`` in doubt.

    What nobody knows the time of may be an old body that comes again: it only denies.
    """
    identity_id = await services.customers.customer_identity(tenant, customer)
    if identity_id is not None:
        signals = [_signal(identity_id, wish, customer.system) for wish in wishes]
        await hear_signals(services.consents, tenant, signals, customer.system)
    return identity_id


def _signal(identity_id: str, wish: Wish, source: str) -> Signal:
    now = clock.now()
    at = min(wish.at or now, now)
    allowed: dict[Purpose, bool] = {
        purpose: is_wanted for purpose, is_wanted in wish.allowed.items() if wish.at is not None or not is_wanted
    }
    return Signal(identity_id, allowed, clock.to_milliseconds(at), source)
