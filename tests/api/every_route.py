"""A shop with one of everything, and one good call to each route; a new route is added here or its tests fail."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import httpx2

from app.api.tag_paths import SEGMENT
from app.domain.plans import PlanRequest
from app.graph.consents import ConsentGraph
from app.graph.tombstones import Tombstones
from app.services.unsubscribe import Unsubscriber
from tests.api.conftest import ORIGIN, Shop, signature_of
from tests.graph.shop import HASHER

AT = "2026-05-01T10:00:00Z"
LATER = "2099-01-01T00:00:00Z"
SOON = (datetime.now(UTC) + timedelta(days=30)).isoformat()
SECRET = "hush-hush-hush"
"""What Shopify signs with."""

Ids = Mapping[str, str]
"""Ids by the name of the path parameter that takes them."""


@dataclass(frozen=True, slots=True)
class Call:
    """One good call; ``{word}`` in path, query and body stands for an id of the shop."""

    path: str
    body: Any = None
    query: dict[str, str] = field(default_factory=dict[str, str])
    of_page: bool = False
    """Only a page's key makes it."""
    of_another: Literal["404", "as nobody's", "new", "as signed"] = "404"
    """What another tenant's ids are here: not found, answered like ids that nobody has, new things of one's own, or
    good for whom they were signed for, whoever shows them."""


IDENTITY = "/v1/identities/{identity_id}"
LINK = {
    "type": "person_identity",
    "from": "{person_id}",
    "to": "{identity_id}",
    "source": "crm",
    "seen_at": AT,
    "valid_until": LATER,
    "confidence": 0.9,
}
TRACK = {
    "type": "track",
    "event": "Product Viewed",
    "messageId": "{event_id}-tag",
    "userId": "{identity_id}",
    "timestamp": AT,
    "properties": {"product_id": "{product_id}"},
}
GA4_HIT = {"cid": "{session_id}", "en": "view_item", "pr1": "id{product_id}"}
SNOWPLOW_ITEM = {
    "e": "ti",
    "eid": "{event_id}-item",
    "sid": "{session_id}",
    "duid": "{session_id}",
    "dtm": "1777629600000",
    "ti_id": "{event_id}",
    "ti_sk": "{product_id}",
}
SAID = {"userId": "{identity_id}", "anonymousId": "{session_id}", "timestamp": AT}
KNOWN_BY = [{"type": "email", "value": "{email}"}]

