"""The policy of `plural replay`: a scenario, and what else a log can judge; what it cannot is refused."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, TypeAdapter, ValidationError, model_validator

from app.api.bodies import Body
from app.api.shelf import Ids, ShelfBody
from app.domain.errors import InvalidError
from app.domain.replay import Policy
from app.intake.reasons import dotted

_FIELDS = TypeAdapter(dict[str, Any])
_OTHERWISE = ("shelf", "recommend", "variants", "diversity", "sources", "fallback", "objective")
"""Fields that bring other candidates, or order them by what no log has."""


class CreativesBody(Body):
    """Another way to choose creatives; what is not said is as it was."""

    uniform: Annotated[bool, Field(description="Whether each that fits has the same chance.")] = False
    first: Annotated[Ids, Field(description="Taken before all others wherever they fit, in this order.")] = ()
    without: Annotated[Ids, Field(description="Not shown.")] = ()


class PolicyBody(ShelfBody):
    """A scenario, as `PUT /v1/scenarios/{name}` takes it, and what a shop's settings and creatives say beside it."""

    exploration: Annotated[float | None, Field(ge=0, le=1, description="null: as it was.")] = None
    creatives: CreativesBody = CreativesBody()

    @model_validator(mode="after")
    def _check(self) -> Self:
        if any(rule.field == "price" for rule in self.rules):
            raise ValueError("a rule of price cannot be replayed: the log does not say what was paid then")
        return self


def read_file(path: Path) -> Mapping[str, Any]:
    """Return the fields of a policy in a file of JSON; ``InvalidError`` where it is none."""
    try:
        return _FIELDS.validate_json(path.read_bytes())
    except (OSError, ValueError) as error:
        raise InvalidError(f"{path} must hold the fields of one scenario as JSON.") from error


def policy_of(fields: Mapping[str, Any], base: Mapping[str, Any]) -> Policy:
    """Say what a policy does otherwise than the scenario ``base``, by which the log's answers were made.

    Raises ``InvalidError`` with a sentence for what cannot be computed again from a log.
    """
    body, was = _parse(fields), ShelfBody.model_validate(base)
    changed = [name for name in _OTHERWISE if getattr(body, name) != getattr(was, name)]
    if changed:
        raise InvalidError(
            f"{', '.join(changed)} cannot be replayed: other candidates would have come, or in an order that the log "
            "does not say. Name the scenario by which the decisions were made (--scenario) and keep these as it has "
            "them, or try it in an experiment."
        )
    missing = [rule for rule in was.rules if rule not in body.rules]
    if missing:
        raise InvalidError(
            "A policy cannot be replayed without a rule that was in force: what it kept away, or moved, was logged so. "
            "Try it in an experiment."
        )
    policy = Policy(
        rules=tuple(rule.to_rule() for rule in body.rules if rule not in was.rules),
        pins=tuple(pin.to_pin() for pin in body.pins),
        exploration=body.exploration,
        uniform=body.creatives.uniform,
        first=body.creatives.first,
        without=body.creatives.without,
    )
    if not policy.kinds:
        raise InvalidError("The policy says nothing that differs from the log: rules, pins, exploration or creatives.")
    return policy


def _parse(fields: Mapping[str, Any]) -> PolicyBody:
    try:
        return PolicyBody.model_validate(fields)
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = dotted(wrong["loc"])
        raise InvalidError(f"The policy cannot be read: {where + ': ' if where else ''}{wrong['msg']}.") from error
