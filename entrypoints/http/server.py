"""Runs the HTTP layer under uvicorn, alone or as one of several workers."""

import gc
import os

import uvicorn
from starlette.types import ASGIApp

from entrypoints.container.wiring import build, services_of
from entrypoints.http.app import create_app
from entrypoints.http.protocol import PunctualProtocol
from entrypoints.settings import PREFIX, read_settings

DRAIN_SECONDS = 8
"""How long requests under way may take to end after SIGTERM."""


def app() -> ASGIApp:
    """Give the application that the environment's settings describe."""
    served = create_app(services_of(build(read_settings(), serving=True)))
    # What stands now stands for good: looking through it again took 150 ms, a dozen without.
    gc.collect()
    gc.freeze()
    return served


def run(host: str, port: int, workers: int) -> None:
    """Serve until SIGTERM or SIGINT."""
    # Each worker reads the settings for itself, and has to know its part of the rate limits.
    os.environ[f"{PREFIX}WORKERS"] = str(workers)
    uvicorn.run(
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