CALLS: Mapping[str, Call] = {
    "PUT /v1/products": Call(
        "/v1/products",
        {
            "products": [
                {
                    "id": "{product_id}",
                    "title": "Tea",
                    "price": "10.00 EUR",
                    "link": "https://{proof}.example/tea",
                    "availability": "in_stock",
                    "item_group_id": "{product_id}",
                    "tags": [{"name": "{label}", "facet": "mood", "weight": 0.5}],
                }
            ]
        },
        of_another="new",
    ),
    "PUT /v1/identities": Call(
        "/v1/identities",
        {
            "identities": [
                {
                    "id": "{identity_id}",
                    "kind": "personal",
                    "person_id": "{person_id}",
                    "account_id": "{account_id}",
                    "household_id": "{household_id}",
                    "identifiers": KNOWN_BY,
                },
                {"id": "{other_id}", "kind": "work", "account_id": "{account_id}"},
            ]
        },
        of_another="new",
    ),
    "POST /v1/events": Call(
        "/v1/events",
        {
            "events": [
                {
                    "event_id": "{event_id}",
                    "type": "purchase",
                    "identity_id": "{identity_id}",
                    "at": AT,
                    "order_id": "{event_id}",
                    "currency": "EUR",
                    "lines": [
                        {"product_id": "{product_id}", "quantity": 2, "price_paid": "8.00", "list_price": "10.00"}
                    ],
                },
                {
                    "event_id": "{event_id}-2",
                    "type": "view",
                    "session_id": "{session_id}",
                    "at": AT,
                    "lines": [{"product_id": "{product_id}"}],
                },
            ]
        },
        of_another="new",
    ),
    "POST /v1/batch": Call(
        "/v1/batch",
        {
            "batch": [
                TRACK,
                {**TRACK, "messageId": "{event_id}-tag-2", "userId": None, "anonymousId": "{session_id}"},
                {**SAID, "type": "identify"},
            ]
        },
        of_another="new",
    ),
    "POST /v1/track": Call("/v1/track", TRACK, of_another="new"),
    "POST /v1/identify": Call("/v1/identify", SAID, of_another="new"),
    "POST /v1/page": Call("/v1/page", SAID, of_another="new"),
    "POST /v1/screen": Call("/v1/screen", SAID, of_another="new"),
    "POST /v1/alias": Call(
        "/v1/alias", {"userId": "{identity_id}", "previousId": "{session_id}", "timestamp": AT}, of_another="new"
    ),
    "POST /mp/collect": Call(
        "/mp/collect",
        {
            "client_id": "{session_id}",
            "events": [{"name": "view_item", "params": {"items": [{"item_id": "{product_id}"}]}}],
        },
        of_another="new",
    ),
    "GET /g/collect": Call("/g/collect", query=GA4_HIT, of_another="new"),
    "POST /g/collect": Call("/g/collect", query=GA4_HIT, of_another="new"),
    "POST /com.snowplowanalytics.snowplow/tp2": Call(
        "/com.snowplowanalytics.snowplow/tp2", {"data": [SNOWPLOW_ITEM]}, of_another="new"
    ),
    "GET /i": Call("/i", query=SNOWPLOW_ITEM, of_another="new"),
    "POST /v1/group": Call("/v1/group", {**SAID, "groupId": "{label}"}, of_another="new"),
    "PUT /v1/identities/{identity_id}/consents/{purpose}": Call(
        f"{IDENTITY}/consents/personalise_content",
        {"status": "granted", "at": AT, "expires_at": LATER, "policy_version": "1", "proof": "{proof}"},
        of_another="new",
    ),
    "PUT /v1/identities/{identity_id}/consents": Call(
        f"{IDENTITY}/consents", {"consent_mode": {"ad_storage": "granted"}, "proof": "{proof}"}, of_another="new"
    ),
    "POST /v1/links": Call("/v1/links", {**LINK, "on_conflict": "keep"}),
    "POST /v1/recommendations:counterfactual": Call(
        "/v1/recommendations:counterfactual",
        {"identity_id": "{identity_id}", "without": {"product_ids": ["{product_id}"], "deals_full": True}},
        of_another="as nobody's",
    ),
    "POST /v1/links:simulate": Call("/v1/links:simulate", LINK),
    "POST /v1/grants": Call(
        "/v1/grants",
        {"from": "{identity_id}", "to": "{other_id}", "purposes": ["personalise_content"], "until": LATER},
    ),
    "POST /v1/identities/{identity_id}/exclusions": Call(
        f"{IDENTITY}/exclusions", {"event_id": "{event_id}-gift", "product_id": "{product_id}"}
    ),
    "POST /v1/sessions": Call("/v1/sessions", of_page=True, of_another="new"),
    "POST /v1/sessions:consent": Call(
        "/v1/sessions:consent",
        {"session_id": "{session_id}", "purposes": {"newsletter": "denied"}, "proof": "{proof}"},
        of_another="new",
    ),
    "POST /v1/sessions/{session_id}:token": Call("/v1/sessions/{session_id}:token", {"key_id": "{page_key_id}"}),
    "POST /v1/sessions/{session_id}:claim": Call("/v1/sessions/{session_id}:claim", {"identity_id": "{identity_id}"}),
    "POST /v1/keys": Call(
        "/v1/keys",
        {"scopes": ["recommend"], "label": "{label}", "identity_id": "{identity_id}", "expires_at": LATER},
        of_another="new",
    ),
    "POST /v1/recommendations": Call(
        "/v1/recommendations",
        {
            "identity_id": "{identity_id}",
            "context": {"cart": ["{product_id}"], "viewing": [], "categories": ["{label}"]},
            "exclude": ["{event_id}"],
            "rules": [{"field": "price", "values": ["1..100"], "action": "boost", "boost": 2.0}],
            "diversity": 0.5,
            "explain": True,
            "limit": 5,
        },
        of_another="as nobody's",
    ),
    "POST /v1/identities:resolve": Call(
        "/v1/identities:resolve", {"subjects": [{"identifiers": KNOWN_BY}]}, of_another="as nobody's"
    ),
    "GET /v1/products:unmatched": Call("/v1/products:unmatched", of_another="as nobody's"),
    "GET /v1/products/{product_id}/similar": Call("/v1/products/{product_id}/similar"),
    "GET /v1/identities/{identity_id}": Call(IDENTITY),
    "GET /v1/identities/{identity_id}/consents": Call(f"{IDENTITY}/consents"),
    "GET /v1/identities/{identity_id}/consents/{purpose}": Call(f"{IDENTITY}/consents/personalise_content"),
    "GET /v1/identities/{identity_id}/consents/receipts/{consent_id}": Call(
        f"{IDENTITY}/consents/receipts/{{consent_id}}"
    ),
    "GET /v1/identities/{identity_id}/export": Call(f"{IDENTITY}/export"),
    "GET /v1/identities/{identity_id}/exclusions": Call(f"{IDENTITY}/exclusions"),
    "GET /v1/grants": Call("/v1/grants", query={"identity_id": "{identity_id}"}),
    "GET /v1/links": Call("/v1/links", query={"identity_id": "{identity_id}"}),
    "GET /v1/links/{link_id}": Call("/v1/links/{link_id}"),
    "GET /v1/persons/{person_id}": Call("/v1/persons/{person_id}"),
    "GET /v1/households/{household_id}": Call("/v1/households/{household_id}"),
    "GET /v1/persons/{person_id}/journeys": Call("/v1/persons/{person_id}/journeys"),
    "GET /v1/households/{household_id}/journeys": Call("/v1/households/{household_id}/journeys"),
    "GET /v1/erasures/{erasure_id}": Call("/v1/erasures/{erasure_id}"),
    "GET /v1/audit": Call("/v1/audit", query={"identity_id": "{identity_id}"}, of_another="as nobody's"),
    "GET /v1/audit/head": Call("/v1/audit/head", of_another="as nobody's"),
    "GET /v1/conflicts": Call("/v1/conflicts", query={"after": "{other_id}"}, of_another="as nobody's"),
    "GET /v1/link-proposals": Call("/v1/link-proposals", query={"kind": "person"}, of_another="as nobody's"),
    "POST /v1/link-proposals/{proposal_id}:accept": Call("/v1/link-proposals/{proposal_id}:accept"),
    "POST /v1/link-proposals/{proposal_id}:undo": Call("/v1/link-proposals/{proposal_id}:undo"),
    "POST /v1/link-proposals/{proposal_id}:reject": Call("/v1/link-proposals/{proposal_id}:reject"),
    "POST /v1/identities:write-once": Call(
        "/v1/identities:write-once",
        {"identity_ids": ["{identity_id}", "{other_id}"], "use": "transactional"},
        of_another="as nobody's",
    ),
    "GET /v1/identifiers:health": Call("/v1/identifiers:health", of_another="as nobody's"),
    "GET /v1/data-requests": Call("/v1/data-requests", of_another="as nobody's"),
    "GET /v1/keys": Call("/v1/keys", of_another="as nobody's"),
    "GET /v1/rules": Call("/v1/rules", of_another="as nobody's"),
    "PUT /v1/rules": Call(
        "/v1/rules",
        {
            "blocked_values": ["{proof}"],
            "caps": {"strong": 5},
            "classes": {"card": "strong"},
            "source_priorities": {"crm": 5},
            "min_confidence": 0.5,
            "phone_region": "DE",
            "consent_categories": {"Advertising": ["ads_audience"]},
        },
        of_another="new",
    ),
    "GET /v1/communities": Call("/v1/communities", of_another="as nobody's"),
    "GET /v1/communities/{community_id}": Call("/v1/communities/{community_id}"),
    "GET /v1/communities/{community_id}/members": Call("/v1/communities/{community_id}/members"),
    "GET /v1/communities/{community_id}/history": Call("/v1/communities/{community_id}/history"),
    "GET /v1/communities/{community_id}/retention": Call("/v1/communities/{community_id}/retention"),
    "GET /v1/communities/{community_id}/influence": Call("/v1/communities/{community_id}/influence"),
    "GET /v1/communities/{community_id}/journeys": Call("/v1/communities/{community_id}/journeys"),
    "GET /v1/journeys": Call("/v1/journeys", of_another="as nobody's"),
    "GET /v1/accounts:exposure": Call("/v1/accounts:exposure", of_another="as nobody's"),
    "GET /v1/retention": Call("/v1/retention", of_another="as nobody's"),
    "PUT /v1/retention": Call("/v1/retention", {"unit": "visits", "window_days": 28}, of_another="new"),
    "GET /v1/microgenres": Call("/v1/microgenres", of_another="as nobody's"),
    "GET /v1/microgenres/{genre_id}": Call("/v1/microgenres/{genre_id}"),
    "PATCH /v1/microgenres/{genre_id}": Call("/v1/microgenres/{genre_id}", {"name": "{label}"}),
    "PUT /v1/scenarios/{name}": Call(
        "/v1/scenarios/{name}", {"pins": [{"product_id": "{product_id}"}]}, of_another="new"
    ),
    "GET /v1/scenarios/{name}": Call("/v1/scenarios/{name}"),
    "GET /v1/scenarios": Call("/v1/scenarios", of_another="as nobody's"),
    "PUT /v1/channels": Call(
        "/v1/channels", {"channels": [{"channel": "email", "cap": {"contacts": 2, "days": 7}}]}, of_another="new"
    ),
    "GET /v1/channels": Call("/v1/channels", of_another="as nobody's"),
    "PUT /v1/creatives": Call(
        "/v1/creatives",
        {
            "creatives": [
                {
                    "id": "{creative_id}",
                    "channels": ["web", "email"],
                    "about": {"products": ["{product_id}"]},
                    "headline": "{label}",
                    "image_link": "https://localhost/{label}",
                    "tags": [{"name": "{label}", "facet": "mood"}],
                }
            ]
        },
        of_another="new",
    ),
    "PUT /v1/audiences/{name}": Call(
        "/v1/audiences/{name}", {"channel": "email", "purchases": {"min": 1}}, of_another="new"
    ),
    "GET /v1/audiences": Call("/v1/audiences", of_another="as nobody's"),
    "GET /v1/audiences/{name}": Call("/v1/audiences/{name}"),
    "GET /v1/audiences/{name}/members/{identity_id}": Call("/v1/audiences/{name}/members/{identity_id}"),
    "POST /v1/plans": Call("/v1/plans", {"audience": "{name}", "stock": [{"product_id": "{product_id}", "pieces": 1}]}),
    "GET /v1/plans": Call("/v1/plans", of_another="as nobody's"),
    "GET /v1/plans/{plan_id}": Call("/v1/plans/{plan_id}"),
    "POST /v1/plans/{plan_id}:export": Call("/v1/plans/{plan_id}:export", {"mode": "full"}),
    "POST /v1/plans/{plan_id}:recall": Call("/v1/plans/{plan_id}:recall"),
    "POST /v1/decisions": Call(
        "/v1/decisions", {"identity_id": "{identity_id}", "channel": "web", "limit": 2}, of_another="as nobody's"
    ),
    "GET /v1/identities/{identity_id}/affinities": Call(f"{IDENTITY}/affinities", of_another="as nobody's"),
    "GET /v1/creatives": Call("/v1/creatives", of_another="as nobody's"),
    "GET /v1/creatives/{creative_id}": Call("/v1/creatives/{creative_id}"),
    "POST /unsubscribe/{token}": Call("/unsubscribe/{token}", of_another="as signed"),
    "POST /v1/refresh": Call("/v1/refresh", of_another="as nobody's"),
    "GET /v1/refresh": Call("/v1/refresh", of_another="as nobody's"),
    "PUT /v1/feeds/{name}": Call("/v1/feeds/{name}", {"url": "https://localhost/{label}"}, of_another="new"),
    "GET /v1/feeds/{name}": Call("/v1/feeds/{name}"),
    "GET /v1/feeds": Call("/v1/feeds", of_another="as nobody's"),
    "POST /v1/feeds/{name}:run": Call("/v1/feeds/{name}:run", {"confirm": False}),
    "GET /v1/matches": Call(
        "/v1/matches", query={"community_id": "{community_id}", "microgenre_id": "{genre_id}"}, of_another="as nobody's"
    ),
    "GET /v1/brands/{brand_id}/facets": Call("/v1/brands/{brand_id}/facets"),
    "PUT /v1/experiments/{experiment_id}": Call(
        "/v1/experiments/{experiment_id}",
        {
            "scenario": "{name}",
            "arms": [{"name": "{label}", "scenario": "{name}"}, {"name": "other", "scenario": "{name}"}],
            "ends_at": SOON,
        },
        of_another="as nobody's",
    ),
    "GET /v1/experiments": Call("/v1/experiments", of_another="as nobody's"),
    "GET /v1/experiments/{experiment_id}": Call("/v1/experiments/{experiment_id}"),
    "GET /v1/brands/{brand_id}/niches": Call("/v1/brands/{brand_id}/niches"),
    "GET /": Call("/", of_another="as nobody's"),
    "GET /healthz": Call("/healthz", of_another="as nobody's"),
    "GET /readyz": Call("/readyz", of_another="as nobody's"),
    "GET /metrics": Call("/metrics", of_another="as nobody's"),
    "GET /.well-known/gpc.json": Call("/.well-known/gpc.json", of_another="as nobody's"),
    "DELETE /v1/feeds/{name}": Call("/v1/feeds/{name}"),
    "GET /v1/events/{event_id}": Call("/v1/events/{event_id}"),
    "DELETE /v1/events/{event_id}": Call("/v1/events/{event_id}"),
    "DELETE /v1/experiments/{experiment_id}": Call("/v1/experiments/{experiment_id}"),
    "DELETE /v1/scenarios/{name}": Call("/v1/scenarios/{name}"),
    "DELETE /v1/audiences/{name}": Call("/v1/audiences/{name}"),
    "POST /v1/creatives/{creative_id}:check": Call("/v1/creatives/{creative_id}:check"),
    "DELETE /v1/creatives/{creative_id}": Call("/v1/creatives/{creative_id}"),
    "DELETE /v1/grants/{grant_id}": Call("/v1/grants/{grant_id}"),
    "DELETE /v1/identities/{identity_id}/exclusions/{exclusion_id}": Call(f"{IDENTITY}/exclusions/{{exclusion_id}}"),
    "DELETE /v1/claims/{claim_id}": Call("/v1/claims/{claim_id}"),
    "DELETE /v1/links/{link_id}": Call("/v1/links/{link_id}"),
    "DELETE /v1/keys/{key_id}": Call("/v1/keys/{key_id}"),
    "POST /webhooks/shopify": Call(
        "/webhooks/shopify",
        {"shop_domain": "{shop_domain}", "customer": {"email": "{email}"}, "orders_to_redact": []},
        of_another="as nobody's",
    ),
    "POST /webhooks/woocommerce": Call("/webhooks/woocommerce", {"id": 1}, of_another="as nobody's"),
    "GET /v1/products": Call("/v1/products", query={"item_group_id": "{product_id}"}, of_another="as nobody's"),
    "GET /v1/products/{product_id}": Call("/v1/products/{product_id}"),
    "PATCH /v1/products/{product_id}": Call("/v1/products/{product_id}", {"price": "9.00 EUR", "clear": ["link"]}),
    "DELETE /v1/products/{product_id}": Call("/v1/products/{product_id}"),
    "DELETE /v1/persons/{person_id}": Call("/v1/persons/{person_id}"),
    "DELETE /v1/households/{household_id}": Call("/v1/households/{household_id}"),
    "DELETE /v1/identities/{identity_id}": Call(IDENTITY),
}
"""By method and path as the OpenAPI document has them, in an order in which each finds what it needs."""

