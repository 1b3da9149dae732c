"""DynamoDB endpoints that the tests start themselves, each behind a layer that makes faults."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.in_time import PATIENCE

REGION = "us-east-1"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
"""What every endpoint here takes, where the environment has none."""

DYNALITE = os.environ.get("LOAPI_TEST_DYNALITE") or shutil.which("dynalite")
REMOTE = os.environ.get("LOAPI_TEST_DYNAMODB_URL")

ENDPOINTS = [
    "moto",
    pytest.param("dynalite", marks=pytest.mark.skipif(
        DYNALITE is None, reason="npm install --global dynalite@4, or set LOAPI_TEST_DYNALITE"
    )),
    pytest.param("remote", marks=pytest.mark.skipif(
        REMOTE is None, reason="set LOAPI_TEST_DYNAMODB_URL to an endpoint, as DynamoDB Local"
    )),
]
"""The servers that a suite about DynamoDB runs on."""

_ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Server:
    """A running endpoint."""

    url: str

    def fault(self, kind: str, **options: Any) -> None:
        """Make faults from now on, in place of those until now."""
        self._post([{"kind": kind} | options])

    def heal(self) -> None:
        """Make no more faults."""
        self._post([])

    def seen(self) -> dict[str, dict[str, int]]:
        """Count the requests since the last change of faults, and those that met one."""
        with urllib.request.urlopen(f"{self.url}/_faults") as answer:
            counts: dict[str, dict[str, int]] = json.load(answer)
        return counts

    def _post(self, rules: list[dict[str, Any]]) -> None:
        with urllib.request.urlopen(f"{self.url}/_faults", json.dumps(rules).encode()) as answer:
            answer.read()


@contextmanager
def dynamodb(endpoint: str) -> Iterator[Server]:
    """Run one of ENDPOINTS."""
    for name, value in CREDENTIALS.items():
        os.environ.setdefault(name, value)
    if endpoint == "dynalite":
        with _dynalite() as url, _fronted(url) as server:
            yield server
    else:
        with _fronted(REMOTE if endpoint == "remote" and REMOTE else "moto") as server:
            yield server


@contextmanager
def _fronted(backend: str) -> Iterator[Server]:
    command = [sys.executable, "-m", "tests.dynamodb_faults", backend]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=_ROOT, stdin=pipe, stdout=pipe, text=True) as process:
        try:
            assert process.stdout is not None
            yield Server(f"http://127.0.0.1:{int(process.stdout.readline())}")
        finally:
            process.kill()  # __exit__ waits for it


@contextmanager
def _dynalite() -> Iterator[str]:
    port = _free_port()
    command = [str(DYNALITE), "--port", str(port), "--createTableMs", "0", "--deleteTableMs", "0"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            _await(port)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.kill()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    return port


def _await(port: int) -> None:
    until = time.monotonic() + PATIENCE
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            assert time.monotonic() < until, "the server does not come up"
            time.sleep(0.05)
