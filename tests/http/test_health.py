"""/health tells whether the service lives and can serve, and needs no token."""

import time
from collections.abc import Callable

import pytest

from entrypoints.http.health import REMEMBERED_SECONDS
from tests.http.serving import Api


@pytest.mark.parametrize("path", ["", "/live", "/ready", "/startup"])
def test_health_needs_no_token(api: Api, path: str) -> None:
    answer = api.send("GET", f"/health{path}")
    assert (answer.status_code, answer.json()) == (200, {"status": "pass"})


def test_ready_warns_before_the_backlog_stops_writes(serve: Callable[..., Api]) -> None:
    waiting = 60
    api = serve("sqlite", audit_backlog=waiting)
    told: list[str] = []
    while "warn" not in told:
        assert len(told) <= waiting
        assert api.as_().post("/resource", {"name": "one more"}).status_code == 201
        time.sleep(REMEMBERED_SECONDS / 8)
        answer = api.send("GET", "/health/ready")
        assert answer.status_code == 200
        told.append(answer.json()["status"])
    assert set(told) <= {"pass", "warn"}
