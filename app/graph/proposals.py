"""Proposals of links in the graph (cypher/proposals/): edges between two identities until somebody decides."""

import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from datetime import datetime

from app.domain import clock
from app.domain.audit import Act, Action
from app.domain.hashing import Hasher
from app.domain.identity_rules import IdentityRules
from app.domain.links import Link
from app.domain.proposals import (
    FieldAgreement,
    LinkProposal,
    ProposalKind,
    ProposalStatus,
    check_acceptance,
    decided,
    links_of_accepted,
    persons_beside,
    rejected_links,
)
from app.graph.audit import AuditTrail
from app.graph.belonging import Runs, read_members, walk
from app.graph.database import Database, Row, Transaction
from app.graph.link_writer import LinkWriter, Past, link_of
from app.graph.times import from_ms, from_optional_ms


class ProposalGraph:
    """One relationship a pair and kind; implements ``ProposalStore``."""

    def __init__(self, db: Database, audit: AuditTrail, hasher: Callable[[str], Hasher]) -> None:
        self._db = db
        self._audit = audit
        self._writer = LinkWriter(hasher)

    async def propose(self, tenant: str, proposals: Sequence[LinkProposal], actor: str) -> tuple[int, int]:
        """Keep proposals between identities that consent now; how many are open, and how many were decided before."""

        async def work(transaction: Transaction) -> tuple[int, int]:
            await self._writer.lock(transaction, tenant)
            consenting = await _consenting(transaction.run, tenant, proposals)
            rows = [_row(one) for one in proposals if {one.one, one.other} <= consenting]
            at = clock.to_milliseconds(clock.now())
            kept = await transaction.run("proposals/write_proposals", tenant=tenant, rows=rows, at=at)
            waiting = sum(row["status"] == "open" for row in kept)
            if kept:
                detail = {"proposals": waiting, "proposed": True}
                subjects = tuple(("identity", id_) for id_ in sorted(consenting))
                await self._audit.append(transaction, tenant, Act(actor, "link", subjects, detail))
            return waiting, len(kept) - waiting

        return await self._db.transact(work, tenant=tenant)

    async def read(
        self, tenant: str, status: ProposalStatus, kind: ProposalKind | None, below: float, after: str, limit: int
    ) -> list[LinkProposal]:
        """Proposals of a status (proposals/read_proposals); an open one of whom consents no more is left out."""
        found: list[LinkProposal] = []
        while len(found) < limit:
            rows = await self._db.read(
                "proposals/read_proposals",
                tenant=tenant,
                status=status,
                kind=kind,
                below=below,
                after=after,
                limit=limit,
            )
            page = [_proposal(row) for row in rows]
            found += page if status != "open" else await self._consenting(tenant, page)
            if len(page) < limit:
                break
            below, after = page[-1].probability, page[-1].id
        return found[:limit]

    async def read_among(self, tenant: str, ids: Sequence[str]) -> list[LinkProposal]:
        """Proposals of persons among identities that consent now (proposals/read_among)."""
        rows = await self._db.read("proposals/read_among", tenant=tenant, ids=ids)
        return await self._consenting(tenant, [_proposal(row) for row in rows])

    async def _consenting(self, tenant: str, proposals: Sequence[LinkProposal]) -> list[LinkProposal]:
        """Those of whom both consent now."""
        consenting = await _consenting(self._db.read, tenant, proposals)
        return [one for one in proposals if {one.one, one.other} <= consenting]

    async def find(self, tenant: str, proposal_id: str) -> LinkProposal | None:
        """One proposal by its id (proposals/find_proposal); ``None`` when there is none."""
        rows = await self._db.read("proposals/find_proposal", tenant=tenant, id=proposal_id)
        return _proposal(rows[0]) if rows else None

    async def decide(
        self, tenant: str, proposal_id: str, status: ProposalStatus, rules: IdentityRules, actor: str
    ) -> LinkProposal | None:
        """Decide a proposal, and bring the links of all that hangs together with it up to date, in one commit.

        ``None`` without a proposal. ``ConflictError`` when accepting it contradicts what is known.
        """
        at = clock.to_milliseconds(clock.now())

        async def work(transaction: Transaction) -> LinkProposal | None:
            past = await self._writer.lock(transaction, tenant)
            rows = await transaction.run("proposals/find_proposal", tenant=tenant, id=proposal_id)
            found = _proposal(rows[0]) if rows else None
            if found is None or found.status == status:
                return found
            kept = decided(found, status, at)
            await self._relink(transaction, tenant, past, rules, kept, at)
            state = {"status": status, "at": kept.decided_at}
            await transaction.run("proposals/decide_proposal", tenant=tenant, id=proposal_id, **state)
            await self._audit.append(transaction, tenant, _act(actor, kept))
            return kept

        return await self._db.transact(work, tenant=tenant)

    async def _relink(
        self, transaction: Transaction, tenant: str, past: Past, rules: IdentityRules, kept: LinkProposal, at: datetime
    ) -> None:
        """End what no accepted proposal around this one says any more, and write what is said now."""
        others = [one for one in await _accepted_around(transaction, tenant, kept) if one.id != kept.id]
        ids = sorted({id_ for one in (*others, kept) for id_ in (one.one, one.other)})
        sources = sorted({one.source for one in (*others, kept)})
        evidence = await walk(transaction.run, tenant, rules, at, identity_ids=ids)
        beside = replace(evidence, links=[link for link in evidence.links if link.source not in sources])
        accepted = [*others, kept] if kept.status == "accepted" else others
        wanted = links_of_accepted(accepted, persons_beside(beside, rules, at), at)
        if kept.status == "accepted":
            check_acceptance(kept, wanted, beside, rules, at)
        if kept.status == "rejected":
            wanted += rejected_links(kept, at)
        there = await _links_of(transaction, tenant, ids, sources)
        for key in sorted(there.keys() - {link.key for link in wanted}):
            await self._writer.end(transaction, tenant, there[key], at)
        await self._writer.write(transaction, tenant, [link for link in wanted if link.key not in there], past)


