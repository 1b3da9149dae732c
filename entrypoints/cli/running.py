"""Runs work on the container that the environment describes, and closes it afterwards."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from threading import Event
from typing import NoReturn, TypeVar

import typer

from application.errors import Busy, ServiceError, TimedOut, Unavailable
from domain.errors import DomainError
from entrypoints.container.wiring import (
    Container,
    build,
    is_ahead,
    is_current,
    is_outage,
    upgrade,
)
from entrypoints.settings import BadSettings, Settings, read_settings

R = TypeVar("R")

PAUSE_SECONDS = 1.0, 5.0
"""Between two looks whether the database can be used: at first, and later."""

_BEHIND = "The database is behind this version; run 'loapi db upgrade'."
AHEAD = "The database is ahead of this version; run a later one, or take the database back."

_log = logging.getLogger("loapi")


@contextmanager
def opened(settings: Settings | None = None, *, until: Event | None = None) -> Iterator[Container]:
    """Give the container; its runner and database are closed at the end.

    Development brings its database to the newest revision first. Elsewhere that is a person's
    to do, and BadSettings says so. A database that is away ends the command with status 1. With
    `until`, either is waited for until that event is set, and told in the log.
    """
    settings = settings or read_settings()
    container = build(settings)
    try:
        with usable(container):
            if until is None:
                _prepare(container, settings)
            else:
                _await(container, settings, until)
            yield container
    finally:
        container.runner().close()
        container.database().close()


@contextmanager
def usable(container: Container) -> Iterator[None]:
    """End the command with status 1 and a sentence where the database cannot be used now."""
    try:
        yield
    except (Busy, TimedOut, Unavailable) as error:
        _end(error.__cause__ or error)
    except Exception as error:  # pylint: disable=broad-except  # others are raised again
        if not is_outage(container, error):
            raise
        _end(error)


def _end(error: BaseException) -> NoReturn:
    typer.echo(f"The database cannot be used now: {_first_line(error)}", err=True)
    raise typer.Exit(1) from None


def _prepare(container: Container, settings: Settings) -> None:
    if is_ahead(container):
        raise BadSettings(AHEAD)
    if settings.development:
        upgrade(container)
    elif not is_current(container):
        raise BadSettings(_BEHIND)


def _await(container: Container, settings: Settings, until: Event) -> None:
    """Wait for a database that can be used."""
    container.log()
    told, (pause, longest) = "", PAUSE_SECONDS
    while not until.is_set():
        try:
            _prepare(container, settings)
            return
        except Exception as error:  # pylint: disable=broad-except  # others are raised again
            if not (isinstance(error, BadSettings) or is_outage(container, error)):
                raise
            said = _first_line(error)
        if said != told:
            _log.warning("waiting for the database: %s", said)
        told = said
        until.wait(pause)
        pause = min(pause * 2, longest)


def _first_line(error: BaseException) -> str:
    """Say what the driver has said, or an error of our own."""
    return str(getattr(error, "orig", None) or error).partition("\n")[0]


def run(work: Callable[[Container], Awaitable[R]], settings: Settings | None = None) -> R:
    """Run work to its end; what the business or the service refuses ends with status 1."""

    async def whole(container: Container) -> R:
        return await work(container)

    try:
        with opened(settings) as container:
            return asyncio.run(whole(container))
    except (DomainError, ServiceError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
