"""Shapes that several routes share."""

from collections.abc import Sequence
from typing import Annotated, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict, Field, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from app.domain.errors import InvalidError
from app.domain.models import RowError
from app.intake.fields import Nullable
from app.intake.reasons import dotted

BATCH_LIMIT = 1000
"""Rows of one request."""

Row = TypeVar("Row")
Rows: TypeAlias = Annotated[list[Row], Field(min_length=1, max_length=BATCH_LIMIT)]
"""Rows of one request. They are read one by one, so that a bad one does not sink the others."""


class ShapedLike:
    """Says in the OpenAPI document of what shapes a value is that the route takes as anything."""

    def __init__(self, *shapes: type[BaseModel]) -> None:
        self._shapes = shapes

    def __get_pydantic_json_schema__(self, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Return the shapes' schema instead of that of anything."""
        schemas = [handler(shape.__pydantic_core_schema__) for shape in self._shapes]
        return schemas[0] if len(schemas) == 1 else {"anyOf": schemas}


class Body(Nullable):
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
    """What became of a batch; a bad row never sinks the others. One without any good row is refused (422)."""

    accepted: Annotated[int, Field(description="Rows that were taken; of equal ids the last one stands.")]
    errors: list[RowErrorBody]


def refuse_if_nothing_taken(rows: str, taken: int, errors: Sequence[RowError]) -> None:
    """Raise ``InvalidError`` where a batch has errors and nothing else, named as fields of the body's ``rows``."""
    if errors and not taken:
        fields = tuple((dotted((rows, error.index, *filter(None, [error.field]))), error.reason) for error in errors)
        raise InvalidError("No row of the batch can be used; errors says why.", fields)


def row_errors(errors: Sequence[RowError]) -> list[RowErrorBody]:
    """Turn refusals into their wire shape, in the same order."""
    return [RowErrorBody.model_validate(error) for error in errors]
