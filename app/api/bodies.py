"""Shapes that several routes share."""

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from app.domain.models import RowError

BATCH_LIMIT = 1000
"""Rows of one request."""

Rows = Annotated[list[Any], Field(min_length=1, max_length=BATCH_LIMIT)]


class Body(BaseModel):
    """A request body; a field that nobody knows is a mistake worth telling."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class Answer(BaseModel):
    """What is answered with a value of the domain, read from its attributes."""

    model_config = ConfigDict(from_attributes=True)


class RowErrorBody(Answer):
    """Why one row was not accepted."""

    index: Annotated[int, Field(description="Position in the batch, from 0.")]
    field: Annotated[str, Field(description="Path of the field, e.g. `lines.0.price_paid`; empty for the whole row.")]
    reason: str


class BatchReport(BaseModel):
    """What became of a batch; a bad row never sinks the others."""

    accepted: Annotated[int, Field(description="Rows that were taken; of equal ids the last one stands.")]
    errors: list[RowErrorBody]


def row_errors(errors: Sequence[RowError]) -> list[RowErrorBody]:
    """Turn refusals into their wire shape, in the same order."""
    return [RowErrorBody.model_validate(error) for error in errors]