BY_ROW = (
    "POST /v1/events",
    *(f"POST {path}" for path in SEGMENT),
    *("POST /mp/collect", "GET /g/collect", "POST /g/collect", "POST /com.snowplowanalytics.snowplow/tp2", "GET /i"),
)
"""Operations that judge each row by itself: 200 whatever the rows."""

BUILDS = (
    "PUT /v1/products",
    "PUT /v1/identities",
    "POST /v1/events",
    "PUT /v1/identities/{identity_id}/consents/{purpose}",
    "PUT /v1/identities/{identity_id}/consents",
    "POST /v1/links",
    "POST /v1/grants",
    "POST /v1/identities/{identity_id}/exclusions",
    "POST /v1/sessions/{session_id}:claim",
    "POST /v1/keys",
    "PUT /v1/scenarios/{name}",
    "PUT /v1/feeds/{name}",
    "PUT /v1/creatives",
    "PUT /v1/audiences/{name}",
    "PUT /v1/experiments/{experiment_id}",
)
"""What fills a shop."""

MADE = {
    "PUT /v1/identities/{identity_id}/consents/{purpose}": "consent_id",
    "POST /v1/links": "link_id",
    "POST /v1/grants": "grant_id",
    "POST /v1/identities/{identity_id}/exclusions": "exclusion_id",
    "POST /v1/sessions/{session_id}:claim": "claim_id",
    "POST /v1/keys": "key_id",
}
"""Which id the answer to a call holds."""

