"""What holds for all tests: how examples are drawn, and what services start from."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from pytest_rerunfailures import (  # type: ignore[import-untyped]  # has none
    ClientStatusDB,
    StatusDB,
)

from tests.support.in_time import blamed_on_the_machine
from tests.support.stocked import copied, make_template

# By themselves they fail an example of a fifth of a second, and a test that draws few in a second:
# a busy machine breaks both. "repeatable" gives one commit one answer; "searching" draws others at
# every run, and more of them, as check.yml does: pytest --hypothesis-profile=searching.
settings.register_profile(
    "searching", deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=1_000
)
settings.register_profile(
    "repeatable", settings.get_profile("searching"), max_examples=100, derandomize=True
)
settings.load_profile("repeatable")


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Have xdist's workers ask nobody how often a test was run.

    pytest-rerunfailures asks the first process, for every test, so that one whose process has died
    is run again, which it shall not be. Where three others want the processor, an answer takes
    longer than most tests.
    """
    asked = getattr(config, "failures_db", None)
    if isinstance(asked, ClientStatusDB):
        asked.sock.close()
        setattr(config, "failures_db", StatusDB())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup() -> Iterator[None]:
    """Tell what fails because the machine is busy from what is wrong."""
    with blamed_on_the_machine():
        yield


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Iterator[None]:
    """Tell what fails because the machine is busy from what is wrong."""
    with blamed_on_the_machine():
        yield


@pytest.fixture(name="template", scope="session")
def a_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a stocked home, to be copied: a service that makes its own takes seconds for it."""
    return make_template(tmp_path_factory.mktemp("template"))


@pytest.fixture(name="home")
def a_home_of_ones_own(template: Path, tmp_path: Path) -> Path:
    """Give a copy of it; the folder is the test's own."""
    return copied(template, tmp_path)
