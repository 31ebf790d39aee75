"""An audience leaves as a file: who may be contacted, whole or as changes, and never so that few are found out."""

import asyncio
import csv
import json
import stat
from collections.abc import AsyncGenerator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import pytest_asyncio
from typer.testing import CliRunner

from app.cli.main import app
from app.domain import clock
from app.domain.audience_export import ExportRow, Mode, Receipt
from app.domain.errors import ConflictError, InvalidError, NotFoundError
from app.graph.audiences import AudienceGraph
from app.graph.audit import AuditTrail
from app.graph.database import Database
from app.services.audiences import Count
from app.services.export_audience import AudienceExporter, is_signed
from app.services.export_file import ExportFile
from app.settings import Settings
from tests.api.conftest import ServeWith, Shop
from tests.api.test_audiences import COMMUNITIES, ENOUGH, K, bring, consent, numbered, put
from tests.graph.conftest import command_line
from tests.graph.shop import HASHER

__all__ = ("command_line",)

ALL = numbered(2 * ENOUGH)
HALF = ALL[:ENOUGH]


@pytest_asyncio.fixture
async def fair(serve_with: ServeWith, settings: Settings, db: Database, tenant: str) -> AsyncGenerator[Shop]:
    """A shop in which few are enough."""
    async with serve_with(settings.model_copy(update={"k_look": K, "k_export": K})) as client:
        yield Shop(tenant, client, db)


class Receiver:
    """Whoever gets what leaves of one audience, and does what it says."""

    def __init__(self, shop: Shop, name: str = "tea") -> None:
        self.shop = shop
        self.name = name
        self.list: dict[str, str | None] = {}
        self.rows: list[ExportRow] = []
        self.exporter = AudienceExporter(AudienceGraph(shop.db, AuditTrail(HASHER)), HASHER, Count(HASHER, 7, K, K))
        self.signature = ""

    async def gets(self, mode: Mode = "delta", **more: Any) -> Receipt:
        def write(rows: Any) -> str:
            self.rows = list(rows)
            return "0" * 64

        receipt, self.signature = await self.exporter.export(self.shop.tenant, self.name, mode, write, "test", **more)
        if receipt.mode == "full":
            self.list = {}
        for row in self.rows:
            if row.action == "add":
                self.list[row.member] = row.identity_id
            else:
                del self.list[row.member]
        assert len(self.list) == receipt.listed
        return receipt

    @property
    def ids(self) -> set[str | None]:
        return set(self.list.values())


async def test_the_first_time_all_leave_and_then_what_changed(fair: Shop) -> None:
    await bring(fair, HALF)
    await bring(fair, ["elsewhere"], purpose="email_marketing")
    await put(fair)
    receiver = Receiver(fair)

    first = await receiver.gets()
    assert (first.mode, first.added, first.removed, first.listed) == ("full", ENOUGH, 0, ENOUGH)
    assert receiver.ids == set(HALF)
    nothing = await receiver.gets()
    assert (nothing.mode, nothing.added, nothing.removed, receiver.rows) == ("delta", 0, 0, [])

    await bring(fair, ALL[ENOUGH:])
    more = await receiver.gets()
    assert (more.added, more.listed, more.additions_wait) == (ENOUGH, 2 * ENOUGH, False)
    whole = await receiver.gets("full")
    assert (whole.mode, receiver.ids) == ("full", set(ALL))


async def test_removals_always_go_out_and_additions_below_k_wait(fair: Shop) -> None:
    await bring(fair, HALF)
    await put(fair)
    receiver = Receiver(fair)
    await receiver.gets()
    await bring(fair, ["new-1"])
    await consent(fair, "i-03", "newsletter", "withdrawn")
    await fair.call("PUT", "/v1/identities", {"identities": [{"id": "i-04", "kind": "personal", "reachable": []}]})

    bounced = {
        "event_id": "b1",
        "type": "bounced",
        "identity_id": "i-05",
        "channel": "email",
        "at": clock.now().isoformat(),
    }
    assert (await fair.call("POST", "/v1/events", {"events": [bounced]})).json()["accepted"] == 1

    change = await receiver.gets()

    assert (change.added, change.removed, change.additions_wait) == (0, 3, True)
    assert receiver.ids == set(HALF) - {"i-03", "i-04", "i-05"}
    await consent(fair, "i-03", "newsletter")
    assert (await receiver.gets()).additions_wait
    assert "i-03" not in receiver.ids


