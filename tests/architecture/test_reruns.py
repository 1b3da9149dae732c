"""A test that a busy machine broke is run again, twice at most; any other that fails is not."""

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

from tests.support import in_time as told
from tests.support.in_time import in_time

told.spare_since = lambda before: 1.0
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
def busy(monkeypatch):
    monkeypatch.setattr(told, "spare_since", lambda before: 0.0)


@pytest.fixture
def refused(busy):
    assert note("refused") > 1


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


def test_wrong_while_busy(server, busy):
    note("wrong while busy")
    assert "one" == "other"


def test_nothing_refused_while_busy(server, busy):
    note("nothing refused while busy")
    with pytest.raises(OSError):
        pass


def test_passed_over_while_busy(server, busy):
    note("passed over while busy")
    pytest.skip("not here")


def test_refused_while_it_was_set_up(server, refused):
    note("set up at last")


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
    "wrong": 1, "wrong while late": 1, "wrong while busy": 3, "nothing refused while busy": 3,
    "passed over while busy": 1, "refused": 2, "set up at last": 1,
    "late and wrong at the end": 1, "after them": 1,
}


@pytest.mark.parametrize("options", [(), ("-n", "1", "--dist", "loadfile")], ids=["one", "xdist"])
def test_only_what_a_busy_machine_breaks_is_run_again(
    tmp_path: Path, options: tuple[str, ...]
) -> None:
    (tmp_path / "test_late.py").write_text(TESTS)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-c", ROOT / "pyproject.toml", "--rootdir", tmp_path,
         "-p", "no:cacheprovider", "-p", "tests.conftest", *options, tmp_path],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )
    assert Counter((tmp_path / "runs").read_text().splitlines()) == RUNS, done.stdout + done.stderr
    told = done.stdout.splitlines()[-1]
    expected = "6 failed, 3 passed, 1 skipped, 1 error, 8 rerun in "
    assert told.startswith(expected), done.stdout + done.stderr
