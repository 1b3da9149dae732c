"""A FastAPI route that reads its body straight from the bytes, and asks nothing twice."""

import inspect
from collections.abc import Callable, Coroutine
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from fastapi import params
from fastapi.routing import APIRoute
from pydantic import TypeAdapter, ValidationError
from starlette.requests import Request

from application.strict_json import MalformedJson, parse
from entrypoints.http.answers import Answering
from entrypoints.http.asking import Asking
from entrypoints.http.errors import Fault, Problem, invalid
from entrypoints.http.lists import ListQuery
from entrypoints.http.ready import Ready

Reader = Callable[[Request], Any]
"""Gets one argument of an endpoint from the request."""


class Route(APIRoute):
    """Runs its endpoint with arguments that `Depends` objects, the path and the body give.

    FastAPI documents the route as it would any other; at run time a dependency is a plain
    function of the request, a path parameter or a body is one call of pydantic.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Any]]:
        """Give the coroutine function that serves a request."""
        readers = _readers(self.endpoint, self.path_format)
        answering = Answering(self.endpoint, self.status_code or 200)
        endpoint = self.endpoint
        lists = any(isinstance(one, ListQuery) for one in dependencies_of(endpoint))

        async def handle(request: Request) -> Ready:
            if request.scope["query_string"] and not lists:
                raise Problem("invalid-parameter", "This takes no query parameters.")
            arguments = {name: read(request) for name, read in readers.items()}
            return answering.response(request, await endpoint(**arguments))

        return handle


def _readers(endpoint: Callable[..., Any], path: str) -> dict[str, Reader]:
    hints = get_type_hints(endpoint, include_extras=True)
    names = inspect.signature(endpoint).parameters
    return {name: _reader(name, hints[name], path) for name in names}


def _reader(name: str, hint: Any, path: str) -> Reader:
    dependency = _dependency(hint)
    if dependency is not None:
        return dependency
    if f"{{{name}}}" in path:
        return _path_reader(name, TypeAdapter(hint))
    return _body_reader(TypeAdapter(hint))


def dependencies_of(endpoint: Callable[..., Any]) -> list[Reader]:
    """Give what an endpoint depends on."""
    hints = get_type_hints(endpoint, include_extras=True).values()
    return [found for found in map(_dependency, hints) if found is not None]


def _dependency(hint: Any) -> Reader | None:
    if get_origin(hint) is not Annotated:
        return None
    found = [one.dependency for one in get_args(hint) if isinstance(one, params.Depends)]
    return found[0] if found else None


def _path_reader(name: str, adapter: TypeAdapter[Any]) -> Reader:
    def read(request: Request) -> Any:
        text = request.path_params[name]
        try:
            found = adapter.validate_strings(text)
        except ValidationError as error:
            raise invalid(error, name) from None
        if str(found).lower() != text.lower():
            fault = Fault(name, "write it as we do, each identity has one spelling")
            raise Problem("invalid", f"{name}: {fault.detail}", (fault,))
        return found

    return read


def _body_reader(adapter: TypeAdapter[Any]) -> Reader:
    def read(request: Request) -> Any:
        body = strict_body(request)
        try:
            return adapter.validate_json(body)
        except ValidationError as error:
            raise invalid(error) from None

    return read


def strict_body(request: Request) -> bytes:
    """Give the body once it is known to be strict JSON; raises Problem otherwise."""
    asking: Asking = request.scope["loapi"]
    try:
        parse(asking.body)
    except MalformedJson as error:
        raise Problem("malformed-request", f"body: {error}", (Fault("body", str(error)),)) from None
    return asking.body
