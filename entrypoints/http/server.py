"""Runs the HTTP layer under uvicorn, alone or as one of several workers."""

import gc
import os
import sys

import uvicorn
from starlette.types import ASGIApp
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from entrypoints.container.telemetry import watch_threads
from entrypoints.container.wiring import build, services_of
from entrypoints.http.app import create_app
from entrypoints.http.protocol import PunctualProtocol
from entrypoints.settings import PREFIX, read_settings

DRAIN_SECONDS = 8
"""How long requests under way may take to end after SIGTERM."""

COLLECT_AT = 10_000
"""How many more objects than last time make the garbage collector look; a millisecond's work."""


def app() -> ASGIApp:
    """Give the application that the environment's settings describe."""
    container = build(read_settings(), serving=True)
    watch_threads(container.alarm())
    served = create_app(services_of(container))
    settle()
    return served


def settle() -> None:
    """Let the garbage collector look for what requests leave behind only, and seldom.

    What stands now stands for good: looking through it again took 150 ms, a dozen without. And
    Python looks whenever 700 objects more are alive than last time, as they are with every batch
    of requests: that was a tenth of a write, and found nothing.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AT, 10, 10)


def run(host: str, port: int, workers: int) -> None:
    """Serve until SIGTERM or SIGINT."""
    # Each worker reads the settings for itself, and has to know its part of the rate limits.
    os.environ[f"{PREFIX}WORKERS"] = str(workers)
    config = uvicorn.Config(
        "entrypoints.http.server:app",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        loop="uvloop" if os.name != "nt" else "asyncio",
        http=PunctualProtocol,
        lifespan="on",
        access_log=False,
        log_config=None,
        server_header=False,
        date_header=True,
        proxy_headers=False,
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )
    if workers > 1:
        _run_several(config)
        return
    server = uvicorn.Server(config)
    server.run()
    if not server.started:
        sys.exit(STARTUP_FAILURE)


def _run_several(config: uvicorn.Config) -> None:
    # What cannot be built is told once, here: workers that die of it are started again for ever.
    services_of(build(read_settings(), serving=True)).close()
    workers = Workers(config, sockets=[config.bind_socket()])
    workers.run()
    if any(worker.exitcode == STARTUP_FAILURE for worker in workers.processes):
        sys.exit(STARTUP_FAILURE)


class Workers(Multiprocess):
    """Several workers, which take connections from one socket."""

    def terminate_all(self) -> None:
        """Take no more connections, and end the workers.

        uvicorn itself leaves the socket open until the last worker has ended, so that connections
        are taken in which nobody answers.
        """
        for taken in self.sockets:
            taken.close()
        super().terminate_all()
