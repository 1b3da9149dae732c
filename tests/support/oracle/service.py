"""The app that ships, served without sockets over the stand-in for Oracle."""

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from dependency_injector import providers

from adapters.sql.database import Database
from adapters.sql.journal import Backlog
from adapters.sql.oracle.database import database_on
from entrypoints.container import wiring
from entrypoints.http.app import create_app
from tests.http.serving import (
    Api,
    Clock,
    Lines,
    Template,
    _awaited,
    _stock,
    _tell_time,
    lifespan,
    settings_for,
)
from tests.support.oracle.pool import StandInSessions
from tests.support.oracle.server import made_at, server_on

SESSIONS = 4
"""One writes, one reads, and two are to spare: so all that waits for a writer is one batch."""


@dataclass(frozen=True)
class Service:
    """The served app, and what its sessions send."""

    api: Api
    sessions: StandInSessions
    container: wiring.Container

    @property
    def database(self) -> Database:
        """What the app runs on."""
        found: Database = self.container.database()
        return found


def stocked(folder: Path) -> Template:
    """Make a file and stock it as `loapi serve` does at its first start."""
    file = made_at(folder / "stand-in.db")
    sessions, container = _built(file, folder, Clock())
    try:
        settings = settings_for(folder)
        keys = asyncio.run(_stock(container.runner(), container.sealer(), settings))
    finally:
        container.runner().close()
        sessions.close()
    return Template(keys, file, ())


@contextmanager
def served(template: Template, folder: Path, **chosen: Any) -> Iterator[Service]:
    """Serve over a copy of a stocked file, with settings that differ from development's."""
    file = Path(shutil.copy(template.file, folder / "stand-in.db"))
    clock, log = Clock(), Lines()
    sessions, container = _built(file, folder, clock, **chosen)
    container.log.override(providers.Object(log))
    app = create_app(wiring.services_of(container))
    with asyncio.Runner() as loop:
        stack = AsyncExitStack()
        loop.run(_awaited(stack.enter_async_context(lifespan(app))))
        try:
            runner = container.runner()
            yield Service(Api(app, loop, clock, template.keys, log, runner), sessions, container)
        finally:
            loop.run(stack.aclose())


def _built(
    file: Path, folder: Path, clock: Clock, **chosen: Any
) -> tuple[StandInSessions, wiring.Container]:
    """Build every part over a file; the backlog is asked about once, and never again."""
    sessions = StandInSessions(server_on(file), SESSIONS)
    database = database_on(sessions, SESSIONS)
    container = wiring.build(settings_for(folder, **chosen))
    container.database.override(providers.Object(database))
    backlog = Backlog(database, most=100_000, oldest=timedelta(days=9), tick=lambda: 0.0)
    container.backlog.override(providers.Object(backlog))
    _tell_time(container, clock)
    return sessions, container
