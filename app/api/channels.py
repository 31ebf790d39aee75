"""Channels: what each costs, how often and when it may be used, and what a creative must have for it."""

from datetime import time
from decimal import Decimal
from typing import Annotated, Self

from fastapi import APIRouter
from pydantic import AfterValidator, BaseModel, Field, model_validator

from app.api.bodies import Body
from app.api.deps import Campaigning, ReadingCampaigns
from app.api.errors import PROBLEM_RESPONSES
from app.domain.channels import (
    ADDRESS_OF,
    CHANNELS,
    DEFAULT_RULES,
    PURPOSE_OF,
    Cap,
    Channel,
    ChannelBook,
    ChannelRules,
    Part,
    QuietHours,
)
from app.domain.models import Address, Purpose
from app.intake.fields import Price, TimeZone

router = APIRouter(prefix="/v1/channels", tags=["channels"], responses=PROBLEM_RESPONSES)

Clock = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", description="Local time, `20:00`.")]


def _each_once(parts: list[Part]) -> list[Part]:
    return list(dict.fromkeys(parts))


class CapBody(Body):
    """At most `contacts` in any `days` days; `sent` events count."""

    contacts: Annotated[int, Field(ge=0, le=1000, description="0: the channel is not used at all.")]
    days: Annotated[int, Field(ge=1, le=366)]


class QuietBody(Body):
    """When nobody is contacted, in the identity's own time zone; over midnight where `start` is the later one."""

    start: Clock
    end: Clock

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.start == self.end:
            raise ValueError("start and end must differ; a cap of 0 contacts closes a channel")
        return self


class ChannelBody(Body):
    """What holds for one channel: without `cap` or `quiet_hours` it has none, cost and parts are as by default."""

    channel: Channel
    cost: Annotated[Price, Field(description="Of one contact, in the shop's currency.")] | None = None
    cap: CapBody | None = None
    quiet_hours: QuietBody | None = None
    must_have: Annotated[
        list[Part] | None,
        Field(max_length=10, description="Parts that a creative must have to be used in this channel."),
        AfterValidator(lambda parts: None if parts is None else _each_once(parts)),
    ] = None


class ChannelsBody(Body):
    """What the tenant says of its channels; those that are not named are as by default."""

    time_zone: Annotated[TimeZone, Field(description="Of identities that have none of their own.")] = "UTC"
    channels: Annotated[list[ChannelBody], Field(max_length=len(CHANNELS))]

    @model_validator(mode="after")
    def _check(self) -> Self:
        if len({one.channel for one in self.channels}) < len(self.channels):
            raise ValueError("name each channel once")
        return self


class ChannelAnswer(BaseModel):
    """One channel as it is used."""

    channel: Channel
    purpose: Annotated[Purpose, Field(description="What an identity must have consented to.")]
    address: Annotated[Address | None, Field(description="What it must be reachable by; null: nothing.")]
    cost: str
    cap: CapBody | None
    quiet_hours: QuietBody | None
    must_have: list[Part]


class ChannelsAnswer(BaseModel):
    """All channels, the quietest first: none is ever replaced by one that stands behind it."""

    time_zone: str
    channels: list[ChannelAnswer]


@router.get("")
async def read_channels(caller: ReadingCampaigns) -> ChannelsAnswer:
    """List the channels with what holds for them."""
    return _answer(await caller.services.channels.read(caller.tenant))


@router.put("")
async def put_channels(caller: Campaigning, body: ChannelsBody) -> ChannelsAnswer:
    """Replace what the tenant says of its channels; those that are not named are as by default."""
    said: dict[Channel, ChannelRules] = {one.channel: _rules(one) for one in body.channels}
    book = ChannelBook({**DEFAULT_RULES, **said}, body.time_zone)
    await caller.services.channels.write(caller.tenant, book, caller.actor)
    return _answer(book)


def _rules(body: ChannelBody) -> ChannelRules:
    usual = DEFAULT_RULES[body.channel]
    cap, quiet = body.cap, body.quiet_hours
    return ChannelRules(
        cost=usual.cost if body.cost is None else Decimal(body.cost),
        cap=Cap(cap.contacts, cap.days) if cap else None,
        quiet=QuietHours(*map(time.fromisoformat, (quiet.start, quiet.end))) if quiet else None,
        must_have=usual.must_have if body.must_have is None else tuple(body.must_have),
    )


def _answer(book: ChannelBook) -> ChannelsAnswer:
    return ChannelsAnswer(
        time_zone=book.time_zone, channels=[_channel(channel, book.rules[channel]) for channel in CHANNELS]
    )


def _channel(channel: Channel, rules: ChannelRules) -> ChannelAnswer:
    cap, quiet = rules.cap, rules.quiet
    return ChannelAnswer(
        channel=channel,
        purpose=PURPOSE_OF[channel],
        address=ADDRESS_OF.get(channel),
        cost=f"{rules.cost.normalize():f}",
        cap=CapBody(contacts=cap.contacts, days=cap.days) if cap else None,
        quiet_hours=QuietBody(start=f"{quiet.start:%H:%M}", end=f"{quiet.end:%H:%M}") if quiet else None,
        must_have=list(rules.must_have),
    )
