"""Promise 14 on real processes: killed without a word, at any moment, while everybody writes, learns and is erased."""

import os
import time
from collections.abc import Generator

import pytest

from tests.kills.shop_under_fire import HISTORY, PEOPLE, SILENCE_SECONDS, UnderFire

ROUNDS = int(os.environ.get("PLURAL_KILL_ROUNDS", "5"))
"""Each kind of kill once; `make fuzz` asks for 200."""
KINDS = ("erasure", "java", "refresh", "api", "all")
SEED = int(os.environ.get("PLURAL_KILL_SEED", "1"))

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Generator[UnderFire]:
    """One for each worker, which have rounds of their own."""
    under_fire = UnderFire(tmp_path_factory.mktemp("kills") / "home", f"{SEED} {worker_id}")
    try:
        under_fire.open()
        yield under_fire
    finally:
        under_fire.close()


def on_disk(shop: UnderFire) -> dict[str, int]:
    """How often each event is on disk."""
    rows = shop.query(
        "MATCH (:Identity {tenant: $tenant})-[:DID]->(x:Interaction) RETURN x.id AS id, count(*) AS times"
    )
    return {row["id"]: row["times"] for row in rows}


def counted(shop: UnderFire) -> dict[str, int]:
    """How many events each identity's likes were summed from."""
    rows = shop.query(
        "MATCH (i:Identity {tenant: $tenant})-[l:LIKES]->() WHERE i.id IN $people RETURN i.id AS id, sum(l.count) AS n",
        people=PEOPLE,
    )
    return {row["id"]: row["n"] for row in rows}


def outcome(shop: UnderFire, identity_id: str) -> str:
    answer = shop.ask(200, "POST", "/v1/recommendations", {"identity_id": identity_id})
    return answer["consent"]["outcome"]


@pytest.mark.parametrize("number", range(ROUNDS))
def test_nothing_accepted_is_lost_and_nobody_erased_is_served(shop: UnderFire, number: int) -> None:
    kind = KINDS[number % len(KINDS)]
    victim = f"victim-{number}"
    history = shop.events(victim, HISTORY)
    shop.consents(victim)
    shop.send(history[at : at + 400] for at in range(0, HISTORY, 400))
    assert outcome(shop, victim) == "granted"

    shop.begin()
    refresh = shop.refresh()
    time.sleep(shop.dice.uniform(0.5, 6))
    shop.begin_erasing(victim)
    time.sleep(shop.dice.uniform(0, 2))
    shop.kill(kind, refresh)
    time.sleep(shop.dice.uniform(0, 1))
    shop.stand_up()
    shop.cease()
    said, _ = refresh.communicate(timeout=300)
    assert "Traceback" not in said, said

    gone = {row["id"] for row in shop.query("MATCH (e:Erasure {tenant: $tenant}) RETURN e.id AS id")}
    erasing = shop.query("MATCH (:Erasure {tenant: $tenant})-[:ERASES]->(i:Identity) RETURN collect(i.id) AS ids")[0][
        "ids"
    ]
    accepted = shop.ledger.erased | set(erasing)
    assert all(outcome(shop, one) == "contextual_only" for one in accepted), (gone, accepted)
    shop.wait_until_erased()
    shop.send([history[:400]])  # a late replay brings nobody back, and is told so
    shop.ask(200, "DELETE", f"/v1/identities/{victim}")
    shop.ledger.erased.add(victim)
    assert outcome(shop, victim) == "contextual_only"
    assert shop.query("MATCH (i:Identity {tenant: $tenant}) WHERE i.id STARTS WITH 'victim' RETURN i.id") == []

    found = on_disk(shop)
    alive = {id_ for id_, event in shop.ledger.sent.items() if event["identity_id"] not in shop.ledger.erased}
    assert (shop.ledger.acknowledged & alive) - found.keys() == set()
    unsure = sorted(alive - shop.ledger.acknowledged)
    shop.send([[shop.ledger.sent[id_] for id_ in unsure[at : at + 500]] for at in range(0, len(unsure), 500)])

    found = on_disk(shop)
    assert found == dict.fromkeys(alive, 1)
    mine = [shop.ledger.sent[id_]["identity_id"] for id_ in alive]
    assert counted(shop) == {one: mine.count(one) for one in set(mine)}

    if refresh.returncode:
        time.sleep(SILENCE_SECONDS)  # it showed life until then
        last = shop.service.run("refresh", "--tenant", "shop")
        assert last.returncode == 0, last.stdout + last.stderr
