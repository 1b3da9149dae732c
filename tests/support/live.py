"""A real `loapi serve` on a port of its own, watched from outside, and tokens for it."""

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import httpx
from click.testing import CliRunner

from entrypoints.cli import main
from entrypoints.container.keys import mint
from entrypoints.home import Home, StoredKey
from tests.support.in_time import PATIENCE
from tests.support.log_lines import faults_in

MAIN = "import sys; sys.argv[0] = 'loapi'; from entrypoints.cli import main; main()"
GENEROUS = ",".join(
    f"{name}=1000000/second" for name in ("client", "user", "read", "list", "write", "failed")
)
"""Rate limits that nothing here reaches."""


def environment(home: Path, **more: str) -> dict[str, str]:
    """Give an environment in which loapi is alone with its home."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LOAPI_")}
    usual = {"LOAPI_HOME": str(home), "LOAPI_RATE_LIMITS": GENEROUS}
    return {**kept, **usual, "PYTHONWARNINGS": "default", **more}


def loapi(home: Path, *arguments: str, **more: str) -> "subprocess.CompletedProcess[str]":
    """Run a command to its end, in this process: to start another would take seconds."""
    alone: dict[str, str | None] = {name: None for name in os.environ if name.startswith("LOAPI_")}
    chosen = alone | {"LOAPI_HOME": str(home), "LOAPI_RATE_LIMITS": GENEROUS} | more
    code = 0
    with CliRunner().isolation(env=chosen) as (said, complained, _), chdir(home):
        with patch.object(sys, "argv", ["loapi", *arguments]):
            try:
                main()
            except SystemExit as end:
                code = int(end.code or 0)
    told = said.getvalue().decode(), complained.getvalue().decode()
    return subprocess.CompletedProcess(arguments, code, *told)


@dataclass(frozen=True)
class Live:
    """A running service."""

    process: "subprocess.Popen[bytes]"
    port: int
    home: Path

    @property
    def base(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def key(self, client: str) -> StoredKey:
        """Give the newest key of a client."""
        return Home(self.home).keys()[client]

    def token(
        self, client: str = "prepay", user: str | None = "U1001", location: int | None = None,
        key: StoredKey | None = None,
    ) -> str:
        """Mint a fresh token."""
        key = key or self.key(client)
        return mint(
            key.key, key.key_id, key.client_id, "loapi-development", user, location, 240,
            int(time.time()), secrets.token_urlsafe(16),
        )

    def ask(
        self, method: str, path: str, token: str | None = None, **details: Any
    ) -> httpx.Response:
        """Send a request on a connection of its own."""
        headers = {"authorization": f"Bearer {token or self.token()}"}
        headers |= details.pop("headers", {})
        # Without verify=False, each call would read all certificates of the machine first.
        return httpx.request(
            method, f"{self.base}/api/v1{path}", headers=headers, trust_env=False, verify=False,
            timeout=PATIENCE, **details,
        )

    def resident(self, field: str = "VmRSS") -> int:
        """Give the server's memory in bytes; `VmHWM` is the most there was."""
        status = Path(f"/proc/{self.process.pid}/status").read_text("ascii")
        line = next(one for one in status.splitlines() if one.startswith(f"{field}:"))
        return int(line.split()[1]) * 1024

    def sockets(self) -> int:
        """Count the sockets that the server has open: one for each connection, and its own."""
        return sum(_is_socket(path) for path in Path(f"/proc/{self.process.pid}/fd").iterdir())

    def forget_peak(self) -> None:
        """Let the kernel measure the peak of memory anew."""
        Path(f"/proc/{self.process.pid}/clear_refs").write_text("5", "ascii")

    def stop(self) -> tuple[int, float]:
        """Send SIGTERM; give the exit code and the seconds that it took."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE), time.monotonic() - began


@contextmanager
def live(
    home: Path, *options: str, patches: str = "", **variables: str
) -> Iterator[Live]:
    """Serve from a home until the block ends; `patches` is Python that runs first."""
    port = _free_port()
    command = [sys.executable, "-c", f"{patches}\n{MAIN}", "serve", "--port", str(port), *options]
    with (home / "serve.log").open("ab") as log, subprocess.Popen(
        command, cwd=home, env=environment(home, **variables), stdout=log, stderr=log
    ) as process:
        try:
            served = Live(process, port, home)
            _await_ready(served)
            yield served
        finally:
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(PATIENCE)
                except subprocess.TimeoutExpired:
                    process.kill()
    wrong = faults_in(home / "serve.log")
    assert not wrong, "\n".join(wrong[:20])


def _is_socket(descriptor: Path) -> bool:
    try:
        return str(descriptor.readlink()).startswith("socket:")
    except FileNotFoundError:
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _is_ready(served: Live) -> bool:
    # Without verify=False, each call would read all certificates of the machine first.
    ready = f"{served.base}/health/ready"
    return httpx.get(ready, trust_env=False, verify=False).status_code == 200


def _await_ready(served: Live) -> None:
    deadline = time.monotonic() + PATIENCE
    while served.process.poll() is None and time.monotonic() < deadline:
        try:
            if _is_ready(served):
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    log = (served.home / "serve.log").read_text("utf-8")
    raise AssertionError(f"the server did not become ready: {log[-2000:]}")
