"""What a log of consent records means at a moment, and what a signal adds to it; consent only narrows. No I/O."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from app.domain.models import PURPOSES, Consent, ConsentStatus, Purpose

Effective = Literal["granted", "denied"]


@dataclass(frozen=True, slots=True)
class PurposeConsent:
    """What one purpose comes to at a moment."""

    purpose: Purpose
    effective: Effective
    deciding: Consent | None
    """The record that decides; ``None`` where nothing was said yet."""


@dataclass(frozen=True, slots=True)
class Signal:
    """What a consent banner, a browser or an event says for an identity: which purposes are allowed."""

    identity_id: str
    allowed: Mapping[Purpose, bool]
    """Purposes that it does not speak of are left as they are."""
    at: datetime
    """UTC, to the millisecond."""
    source: str
    policy_version: str | None = None
    proof: str | None = None
    at_arrival: bool = field(default=False, compare=False)
    """Nobody said when: the store takes its own clock, which all machines share, for ``at``."""


@dataclass(frozen=True, slots=True)
class News:
    """What signals add to the logs of identities."""

    records: list[tuple[str, Consent]] = field(default_factory=list[tuple[str, Consent]])
    """(identity id, record) to append, oldest first for each purpose."""
    confirmed: dict[str, datetime] = field(default_factory=dict[str, datetime])
    """When a record was said again, by its id."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What became of signals."""

    records: tuple[tuple[str, Consent], ...] = ()
    """(identity id, record) pairs that are new because of them."""
    passed_over: frozenset[str] = frozenset()
    """Ids of identities that do not exist, where none was to be made."""


def denials_of(signal: Signal) -> Signal:
    """Leave of a signal what it denies, which anybody may say: consent only narrows by it."""
    return replace(signal, allowed={purpose: False for purpose, allowed in signal.allowed.items() if not allowed})


def effective_consent(records: Iterable[Consent], purpose: Purpose, at: datetime) -> Effective:
    """Say whether ``purpose`` is allowed now, which is ``at`` by the clock of whoever asks.

    The latest record decides; absent, withdrawn or expired is denied; of records at one time the stricter decides.
    Only grants wait for their time: a denial that is there counts, however far clocks differ. The order of
    ``records`` does not matter. For a moment of the past give it what was ``said_by`` then.
    """
    deciding = deciding_record(records, purpose, at)
    return "granted" if deciding is not None and is_live(deciding, at) else "denied"


def deciding_record(records: Iterable[Consent], purpose: Purpose, at: datetime) -> Consent | None:
    """Return the latest record of ``purpose`` but for grants of after ``at``, the stricter of two at one time."""
    known = [one for one in records if one.purpose == purpose and (one.status != "granted" or one.at <= at)]
    return max(known, key=lambda record: (place_of(record), not is_live(record, at), record.id), default=None)


def place_of(record: Consent) -> datetime:
    """When a record stands in the history of its purpose: at its time, or at its arrival where that was earlier."""
    return record.counts_from or record.at


def said_by(records: Iterable[Consent], at: datetime) -> list[Consent]:
    """Return what had been said by a moment of the past, in the same order."""
    return [record for record in records if place_of(record) <= at]


def as_stored(record: Consent, arrived_at: datetime) -> Consent:
    """Return a record with its time, where it has none of its own, and its place, as of its arrival."""
    at = arrived_at if record.at_arrival else record.at
    return replace(record, at=at, counts_from=min(at, arrived_at))


def as_heard(signal: Signal, arrived_at: datetime) -> list[Signal]:
    """Return a signal with its time; of one that lies in the future the denials are said as it arrives."""
    if signal.at_arrival:
        return [replace(signal, at=arrived_at)]
    if signal.at <= arrived_at:
        return [signal]
    later = replace(signal, allowed={purpose: True for purpose, allowed in signal.allowed.items() if allowed})
    return [replace(denials_of(signal), at=arrived_at), later]


def consents_at(records: Sequence[Consent], at: datetime) -> list[PurposeConsent]:
    """Say what each purpose comes to at a moment, in the order of ``PURPOSES``."""
    return [
        PurposeConsent(purpose, effective_consent(records, purpose, at), deciding_record(records, purpose, at))
        for purpose in PURPOSES
    ]


def is_live(record: Consent, at: datetime) -> bool:
    """Say whether a record grants and has not expired at ``at``."""
    return record.status == "granted" and (record.expires_at is None or record.expires_at > at)


def news_of(logs: Mapping[str, Sequence[Consent]], signals: Iterable[Signal]) -> News:
    """Say what signals add to logs (by identity id): what changes the answer or what was said last, nothing else.

    What only says again what is known is noted as a confirmation, so a replay adds nothing. Signals that come in
    another order come to the same in the end: a late denial holds until the grant that it contradicts was said again,
    and a late grant says nothing where the denial was; in between the stricter is believed.
    """
    known: dict[str, dict[str, Consent]] = {id_: {one.id: one for one in log} for id_, log in logs.items()}
    news = News()
    for signal in sorted(signals, key=lambda signal: signal.at):
        log = known.setdefault(signal.identity_id, {})
        for purpose, allowed in signal.allowed.items():
            for record in _additions(list(log.values()), signal, purpose, allowed):
                if record.id not in log:
                    news.records.append((signal.identity_id, record))
                elif record.confirmed_at is not None:
                    news.confirmed[record.id] = record.confirmed_at
                log[record.id] = record
    return news


def _additions(log: Sequence[Consent], signal: Signal, purpose: Purpose, allowed: bool) -> list[Consent]:
    """Records that one signal adds for one purpose, or the one that it confirms."""
    deciding = deciding_record(said_by(log, signal.at), purpose, signal.at)
    if deciding is None:
        return [_record_of(signal, purpose, allowed)]
    last_said = max(place_of(deciding), deciding.confirmed_at or deciding.at)
    if allowed == (deciding.status == "granted") == is_live(deciding, signal.at):
        return [replace(deciding, confirmed_at=signal.at)] if last_said < signal.at else []
    if allowed and deciding.status != "granted" and last_said >= signal.at:
        return []  # a grant that comes late and was taken back since; of two at one time the stricter holds
    additions = [_record_of(signal, purpose, allowed)]
    if deciding.status == "granted" and last_said > signal.at:
        id_ = _record_id(signal.identity_id, purpose, "granted", last_said, deciding.source)
        additions.append(replace(deciding, id=id_, at=last_said, confirmed_at=None))
    known = {record.id for record in log}
    return [record for record in additions if record.id not in known]


def _record_of(signal: Signal, purpose: Purpose, allowed: bool) -> Consent:
    status: ConsentStatus = "granted" if allowed else "denied"
    return Consent(
        id=_record_id(signal.identity_id, purpose, status, signal.at, signal.source),
        purpose=purpose,
        status=status,
        at=signal.at,
        source=signal.source,
        policy_version=signal.policy_version,
        proof=signal.proof,
    )


def _record_id(identity_id: str, purpose: Purpose, status: ConsentStatus, at: datetime, source: str) -> str:
    """Name a record by what it says, so that two processes that hear one signal write one record."""
    parts = (identity_id, purpose, status, at.isoformat(timespec="milliseconds"), source)
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]