async def test_who_was_taken_off_one_list_does_not_come_out_alone_in_another(fair: Shop) -> None:
    await bring(fair, HALF)
    await put(fair)
    await Receiver(fair).gets()
    await consent(fair, "i-03", "newsletter", "withdrawn")
    await Receiver(fair).exporter.export(fair.tenant, "tea", "delta", lambda _: "", "test")
    await consent(fair, "i-03", "newsletter")
    await put(fair, "other")
    other = Receiver(fair, "other")

    receipt = await other.gets()

    assert (receipt.listed, receipt.additions_wait) == (ENOUGH - 1, True)
    assert "i-03" not in other.ids


async def test_whom_a_public_key_brought_lately_does_not_make_enough(fair: Shop) -> None:
    await bring(fair, HALF)
    await fair.query("MATCH (i:Identity {tenant: $tenant}) SET i.public_since = datetime() - duration('P6D')")
    await put(fair)

    with pytest.raises(ConflictError, match="Nothing may leave"):
        await Receiver(fair).gets()
    await fair.query("MATCH (i:Identity {tenant: $tenant}) SET i.public_since = datetime() - duration('P8D')")
    assert (await Receiver(fair).gets()).listed == ENOUGH


async def test_who_was_erased_is_removed_by_a_key_that_says_nothing_else(fair: Shop) -> None:
    await bring(fair, HALF)
    await put(fair)
    receiver = Receiver(fair)
    await receiver.gets()

    erased = (await fair.call("DELETE", "/v1/identities/i-07")).json()

    assert erased["counts"]["relationships"]["LISTED_IN"] == 1
    assert await fair.count("(l:ExportedList {tenant: $tenant})") == 1
    [before] = [member for member, id_ in receiver.list.items() if id_ == "i-07"]
    change = await receiver.gets()
    assert receiver.rows == [ExportRow("remove", None, before)]
    assert (change.removed, receiver.ids) == (1, set(HALF) - {"i-07"})
    assert (
        await fair.query("MATCH (l:ExportedList {tenant: $tenant}) WHERE $key IN l.erased RETURN l", key=before) == []
    )


async def test_whom_it_is_about_is_told_in_which_audiences_it_left(fair: Shop) -> None:
    await bring(fair, HALF)
    await put(fair)
    await Receiver(fair).gets()

    links = (await fair.call("GET", "/v1/identities/i-07/export")).json()["links"]

    assert [(one["type"], one["other"]) for one in links] == [("LISTED_IN", "tea")]


async def test_fewer_than_k_do_not_leave(fair: Shop) -> None:
    await bring(fair, numbered(K - 1))
    await put(fair)

    with pytest.raises(ConflictError, match="Nothing may leave"):
        await Receiver(fair).gets()
    with pytest.raises(NotFoundError):
        await Receiver(fair, "none").gets()
    assert await fair.count("(l:ExportedList {tenant: $tenant})") == 0


async def test_another_filter_that_would_single_somebody_out_waits(fair: Shop) -> None:
    await bring(fair, ALL)
    await fair.query(COMMUNITIES, members=ALL[1:])
    await put(fair)
    receiver = Receiver(fair)
    await receiver.gets()
    await put(fair, communities=["c1"])
    await consent(fair, "i-09", "newsletter", "withdrawn")

    change = await receiver.gets()

    assert (change.added, change.removed, change.filter_waits) == (0, 1, True)
    assert receiver.ids == set(ALL) - {"i-09"}
    assert json.loads(change.filter) == {"channel": "newsletter"}


