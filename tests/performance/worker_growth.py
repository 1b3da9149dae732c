"""How much more several processes on one database write: `… HOME SECONDS FIRST_LOAN` is one."""

import asyncio
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from entrypoints.home import Home
from tests.performance.calling import answered
from tests.performance.inside import AT_ONCE, WARM_UP, payoffs, running
from tests.performance.stocked import Stocked

SECONDS = 5
MOST = 12_000
"""Loans that a worker can use up."""


def rates(data: Stocked, loans: Sequence[str], workers: int) -> list[float]:
    """Give the writes a second of each of so many workers, all at the same time."""
    command = [sys.executable, "-m", __spec__.name, str(data.home), str(SECONDS)]
    with ExitStack() as stack:
        started = [
            stack.enter_context(subprocess.Popen(
                [*command, loans[number * MOST]], text=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            ))
            for number in range(workers)
        ]
        for worker in started:
            assert worker.stdout and worker.stdout.readline() == "ready\n"
        return [float(worker.communicate()[0]) for worker in _all_told(started)]


def _all_told(started: "Sequence[subprocess.Popen[str]]") -> "Sequence[subprocess.Popen[str]]":
    """Let all begin before one is waited for."""
    for worker in started:
        assert worker.stdin
        worker.stdin.write("go\n")
        worker.stdin.flush()
    return started


async def _run(data: Stocked, seconds: float) -> float:
    async with running(data.home) as app:
        requests = iter(payoffs(data, data.loans))
        await answered(app, (next(requests) for _ in range(WARM_UP)), AT_ONCE, 60)
        print("ready", flush=True)
        sys.stdin.readline()
        return len(await answered(app, requests, AT_ONCE, seconds)) / seconds


def main(home: Path, seconds: float, first_loan: int) -> None:
    """Write for some seconds when told to; print how many a second that were."""
    loans = [str(first_loan + number) for number in range(MOST)]
    print(asyncio.run(_run(Stocked(home, Home(home).keys(), loans), seconds)))


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]))
