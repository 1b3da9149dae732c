"""The app that ships, over each store."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from entrypoints.http.app import ROUTERS
from entrypoints.http.table import RouteTable
from tests.http.serving import STORES, Api, Lines, Template, serving, template


@pytest.fixture(scope="session", autouse=True)
def one_route_table() -> Iterator[None]:
    """Build the route table once: it holds nothing of a service, and takes most of the time."""
    with pytest.MonkeyPatch.context() as patch:
        table = RouteTable(ROUTERS)
        patch.setattr("entrypoints.http.app.RouteTable", lambda _routers: table)
        yield


@pytest.fixture(scope="session", autouse=True)
def every_line_as_documented() -> Iterator[None]:
    """Check every line that the log is told in any test here."""
    yield
    assert not Lines.faults, "\n".join(Lines.faults[:20])


@pytest.fixture(scope="session")
def stocked(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Template]:
    """Give the stocked template of a store; each is made once."""

    @cache
    def of(store: str) -> Template:
        return template(store, tmp_path_factory.mktemp(store))

    return of


@pytest.fixture
def serve(
    stocked: Callable[[str], Template], tmp_path: Path
) -> Iterator[Callable[..., Api]]:
    """Give what serves a store with settings of one's own, until the test ends."""
    with ExitStack() as stack:

        def start(store: str = "memory", **chosen: Any) -> Api:
            return stack.enter_context(serving(store, stocked(store), tmp_path, **chosen))

        yield start


@pytest.fixture(params=STORES)
def api(request: pytest.FixtureRequest, serve: Callable[..., Api]) -> Api:
    """Serve each store as it comes."""
    return serve(request.param)


@pytest.fixture(scope="session", params=STORES)
def shared_api(
    request: pytest.FixtureRequest,
    stocked: Callable[[str], Template],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Api]:
    """Serve each store once, for tests that change nothing."""
    folder = tmp_path_factory.mktemp("shared")
    with serving(request.param, stocked(request.param), folder) as api:
        yield api


@pytest.fixture(scope="session")
def memory_reading_api(
    stocked: Callable[[str], Template], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Api]:
    """Serve the store in memory once, for tests that change nothing whatever the store."""
    with serving("memory", stocked("memory"), tmp_path_factory.mktemp("reading")) as api:
        yield api


@pytest.fixture
def memory_api(serve: Callable[..., Api]) -> Api:
    """Serve the store in memory, where the store makes no difference."""
    return serve("memory")
