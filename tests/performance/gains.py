"""What changes gained: `uv run python -m tests.performance.gains COMMIT [COMMIT …]`.

Each commit and its first parent are checked out side by side, with the tests of this checkout. In
every round each of them runs `tests.performance.checkout` in a fresh process over a fresh copy of
its data, and the two take turns at each call, so that what else the machine does meets both.
Prints the medians of the rounds' processor time, before and after, and the gain (the median of the
rounds' ratios), for calls where that is at least `--least` percent either way.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from entrypoints.settings import RATE_LIMITS
from tests.performance.report import table

HERE = Path(__file__).parents[2]
HEADINGS = ("commit", "call", "before, µs", "after, µs", "gain", "cheaper in")

Times = dict[str, list[float]]
"""Microseconds of each call, turn by turn."""


@dataclass(frozen=True, slots=True)
class Gain:
    """What a call took in each round before a commit and after it, microseconds."""

    call: str
    before: Sequence[float]
    after: Sequence[float]

    @property
    def percent(self) -> float:
        """Give the gain; below 0 where the call has become dearer."""
        return (1 - median(self._ratios())) * 100

    def cells(self) -> list[str]:
        """Give what the table says of it."""
        won = sum(ratio < 1 for ratio in self._ratios())
        return [
            self.call, f"{median(self.before):.1f}", f"{median(self.after):.1f}",
            f"{self.percent:+.1f} %", f"{won} of {len(self.before)}",
        ]

    def _ratios(self) -> list[float]:
        return [after / before for before, after in zip(self.before, self.after, strict=True)]


def main() -> None:
    """Measure each commit, and print what it gained."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("commits", nargs="+")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--least", type=float, default=3)
    parser.add_argument("--uvicorn", action="store_true", help="a list, with uvicorn's part")
    chosen = parser.parse_args()
    options, rows = ["--uvicorn"] * chosen.uvicorn, []
    for commit in chosen.commits:
        for row in _rows(commit, chosen.rounds, chosen.least, options):
            print(*row, sep=" | ", flush=True)
            rows.append(row)
    print(table(HEADINGS, rows))


def _rows(
    commit: str, rounds: int, least: float, options: Sequence[str]
) -> Iterator[Sequence[str]]:
    """Give the rows of a commit: of the calls that it moved, else of the one that gained most."""
    name = _git("log", "-1", "--format=`%h` %s", commit)
    try:
        gains = measured(commit, rounds, options)
    except AssertionError as failure:
        yield name, f"does not run: {failure}", "", "", "", ""
        return
    moved = [gain for gain in gains if abs(gain.percent) >= least]
    for gain in moved or [max(gains, key=lambda gain: gain.percent)]:
        yield name, *gain.cells()


def measured(commit: str, rounds: int, options: Sequence[str]) -> list[Gain]:
    """Measure a commit beside its first parent; AssertionError where one of them does not run."""
    with ExitStack() as stack:
        pair = [stack.enter_context(_checkout(each)) for each in (f"{commit}^", commit)]
        found: dict[str, tuple[list[float], list[float]]] = {}
        for number in range(rounds):
            turned = number % 2
            both = _round(pair[::-1] if turned else pair, options)
            for times, side in zip(both, (turned, 1 - turned), strict=True):
                for call, micros in times.items():
                    found.setdefault(call, ([], []))[side].append(median(micros))
    return [Gain(call, before, after) for call, (before, after) in found.items()]


@contextmanager
def _checkout(commit: str) -> Iterator[Path]:
    """Check a commit out, with our tests instead of its own, and fill its data."""
    with tempfile.TemporaryDirectory() as name:
        folder, home = Path(name) / "checkout", Path(name) / "stocked"
        _git("worktree", "add", "--detach", str(folder), commit)
        try:
            shutil.rmtree(folder / "tests")
            (folder / "tests").symlink_to(HERE / "tests")
            home.mkdir()
            with _driver(folder, "stock", home) as process:
                assert not process.stdout or not process.stdout.read()
            yield folder
        finally:
            _git("worktree", "remove", "--force", str(folder))


def _round(pair: Sequence[Path], options: Sequence[str]) -> list[Times]:
    """Let both take turns, in fresh processes, until they have had them all."""
    found: list[Times] = [{} for _ in pair]
    with ExitStack() as stack:
        drivers = [stack.enter_context(_measuring(folder, options)) for folder in pair]
        # A list, not a generator: each of them has its turn.
        while False not in [_has_turn(*each) for each in zip(drivers, found, strict=True)]:
            pass
    return found


def _has_turn(driver: "subprocess.Popen[str]", times: Times) -> bool:
    """Let a driver have a turn, if it has one left, and note what it took."""
    assert driver.stdin and driver.stdout
    try:
        print(file=driver.stdin, flush=True)
    except BrokenPipeError:
        return False
    if told := driver.stdout.readline():
        call, micros = json.loads(told)
        times.setdefault(call, []).append(micros)
    return bool(told)


@contextmanager
def _measuring(folder: Path, options: Sequence[str]) -> Iterator["subprocess.Popen[str]"]:
    home = shutil.copytree(folder.parent / "stocked", folder.parent / "home")
    with _driver(folder, "measure", home, *options) as process:
        yield process
    shutil.rmtree(home)


@contextmanager
def _driver(
    folder: Path, what: str, home: Path, *options: str
) -> Iterator["subprocess.Popen[str]"]:
    """Start the driver in a checkout, which is first on the path there."""
    driver = [sys.executable, "-m", "tests.performance.checkout", what, str(home), *options]
    limits = ",".join(f"{name}=100000000/minute" for name in RATE_LIMITS)
    ours = {"PYTHONPATH": str(folder), "LOAPI_RATE_LIMITS": limits, "LOAPI_HOME": str(home)}
    with (home / "errors").open("w+") as errors, subprocess.Popen(
        driver, cwd=folder, env={**os.environ, **ours}, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors,
    ) as process:
        try:
            yield process
        finally:
            process.communicate()
        errors.seek(0)
        assert process.returncode == 0, errors.read().strip().rpartition("\n")[2]


def _git(*arguments: str) -> str:
    command = ["git", "-C", str(HERE), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


if __name__ == "__main__":
    main()
