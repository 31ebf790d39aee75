"""Rights are declared on the route and denied by default: a route below /v1 that declares none does not start."""

from collections.abc import Iterator, Mapping

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts

from app.api.deps import Allows, Speaks
from app.api.gate import is_keyed
from app.domain.keys import Right


def rights_of(app: FastAPI) -> Mapping[str, Right]:
    """Return what each route that wants a key wants of a key, by method and path template; ``{}`` without such routes.

    Raises ``RuntimeError`` for a route that declares nothing, or more than one thing.
    """
    rights: dict[str, Right] = {}
    for route in iter_route_contexts(app.routes):  # ``routes`` alone lists included routers, not what is in them
        path = route.path or ""
        if not is_keyed(path):
            continue
        dependant: Dependant | None = getattr(route, "dependant", None)
        declared = list(_declared(dependant)) if dependant else []
        if len(declared) != 1:
            raise RuntimeError(f"{path} must declare who may call it, once: see app/api/deps.py.")
        if declared[0].subject == "path" and "{identity_id}" not in path:
            raise RuntimeError(f"{path} says that its path names an identity, and it names none.")
        rights.update({f"{method} {path}": declared[0] for method in route.methods or ()})
    return rights


def _declared(dependant: Dependant) -> Iterator[Right]:
    for one in dependant.dependencies or ():
        if isinstance(one.call, Allows | Speaks):
            yield one.call.right
        yield from _declared(one)
