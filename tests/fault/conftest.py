"""A service for drills, each over a home of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fault.drill import Service, served


@pytest.fixture(name="service")
def a_service(template: Path, tmp_path: Path) -> Iterator[Service]:
    with served(template, tmp_path / "home") as running:
        yield running
