"""Where tags and SDKs send what they see, and where each of them shows its key."""

from collections.abc import Mapping
from types import MappingProxyType

SEGMENT_CALLS: Mapping[str, str] = MappingProxyType(
    {"track": "t", "identify": "i", "page": "p", "screen": "s", "alias": "a", "group": "g"}
)
"""Short path of the browser's library by the name of a call."""

SEGMENT = tuple(f"/v1/{name}" for name in ("batch", *SEGMENT_CALLS))
SEGMENT_SHORT = tuple(f"/v1/{name}" for name in ("b", *SEGMENT_CALLS.values()))
"""The same calls under the paths of Segment's library for browsers; they are not in the document."""

BASIC_OR_BODY = frozenset((*SEGMENT, *SEGMENT_SHORT))
"""Here a key may be the user of Basic auth, or the body's ``writeKey``."""

COLLECTORS: Mapping[str, str] = MappingProxyType(
    {
        "/mp/collect": "api_secret",
        "/g/collect": "key",
        "/com.snowplowanalytics.snowplow/tp2": "key",
        "/i": "key",
    }
)
"""Collectors of GA4 and Snowplow outside of /v1, and the query parameter that holds the key."""

IN_THE_PATH = ("/com.snowplowanalytics.snowplow/tp2", "/i")
"""Collectors whose trackers can be given a path and no query: the key may stand before it."""

WITH_CREDENTIALS = frozenset({"/com.snowplowanalytics.snowplow/tp2"})
"""Here browsers are let send cookies, as Snowplow's tracker asks for by default; nobody reads them."""
