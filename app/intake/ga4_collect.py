"""What GA4's tags and clients send to ``/mp/collect`` and ``/g/collect`` becomes a Measurement Protocol body.

Source of the first: Google, "Measurement Protocol (GA4) reference". The second is not documented; read is what tags and
clients were seen to send: what all events share in the address, and either one event there too or one a line of the
body. An item is ``id..~nm..~pr..~qt..`` with ``~~`` for a tilde in it, though not every client doubles it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl

_TILDE = re.compile(r"(?<!~)~(?!~)")
_ITEM = re.compile(r"pr[1-9][0-9]{0,2}")
_ITEM_FIELDS = {"id": "item_id", "pr": "price", "ds": "discount", "qt": "quantity"}
_PREFIXES = ("ep.", "epn.")
_MOST_FIELDS = 2_000
_GCS = re.compile(r"G1[01-][01-]")


def protocol_body(body: Mapping[str, Any]) -> dict[str, Any]:
    """Say the same with ``client_id`` for an app's instance, and a list of events where one stands alone."""
    told = dict(body)
    if told.get("client_id") is None and told.get("app_instance_id") is not None:
        told["client_id"] = told["app_instance_id"]
    if isinstance(told.get("events"), dict):
        told["events"] = [told["events"]]
    return told


def collected_bodies(query: Iterable[tuple[str, str]], text: str) -> Iterator[dict[str, Any]]:
    """Yield the body of each event of one request to ``/g/collect``, in its order.

    Events without a name are left out; ``ValueError`` for more fields than any tag sends.
    """
    shared = dict(query)
    lines = [line for line in text.splitlines() if line.strip()]
    for line in lines or [""]:
        fields = {**shared, **dict(parse_qsl(line, keep_blank_values=True, max_num_fields=_MOST_FIELDS))}
        if fields.get("en"):
            yield _body(fields)


def _body(fields: Mapping[str, str]) -> dict[str, Any]:
    params: dict[str, Any] = {
        name.removeprefix(prefix): value
        for name, value in fields.items()
        for prefix in _PREFIXES
        if name.startswith(prefix)
    }
    params.update(
        {name: fields[short] for name, short in (("currency", "cu"), ("session_id", "sid")) if short in fields}
    )
    if items := [_item(value) for name, value in fields.items() if _ITEM.fullmatch(name)]:
        params["items"] = items
    told = {"client_id": fields.get("cid"), "user_id": fields.get("uid")}
    body: dict[str, Any] = {**told, "events": [{"name": fields["en"], "params": params}]}
    return {**body, "consent": consent} if (consent := _consent(fields)) else body


def _item(text: str) -> dict[str, str]:
    item: dict[str, str] = {}
    for part in _TILDE.split(text):
        name = _ITEM_FIELDS.get(part[:2])
        if name is not None and part[2:]:
            item.setdefault(name, part[2:].replace("~~", "~"))
    return item


def _consent(fields: Mapping[str, str]) -> dict[str, str]:
    """Read Google's consent state (``gcs``: ads, then analytics) and its "no personalised ads"."""
    said = {"0": "denied", "1": "granted"}
    consent: dict[str, str] = {}
    if _GCS.fullmatch(gcs := fields.get("gcs", "")) and gcs[3] in said:
        consent["analytics_storage"] = said[gcs[3]]
    if "1" in (fields.get("npa"), fields.get("_npa")):
        consent["ad_personalization"] = "denied"
    return consent
