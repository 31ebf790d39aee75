"""`GET /`: where things are, for whoever finds the service by its address alone."""

from typing import Annotated

from fastapi import APIRouter, FastAPI, Request
from pydantic import BaseModel, Field

router = APIRouter(tags=["operations"])

Address = Annotated[str, Field(description="Path below the service's own address.")]


class Signpost(BaseModel):
    """What is where."""

    name: str
    version: str
    documentation: Address
    openapi: Address
    health: Address
    readiness: Address
    metrics: Address
    script: Annotated[str, Field(description="For pages of a shop.")]


@router.get("/")
async def read_signpost(request: Request) -> Signpost:
    """Say where the documentation is, and what else can be asked without a key."""
    app: FastAPI = request.app
    root = str(request.scope.get("root_path", "")).rstrip("/")
    return Signpost(
        name=app.title,
        version=app.version,
        documentation=f"{root}/docs",
        openapi=f"{root}{app.openapi_url}",
        health=f"{root}/healthz",
        readiness=f"{root}/readyz",
        metrics=f"{root}/metrics",
        script=f"{root}/plural.js",
    )