async def test_two_audiences_that_differ_by_one_do_not_both_leave(fair: Shop) -> None:
    await bring(fair, ALL)
    await fair.query(COMMUNITIES, members=ALL[1:])
    await put(fair, "all")
    await put(fair, "most", communities=["c1"])
    await Receiver(fair, "all").gets()

    with pytest.raises(ConflictError, match="differs by"):
        await Receiver(fair, "most").gets()
    await fair.call("DELETE", "/v1/audiences/all")
    with pytest.raises(ConflictError, match="differs by"):
        await Receiver(fair, "most").gets()
    await fair.query(
        "MATCH (:Identity {tenant: $tenant})-[m:MEMBER_OF]->() WITH m ORDER BY startNode(m).id LIMIT $off DELETE m",
        off=ENOUGH,
    )
    assert (await Receiver(fair, "most").gets()).listed == ENOUGH - 1


async def test_a_deleted_audience_and_one_of_another_channel_only_shrink(fair: Shop) -> None:
    await bring(fair, HALF)
    await put(fair)
    receiver = Receiver(fair)
    await receiver.gets()
    await bring(fair, ALL[ENOUGH:])
    await consent(fair, "i-02", "newsletter", "denied")
    await fair.call("DELETE", "/v1/audiences/tea")

    gone = await receiver.gets()
    assert (gone.added, gone.removed, gone.filter_waits) == (0, 1, False)
    await put(fair, channel="email")
    other = await receiver.gets()
    assert (other.added, other.removed, other.filter_waits, other.channel) == (0, 0, True, "newsletter")
    assert receiver.ids == set(HALF) - {"i-02"}


async def test_a_list_that_has_run_out_is_forgotten(fair: Shop) -> None:
    await bring(fair, HALF)
    await put(fair)
    receiver = Receiver(fair)
    await receiver.gets()
    await fair.query("MATCH (l:ExportedList {tenant: $tenant}) SET l.expires_at = datetime() - duration('PT1S')")

    assert (await receiver.gets()).mode == "full"
    assert await fair.count("(:Identity)-[:LISTED_IN]->(:ExportedList {tenant: $tenant})") == ENOUGH


async def test_an_export_is_in_the_audit_log_and_its_receipt_is_signed(fair: Shop) -> None:
    await bring(fair, HALF)
    await put(fair)
    receiver = Receiver(fair)
    receipt = await receiver.gets(expires_days=7)
    kept = "(l:ExportedList {tenant: $tenant} WHERE l.expires_at > datetime() + duration('P29D'))"
    assert await fair.count(kept) == 1  # on account for longer than the receiver may keep it

    [entry] = (await fair.call("GET", "/v1/audit", params={"action": "audience_exported"})).json()["entries"]
    assert (entry["detail"]["name"], entry["detail"]["added"]) == ("tea", ENOUGH)
    assert entry["detail"]["receipt"] == receipt.id
    assert is_signed(HASHER(fair.tenant), receipt, receiver.signature)
    assert not is_signed(HASHER("another"), receipt, receiver.signature)


FEW = {"PLURAL_K_LOOK": str(K), "PLURAL_K_EXPORT": str(K)}


async def typed(*words: str, code: int = 0) -> str:
    result = await asyncio.to_thread(CliRunner().invoke, app, ["audiences", *words])
    assert result.exit_code == code, (result.output, result.exception)
    return result.stdout


