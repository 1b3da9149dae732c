"""Traces and metrics of a live service, as a Datadog agent gets them; and an agent that is away."""

import json
import re
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from entrypoints.container.telemetry import METRICS
from tests.support.agent import Agent, Span, agent, black_hole, trace_id_of, unpack
from tests.support.in_time import PATIENCE, in_time
from tests.support.live import Live, live
from tests.support.stocked import copied
from tests.support.tns import closed_port

pytestmark = pytest.mark.skipif(find_spec("ddtrace") is None, reason="the extra is not installed")

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
CALLER = "00f067aa0ba902b7"

SOONER = "import entrypoints.container.telemetry as t; t.EVERY_SECONDS = 0.5"
"""What lets metrics come sooner than every ten seconds."""

METRIC = re.compile(
    r"(loapi\.[a-z.]+):(-?[0-9.e+-]+)\|([cgd])(\|@[0-9.e-]+)?\|#([a-z_]+:[^,|]+,?)+"
)


@pytest.fixture(name="taker", scope="module")
def one_agent() -> Iterator[Agent]:
    with agent() as taker:
        yield taker


@pytest.fixture(name="served", scope="module")
def traced_service(
    template: Path, taker: Agent, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Live]:
    variables = {
        "LOAPI_TRACING": "datadog", "LOAPI_TRACING_AGENT": taker.url, "LOAPI_STATSD": taker.statsd,
    }
    home = copied(template, tmp_path_factory.mktemp("traced"))
    with live(home, patches=SOONER, **variables) as served:
        yield served


def lines(served: Live) -> list[dict[str, Any]]:
    """Give the lines of requests."""
    text = (served.home / "serve.log").read_text("utf-8")
    found = [json.loads(line) for line in text.split("\n")[:-1] if line.startswith("{")]
    return [line for line in found if line["message"] == "request"]


def line_of(served: Live, request_id: str) -> dict[str, Any]:
    """Wait for the line of a request."""
    until = time.monotonic() + PATIENCE
    while not (found := [one for one in lines(served) if one["request_id"] == request_id]):
        assert time.monotonic() < until, "no line comes"
        time.sleep(0.05)
    (line,) = found
    return line


def request_span(taker: Agent, request_id: str) -> Span:
    """Wait for the span of a request."""

    def found() -> list[Span]:
        return [
            span for span in taker.named("loapi.request")
            if span["meta"].get("loapi.request_id") == request_id
        ]

    spans: list[Span] = taker.wait(found)
    (span,) = spans
    return span


def below(taker: Agent, span: Span, name: str) -> list[Span]:
    """Give the spans of a name whose parent is another."""
    return [one for one in taker.named(name) if one["parent_id"] == span["span_id"]]


def test_the_line_of_a_request_names_its_span(served: Live, taker: Agent) -> None:
    asked: Sequence[tuple[str, str, Any, int]] = (
        ("GET", "/resource?limit=1", None, 200), ("POST", "/resource", {"name": "a"}, 201),
        ("GET", "/nothing", None, 404), ("GET", "/country/US", None, 200),
    )
    for method, path, body, status in asked:
        answer = served.ask(method, path, json=body)
        assert answer.status_code == status, answer.text
        request_id = answer.headers["x-request-id"]
        line, span = line_of(served, request_id), request_span(taker, request_id)
        assert line["dd.span_id"] == str(span["span_id"])
        assert line["dd.trace_id"] == trace_id_of(span) == line["trace_id"]
        assert span["resource"] == f"{method} {line['http.route'] or 'none'}"
        assert span["meta"]["http.status_code"] == str(status)
        assert (span["service"], span["error"], span["type"]) == ("loapi", 0, "web")
        assert "limit" not in json.dumps(span), "no query strings"


def test_a_request_is_part_of_its_callers_trace(served: Live, taker: Agent) -> None:
    headers = {"traceparent": f"00-{TRACE}-{CALLER}-01"}
    answer = served.ask("GET", "/resource", headers=headers)
    span = request_span(taker, answer.headers["x-request-id"])
    assert span["parent_id"] == int(CALLER, 16)
    assert span["trace_id"] == int(TRACE[16:], 16)
    line = line_of(served, answer.headers["x-request-id"])
    assert line["trace_id"] == line["dd.trace_id"] == TRACE


def test_batches_and_statements_stand_below_their_request(served: Live, taker: Agent) -> None:
    answer = served.ask("POST", "/resource", json={"name": "traced"})
    span = request_span(taker, answer.headers["x-request-id"])
    batches = taker.wait(lambda: below(taker, span, "loapi.batch"))
    (write,) = [one for one in batches if one["meta"]["loapi.batch.kind"] == "write"]
    assert write["metrics"]["loapi.batch.size"] >= 1
    statements = taker.wait(lambda: below(taker, write, "loapi.database"))
    texts = " ".join(one["resource"] for one in statements)
    assert "INSERT INTO" in texts and "traced" not in texts
    assert {one["type"] for one in statements} == {"sql"}
    assert {one["trace_id"] for one in (*batches, *statements)} == {span["trace_id"]}


