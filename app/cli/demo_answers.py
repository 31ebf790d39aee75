"""Asks the running service for the cast's answers, as a storefront would, and draws them."""

from collections.abc import Sequence
from typing import Any, Self, get_args

import httpx2
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from app.domain.errors import UnavailableError
from app.domain.recommendation import Objective

SHOWN = 10
COMMUNITIES_SHOWN = 5
LIKES_SHOWN = 8
UNAVAILABLE = 503
RETRIES = 5
"""A database that has just started may need longer than a request's time for its first answer."""

Answer = dict[str, Any]


class Storefront:
    """A client with a key; one question at a time."""

    def __init__(self, api: str, token: str) -> None:
        self._http = httpx2.AsyncClient(base_url=api, headers={"X-API-Key": token}, timeout=30.0)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def recommend(
        self, identity_id: str, purpose: str = "personalise_content", objective: Objective = "balanced"
    ) -> Answer:
        """The answer to one identity's question, reasons included."""
        question = {"identity_id": identity_id, "purpose": purpose, "limit": SHOWN, "explain": True}
        return await self._json("POST", "/v1/recommendations", {**question, "objective": objective})

    async def recommend_in(self, session_id: str, account_id: str) -> Answer:
        """The answer to whoever is at the keyboard of a session."""
        question = {"session_id": session_id, "account_id": account_id, "limit": SHOWN, "explain": True}
        return await self._json("POST", "/v1/recommendations", question)

    async def describe(self, identity_id: str, likes: int = 1000) -> Answer:
        """What is known of an identity, and why."""
        return await self._json("GET", f"/v1/identities/{identity_id}?likes={likes}")

    async def put_creatives(self, creatives: Sequence[Answer]) -> None:
        """Bring pictures and words, as a marketer would."""
        await self._json("PUT", "/v1/creatives", {"creatives": creatives})

    async def decide(self, identity_id: str, channel: str, **more: object) -> Answer:
        """What goes to an identity through a channel, and why not."""
        return await self._json("POST", "/v1/decisions", {"identity_id": identity_id, "channel": channel, **more})

    async def communities(self) -> list[Answer]:
        """The taste communities that may be told of, largest first."""
        found = (await self._json("GET", "/v1/communities?limit=100"))["communities"]
        return [one for one in found if not one["too_few"]]

    async def _json(self, method: str, path: str, body: object = None) -> Answer:
        reply = await self._ask(method, path, body)
        for _ in range(RETRIES):
            if reply.status_code != UNAVAILABLE:
                break
            reply = await self._ask(method, path, body)
        if not reply.is_success:
            raise UnavailableError(f"The service answered {reply.status_code} to {path}: {reply.text[:200]}")
        return reply.json()

    async def _ask(self, method: str, path: str, body: object) -> httpx2.Response:
        try:
            return await self._http.request(method, path, json=body)
        except httpx2.HTTPError as error:
            raise UnavailableError(f"The service does not answer {path} ({type(error).__name__}).") from error


async def show_answers(console: Console, api: str, token: str, creatives: Sequence[Answer]) -> None:
    """Draw what the story is about in small tables. Raises ``UnavailableError`` when an answer does not come."""
    async with Storefront(api, token) as shop:
        await shop.put_creatives(creatives)
        await _show_household(console, shop)
        await _show_login(console, shop)
        await _show_grants(console, shop)
        await _show_aaron(console, shop)
        await _show_moods(console, shop)
        await _show_refusal(console, shop)
        await _show_deals(console, shop)
        await _show_channels(console, shop)
        await _show_communities(console, shop)


async def _show_household(console: Console, shop: Storefront) -> None:
    answers = [await shop.recommend(identity_id) for identity_id in ("tom-personal", "debbie-personal", "tom-work")]
    _side_by_side(
        console,
        "One household, one login, one family computer: three identities",
        ("Tom at home", "Debbie", "Tom at work"),
        answers,
    )


async def _show_login(console: Console, shop: Storefront) -> None:
    sessions = ("family-wednesday", "family-saturday", "family-just-now")
    answers = [await shop.recommend_in(session_id, "login-tom-and-debbie") for session_id in sessions]
    heads = ("Wednesday at six, dog food in the cart", "Saturday morning, cat toys", "A page that says nothing yet")
    title = "The family computer, with the login of both: who is it?"
    _side_by_side(console, title, [f"{head}: {_who(one)}" for head, one in zip(heads, answers, strict=True)], answers)


def _who(answer: Answer) -> str:
    """Whose answer it is, and how likely."""
    who = answer["identity"]
    return "nobody" if who["id"] is None else f"{who['id']}, {who['confidence']:.0%}"


async def _show_grants(console: Console, shop: Storefront) -> None:
    answers = [
        await shop.recommend("tom-and-debbie"),
        await shop.recommend("aaron-marketing", "newsletter"),
        await shop.recommend("aaron-marketing"),
    ]
    heads = (
        "Tom and Debbie's kitchen tablet, in turn",
        "Aaron's offers address, newsletter",
        "... on the shop's pages",
    )
    _side_by_side(console, "What was granted, and nothing else", heads, answers)


