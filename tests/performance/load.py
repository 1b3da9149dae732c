"""Measures the service under load: `uv run python -m tests.performance.load`.

One worker on one core, wrk (from Debian, `apt-get install wrk`) on another, 32 connections, a
fresh home with 40,000 loans; every write has a token and a loan of its own. Prints requests a
second and latencies.
"""

import asyncio
import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from domain.loan import Loan
from entrypoints.container.datasets import demo_portfolio
from entrypoints.container.keys import mint
from entrypoints.container.wiring import Container, build, now, upgrade
from entrypoints.home import Home
from entrypoints.settings import RATE_LIMITS, Settings, read_settings
from entrypoints.stocking import bring_in, stock

PORT = 8765
BASE = f"http://127.0.0.1:{PORT}"
LOANS = 40_000
SECONDS = 5
SERVER_CORE, LOAD_CORE = "0", "1"
USER, LOCATION = "U1001", 900101

SCRIPT = """
local lines = {}
for line in io.lines("%s") do lines[#lines + 1] = line end
local at = 0
request = function()
  at = math.min(at + 1, #lines)
  local token, body = lines[at]:match("^(%%S+) ?(.*)$")
  local headers = { ["Authorization"] = "Bearer " .. token }
  if body == "" then return wrk.format("GET", nil, headers) end
  headers["Content-Type"] = "application/json"
  return wrk.format("POST", nil, headers, body)
end
done = function(summary, latency)
  io.write(string.format("\\nresult %%d %%d %%d %%d %%d\\n", summary.requests, summary.duration,
    summary.errors.status, latency:percentile(50), latency:percentile(99)))
end
"""


def main() -> None:
    """Measure each call in turn."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["LOAPI_HOME"] = folder
        os.environ["LOAPI_RATE_LIMITS"] = ",".join(f"{n}=100000000/minute" for n in RATE_LIMITS)
        settings = read_settings()
        loans = _prepare(settings)
        with _served():
            for name, path, lines in _calls(settings, loans):
                print(f"{name:32} {_measured(Path(folder), path, lines)}", flush=True)


def _prepare(settings: Settings) -> list[str]:
    """Fill a fresh database; give the numbers of the loans that are there to be paid off."""
    container = build(settings)
    upgrade(container)
    try:
        return asyncio.run(_stocked(container, settings))
    finally:
        container.runner().close()
        container.database().close()


async def _stocked(container: Container, settings: Settings) -> list[str]:
    await stock(container.runner(), settings, container.sealer())
    first = demo_portfolio(now().date()).loans[0]
    loans: list[Loan] = [
        replace(first, loan_number=str(5_000_000_000 + number)) for number in range(LOANS)
    ]
    for start in range(0, LOANS, 2_000):
        await bring_in(container.runner(), "loan", loans[start:start + 2_000])
    return [loan.loan_number for loan in loans]


def _calls(settings: Settings, loans: list[str]) -> Iterator[tuple[str, str, list[str]]]:
    shared = [_token(settings) for _ in range(100)]
    reads = [shared[number % 100] for number in range(400_000)]
    day = (now() + timedelta(days=14)).date().isoformat()
    yield "GET /naics-code?limit=50", "/api/v1/naics-code?limit=50", reads
    yield "GET /country/US", "/api/v1/country/US", reads
    yield "GET /user/{id}", f"/api/v1/user/{USER}", reads
    writes = [f"{_token(settings)} {_payoff(loan, day)}" for loan in loans]
    yield "POST /payoff, one-time tokens", "/api/v1/payoff", writes


def _token(settings: Settings) -> str:
    key = Home(settings.home).keys()["prepay"]
    moment, token_id = int(time.time()), secrets.token_urlsafe(12)
    return mint(
        key.key, key.key_id, "prepay", settings.audience, USER, LOCATION, 290, moment, token_id
    )


def _payoff(loan_number: str, day: str) -> str:
    payoff = {
        "loan_number": loan_number,
        "payoff_date": day,
        "reason": "refinance",
        "voluntary": True,
        "requester": {"name": "Pat Example", "email": "pat@example.com"},
    }
    return json.dumps(payoff)


@contextmanager
def _served() -> Iterator[None]:
    serve = [sys.executable, "-m", "entrypoints.cli", "serve", "--port", str(PORT)]
    with subprocess.Popen(
        ["taskset", "-c", SERVER_CORE, *serve], stdout=subprocess.DEVNULL
    ) as server:
        try:
            _wait_until_ready()
            yield
        finally:
            server.send_signal(signal.SIGTERM)


def _wait_until_ready() -> None:
    for _ in range(150):
        try:
            with urllib.request.urlopen(f"{BASE}/health/ready"):
                return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError("the service did not become ready")


def _measured(folder: Path, path: str, lines: list[str]) -> str:
    (folder / "lines").write_text("\n".join(lines))
    (folder / "load.lua").write_text(SCRIPT % (folder / "lines"))
    wrk = ["wrk", "-t1", "-c32", f"-d{SECONDS}s", "-s", str(folder / "load.lua"), BASE + path]
    told = subprocess.run(
        ["taskset", "-c", LOAD_CORE, *wrk], stdout=subprocess.PIPE, text=True, check=True
    ).stdout
    numbers = told.rsplit("result", 1)[1].split()
    requests, micros, wrong, middle, slow = map(int, numbers)
    rate = requests / micros * 1_000_000
    times = f"p50 {middle / 1000:.1f} ms, p99 {slow / 1000:.1f} ms"
    return f"{rate:8.0f} requests/s, {times}, {wrong} not 2xx"


if __name__ == "__main__":
    main()
