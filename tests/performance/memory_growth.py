"""The memory of a process that answers many requests: `… HOME REQUESTS` prints it ten times."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from entrypoints.home import Home
from tests.performance.calling import Request, answered
from tests.performance.inside import AT_ONCE, payoffs, reads, running
from tests.performance.stocked import Stocked

POINTS = 10
SHELF, PERSON = "GET /naics-code/?limit=50", "GET /user/{id}"
PEOPLE, WRITES = 10, 100
"""One of so many requests reads a person, and one of so many writes."""


def rss(data: Stocked, loans: Sequence[str], requests: int) -> list[float]:
    """Give the megabytes that a process of its own keeps, after each tenth of the requests.

    A relay, in another process, seals their records meanwhile.
    """
    command = [sys.executable, "-m", __spec__.name, str(data.home), str(requests), loans[0]]
    told = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    return [float(line) for line in told.split()]


async def _run(data: Stocked, requests: int) -> None:
    each = requests // POINTS
    async with running(data.home) as app:
        for point in range(POINTS):
            loans = data.loans[point * each // WRITES:(point + 1) * each // WRITES]
            await answered(app, _mixed(data, loans, each), AT_ONCE, 3600)
            print(_kept(), flush=True)


def _mixed(data: Stocked, loans: Sequence[str], count: int) -> Iterator[Request]:
    shelf, people = reads(data, SHELF), reads(data, PERSON)
    writes = payoffs(data, loans)
    for number in range(count):
        if number % WRITES == WRITES - 1:
            yield writes.pop()
        elif number % PEOPLE == 0:
            yield people[number // PEOPLE % len(people)]
        else:
            yield shelf[number % len(shelf)]


def _kept() -> float:
    """Give what this process keeps in memory, in megabytes."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def main(home: Path, requests: int, first_loan: int) -> None:
    """Answer requests, with a relay beside."""
    loans = [str(first_loan + number) for number in range(requests // WRITES + 1)]
    data = Stocked(home, Home(home).keys(), loans)
    relay = [sys.executable, "-m", "entrypoints.cli", "audit", "relay", "--parent"]
    with subprocess.Popen(
        [*relay, str(os.getpid())], env={**os.environ, "LOAPI_HOME": str(home)},
    ) as beside:
        try:
            asyncio.run(_run(data, requests))
        finally:
            beside.terminate()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
