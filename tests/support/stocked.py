"""A home as the first start of `loapi serve` leaves it: database, data and keys."""

import asyncio
import shutil
from pathlib import Path

from entrypoints.container import wiring
from entrypoints.settings import Settings
from entrypoints.stocking import stock


def make_template(folder: Path) -> Path:
    """Stock a home as `loapi serve` does at its first start; to be copied.

    Nothing waits for the sink: records that did would be too old for a copy that is made late, and
    keep its writes out.
    """
    settings = Settings(home=folder)
    container = wiring.build(settings)
    try:
        wiring.upgrade(container)
        asyncio.run(stock(container.runner(), settings, container.sealer()))
        seal(container)
    finally:
        container.runner().close()
        container.database().close()
    return folder


def seal(container: wiring.Container) -> None:
    """Do what the relay does until nothing waits."""
    relay = container.relay()
    while relay.step():
        pass
    relay.lease.release()


def copied(template: Path, folder: Path) -> Path:
    """Give a home of one's own."""
    return Path(shutil.copytree(template, folder, dirs_exist_ok=True))