async def _show_aaron(console: Console, shop: Storefront) -> None:
    answers = [await shop.recommend(identity_id) for identity_id in ("aaron-work", "aaron-personal")]
    private = {like["product_id"] for like in (await shop.describe("aaron-personal"))["likes"]}
    evidence = {reason["id"] for item in answers[0]["items"] for reason in item["reasons"]}
    console.print(
        f"The studio's answer rests on {len(private & evidence) or 'none'} of the {len(private)} products of his "
        "private life.\n"
    )


async def _show_moods(console: Console, shop: Storefront) -> None:
    answers = [await shop.recommend(identity_id) for identity_id in ("aaron-loud", "aaron-calm")]
    heads = ("Friday night", "Sunday morning")
    _side_by_side(console, "Two in-app profiles of Aaron", heads, answers)


async def _show_refusal(console: Console, shop: Storefront) -> None:
    answers = [await shop.recommend(identity_id) for identity_id in ("nora-refuses", "eve-expired", "nobody-at-all")]
    _side_by_side(
        console,
        "No consent: what anybody would get",
        ("Nora, who refused", "Eve, whose consent expired", "An id that is not there"),
        answers,
    )
    outcomes = sorted({answer["consent"]["outcome"] for answer in answers})
    same = len({tuple(item["product_id"] for item in answer["items"]) for answer in answers}) == 1
    console.print(f"Outcome: {', '.join(outcomes)}; {'the same items for all three' if same else 'they differ'}.\n")


async def _show_deals(console: Console, shop: Storefront) -> None:
    likes = (await shop.describe("dora-deals"))["likes"]
    table = Table("Product", "Bought", "Discount", "Evidence weight", "For full price", title_justify="left")
    table.title = (
        "Dora looks loyal, but buys what the mailer discounts: that says less about what she buys at full price"
    )
    for like in likes[:LIKES_SHOWN]:
        share = like["discount_share"] or 0.0
        weights = (f"{like[name]:.2f}" for name in ("weight", "full_price_weight"))
        table.add_row(escape(like["title"]), f"{like['purchases']}x", f"{share:.0%}", *weights)
    console.print(table)
    both = [await shop.recommend("dora-deals", objective=one) for one in get_args(Objective)]
    _side_by_side(console, "Dora's shelf", ("By all she buys", "By what is bought at full price"), both)
    console.print()


CHANNELS_ASKED = (
    ("Aaron's offers address", "aaron-marketing", "newsletter"),
    ("", "aaron-marketing", "paid_social"),
    ("Aaron's studio", "aaron-work", "newsletter"),
    ("", "aaron-work", "paid_social"),
    ("Aaron in private", "aaron-personal", "web"),
    ("Dora, deals only", "dora-deals", "direct_mail"),
    ("Nora, who refused", "nora-refuses", "newsletter"),
)
"""Who, and through which channel."""


DEMO_MARGIN = 0.3
"""Of the price, so that a letter goes out only while it pays."""


async def _show_channels(console: Console, shop: Storefront) -> None:
    table = Table("Who", "Channel", "Product", "Creative", "Words, or why nothing", title_justify="left")
    table.title = "Product, picture and channel, decided together"
    for who, identity_id, channel in CHANNELS_ASKED:
        table.add_row(who, channel, *_told(await shop.decide(identity_id, channel)))
        if channel == "direct_mail":
            pays = _told(await shop.decide(identity_id, channel, margin=DEMO_MARGIN))
            table.add_row("", f"... at a margin of {DEMO_MARGIN:.0%}", *pays)
    console.print(table)
    console.print()


def _told(decided: Answer) -> tuple[str, str, str]:
    """Product, creative and words; of nothing, why."""
    if not decided["items"]:
        return "-", "-", escape(decided["why_not"][0]["text"])
    one = decided["items"][0]
    title, creative = one["product"]["title"], one["creative"]
    return escape(title), creative["id"], escape(f"{creative['headline']}: {creative['text']}")


async def _show_communities(console: Console, shop: Storefront) -> None:
    table = Table("Community", "Members, about", "Associated with", title_justify="left")
    found = await shop.communities()
    table.title = f"The largest taste communities of the crowd ({len(found)} are large enough to be told of)"
    for one in found[:COMMUNITIES_SHOWN]:
        matches = ", ".join(match["label"] for match in one["matches"][:3])
        table.add_row(one["label"], str(one["size"]), matches)
    console.print(table)
    for who, identity_id in (("Tom", "tom-personal"), ("Debbie", "debbie-personal")):
        own = (await shop.recommend(identity_id))["communities"]
        told = ", ".join(f"{one['label']} ({one['strength']:.0%} of the likes)" for one in own)
        console.print(f"{who} belongs to: {told or 'none that may be told of'}.")
    console.print()


def _side_by_side(console: Console, title: str, heads: Sequence[str], answers: Sequence[Answer]) -> None:
    table = Table(*heads, title=title, title_justify="left")
    columns = [[_cell(item) for item in answer["items"]] for answer in answers]
    for place in range(max(map(len, columns))):
        table.add_row(*(column[place] if place < len(column) else "" for column in columns))
    console.print(table)


def _cell(item: Answer) -> str:
    """A title and where it came from, e.g. ``Cat litter, 20 lb · repeat``."""
    return f"{escape(item['title'])} [dim]· {item['source']}[/dim]"
