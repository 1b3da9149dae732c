"""Errors that nobody expected, as Sentry gets them from a live service; and a Sentry away."""

import json
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from entrypoints.container import wiring
from entrypoints.settings import BadSettings, read_settings
from tests.support.agent import black_hole
from tests.support.envelopes import Sentry, sentry
from tests.support.in_time import PATIENCE, in_time
from tests.support.live import MAIN, Live, environment, live
from tests.support.tns import closed_port

pytestmark = pytest.mark.skipif(
    find_spec("sentry_sdk") is None, reason="it takes the extra: uv run --all-extras pytest"
)

SECRET = "canary-5550199888"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"

BROKEN = f"""
import entrypoints.http.gate as gate
handle = gate._handle
async def break_down(entry, asked, receive):
    local = "{SECRET}"
    if asked.header(b"x-break"):
        raise RuntimeError("ORA-00600 " + local + str(asked.scope["headers"]))
    return await handle(entry, asked, receive)
gate._handle = break_down
"""
"""What makes a mistake of ours, with a secret at hand."""

DYING = f"""
import threading
import adapters.sql.crew as crew
import application.key_use as key_use
serve = crew.Crew._serve
def die(self):
    local = "{SECRET}"
    if threading.current_thread().name == "loapi-read-1":
        raise RuntimeError("DPY-4011 " + local)
    serve(self)
def forget(self):
    raise LookupError("{SECRET}")
crew.Crew._serve = die
key_use.KeyUses.keep = forget
"""
"""What lets a worker thread die, and one that runs beside the requests."""

FORGED = f"""
from application.audit.relay import Relay
from application.errors import Tampered
def step(self):
    raise Tampered("record {SECRET} was altered")
Relay.step = step
"""
"""What makes a relay meet a record that somebody has forged."""

TOP = {
    "event_id", "timestamp", "level", "platform", "environment", "release", "exception", "tags",
    "sdk", "logger",
}


def break_down(served: Live) -> str:
    """Let the service fail, and give the id of the request."""
    headers = {"x-break": SECRET, "traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}
    answer = served.ask("GET", f"/user/U1001?q={SECRET}", headers=headers)
    assert answer.status_code == 500
    return str(answer.headers["x-request-id"])


def test_an_unexpected_error_is_told_with_its_ids_and_no_value(home: Path) -> None:
    with sentry() as taker:
        with live(home, patches=BROKEN, LOAPI_SENTRY_DSN=taker.dsn) as served:
            for path in ("/resource", "/nothing", "/resource?nothing=1"):
                served.ask("GET", path)
            request_id = break_down(served)
            taker.wait(lambda: taker.events)
        (event,) = taker.events
        _check(event, taker, request_id)


def _check(event: dict[str, Any], taker: Sentry, request_id: str) -> None:
    assert event["tags"] == {
        "part": "request", "request_id": request_id, "trace_id": TRACE,
        "route": "/api/v1/user/{user_id}", "action": "user.show",
    }
    assert set(event) <= TOP, "nothing of the request, the machine or the user"
    (told,) = event["exception"]["values"]
    assert (told["type"], told["value"]) == ("RuntimeError", "ORA-00600")
    frames = told["stacktrace"]["frames"]
    assert frames[-1]["function"] == "break_down"
    assert not [frame for frame in frames if {"vars", "context_line"} & set(frame)]
    assert {kind for kind, _ in taker.items} == {"event"}, "no traces, sessions or reports"
    said = b"".join(taker.bodies) + json.dumps(taker.headers).encode()
    assert SECRET.encode() not in said


def test_threads_that_die_are_told_of_and_the_service_goes_on(home: Path) -> None:
    with sentry() as taker:
        with live(home, patches=DYING, LOAPI_SENTRY_DSN=taker.dsn) as served:
            taker.wait(lambda: len(taker.events) >= 2)
            assert served.ask("GET", "/resource").status_code == 200
        told = {
            event["exception"]["values"][0]["type"]: event["tags"]["part"] for event in taker.events
        }
        assert set(told) == {"RuntimeError", "LookupError"}
        assert told["RuntimeError"] == "loapi-read-1"
        assert SECRET.encode() not in b"".join(taker.bodies)


def test_a_relay_that_meets_a_forgery_tells_of_it(home: Path) -> None:
    variables = environment(home)
    with sentry() as taker:
        variables["LOAPI_SENTRY_DSN"] = taker.dsn
        with subprocess.Popen(
            [sys.executable, "-c", f"{FORGED}\n{MAIN}", "audit", "relay"],
            cwd=home, env=variables, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        ) as relay:
            try:
                taker.wait(lambda: taker.events)
            finally:
                relay.terminate()
            assert relay.wait(PATIENCE) == 0
        (told,) = taker.events[0]["exception"]["values"]
        assert (told["type"], taker.events[0]["tags"]["part"]) == ("Tampered", "relay")
        assert SECRET.encode() not in b"".join(taker.bodies)


def test_a_flood_of_one_error_is_one_event_a_second(home: Path) -> None:
    with sentry() as taker:
        with live(home, patches=BROKEN, LOAPI_SENTRY_DSN=taker.dsn) as served:
            began = time.monotonic()
            for _ in range(30):
                break_down(served)
            seconds = time.monotonic() - began
        assert 1 <= len(taker.events) <= seconds + 2


@pytest.mark.parametrize("how", ["closed", "silent"])
def test_a_sentry_that_is_away_stops_nothing(how: str, home: Path) -> None:
    with black_hole() as hole:
        place = hole if how == "silent" else f"127.0.0.1:{closed_port()}"
        dsn = f"http://public@{place}/1"
        with live(home, patches=BROKEN, LOAPI_SENTRY_DSN=dsn) as served:
            for _ in range(5):
                break_down(served)
            assert served.ask("GET", "/resource").status_code == 200
            status, seconds = served.stop()
            assert status == 0
            in_time(seconds, 10)


def test_a_dsn_that_is_none_is_refused_by_name(tmp_path: Path) -> None:
    settings = read_settings({"LOAPI_HOME": str(tmp_path), "LOAPI_SENTRY_DSN": "nonsense"})
    with pytest.raises(BadSettings, match="LOAPI_SENTRY_DSN"):
        wiring.build(settings).alarm()
