"""Whether the relay keeps up: how many audit records wait while writes go on for long."""

import time
from pathlib import Path
from statistics import median

from tests.performance.answers import counted
from tests.performance.calls import PAYOFF, Call, Loans, lines
from tests.performance.servers import BASE, LOAD_CORE, LOAPI, Served, served
from tests.performance.stocked import Stocked
from tests.performance.wrk import drive

SLICES, SECONDS = 5, 4
DRAINED = 30
"""Seconds that the relay has, when the writes have stopped, until nothing waits."""


def told(stocked: Stocked, folder: Path, relay_core: str) -> str:
    """Write for twenty seconds; say how many records waited, and what that cost."""
    loans = Loans(stocked)
    call = Call("POST /payoff", PAYOFF, 100, writes=True)
    rates, waiting = [], []
    with served(LOAPI, stocked, folder) as running:
        running.move_relay(relay_core)
        for _ in range(SLICES):
            got = drive(
                BASE, lines(call, stocked, loans), folder, seconds=SECONDS,
                connections=32, core=LOAD_CORE,
            )
            loans.used(got.requests + 64)
            rates.append(got.rate)
            waiting.append(counted(running.home / "loapi.db", "journal"))
        seconds = _drained(running)
    steps = ", ".join(f"{number:,}" for number in waiting)
    return (
        f"Writes for {SLICES * SECONDS} s in {SLICES} slices, the relay on core {relay_core}: "
        f"{median(rates):,.0f} writes/s ({min(rates):,.0f} to {max(rates):,.0f}); records not "
        f"sealed at the end of each: {steps}; the last was sealed {seconds:.1f} s after the writes."
    )


def _drained(running: Served) -> float:
    began = time.monotonic()
    while counted(running.home / "loapi.db", "journal"):
        if time.monotonic() > began + DRAINED:
            raise TimeoutError("the relay does not keep up")
        time.sleep(0.1)
    return time.monotonic() - began