LEARNED = """
    MERGE (run:Run {tenant: $tenant, id: 'run'})
    SET run.active = true, run.finished_at = datetime(), run.model_version = 'plural',
      run.published = true, run.published_at = datetime()
    MERGE (c:TasteCommunity {tenant: $tenant, id: $community_id + '@run'})
    SET c.community = $community_id, c.run = 'run', c.label = 'Tea', c.terms = ['tea'], c.size = 200
    MERGE (g:MicroGenre {tenant: $tenant, id: $genre_id + '@run'})
    SET g.genre = $genre_id, g.run = 'run', g.label = $genre_id + ' found', g.size = 9
    MERGE (b:Brand {tenant: $tenant, id: $brand_id})
    SET b.name = 'Kettle'
    MERGE (c)-[m:MATCHES {run: 'run'}]->(g)
    SET m.lift = 2.0, m.low = 1.5, m.high = 2.5, m.support = 100
"""
"""What only a refresh makes."""

PROPOSED = """
    MATCH (one:Identity {tenant: $tenant, id: $identity_id}), (other:Identity {tenant: $tenant, id: $other_id})
    MERGE (one)-[r:MAY_BE {kind: 'person'}]->(other)
    SET r.id = $proposal_id, r.status = 'open', r.probability = 0.9, r.fields = '[]', r.at = datetime()
"""
"""What only `plural link` makes."""

