"""What Prometheus sees; nothing that names a tenant, an identity or a key."""

import math
from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from app.domain.models import IngestReport

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_FIRST_ERROR = 400


class Metrics:
    """The figures of one process, in a registry of their own."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Histogram(
            "plural_request_seconds",
            "Time to answer a request, by route template.",
            ("method", "route"),
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._errors = Counter(
            "plural_errors", "Requests answered 4xx or 5xx.", ("method", "route", "status"), registry=self._registry
        )
        self._recommendations = Histogram(
            "plural_recommendation_seconds",
            "Time to recommend, once for every source that an answer drew on; `none` for an empty one.",
            ("source",),
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._privacy_signals = Counter(
            "plural_privacy_signals", "Requests that carried Sec-GPC: 1.", registry=self._registry
        )
        self._events = Counter(
            "plural_events", "Event rows by what became of them.", ("outcome",), registry=self._registry
        )
        self._unmatched = Counter(
            "plural_unmatched_lines", "Lines of purchases whose product no feed has.", registry=self._registry
        )
        self._run_age = Gauge(
            "plural_run_age_seconds", "Age of the oldest active run; NaN without one.", registry=self._registry
        )
        self._refreshes = Counter(
            "plural_refreshes", "Refreshes by what became of them.", ("outcome",), registry=self._registry
        )
        self._lost_decisions = Counter(
            "plural_decisions_lost", "Decisions that could not be logged.", registry=self._registry
        )

    def note_request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answer."""
        self._requests.labels(method, route).observe(seconds)
        if status >= _FIRST_ERROR:
            self._errors.labels(method, route, status).inc()

    def note_recommendation(self, sources: Iterable[str], seconds: float) -> None:
        """Count one answer of the recommender under each of its distinct sources."""
        for source in set(sources) or {"none"}:
            self._recommendations.labels(source).observe(seconds)

    def note_privacy_signal(self) -> None:
        """Count a request with ``Sec-GPC: 1``."""
        self._privacy_signals.inc()

    def note_events(self, report: IngestReport) -> None:
        """Count a batch."""
        self._events.labels("accepted").inc(report.accepted)
        self._events.labels("duplicate").inc(report.duplicates)
        self._events.labels("erased").inc(report.erased)
        self._unmatched.inc(report.unmatched)
        self._events.labels("rejected").inc(len({error.index for error in report.errors}))

    def note_lost_decisions(self, number: int) -> None:
        """Count decisions that could not be logged."""
        self._lost_decisions.inc(number)

    def note_refresh(self, outcome: str) -> None:
        """Count a refresh that has ended: `done`, `refused` or `failed`."""
        self._refreshes.labels(outcome).inc()

    def text(self) -> bytes:
        """All figures in Prometheus' text format."""
        return generate_latest(self._registry)

    def note_run_age(self, seconds: float | None) -> None:
        """Set the age of the oldest active run."""
        self._run_age.set(math.nan if seconds is None else seconds)