async def test_the_commands_list_export_and_verify(
    fair: Shop, command_line: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in FEW.items():
        monkeypatch.setenv(name, value)
    await bring(fair, [*HALF[1:], "=1+1"])
    await put(fair)
    shop = ("--tenant", fair.tenant)

    [listed] = json.loads((await typed(*shop, "--json")).splitlines()[-1])
    assert (listed["name"], listed["size"]["may_be_exported"]) == ("tea", True)
    assert "whoever may be contacted" in await typed(*shop)

    file = tmp_path / "tea.csv"
    told = await typed("export", "tea", str(file), *shop)
    assert f"{ENOUGH} to add" in told
    rows = list(csv.DictReader(file.read_text().splitlines()))
    assert {row["identity_id"] for row in rows} == {*HALF[1:], "'=1+1"}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert json.loads((tmp_path / "tea.csv.receipt.json").read_text())["listed"] == ENOUGH
    assert "left so" in await typed("verify", str(file))
    file.write_text(file.read_text() + "add,somebody,ab\n")
    assert "did not leave" in await typed("verify", str(file), code=1)

    again = await typed("export", "tea", str(tmp_path / "tea.parquet"), *shop, "--full", "--json")
    assert json.loads(again.splitlines()[-1])["mode"] == "full"
    columns: list[str] = pq.read_schema(tmp_path / "tea.parquet").names  # pyright: ignore[reportUnknownMemberType]
    assert columns == ["action", "identity_id", "member"]
    await typed("export", "tea", str(tmp_path / "tea.jsonl"), *shop)
    assert (tmp_path / "tea.jsonl").read_text() == ""
    assert not list(tmp_path.glob(".*"))


async def test_a_list_leaves_hashed_for_a_receiver_without_ids_of_the_shop(
    fair: Shop, command_line: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in FEW.items():
        monkeypatch.setenv(name, value)
    await bring(fair, ALL)
    await put(fair)
    shop, known = ("--tenant", fair.tenant), HALF
    customers = tmp_path / "customers.csv"
    customers.write_text("identity_id,email\n" + "".join(f"{one},{one}@example.com\n" for one in known))
    hashes = {sha256(f"{one}@example.com".encode()).hexdigest() for one in known}

    await typed("export", "tea", str(tmp_path / "a.csv"), *shop, "--for", "google", code=1)
    await typed("export", "tea", str(tmp_path / "a.csv"), *shop, "--customers", str(customers), code=1)
    by = ("--customers", str(customers))
    told = await typed("export", "tea", str(tmp_path / "1.csv"), *shop, "--for", "google", *by)
    first = list(csv.DictReader((tmp_path / "1.csv").read_text().splitlines()))
    await consent(fair, known[0], "newsletter", "denied")
    await typed("export", "tea", str(tmp_path / "2.csv"), *shop, "--for", "meta", *by)
    then = list(csv.DictReader((tmp_path / "2.csv").read_text().splitlines()))

    assert f"{len(known)} to add" in told  # those whom the receiver cannot find are on no list
    assert {row["Email"] for row in first} == hashes
    assert set(first[0]) == {"action", "member", "Email", "Phone", "First Name", "Last Name", "Country", "Zip"}
    assert [(row["action"], row["email"]) for row in then] == [
        ("remove", sha256(f"{known[0]}@example.com".encode()).hexdigest())
    ]
    assert {row["member"] for row in then} <= {row["member"] for row in first}
    for file in (tmp_path / "1.csv", tmp_path / "2.csv", tmp_path / "1.csv.receipt.json"):
        assert not any(one in file.read_text() for one in known)


async def test_too_few_whom_the_receiver_could_find_do_not_leave(
    fair: Shop, command_line: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in FEW.items():
        monkeypatch.setenv(name, value)
    await bring(fair, ALL)
    await put(fair)
    customers = tmp_path / "customers.csv"
    customers.write_text(f"identity_id,email\n{ALL[0]},somebody@example.com\n{ALL[1]},nobody\n")
    more = ("--tenant", fair.tenant, "--for", "meta", "--customers", str(customers))

    await typed("export", "tea", str(tmp_path / "1.csv"), *more, code=1)

    assert not (tmp_path / "1.csv").exists()


def test_a_file_that_is_there_and_one_of_another_ending_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").touch()
    for name in ("a.csv", "a.xlsx", "a"):
        with pytest.raises(InvalidError):
            ExportFile(tmp_path / name)
