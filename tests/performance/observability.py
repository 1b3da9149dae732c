"""What being seen costs: `uv run python -m tests.performance.observability`.

One worker a way of being observed, all on one core, wrk on another, rounds in turn: the same reads
with everything off, with the log sampled away, with metrics, and with traces and Sentry whose
other end takes all, is closed, or takes connections and never answers. Prints each way's requests
a second as a share of those with everything off in the same round (median, and the least and the
most), and its p99, and writes them into docs/performance.md.
"""

import subprocess
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from tests.performance import report
from tests.support.agent import agent, black_hole
from tests.support.envelopes import sentry
from tests.support.live import Live, live
from tests.support.tns import closed_port

ROUNDS = 7
SECONDS = 2
SERVER_CORE, LOAD_CORE = "0", "1"

OFF = "everything off, log on"

SCRIPT = """
local tokens = {%s}
local at = 0
request = function()
  at = at %% #tokens + 1
  return wrk.format("GET", nil, { ["Authorization"] = "Bearer " .. tokens[at] })
end
done = function(summary, latency)
  io.write(string.format("\\nresult %%d %%d %%d %%d\\n", summary.requests, summary.duration,
    summary.errors.status, latency:percentile(99)))
end
"""


def ways(up: str, statsd: str, dsn: str, hole: str) -> Mapping[str, dict[str, str]]:
    """Give the settings of each way."""

    def traced(url: str) -> dict[str, str]:
        return {"LOAPI_TRACING": "datadog", "LOAPI_TRACING_AGENT": url}

    closed = f"127.0.0.1:{closed_port()}"
    return {
        OFF: {},
        "log of one success in a hundred": {"LOAPI_LOG_SUCCESSES": "0.01"},
        "metrics": {"LOAPI_STATSD": statsd},
        "metrics, nobody listens": {"LOAPI_STATSD": closed},
        "Sentry": {"LOAPI_SENTRY_DSN": dsn},
        "Sentry silent": {"LOAPI_SENTRY_DSN": f"http://public@{hole}/1"},
        "traces": traced(up),
        "traces, agent closed": traced(f"http://{closed}"),
        "traces, agent silent": traced(f"http://{hole}"),
    }


def main() -> None:
    """Serve every way, and measure them in turn."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        taker, receiver = stack.enter_context(agent()), stack.enter_context(sentry())
        hole = stack.enter_context(black_hole())
        served: dict[str, Live] = {}
        for name, variables in ways(taker.url, taker.statsd, receiver.dsn, hole).items():
            home = folder / str(len(served))
            home.mkdir()
            served[name] = stack.enter_context(live(home, **variables))
            pin(served[name])
        measured: dict[str, list[tuple[float, float]]] = {name: [] for name in served}
        for number in range(ROUNDS + 1):
            for name, one in served.items():
                result = measure(one, folder)
                # The first round warms up.
                if number:
                    measured[name].append(result)
        tell(measured)


def pin(server: Live) -> None:
    """Keep a server, with all its threads, on its core."""
    command = ["taskset", "-a", "-p", "-c", SERVER_CORE, str(server.process.pid)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def measure(server: Live, folder: Path) -> tuple[float, float]:
    """Give requests a second and the 99th percentile in milliseconds."""
    tokens = ",".join(f'"{server.token()}"' for _ in range(20))
    script = folder / "load.lua"
    script.write_text(SCRIPT % tokens)
    command = [
        "taskset", "-c", LOAD_CORE, "wrk", "-t1", "-c32", f"-d{SECONDS}s", "-s", str(script),
        f"{server.base}/api/v1/user/U1001",
    ]
    told = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    requests, micros, wrong, slow = map(int, told.rsplit("result", 1)[1].split())
    assert not wrong, told
    return requests / micros * 1e6, slow / 1000


def tell(measured: Mapping[str, list[tuple[float, float]]]) -> None:
    """Print each way beside the one with everything off, and write it down."""
    plain = [rate for rate, _ in measured[OFF]]
    rows = []
    for name, results in measured.items():
        shares = [rate / off for (rate, _), off in zip(results, plain, strict=True)]
        slow = median(slow for _, slow in results)
        spread = f"{min(shares):.2f} to {max(shares):.2f}"
        rows.append([name, f"{median(shares):.2f}", spread, f"{slow:.1f}"])
    headings = ["way", "share", "least to most", "p99 ms"]
    first = f"{report.machine()} {OFF.capitalize()}: {median(plain):,.0f} requests/s."
    told = f"{first}\n\n{report.table(headings, rows)}"
    print(told)
    report.put("observability", told)


if __name__ == "__main__":
    main()
