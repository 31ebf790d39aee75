"""What is decided about each route: whose keys open it. Written by hand, so that no declaration decides by itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from app.domain.keys import Scope


@dataclass(frozen=True, slots=True)
class Decision:
    """Who may call an operation."""

    scopes: tuple[Scope, ...]
    bound: Literal["own subject only", "refused"] = "refused"
    """What it is to keys that are bound to an identity or session."""


def _each(*scopes: Scope, of: str, own: str = "") -> dict[str, Decision]:
    decided = {line.strip(): Decision(scopes) for line in of.strip().splitlines()}
    return decided | {line.strip(): Decision(scopes, "own subject only") for line in own.strip().splitlines()}


DECISIONS: Mapping[str, Decision] = {
    **_each("recommend", "browser", of="", own="POST /v1/recommendations"),
    **_each(
        "ingest",
        "browser",
        of="",
        own="""
            POST /v1/events
            POST /v1/identities/{identity_id}/exclusions
            GET /v1/identities/{identity_id}/exclusions
            DELETE /v1/identities/{identity_id}/exclusions/{exclusion_id}
            POST /v1/sessions:consent
            POST /v1/batch
            POST /v1/track
            POST /v1/identify
            POST /v1/page
            POST /v1/screen
            POST /v1/alias
            POST /v1/group
            POST /mp/collect
            GET /g/collect
            POST /g/collect
            POST /com.snowplowanalytics.snowplow/tp2
            GET /i
        """,
    ),
    **_each("browser", of="POST /v1/sessions"),
    **_each(
        "recommend",
        of="""
            GET /v1/products/{product_id}/similar
            POST /v1/sessions/{session_id}:token
        """,
        own="""
            POST /v1/recommendations:counterfactual
            POST /v1/decisions
            GET /v1/identities/{identity_id}/affinities
        """,
    ),
    **_each(
        "ingest",
        of="""
            PUT /v1/products
            GET /v1/products:unmatched
            GET /v1/products
            GET /v1/products/{product_id}
            PATCH /v1/products/{product_id}
            DELETE /v1/products/{product_id}
            PUT /v1/identities
            POST /v1/identities:resolve
            POST /v1/grants
            GET /v1/grants
            DELETE /v1/grants/{grant_id}
            POST /v1/links
            GET /v1/links
            POST /v1/links:simulate
            GET /v1/links/{link_id}
            DELETE /v1/links/{link_id}
            DELETE /v1/claims/{claim_id}
        """,
        own="""
            POST /v1/sessions/{session_id}:claim
            GET /v1/identities/{identity_id}/consents
            PUT /v1/identities/{identity_id}/consents
            GET /v1/identities/{identity_id}/consents/{purpose}
            PUT /v1/identities/{identity_id}/consents/{purpose}
            GET /v1/identities/{identity_id}/consents/receipts/{consent_id}
        """,
    ),
    **_each(
        "insight",
        of="""
            GET /v1/communities
            GET /v1/communities/{community_id}
            GET /v1/communities/{community_id}/history
            GET /v1/communities/{community_id}/influence
            GET /v1/communities/{community_id}/journeys
            GET /v1/journeys
            GET /v1/accounts:exposure
            GET /v1/communities/{community_id}/retention
            GET /v1/retention
            GET /v1/microgenres
            GET /v1/microgenres/{genre_id}
            PATCH /v1/microgenres/{genre_id}
            GET /v1/matches
            GET /v1/brands/{brand_id}/facets
            GET /v1/brands/{brand_id}/niches
        """,
    ),
    **_each(
        "campaign",
        of="""
            PUT /v1/scenarios/{name}
            DELETE /v1/scenarios/{name}
            PUT /v1/channels
            PUT /v1/audiences/{name}
            DELETE /v1/audiences/{name}
            POST /v1/plans
            POST /v1/plans/{plan_id}:export
            POST /v1/plans/{plan_id}:recall
            PUT /v1/experiments/{experiment_id}
            DELETE /v1/experiments/{experiment_id}
            PUT /v1/creatives
            POST /v1/creatives/{creative_id}:check
            DELETE /v1/creatives/{creative_id}
        """,
    ),
    **_each(
        "campaign",
        "insight",
        of="""
            GET /v1/scenarios
            GET /v1/scenarios/{name}
            GET /v1/channels
            GET /v1/audiences
            GET /v1/audiences/{name}
            GET /v1/plans
            GET /v1/plans/{plan_id}
            GET /v1/experiments
            GET /v1/experiments/{experiment_id}
            GET /v1/creatives
            GET /v1/creatives/{creative_id}
        """,
    ),
    **_each("insight:members", of="GET /v1/communities/{community_id}/members"),
    **_each(
        "admin",
        of="""
            GET /v1/audiences/{name}/members/{identity_id}
            GET /v1/identities/{identity_id}
            DELETE /v1/identities/{identity_id}
            GET /v1/identities/{identity_id}/export
            GET /v1/identifiers:health
            GET /v1/persons/{person_id}
            GET /v1/persons/{person_id}/journeys
            GET /v1/households/{household_id}/journeys
            DELETE /v1/persons/{person_id}
            GET /v1/households/{household_id}
            DELETE /v1/households/{household_id}
            GET /v1/conflicts
            GET /v1/link-proposals
            POST /v1/link-proposals/{proposal_id}:accept
            POST /v1/link-proposals/{proposal_id}:reject
            POST /v1/link-proposals/{proposal_id}:undo
            POST /v1/identities:write-once
            GET /v1/rules
            PUT /v1/rules
            PUT /v1/retention
            GET /v1/feeds
            PUT /v1/feeds/{name}
            GET /v1/feeds/{name}
            POST /v1/feeds/{name}:run
            DELETE /v1/feeds/{name}
            GET /v1/keys
            POST /v1/keys
            DELETE /v1/keys/{key_id}
            GET /v1/audit
            GET /v1/audit/head
            GET /v1/erasures/{erasure_id}
            GET /v1/data-requests
            GET /v1/events/{event_id}
            DELETE /v1/events/{event_id}
            POST /v1/refresh
            GET /v1/refresh
        """,
    ),
}
"""By method and path as the OpenAPI document has them."""