PLANNED = """
    MATCH (i:Identity {tenant: $tenant, id: $identity_id})
    MERGE (plan:Plan {tenant: $tenant, id: $plan_id})
    SET plan.state = 'frozen', plan.channel = 'email', plan.fields = $fields, plan.figures = $figures,
      plan.by = 'somebody', plan.at = datetime(), plan.erased = []
    MERGE (i)-[planned:PLANNED_IN]->(plan)
    SET planned.line = $plan_id, planned.at = datetime(), planned.exported_at = datetime(),
      planned.ended_at = datetime(),
      planned.product_ids = [$product_id], planned.creative_ids = [$creative_id], planned.sources = ['popular'],
      planned.gains = [0.1]
"""
"""What only more people make than these: a plan of one."""


CHOSEN = (
    *("product_id", "identity_id", "other_id", "gone_id", "person_id", "account_id", "household_id"),
    *(
        "session_id",
        "event_id",
        "proof",
        "label",
        "community_id",
        "genre_id",
        "brand_id",
        "name",
        "token",
        "creative_id",
        "experiment_id",
    ),
)
"""What a sender chooses."""


def names(word: str) -> dict[str, str]:
    """Ids that a sender chooses, each recognisable by ``word``."""
    return {**{name: f"{word}-{name.removesuffix('_id')}" for name in CHOSEN}, "email": f"{word}@example.com"}


