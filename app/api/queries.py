"""Unknown query parameters are refused like unknown fields: a misspelt filter would otherwise filter nothing."""

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute

from app.api.batches import TagRoute


async def refuse_unknown_queries(request: Request) -> None:
    """Raise for a parameter that the route does not take; a dependency of all routes, without effect on tags' own."""
    route = request.scope.get("route")
    if not request.scope["query_string"] or not isinstance(route, APIRoute) or isinstance(route, TagRoute):
        return
    if not route.path.startswith("/v1/"):
        return
    known = _names(route.dependant)
    unknown = sorted({*request.query_params} - known)
    if unknown:
        raise RequestValidationError(
            [{"type": "extra_forbidden", "loc": ("query", name), "msg": "", "input": ""} for name in unknown]
        )


def _names(dependant: Dependant) -> set[str]:
    own = {field.alias for field in dependant.query_params}
    return own.union(*map(_names, dependant.dependencies))