async def _links_of(
    transaction: Transaction, tenant: str, ids: Sequence[str], sources: Sequence[str]
) -> dict[tuple[str, str, str, str], Link]:
    """The links that proposals made, by their key."""
    rows = await transaction.run("proposals/find_links", tenant=tenant, ids=ids, sources=sources)
    found = [link_of((await transaction.run("links/find_link", tenant=tenant, id=row["id"]))[0]) for row in rows]
    return {link.key: link for link in found}


async def _accepted_around(transaction: Transaction, tenant: str, proposal: LinkProposal) -> list[LinkProposal]:
    """All accepted proposals that hang together with one, by their id."""
    found: dict[str, LinkProposal] = {}
    fresh, seen = {proposal.one, proposal.other}, set[str]()
    while fresh:
        rows = await transaction.run("proposals/read_accepted", tenant=tenant, ids=sorted(fresh))
        seen |= fresh
        found |= {row["id"]: _proposal(row) for row in rows}
        fresh = {id_ for row in rows for id_ in (row["one"], row["other"])} - seen
    return [found[id_] for id_ in sorted(found)]


async def _consenting(run: Runs, tenant: str, proposals: Sequence[LinkProposal]) -> set[str]:
    named = sorted({id_ for one in proposals for id_ in (one.one, one.other)})
    members = await read_members(run, tenant, named, clock.now())
    return {member.id for member in members if member.may_link}


def _act(actor: str, proposal: LinkProposal) -> Act:
    actions: dict[ProposalStatus, Action] = {"accepted": "link", "rejected": "link", "open": "unlink"}
    subjects = (("identity", proposal.one), ("identity", proposal.other))
    detail = {"type": f"proposal_{proposal.kind}", "status": proposal.status}
    return Act(actor, actions[proposal.status], subjects, detail)


def _row(proposal: LinkProposal) -> dict[str, object]:
    return {
        "id": secrets.token_hex(16),
        "kind": proposal.kind,
        "one": proposal.one,
        "other": proposal.other,
        "probability": proposal.probability,
        "fields": json.dumps([asdict(field) for field in proposal.fields]),
    }


def _proposal(row: Row) -> LinkProposal:
    return LinkProposal(
        id=row["id"],
        kind=row["kind"],
        one=row["one"],
        other=row["other"],
        probability=row["probability"],
        fields=tuple(FieldAgreement(**field) for field in json.loads(row["fields"])),
        proposed_at=from_ms(row["at_ms"]),
        status=row["status"],
        decided_at=from_optional_ms(row["decided_ms"]),
    )