def nobodys(ids: Ids) -> dict[str, str]:
    """Ids of the same kinds that nobody has, those that a service makes too."""
    return {**{name: id_[::-1] for name, id_ in ids.items()}, **names("nob")}


async def furnish(shop: Shop, word: str) -> dict[str, str]:
    """Fill a shop with one of everything; all ids by name, those that the service made too."""
    ids = names(word)
    for operation in BUILDS:
        answer = await send(shop, operation, ids)
        assert answer.is_success, (operation, answer.text)
        if operation in MADE:
            ids[MADE[operation]] = answer.json()["id"]
    await shop.query(LEARNED, **{name: ids[name] for name in ("community_id", "genre_id", "brand_id")})
    ids["proposal_id"] = hashlib.sha256(word.encode()).hexdigest()[:32]
    for id_ in (ids["identity_id"], ids["other_id"]):
        await shop.call("PUT", f"/v1/identities/{id_}/consents/link_identities", {"status": "granted"})
    await shop.query(PROPOSED, **{name: ids[name] for name in ("identity_id", "other_id", "proposal_id")})
    ids["plan_id"] = ids["proposal_id"][::-1]
    named = {name: ids[name] for name in ("identity_id", "plan_id", "product_id", "creative_id")}
    fields, figures = PlanRequest("email", ids["name"]).text(), '{"contacts": null, "note": "few", "cost": null}'
    await shop.query(PLANNED, fields=fields, figures=figures, **named)
    ids["page_key_id"] = (await shop.token("browser")).split("_")[2]
    ids["token"] = Unsubscriber(HASHER, ConsentGraph(shop.db, Tombstones(HASHER))).token(
        shop.tenant, ids["identity_id"], "email"
    )
    gone = {"identities": [{"id": ids["gone_id"], "kind": "personal"}]}
    await shop.call("PUT", "/v1/identities", gone)
    ids["erasure_id"] = (await shop.call("DELETE", f"/v1/identities/{ids['gone_id']}")).json()["id"]
    return ids


