"""Finds the route of a path in two look-ups; the gate asks it before anything else."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request

from entrypoints.http.needs import Needs, needs_of
from entrypoints.http.ready import Answer
from entrypoints.http.route import Route

Handler = Callable[[Request], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Entry:
    """A method of a path, and what serves it."""

    endpoint: Callable[..., Any]
    handle: Handler
    needs: Needs


@dataclass(slots=True)
class Place:
    """A path as a template, with its methods."""

    template: str
    parameter: str | None
    entries: dict[str, Entry] = field(default_factory=dict)

    @property
    def allowed(self) -> str:
        """The value of the Allow header."""
        methods = set(self.entries) | {"OPTIONS"}
        if "GET" in methods:
            methods.add("HEAD")
        return ", ".join(sorted(methods))

    def entry(self, method: str) -> Entry | None:
        """Give what serves a method; HEAD is served as GET."""
        return self.entries.get("GET" if method == "HEAD" else method)


class RouteTable:
    """Every route; a path is fixed, but for one last segment that may be a parameter."""

    def __init__(self, routers: Iterable[APIRouter]) -> None:
        self._fixed: dict[str, Place] = {}
        self._open: dict[str, Place] = {}
        for router in routers:
            for route in router.routes:
                if isinstance(route, Route):
                    self._add(route)

    def find(self, path: str) -> tuple[Place, Mapping[str, str]] | None:
        """Give the place of a path, and its parameters; a last slash makes no difference."""
        path = path.removesuffix("/")
        place = self._fixed.get(path)
        if place is not None:
            return place, {}
        parent, _, last = path.rpartition("/")
        place = self._open.get(parent)
        if place is None or place.parameter is None or not last:
            return None
        return place, {place.parameter: last}

    def places(self) -> tuple[Place, ...]:
        """Give every place."""
        return (*self._fixed.values(), *self._open.values())

    def _add(self, route: Route) -> None:
        parent, _, last = route.path.rpartition("/")
        parameter = last[1:-1] if last.startswith("{") else None
        if "{" in parent:
            raise LookupError(f"{route.path}: only the last segment can be a parameter")
        known = self._fixed if parameter is None else self._open
        name = route.path if parameter is None else parent
        place = known.setdefault(name, Place(route.path, parameter))
        entry = Entry(route.endpoint, route.get_route_handler(), needs_of(route.endpoint))
        place.entries.update({method: entry for method in route.methods or ()})
