"""Publish how engagement goes with staying: the ladder of the shop, and of each of its communities."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from app.domain.disclosure import Disclosure
from app.domain.models import OF_CONTACTS
from app.domain.retention import Ladder, Retention, RetentionRules, too_few
from app.graph.retention import read_rules, text_of
from app.jobs.people import People
from app.jobs.run import Run
from app.jobs.week import noise_of
from app.taste.ladder import Engaged, climb, find_scale
from app.taste.publisher import Publisher
from app.taste.values import Ints

_WEEK = 7
_ROWS = 500


@dataclass(frozen=True)
class Buyers:
    """Those whom figures count, and the days on which each bought, one a purchase."""

    ids: tuple[str, ...]
    """Sorted."""
    days: tuple[Ints, ...]
    """Since 1970, rising."""

    def bought(self, first_day: int, after_day: int) -> Ints:
        """Purchases of each in these days, the latter left out."""
        ends = [np.searchsorted(own, (first_day, after_day)) for own in self.days]
        return np.array([after - first for first, after in ends], dtype=np.int64)


async def write_retention(run: Run, people: People) -> None:
    """Publish the ladder of the shop and of each community of the run; needs its memberships and homes.

    Nothing exact is written, and nothing of anybody alone: who was gone is forgotten when this returns.
    """
    with run.progress.step("Measuring what goes with staying"):
        rules = await read_rules(run.db, run.tenant)
        buyers = await _read_buyers(run)
        publisher = Publisher(noise_of(run, buyers.ids), Disclosure(run.settings.k_look))
        end = find_end(publisher, buyers, day_of(run))
        if end is None:
            shop = too_few("Too few people bought anything to publish anything of them.")
            communities = dict.fromkeys(people.communities, shop)
        else:
            engaged = await _engage(run, rules, buyers, end - rules.horizon_days)
            shop, communities = _climb_all(publisher, engaged, people, buyers, rules)
        cut = None if end is None else write_day(end - rules.horizon_days - 1)
        await _write(run, {id_: Retention(run.id, rules, cut, ladder) for id_, ladder in communities.items()})
        whole = text_of(Retention(run.id, rules, cut, shop))
        await run.db.run_long("portraits/write_retention", tenant=run.tenant, run=run.id, retention=whole)


async def _write(run: Run, communities: Mapping[str, Retention]) -> None:
    rows = [{"community": id_, "retention": text_of(one)} for id_, one in communities.items()]
    for at in range(0, len(rows), _ROWS):
        some = rows[at : at + _ROWS]
        await run.db.run_long("portraits/write_community_retention", tenant=run.tenant, run=run.id, rows=some)


def find_end(publisher: Publisher, buyers: Buyers, today: int) -> int | None:
    """Find the day after the record: the end of the last week, counted back from today, in which enough people bought.

    Of what is not on record nothing is known; and no single purchase that stands alone moves the end. ``None`` where
    enough never bought in one week.
    """
    first = min((int(own[0]) for own in buyers.days if len(own)), default=today + 1)
    for after in range(today + 1, first, -_WEEK):
        who = np.flatnonzero(buyers.bought(after - _WEEK, after))
        if not publisher.rule.is_too_few(publisher.noise.count(who, f"bought before {after}")):
            return after
    return None


async def _read_buyers(run: Run) -> Buyers:
    rows = await run.db.run_long("portraits/read_purchase_days", tenant=run.tenant, run=run.id)
    days = tuple(np.sort(np.array(row["days"], dtype=np.int64)) for row in rows)
    return Buyers(tuple(row["identity_id"] for row in rows), days)


async def _engage(run: Run, rules: RetentionRules, buyers: Buyers, cut: int) -> Engaged:
    """Look at who was a customer before the day ``cut``: bought lately, and before the window began, too."""
    begin = cut - rules.window_days
    lately = buyers.bought(cut - rules.known_days, cut) > 0
    known = np.array([len(own) > 0 and own[0] < begin for own in buyers.days], dtype=np.bool_)
    engagement = buyers.bought(begin, cut) if rules.unit == "purchases" else await _count(run, rules, buyers, cut)
    return Engaged(lately & known, engagement, buyers.bought(cut, cut + rules.horizon_days) == 0)


async def _count(run: Run, rules: RetentionRules, buyers: Buyers, cut: int) -> Ints:
    """Engagement of each in a unit that is not purchases."""
    span = {"tenant": run.tenant, "run": run.id, "first_day": cut - rules.window_days, "after_day": cut}
    if rules.unit == "visits":
        rows = await run.db.run_long("portraits/count_visits", of_contacts=sorted(OF_CONTACTS), **span)
    elif rules.unit == "categories":
        rows = await run.db.run_long("portraits/count_categories", **span)
    else:
        rows = await run.db.run_long("portraits/count_communities", **span)
    counted: Mapping[str, int] = {row["identity_id"]: row["engagement"] for row in rows}
    return np.array([counted.get(id_, 0) for id_ in buyers.ids], dtype=np.int64)


def _climb_all(
    publisher: Publisher, engaged: Engaged, people: People, buyers: Buyers, rules: RetentionRules
) -> tuple[Ladder, dict[str, Ladder]]:
    scale = find_scale(publisher, engaged)
    shop = climb(publisher, engaged, scale, np.arange(len(buyers.ids)), "shop", rules)
    members = people.members_among(buyers.ids).items()
    return shop, {id_: climb(publisher, engaged, scale, who, id_, rules) for id_, who in members}


def day_of(run: Run) -> int:
    """Day of a run since 1970."""
    return round(run.now.astimezone(UTC).timestamp() * 1000) // 86_400_000


def write_day(day: int) -> str:
    """Write a day since 1970 as a date."""
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day)).date().isoformat()
