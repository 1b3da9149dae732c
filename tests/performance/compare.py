"""Compares the service with its peer and with bare uvicorn: `python -m tests.performance.compare`.

One worker on core 0, with all that it starts; wrk on core 1 with 32 connections, or one. Each round
serves each in turn from a fresh copy of the same data; each call is warmed up and then measured.
Before that, both have to give the same answers. Prints medians and ratios, and writes them into
docs/performance.md with a chart (`--print` only prints). Takes a quarter of an hour.
"""

import argparse
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median

from tests.performance import answers, backlog, report
from tests.performance.calls import ALONE, CALLS, Call, Loans, lines
from tests.performance.servers import (
    BARE,
    BASE,
    FASTAPI,
    FASTAPI_UNRECORDED,
    LOAD_CORE,
    LOAPI,
    Served,
    Server,
    served,
)
from tests.performance.stocked import Stocked, stocked
from tests.performance.wrk import Measured, drive

LOANS = 300_000
WARM = 1
CONSTANTS = (Call("constant of 12 bytes", "/", 100), Call("constant of 6 kB", "/page", 100))
UNRECORDED = tuple(call for call in ALONE if call.name == "GET /user/{id}")

CORES = "0", "1"
"""Where the relay is, while records are counted: beside the server as `serve` has it, and not."""

Found = Mapping[tuple[str, Call, int], Sequence[Measured]]
"""The rounds of a server, a call and a number of connections."""


class Comparison:
    """Measures, and keeps every round."""

    def __init__(self, data: Stocked, folder: Path, seconds: int) -> None:
        self.found: dict[tuple[str, Call, int], list[Measured]] = defaultdict(list)
        self.data = data
        self.folder = folder
        self.seconds = seconds

    def check(self) -> None:
        """Prove that both give the same answers; raises AssertionError where they do not."""
        answers.same(self._asked(LOAPI, "loapi.db"), self._asked(FASTAPI, "peer.db"))

    def _asked(self, server: Server, database: str) -> answers.Answers:
        with served(server, self.data, self.folder) as running:
            return answers.asked(self.data, Loans(self.data), running.home / database)

    def round(self) -> None:
        """Serve each in turn, and measure every call."""
        for server, calls, alone in (
            (BARE, CONSTANTS, CONSTANTS[:1]),
            (LOAPI, CALLS, ALONE),
            (FASTAPI, CALLS, ALONE),
            (FASTAPI_UNRECORDED, UNRECORDED, UNRECORDED),
        ):
            with served(server, self.data, self.folder) as running:
                loans = Loans(self.data)
                self._measure(server, running, calls, loans, 32)
                self._measure(server, running, alone, loans, 1)

    def _measure(
        self,
        server: Server,
        running: Served,
        calls: Iterable[Call],
        loans: Loans,
        connections: int,
    ) -> None:
        for call in calls:
            self._drive(call, loans, WARM, connections)
            before = running.processor_seconds()
            got = self._drive(call, loans, self.seconds, connections)
            used = running.processor_seconds() - before
            got = replace(got, processor=used / max(got.requests, 1) * 1e6)
            self.found[server.name, call, connections].append(got)
            print(f"{server.name:24} {call.title:42} {connections:3} {_told(got)}", flush=True)

    def _drive(self, call: Call, loans: Loans, seconds: int, connections: int) -> Measured:
        # Those under way when wrk stops are not counted, and may be done.
        got = drive(
            BASE, lines(call, self.data, loans), self.folder, seconds=seconds,
            connections=connections, core=LOAD_CORE,
        )
        if call.writes:
            loans.used(got.requests + 2 * connections)
        return got


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--loans", type=int, default=LOANS)
    parser.add_argument("--print", action="store_true", dest="only_print")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        home = Path(name) / "stocked"
        home.mkdir()
        comparison = Comparison(stocked(home, chosen.loans), Path(name), chosen.seconds)
        comparison.check()
        for _ in range(chosen.rounds):
            comparison.round()
        told = [backlog.told(comparison.data, Path(name), core) for core in CORES]
    text = "\n\n".join((summary(comparison.found), *told))
    print(text)
    if not chosen.only_print:
        report.put("measured", f"{report.machine()}\n\n{text}")
        report.CHART.write_text(report.chart(bars(comparison.found)), "utf-8")


def summary(found: Found) -> str:
    """Write the tables: under load, and over one connection."""
    rows = [_row(found, call, "peer") for call in CALLS]
    rows += [_row(found, call, FASTAPI_UNRECORDED.name) for call in UNRECORDED]
    alone = [_row_alone(found, call) for call in ALONE]
    bare = "; ".join(
        f"{call.name}: {_middle(found['uvicorn', call, 32], 'rate'):,.0f}/s, "
        f"{_middle(found['uvicorn', call, 32], 'processor'):.0f} µs of processor time"
        for call in CONSTANTS
    )
    return "\n\n".join((
        f"Bare uvicorn, {bare}. 32 connections:",
        report.table(
            ("call", "loapi /s", "peer /s", "ratio", "of bare", "loapi CPU µs", "peer CPU µs",
             "CPU ratio", "p50 ms", "p99 ms", "peer p50 ms", "not 2xx"),
            rows,
        ),
        "One connection:",
        report.table(("call", "loapi p50 ms", "p99 ms", "peer p50 ms", "peer p99 ms"), alone),
    ))


def bars(found: Found) -> Mapping[str, Mapping[str, float]]:
    """Give what the chart shows."""
    group = {CONSTANTS[0].name: {"uvicorn": _middle(found["uvicorn", CONSTANTS[0], 32], "rate")}}
    for call in ALONE:
        group[call.title.replace(", 100 tokens", "")] = {
            name: _middle(found[name, call, 32], "rate") for name in ("loapi", "peer")
        }
    return group


def _row(found: Found, call: Call, peer: str) -> Sequence[str]:
    ours, theirs = found["loapi", call, 32], found[peer, call, 32]
    ratio = median(a.rate / b.rate for a, b in zip(ours, theirs, strict=True))
    bare = found["uvicorn", CONSTANTS[0], 32]
    share = median(a.rate / b.rate for a, b in zip(ours, bare, strict=True))
    return (
        f"`{call.name}`{call.title.removeprefix(call.name)}{peer.removeprefix('peer')}",
        f"{_middle(ours, 'rate'):,.0f}",
        f"{_middle(theirs, 'rate'):,.0f}", f"{ratio:.1f}", f"{share:.2f}",
        f"{_middle(ours, 'processor'):,.0f}", f"{_middle(theirs, 'processor'):,.0f}",
        f"{_middle(theirs, 'processor') / _middle(ours, 'processor'):.1f}",
        f"{_middle(ours, 'middle'):.1f}", f"{_middle(ours, 'slow'):.1f}",
        f"{_middle(theirs, 'middle'):.1f}",
        f"{sum(one.wrong for one in ours)} / {sum(one.wrong for one in theirs)}",
    )


def _row_alone(found: Found, call: Call) -> Sequence[str]:
    cells = [
        f"{_middle(found[name, call, 1], what):.2f}"
        for name in ("loapi", "peer") for what in ("middle", "slow")
    ]
    return f"`{call.name}`{call.title.removeprefix(call.name)}", *cells


def _middle(rounds: Sequence[Measured], what: str) -> float:
    values: list[float] = [getattr(one, what) for one in rounds]
    return median(values)


def _told(got: Measured) -> str:
    times = f"p50 {got.middle:6.2f} ms  p99 {got.slow:7.2f} ms"
    return f"{got.rate:8.0f}/s  {times}  {got.wrong} not 2xx"


if __name__ == "__main__":
    main()
