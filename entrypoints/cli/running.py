"""Runs work on the container that the environment describes, and closes it afterwards."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import typer

from application.errors import ServiceError
from domain.errors import DomainError
from entrypoints.container.wiring import Container, build, is_current, upgrade
from entrypoints.settings import BadSettings, Settings, read_settings

R = TypeVar("R")


@contextmanager
def opened(settings: Settings | None = None) -> Iterator[Container]:
    """Give the container; its runner and database are closed at the end.

    Development brings its database to the newest revision first. Elsewhere that is a person's
    to do, and BadSettings says so.
    """
    settings = settings or read_settings()
    container = build(settings)
    try:
        if settings.development:
            upgrade(container)
        elif not is_current(container):
            raise BadSettings("The database is behind this version; run 'loapi db upgrade'.")
        yield container
    finally:
        container.runner().close()
        container.database().close()


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
