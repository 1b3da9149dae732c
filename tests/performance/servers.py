"""The servers that are compared, each over a fresh copy of the same data, on one core."""

import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from entrypoints.settings import RATE_LIMITS
from tests.performance.stocked import Stocked

PORT = 8765
BASE = f"http://127.0.0.1:{PORT}"
SERVER_CORE, LOAD_CORE = "0", "1"

SESSION, USED = 3, 11
"""Of the fields of /proc/PID/stat behind the name: the session, the ticks in user mode."""

UVICORN = ("uvicorn", "--port", str(PORT), "--loop", "uvloop", "--http", "httptools",
           "--no-access-log", "--log-level", "warning")
PEER = ("uv", "run", "--no-sync", "--with", "slowapi>=0.1.9", "--with", "pyjwt>=2.10", "python")
"""The peer's two libraries are in an environment of its own, above this one."""


@dataclass(frozen=True)
class Server:
    """A way to serve."""

    name: str
    command: Sequence[str]
    variables: Mapping[str, str]


IDLE_SHARE = 0.05
"""What share of its core a server uses at most that nobody asks for anything."""

BARE = Server("uvicorn", (sys.executable, "-m", *UVICORN, "tests.performance.bare:app"), {})
LOAPI = Server(
    "loapi",
    (sys.executable, "-m", "entrypoints.cli", "serve", "--port", str(PORT)),
    {"LOAPI_RATE_LIMITS": ",".join(f"{name}=100000000/minute" for name in RATE_LIMITS)},
)
PEER_APP = (*PEER, "-m", *UVICORN, "tests.performance.peer.app:app")
FASTAPI = Server("peer", PEER_APP, {})
FASTAPI_UNRECORDED = Server("peer, reads unrecorded", PEER_APP, {"PEER_RECORDS_READS": "no"})


@dataclass(frozen=True)
class Served:
    """A server that runs."""

    home: Path
    """The folder of its data."""
    process_id: int

    def processor_seconds(self) -> float:
        """Give the processor time that it has used, with all that it has started."""
        ticks = 0
        for path in Path("/proc").glob("[0-9]*/stat"):
            try:
                _, _, told = path.read_text("ascii", "replace").rpartition(") ")
            except (FileNotFoundError, ProcessLookupError):
                continue
            fields = told.split()
            if fields[SESSION] == str(self.process_id):
                ticks += int(fields[USED]) + int(fields[USED + 1])
        return ticks / os.sysconf("SC_CLK_TCK")

    def move_relay(self, core: str) -> None:
        """Move the service's relay, with all its threads, to a core."""
        wanted = f"relay --parent {self.process_id} ".replace(" ", "\0").encode()
        found = [
            path.parent.name for path in Path("/proc").glob("[0-9]*/cmdline")
            if wanted in path.read_bytes()
        ]
        move = ["taskset", "-a", "-p", "-c", core, *found]
        subprocess.run(move, check=True, stdout=subprocess.DEVNULL)


@contextmanager
def served(server: Server, stocked: Stocked, folder: Path) -> Iterator[Served]:
    """Serve from a copy of the data until the block ends."""
    home = folder / "served"
    shutil.copytree(stocked.home, home)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LOAPI_")}
    given = {
        "LOAPI_HOME": str(home), "PEER_DATABASE_URL": f"sqlite:///{home / 'peer.db'}",
        **server.variables,
    }
    with subprocess.Popen(
        ["taskset", "-c", SERVER_CORE, *server.command], stdout=subprocess.DEVNULL,
        env={**kept, **given}, start_new_session=True,
    ) as process:
        try:
            _wait_until_ready(process)
            running = Served(home, process.pid)
            _wait_until_idle(running)
            yield running
        finally:
            # uv starts the peer as a child: the group has both.
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(30)
    shutil.rmtree(home)


def _wait_until_ready(process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{BASE}/health/ready"):
                return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError("the server did not become ready")


def _wait_until_idle(running: Served) -> None:
    """Let end what a server still does once it is ready, as starting others beside it."""
    deadline = time.monotonic() + 30
    used = running.processor_seconds()
    while time.monotonic() < deadline:
        time.sleep(1)
        before, used = used, running.processor_seconds()
        if used - before < IDLE_SHARE:
            return
    raise TimeoutError("the server did not come to rest")
