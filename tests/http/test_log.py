"""One line a request: what it says, and of which requests the log tells."""

import io
import json
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from adapters.telemetry.log import MOST_WAITING, JsonLog
from entrypoints.http import watch
from tests.http.serving import API, Api, Lines
from tests.support.log_lines import fault

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = f"00-{TRACE}-00f067aa0ba902b7-01"


@pytest.mark.parametrize(
    ("path", "status", "level", "problem"),
    [
        ("/resource", 200, "info", None),
        ("/resource?nothing=1", 400, "warning", "invalid-parameter"),
        ("/nothing", 404, "warning", "not-found"),
    ],
)
def test_each_request_leaves_one_line(
    api: Api, path: str, status: int, level: str, problem: str | None
) -> None:
    before = len(api.log)
    answer = api.as_().with_(traceparent=PARENT).get(path)
    assert answer.status_code == status
    (line,) = api.log[before:]
    assert (line["http.status_code"], line["status"], line["problem"]) == (status, level, problem)
    assert line["request_id"] == answer.headers["x-request-id"]
    assert (line["trace_id"], line["client_id"]) == (TRACE, "prepay")
    assert line["duration"] > 0
    assert "?" not in json.dumps(line)


@pytest.mark.parametrize(
    "header", [f"00-{'0' * 32}-00f067aa0ba902b7-01", f"00-{TRACE}-{'0' * 16}-01", "nonsense"]
)
def test_a_trace_that_is_none_is_left_out(memory_api: Api, header: str) -> None:
    memory_api.as_().with_(traceparent=header).get("/resource")
    assert memory_api.log[-1]["trace_id"] is None


def test_a_mistake_of_ours_is_an_error(
    memory_api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: Any) -> Any:
        raise RuntimeError("a secret")

    monkeypatch.setattr("entrypoints.http.gate._handle", broken)
    assert memory_api.as_().get("/resource").status_code == 500
    assert (memory_api.log[-1]["status"], memory_api.log[-1]["problem"]) == ("error", "internal")


@pytest.mark.parametrize("path", ["/health", "/health/live", "/openapi.json"])
def test_what_needs_no_token_is_told_of_where_it_fails_only(
    memory_api: Api, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "SLOW_SECONDS", 600.0)
    assert memory_api.send("GET", path).status_code == 200
    assert not memory_api.log
    refused = memory_api.send("POST", path)
    assert refused.status_code == 405
    (line,) = memory_api.log
    assert (line["http.status_code"], line["status"]) == (405, "warning")
    assert line["request_id"] == refused.headers["x-request-id"]


def test_of_successes_a_share_is_told(serve: Callable[..., Api]) -> None:
    told = _told(serve("memory", log_successes=0.5), 200)
    assert 60 <= len(told) <= 140, "the odds of another number are below 1e-8"


def test_a_request_is_told_of_or_not_by_its_trace(serve: Callable[..., Api]) -> None:
    api = serve("memory", log_successes=0.5)
    parents = [f"00-{number:032x}-00f067aa0ba902b7-01" for number in range(1, 41)]
    for _ in range(2):
        for parent in parents:
            api.as_("lx").with_(traceparent=parent).get("/country/US")
    traces = [line["trace_id"] for line in api.log]
    half = len(traces) // 2
    assert traces[:half] == traces[half:] and 0 < half < len(parents)


def test_refusals_and_errors_are_always_told(
    serve: Callable[..., Api], monkeypatch: pytest.MonkeyPatch
) -> None:
    api = serve("memory", log_successes=0.0)
    assert not _told(api, 20)
    for _ in range(20):
        assert api.as_().get("/nothing").status_code == 404
        assert api.send("GET", f"{API}/resource").status_code == 401
    assert len(api.log) == 40
    monkeypatch.setattr(watch, "SLOW_SECONDS", -1.0)
    assert len(_told(api, 5)) == 5, "slow ones too"


def _told(api: Api, requests: int) -> Sequence[Any]:
    api.log.clear()
    for _ in range(requests):
        assert api.as_().get("/resource").status_code == 200
    return list(api.log)


def test_the_check_of_lines_finds_what_is_wrong(memory_api: Api) -> None:
    memory_api.as_().get("/resource")
    frame = {"timestamp": 1_800_000_000_000, "service": "loapi", "env": "test"}
    good = {**frame, **memory_api.log[-1]}
    assert fault(good) is None and Lines.checked > 0
    wrong: Sequence[dict[str, Any]] = (
        {"http.status_code": "200"}, {"status": "warning"}, {"psk": "x"}, {"request_id": "a b"},
        {"timestamp": 1.5}, {"http.route": "/api/v1/user?email=x"}, {"duration": -1},
        {"problem": "not-found"}, {"dd.trace_id": "1"},
    )
    for change in wrong:
        assert fault({**good, **change}), change


class Stuck(io.BytesIO):
    """A stream that takes nothing until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.entered, self.let_go = threading.Event(), threading.Event()

    def write(self, data: Any) -> int:
        """Wait."""
        self.entered.set()
        self.let_go.wait(60)
        return super().write(data)


@pytest.fixture(name="stuck")
def a_stuck_stream() -> Iterator[Stuck]:
    stream = Stuck()
    yield stream
    stream.let_go.set()


def test_lines_that_nobody_takes_are_dropped_and_counted(stuck: Stuck) -> None:
    log = JsonLog(stuck, "loapi", "test")
    log({"message": "first"})
    assert stuck.entered.wait(60)
    for _ in range(MOST_WAITING + 7):
        log({"message": "more"})
    assert log.dropped == 7
    stuck.let_go.set()
    log.flush()
    log.flush()
    lines = [json.loads(line) for line in stuck.getvalue().splitlines()]
    assert len(lines) == MOST_WAITING + 2
    assert lines[-1]["message"].startswith("7 lines were dropped")
    assert fault({**lines[-1]}) is None
