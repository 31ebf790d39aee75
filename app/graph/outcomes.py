"""What was shown and what came of it, read from the log (cypher/outcomes/); no count and no credit is kept."""

import json
from collections import defaultdict
from collections.abc import AsyncGenerator, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from app.domain.channels import VISITED
from app.domain.credit import CLICKED, SEEN, Bought, Credit, CreditRules, Touch, credited
from app.domain.models import Interaction, Line, Purpose
from app.domain.replay import LoggedDecision
from app.graph.database import Database, Row
from app.graph.money import as_decimal
from app.graph.times import from_ms
from app.recommend.sampler import Count, Outcomes

MOST_DECISIONS = 100_000
"""That are looked at, the newest."""

_PAGE = 2_000

MEASURING: tuple[Purpose, ...] = ("measurement",)
LEARNING: tuple[Purpose, ...] = ("measurement", "model_training")


class OutcomeGraph:
    """Reads outcomes; implements ``OutcomeStore``."""

    def __init__(self, db: Database, rules: CreditRules) -> None:
        self._db = db
        self._rules = rules

    async def tally(self, tenant: str, now: datetime, since: datetime) -> Outcomes:
        """Outcomes by community and creative (outcomes/tally_outcomes), of decisions after ``since``."""
        bought: defaultdict[str, set[str]] = defaultdict(set)
        for credit in await self.credits(tenant, now, since, LEARNING):
            bought[credit.decision_id].update(credit.quantities)
        rows = await self._db.read(
            "outcomes/tally_outcomes",
            tenant=tenant,
            now=now,
            since=since,
            purposes=list(LEARNING),
            visited=sorted(VISITED),
            bought={id_: sorted(products) for id_, products in bought.items()},
            limit=MOST_DECISIONS,
        )
        return Outcomes({(row["community"], row["creative"]): Count(row["shown"], row["taken"]) for row in rows})

    async def credits(
        self, tenant: str, now: datetime, since: datetime, purposes: Sequence[Purpose] = MEASURING
    ) -> list[Credit]:
        """Orders after ``since`` and the decisions that they are credited to (outcomes/read_touches), by order.

        Of those alone who consent to all of ``purposes`` now.
        """
        rows = await self._db.read(
            "outcomes/read_touches",
            tenant=tenant,
            now=now,
            since=since,
            purposes=list(purposes),
            visited=sorted(VISITED),
            touching=sorted(CLICKED | SEEN),
            limit=MOST_DECISIONS,
        )
        bought = [one for row in rows for one in bought_of(row["identity_id"], row["bought"])]
        return credited(bought, (touch for row in rows for touch in _touches(row)), self._rules)

    async def logged(
        self,
        tenant: str,
        now: datetime,
        span: tuple[datetime, datetime],
        arrived_before: datetime,
        scenario: str | None,
        outcome_days: float,
    ) -> AsyncGenerator[LoggedDecision]:
        """Yield decisions in which something was left to chance (outcomes/read_logged), with what of them was clicked.

        Of those alone who consent to be measured now; of ``scenario`` alone where one is named.
        """
        since, until = span
        pages = self._db.stream(
            "outcomes/read_logged",
            _PAGE,
            tenant=tenant,
            now=now,
            since=since,
            until=until,
            scenario=scenario,
            outcome_seconds=round(timedelta(days=outcome_days).total_seconds()),
            arrived_before=arrived_before,
            limit=MOST_DECISIONS,
            purposes=list(MEASURING),
            visited=sorted(VISITED),
        )
        async for page in pages:
            for row in page:
                yield _logged(row)


def _logged(row: Row) -> LoggedDecision:
    eligible: list[dict[str, float]] = [json.loads(text) for text in row["eligible_creatives"] or ()]
    return LoggedDecision(
        id=row["id"],
        identity_id=row["identity_id"],
        at=from_ms(row["at_ms"]),
        product_ids=tuple(row["product_ids"]),
        propensities=tuple(row["propensities"]),
        deterministic=tuple(row["deterministic"] or ()),
        candidate_ids=tuple(row["candidate_ids"] or ()),
        candidate_scores=tuple(row["candidate_scores"] or ()),
        exploration=row["exploration"] or 0.0,
        first_place=row["first_place"] or 1,
        creative_ids=tuple(row["creative_ids"] or ()),
        creative_propensities=tuple(row["creative_propensities"] or ()),
        eligible=tuple(eligible),
        clicked=frozenset(row["clicked_ids"]),
    )


def _touches(row: Row) -> Iterator[Touch]:
    whom = row["identity_id"]
    for decision_id, at_ms in row["seen"]:
        yield Touch(decision_id, whom, whom, from_ms(at_ms), is_click=False)
    for decision_id, by, type_, at_ms in row["touches"]:
        yield Touch(decision_id, whom, by, from_ms(at_ms), is_click=type_ in CLICKED)


def bought_of(whom: str, rows: Sequence[Sequence[Any]]) -> Iterator[Bought]:
    """Read ``bought`` of outcomes/read_touches or experiments/read_exposed, in a row about ``whom``."""
    for id_, by, is_own, type_, at_ms, order_id, currency, lines in rows:
        bought = tuple(Line(line[0], line[1], as_decimal(line[2]), as_decimal(line[3])) for line in lines)
        message = Interaction(id_, type_, by, from_ms(at_ms), bought, order_id=order_id, currency=currency)
        yield Bought(message, frozenset({by, whom} if is_own else {by}))