async def send(shop: Shop, operation: str, ids: Ids) -> httpx2.Response:
    """Make the good call of an operation, with these ids."""
    token = await (shop.token("browser") if CALLS[operation].of_page else shop.token("ingest", "recommend", "admin"))
    return await send_with(shop, token, operation, ids)


async def send_with(shop: Shop, token: str, operation: str, ids: Ids) -> httpx2.Response:
    """Make the good call of an operation with any key; from the shop's page where it is a browser key."""
    call, method = CALLS[operation], operation.partition(" ")[0]
    content = b"" if call.body is None else json.dumps(filled(call.body, ids)).encode()
    key = {"X-API-Key": token, "Content-Type": "application/json", **({"Origin": ORIGIN} if token[:3] == "pk_" else {})}
    headers, path, query = {**key, **signed(content)}, filled(call.path, ids), filled(call.query, ids)
    answer = await shop.client.request(method, path, content=content, headers=headers, params=query)
    if answer.status_code == 409 and "preview" in answer.json():  # shown first, then confirmed
        query = {**query, "confirm": answer.json()["preview"]["confirm"]}
        answer = await shop.client.request(method, path, content=content, headers=headers, params=query)
    return answer


def signed(content: bytes, topic: str = "customers/redact") -> dict[str, str]:
    """Headers that Shopify and WooCommerce would send with this body; other routes pass them over."""
    signature = signature_of(content, SECRET)
    woocommerce = {"Topic": "product.deleted", "Signature": signature, "Source": "https://mine.example/"}
    return {
        "X-Shopify-Topic": topic,
        "X-Shopify-Hmac-Sha256": signature,
        **{f"X-WC-Webhook-{name}": value for name, value in woocommerce.items()},
    }


def filled(template: Any, ids: Ids) -> Any:
    """Put ids into the places of a template."""
    match template:
        case str():
            return template.format_map({"shop_domain": "unknown.example", **ids}) if "{" in template else template
        case dict():
            return {key: filled(value, ids) for key, value in template.items()}  # pyright: ignore[reportUnknownVariableType]
        case list():
            return [filled(value, ids) for value in template]  # pyright: ignore[reportUnknownVariableType]
        case _:
            return template
