"""A page of the shop in which promises are tried, with the key that everybody who visits can read."""

import re
from typing import Any

import httpx2

from app.domain.keys import KeyRequest
from app.graph.audit import AuditTrail
from app.graph.keys import KeyGraph
from app.services.keys import create_key
from tests.graph.shop import HASHER
from tests.promises.world import World

ORIGIN = "https://shop.example"


class Page:
    """Asks and tells over HTTP, as a script in a page does."""

    def __init__(self, client: httpx2.AsyncClient, key: str) -> None:
        self._client, self._key = client, key

    @classmethod
    async def of(cls, world: World, client: httpx2.AsyncClient) -> "Page":
        store = KeyGraph(world.db, AuditTrail(HASHER))
        issued = await create_key(store, world.tenant, KeyRequest(("browser",), origins=(ORIGIN,)))
        return cls(client, issued.token)

    async def post(self, path: str, body: Any, token: str = "") -> httpx2.Response:
        headers = {"X-API-Key": self._key, "Origin": ORIGIN, "X-Session-Token": token}
        answer = await self._client.post(path, json=body, headers=headers)
        assert answer.is_success, answer.text
        return answer

    async def open(self) -> tuple[str, str]:
        """Open a session; its id and its token."""
        answer = (await self.post("/v1/sessions", None)).json()
        return answer["session_id"], answer["token"]

    async def ask(self, session_id: str, token: str = "") -> str:
        """What is answered, without what differs from call to call."""
        answer = await self.post("/v1/recommendations", {"session_id": session_id, "explain": True}, token)
        return re.sub(r'"decision_id":"\w+"', "", answer.text)
