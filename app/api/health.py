"""What an operator's machines ask; no key needed, nothing told but yes or no and figures."""

from typing import Annotated, Literal

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel, Field

from app.api.deps import ServicesDep

router = APIRouter(tags=["operations"])


GPC_SINCE = "2026-11-22"
"""When support of Global Privacy Control was stated."""


class PrivacyControl(BaseModel):
    """Support of Global Privacy Control, as its specification wants it told."""

    gpc: bool = True
    lastUpdate: str = GPC_SINCE  # noqa: N815 (the specification's name)


class Health(BaseModel):
    """The process answers, and has not given up its database."""

    status: Literal["ok", "database given up"] = "ok"


class ReadinessAnswer(BaseModel):
    """Whether the database answers, its schema is this version's, a run is active, and answers are fast by now."""

    ready: bool
    database: bool
    schema_current: bool
    active_run: bool
    keys: Annotated[bool, Field(description="Whether this machine has every hash key that the graph was given.")]
    learned: Annotated[
        bool,
        Field(
            description="Whether each active run learned from anybody; if not, `plural doctor` says why. Ready does not"
            " wait for it: everybody is shown what is popular or new."
        ),
    ]
    warm: Annotated[
        bool,
        Field(
            description="Whether answers stopped getting faster since the start. Ready waits for it, but not for ever:"
            " see PLURAL_WARM_UP_SECONDS."
        ),
    ]


@router.get("/healthz", response_model=Health, responses={503: {"model": Health}})
async def read_health(services: ServicesDep) -> Response:
    """Say that the process is alive; asks nobody else.

    503 once its embedded database was started again in vain: only a new process helps then. A named server that is
    away is no reason to restart this process, so that stays 200.
    """
    alive = services.readiness.is_alive
    answer = Health(status="ok" if alive else "database given up")
    return JSONResponse(answer.model_dump(), 200 if alive else 503, {"Cache-Control": "no-store"})


@router.get("/readyz", response_model=ReadinessAnswer, responses={503: {"model": ReadinessAnswer}})
async def read_readiness(services: ServicesDep) -> Response:
    """Say whether recommendations can be answered, and fast: 200 when all of it is true, else 503."""
    found = await services.readiness.check()
    answer = ReadinessAnswer(
        ready=found.ready,
        database=found.database,
        schema_current=found.schema,
        active_run=found.active_run,
        keys=found.keys,
        learned=found.learned,
        warm=found.warm,
    )
    return JSONResponse(answer.model_dump(), 200 if found.ready else 503, {"Cache-Control": "no-store"})


@router.get("/.well-known/gpc.json")
async def read_privacy_control() -> PrivacyControl:
    """Say that `Sec-GPC: 1` is honoured: whoever sends it is in no ads audience."""
    return PrivacyControl()


@router.get("/metrics", response_class=Response)
async def read_metrics(services: ServicesDep) -> Response:
    """Figures of this process in Prometheus' text format."""
    services.metrics.note_run_age(await services.readiness.run_age_seconds())
    return Response(services.metrics.text(), media_type=CONTENT_TYPE_LATEST)
