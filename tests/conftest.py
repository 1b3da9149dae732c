"""What services start from, for the tests that start one."""

from pathlib import Path

import pytest

from tests.support.stocked import copied, make_template


@pytest.fixture(name="template", scope="session")
def a_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a stocked home, to be copied: a service that makes its own takes seconds for it."""
    return make_template(tmp_path_factory.mktemp("template"))


@pytest.fixture(name="home")
def a_home_of_ones_own(template: Path, tmp_path: Path) -> Path:
    """Give a copy of it; the folder is the test's own."""
    return copied(template, tmp_path)
