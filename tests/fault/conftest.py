"""A stocked home for drills, made once and copied for each."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fault.drill import Service, make_template, served


@pytest.fixture(name="template", scope="session")
def a_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_template(tmp_path_factory.mktemp("template"))


@pytest.fixture(name="service")
def a_service(template: Path, tmp_path: Path) -> Iterator[Service]:
    with served(template, tmp_path / "home") as running:
        yield running
