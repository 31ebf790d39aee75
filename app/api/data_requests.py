"""What customers asked of the shop: who must be given an export."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, Field

from app.api.deps import Administering
from app.api.errors import PROBLEM_RESPONSES
from app.domain.data_requests import DataRequest

router = APIRouter(prefix="/v1/data-requests", tags=["erasure"], responses=PROBLEM_RESPONSES)


class IdentityToExport(BaseModel):
    """One identity that a request is about."""

    id: str
    export: Annotated[str, Field(description="Where to get what must be handed over.")]


class DataRequestAnswer(BaseModel):
    """One request."""

    id: str
    at: AwareDatetime
    source: str
    identities: Annotated[list[IdentityToExport], Field(description="Empty: nothing is held, or it was erased since.")]


class DataRequestsAnswer(BaseModel):
    """The newest requests."""

    requests: Annotated[list[DataRequestAnswer], Field(description="Newest first.")]


@router.get("")
async def read_data_requests(
    caller: Administering, limit: Annotated[int, Query(ge=1, le=1000)] = 100
) -> DataRequestsAnswer:
    """List what customers asked for, with the export of each identity that is meant."""
    found = await caller.services.data_requests.read(caller.tenant, limit)
    return DataRequestsAnswer(requests=[_answer(request) for request in found])


def _answer(request: DataRequest) -> DataRequestAnswer:
    return DataRequestAnswer(
        id=request.id,
        at=request.at,
        source=request.source,
        identities=[
            IdentityToExport(id=id_, export=f"/v1/identities/{quote(id_, safe='')}/export")
            for id_ in request.identity_ids
        ],
    )
