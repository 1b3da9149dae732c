"""A test that was too slow is run again, twice at most; one that fails for anything else is not."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

TESTS = '''
"""Notes in a file what is run, and fails in several ways."""

from pathlib import Path

import pytest

from tests.support.in_time import in_time

RUNS = Path(__file__).with_name("runs")


def note(what):
    """Note one run, and give how many there were."""
    with RUNS.open("a") as file:
        print(what, file=file)
    return RUNS.read_text().splitlines().count(what)


@pytest.fixture(scope="module")
def server():
    note("server begins")
    yield
    note("server ends")


@pytest.fixture
def own():
    note("own begins")
    yield
    note("own ends")


@pytest.fixture
def broken():
    yield
    assert False, "at the end"


def test_late_once(server, own):
    in_time(2.0 if note("late once") == 1 else 1.0, 1.5)


def test_always_late(server):
    note("always late")
    in_time(1.5, 1.5)


def test_wrong(server):
    note("wrong")
    assert "TooSlow: " == ""


def test_wrong_while_late(server):
    note("wrong while late")
    try:
        in_time(2.0, 1.0)
    finally:
        assert False, "and wrong"


def test_late_and_wrong_at_the_end(server, broken):
    note("late and wrong at the end")
    in_time(2.0, 1.0)


def test_after_them(server):
    note("after them")
'''

RUNS = {
    "server begins": 1, "server ends": 1,
    "own begins": 2, "own ends": 2, "late once": 2,
    "always late": 3,
    "wrong": 1, "wrong while late": 1, "late and wrong at the end": 1, "after them": 1,
}


@pytest.mark.parametrize("options", [(), ("-n", "1", "--dist", "loadfile")], ids=["one", "xdist"])
def test_only_what_was_too_slow_is_run_again(tmp_path: Path, options: tuple[str, ...]) -> None:
    (tmp_path / "test_late.py").write_text(TESTS)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-c", ROOT / "pyproject.toml", "--rootdir", tmp_path,
         "-p", "no:cacheprovider", "-p", "tests.conftest", *options, tmp_path],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )
    assert Counter((tmp_path / "runs").read_text().splitlines()) == RUNS, done.stdout + done.stderr
    told = done.stdout.splitlines()[-1]
    assert told.startswith("4 failed, 2 passed, 1 error, 3 rerun in "), done.stdout + done.stderr
