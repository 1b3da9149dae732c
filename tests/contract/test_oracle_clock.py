"""Readiness tells of a clock that is not the database's, by the question that it asks anyway."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from entrypoints.http import health
from tests.support.oracle.service import Service, served, stocked


@pytest.fixture(name="service", scope="module")
def a_service(tmp_path_factory: pytest.TempPathFactory) -> Any:
    template = stocked(tmp_path_factory.mktemp("stocked"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(health, "REMEMBERED_SECONDS", 0.0)
        with served(template, tmp_path_factory.mktemp("served")) as service:
            yield service


def ready(service: Service, ahead: float, token: bool = True) -> httpx.Response:
    """Ask while the server's clock is ahead."""
    service.sessions.server.ahead = timedelta(seconds=ahead)
    bearer = {"authorization": f"Bearer {service.api.as_().token()}"} if token else {}
    return service.api.send("GET", "/health/ready", headers=bearer)


def test_clocks_that_agree_pass(service: Service) -> None:
    answer = ready(service, 0)
    assert (answer.status_code, answer.json()["status"]) == (200, "pass")
    assert answer.json()["checks"]["clock"] == {"status": "pass"}


@pytest.mark.parametrize(("ahead", "which"), [(20, "behind"), (-20, "ahead of")])
def test_a_clock_some_seconds_off_is_told_to_operators(
    service: Service, ahead: float, which: str
) -> None:
    answer = ready(service, ahead)
    assert (answer.status_code, answer.json()["status"]) == (200, "warn")
    clock = answer.json()["checks"]["clock"]
    assert clock["status"] == "warn"
    assert clock["reason"] == f"this machine's clock is 20 s {which} the database's"
    assert ready(service, ahead, token=False).json() == {"status": "warn"}


@pytest.mark.parametrize("ahead", [3600, -3600])
def test_a_clock_that_tokens_cannot_be_judged_by_is_not_ready(
    service: Service, ahead: float
) -> None:
    answer = ready(service, ahead)
    assert answer.status_code == 503
    assert answer.json()["failed"] == ["clock"]
    assert answer.json()["checks"]["database"] == {"status": "pass", "schema": "current"}
    assert ready(service, 0).status_code == 200, "as soon as the clock is right again"


def test_the_clock_costs_no_question_and_no_write(service: Service) -> None:
    ready(service, 0, token=False)
    service.sessions.trips()
    assert ready(service, 0, token=False).status_code == 200
    asked = [trip.says for trip in service.sessions.trips()]
    assert asked.count("SELECT alembic_version") == 1
    assert not [each for each in asked if not each.startswith("SELECT")]
