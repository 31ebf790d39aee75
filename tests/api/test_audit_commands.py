"""`plural audit`, as typed: shown, proved whole, searched."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from app.domain.audit import NOTHING_BEFORE, AuditEntry, seal_of
from app.domain.hashing import Hasher
from app.services.audit_anchor import read_anchors
from tests.api.conftest import Shop
from tests.api.test_commands import Answer, environment, plural

Plural = Callable[..., Answer]
__all__ = ("environment", "plural")


@pytest.fixture
def load(plural: Plural, tenant: str, tmp_path: Path) -> None:
    """An identity in the tenant, so that there is something to tell of."""
    file = tmp_path / "identities.jsonl"
    file.write_text(json.dumps({"id": "tom-0815", "kind": "personal", "person_id": "tom"}) + "\n")
    assert plural("load", "identities", str(file), "--tenant", tenant, "--json").code == 0
    file.unlink()


@pytest.mark.usefixtures("load")
def test_the_log_is_shown_and_verified(plural: Plural, tenant: str) -> None:
    (entry,) = json.loads(plural("audit", "show", "--tenant", tenant, "--json").out)
    assert (entry["action"], entry["actor"], entry["sequence"]) == ("identities_put", "cli", 1)
    assert json.loads(plural("audit", "show", "--tenant", tenant, "--identity", "nobody", "--json").out) == []

    verdict = json.loads(plural("audit", "verify", "--tenant", tenant, "--json").out)
    assert (verdict["whole"], verdict["entries"]) == (True, 1)
    anchor = f"{verdict['head']['sequence']}:{verdict['head']['seal']}"
    assert plural("audit", "verify", "--tenant", tenant, "--anchor", anchor).code == 0
    told = plural("audit", "verify", "--tenant", tenant, "--anchor", f"2:{'0' * 64}")
    assert (told.code, "broken at entry 2: the end of the log was cut off" in told.out) == (1, True)
    assert "SEQUENCE:SEAL" in plural("audit", "verify", "--tenant", tenant, "--anchor", "x").err


@pytest.mark.usefixtures("load")
async def test_a_log_that_was_cut_and_written_anew_is_found_by_the_end_outside_the_database(
    plural: Plural, shop: Shop, tenant: str, tmp_path: Path
) -> None:
    shop.tenant = tenant
    verify = partial(asyncio.to_thread, plural, "audit", "verify", "--tenant", tenant)
    assert read_anchors(tmp_path)[tenant].sequence == 1
    assert "1 entries, sealed with a key from entry 1 on" in (await verify()).out

    # Whoever can write to the database, and has no key, takes the log back to how it was made before seals had one.
    await shop.query("MATCH (e:AuditEntry {tenant: $tenant}) DELETE e")
    forged = AuditEntry(1, datetime(2026, 5, 1, tzinfo=UTC), "cli", "export", (), "{}", NOTHING_BEFORE, "")
    seal = seal_of(forged, Hasher(tenant, {}))
    await shop.query(
        "MATCH (s:Tenant {tenant: $tenant}) SET s.audit_seal = $seal "
        "CREATE (:AuditEntry {tenant: $tenant, id: '1', sequence: 1, at: datetime('2026-05-01T00:00:00Z'), "
        "actor: 'cli', action: 'export', subjects: [], detail: '{}', previous: $before, seal: $seal})",
        seal=seal,
        before=NOTHING_BEFORE,
    )
    answer = await verify()
    assert (answer.code, "broken at entry 1: the entry is not the one that was noted" in answer.out) == (1, True)
    assert read_anchors(tmp_path)[tenant].seal != seal  # and stays found

    (tmp_path / "audit.anchor").unlink()
    assert "sealed with a key" not in (await verify()).out


@pytest.mark.usefixtures("load")
def test_a_value_is_found_in_the_store_and_in_files(plural: Plural, tenant: str, tmp_path: Path) -> None:
    nothing = plural("audit", "find", "tom-4711", "--tenant", tenant)
    assert (nothing.code, nothing.out) == (0, "It is nowhere in the store and in no log file.\n")

    (tmp_path / "some.log").write_text("tom-0815 was here")
    answer = plural("audit", "find", "tom-0815", "--tenant", tenant, "--json")
    found = {(trace["where"], trace["name"], trace["key"], trace["is_proof"]) for trace in json.loads(answer.out)}
    assert answer.code == 1
    assert found == {
        ("node", "Identity", "id", False),
        ("node", "AuditEntry", "subjects", True),
        ("file", "some.log", "", False),
    }