def test_a_batch_links_to_the_requests_that_are_not_its_parent(served: Live, taker: Agent) -> None:
    tokens = [served.token() for _ in range(60)]
    until = time.monotonic() + PATIENCE
    while True:
        with ThreadPoolExecutor(20) as pool:
            answers = list(pool.map(
                lambda token: served.ask("POST", "/resource", token, json={"name": "x"}), tokens
            ))
        assert all(answer.status_code == 201 for answer in answers)
        batches = taker.named("loapi.batch")
        large = [one for one in batches if one["metrics"]["loapi.batch.size"] > 1]
        if large:
            break
        assert time.monotonic() < until, "no two requests came at once"
        tokens = [served.token() for _ in range(60)]
    links = json.loads(large[0]["meta"]["_dd.span_links"])
    requests = taker.wait(lambda: {
        f"{one['span_id']:016x}" for one in taker.named("loapi.request")
    }.issuperset(link["span_id"] for link in links))
    assert requests and 1 <= len(links) < large[0]["metrics"]["loapi.batch.size"] + 1


def test_every_metric_comes_as_documented(served: Live, taker: Agent) -> None:
    assert served.ask("POST", "/resource", json={"name": "counted"}).status_code == 201
    assert served.ask("GET", "/nothing").status_code == 404
    never = {"loapi.log.dropped"}
    wanted = set(METRICS) - never
    taker.wait(lambda: {line.partition(":")[0] for line in taker.metrics()} >= wanted)
    assert {line.partition(":")[0] for line in taker.metrics()} <= set(METRICS)
    assert not [line for line in taker.metrics() if not METRIC.fullmatch(line)]
    assert max(map(len, taker.datagrams)) <= 1432


def test_counts_are_of_every_request_once(served: Live, taker: Agent) -> None:
    def counted() -> float:
        return sum(value for value, _ in _of_users(taker, "loapi.requests"))

    def timed() -> float:
        return sum(1 / rate for _, rate in _of_users(taker, "loapi.request.duration"))

    for _ in range(23):
        assert served.ask("GET", "/user/U1001").status_code == 200
    taker.wait(lambda: counted() >= 23 and timed() > 22.9)
    assert (counted(), round(timed(), 3)) == (23, 23)
    assert all(0 < value < 60 for value, _ in _of_users(taker, "loapi.request.duration"))


def _of_users(taker: Agent, name: str) -> list[tuple[float, float]]:
    """Give a metric of one route: its values, and the share of them that each stands for."""
    told = [METRIC.fullmatch(line) for line in taker.metrics()
            if line.startswith(f"{name}:") and "route:/api/v1/user/{user_id}" in line]
    return [(float(one[2]), float((one[4] or "|@1")[2:])) for one in told if one]


@pytest.mark.parametrize("how", ["closed", "silent"])
def test_an_agent_that_is_away_stops_nothing(how: str, home: Path) -> None:
    with black_hole() as hole:
        place = hole if how == "silent" else f"127.0.0.1:{closed_port()}"
        variables = {
            "LOAPI_TRACING": "datadog", "LOAPI_TRACING_AGENT": f"http://{place}",
            "LOAPI_STATSD": place,
        }
        with live(home, patches=SOONER, **variables) as served:
            for _ in range(50):
                assert served.ask("GET", "/resource").status_code == 200
            status, seconds = served.stop()
            assert status == 0
            assert all(line["dd.span_id"] for line in lines(served))
            in_time(seconds, 10)


def test_nothing_is_traced_unless_it_is_asked_for(home: Path) -> None:
    script = "import atexit, sys; atexit.register(lambda: print('loaded', sorted(" \
        "{'ddtrace', 'sentry_sdk'} & set(sys.modules)), flush=True))"
    with live(home, patches=script) as served:
        assert served.ask("GET", "/resource").status_code == 200
        served.stop()
    assert "loaded []" in (home / "serve.log").read_text("utf-8")


def test_the_reader_of_messagepack_knows_every_kind() -> None:
    packed = b"\x83\xa1a\x93\x01\xff\xc0\xa1b\xcb?\xf8" + bytes(6) + b"\xa1c\xcf" + b"\xff" * 8
    assert unpack(packed) == {"a": [1, -1, None], "b": 1.5, "c": 2**64 - 1}
    with pytest.raises(ValueError):
        unpack(b"\xc1")
