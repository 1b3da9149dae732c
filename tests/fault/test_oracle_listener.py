"""`loapi serve` before an Oracle that is away: it starts, says so in time, waits, and ends.

Real processes and sockets; what listens is tests/support/tns.py.
"""

import json
import os
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from entrypoints.container.keys import make_key, mint, new_key_id
from tests.fault import drill
from tests.support import tns
from tests.support.in_time import PATIENCE, in_time

ANSWERS = 10.0
"""Seconds in which everything is answered: what a request may take in all."""

ENDS = 10.0
"""Seconds from SIGTERM to the end."""

SETTINGS = {
    "LOAPI_ENV": "staging",
    "LOAPI_SEALING_KEY": b64encode(bytes(32)).decode(),
    "LOAPI_SIGNING_KEY": b64encode(bytes(range(32))).decode(),
}

WORDS_OF_THE_DRIVER = (
    "Similar to", "Help:", "CONNECTION_ID", "invalid username", "cannot connect", "tiger",
    "SERVICE_NAME", "Traceback", "oracledb",
)

UNAVAILABLE = "urn:loapi:problem:unavailable"

FULL = os.environ.get("LOAPI_TEST_DEADLINES") == "full"
OTHERS = ("nobody", "refusing", "hanging-up", "late") if FULL else ()
KINDS = ("silent", "locked", "falling-silent", *OTHERS)
"""How an Oracle can be away; the others with LOAPI_TEST_DEADLINES=full."""


def away(kind: str) -> tuple[tns.Behave | None, str]:
    """Give how an Oracle is away, and what is told of it."""
    kinds: dict[str, tuple[tns.Behave | None, str]] = {
        "nobody": (None, "DPY-6005 ConnectionRefusedError"),
        "silent": (tns.silent, "no answer"),
        "refusing": (tns.refusing(12514), "DPY-6005 DPY-6001"),
        "hanging-up": (tns.hang_up, "DPY-6005 DPY-4011"),
        "late": (tns.late(1.0, tns.refusing(12505)), "DPY-6005 DPY-6003"),
        "locked": (tns.Account("another"), "ORA-01017"),
        "falling-silent": (tns.Account("tiger"), "DPY-4011"),
    }
    behave, why = kinds[kind]
    if kind == "falling-silent" and isinstance(behave, tns.Account):
        behave.answers.clear()
    return behave, why


@dataclass
class Serving:
    """A service that was started, ready or not."""

    service: drill.Service
    slowest: float = 0.0
    """The most seconds that an answer has taken."""

    def get(self, path: str, **headers: str) -> httpx.Response:
        """Ask."""
        return self._asked("GET", path, headers)

    def post(self, path: str, **headers: str) -> httpx.Response:
        """Send something."""
        return self._asked("POST", path, headers, json={"name": "x"})

    def _asked(
        self, method: str, path: str, headers: dict[str, str], **more: Any
    ) -> httpx.Response:
        began = time.monotonic()
        url = f"http://127.0.0.1:{self.service.port}{path}"
        answer = httpx.request(
            method, url, headers=headers, timeout=PATIENCE, trust_env=False, verify=False, **more
        )
        self.slowest = max(self.slowest, time.monotonic() - began)
        return answer

    def said(self) -> str:
        """Give the log of all its processes."""
        return (self.service.home / "said.txt").read_text()

    def messages(self, logger: str) -> list[str]:
        """Give what one logger has said."""
        lines = [json.loads(line) for line in self.said().splitlines() if line.startswith("{")]
        return [line["message"] for line in lines if line.get("logger.name") == logger]

    def is_live(self) -> bool:
        """Tell whether it listens."""
        assert self.service.process is not None
        assert self.service.process.poll() is None, self.said()[-3000:]
        try:
            return self.get("/health/live").status_code == 200
        except httpx.TransportError:
            return False

    def stop(self) -> tuple[int, float]:
        """Send SIGTERM; give how it ended, and after how long."""
        assert self.service.process is not None
        began = time.monotonic()
        self.service.process.terminate()
        return self.service.process.wait(PATIENCE), time.monotonic() - began


@contextmanager
def oracle_at(behave: tns.Behave | None) -> Iterator[dict[str, str]]:
    """Give settings for an Oracle that behaves so, or at a port where nobody listens."""
    with ExitStack() as stack:
        port = stack.enter_context(tns.listening(behave)).port if behave else tns.closed_port()
        url = f"oracle+oracledb://loapi_app:tiger@127.0.0.1:{port}/?service_name=loapi"
        yield {**SETTINGS, "LOAPI_DATABASE_URL": url}


@contextmanager
def serving(home: Path, behave: tns.Behave | None) -> Iterator[Serving]:
    """Serve with such an Oracle."""
    with oracle_at(behave) as environment:
        service = drill.Service(home, port=tns.closed_port())
        service.process = drill.command(
            home, "serve", "--port", str(service.port), environment=environment
        )
        try:
            started = Serving(service)
            drill.wait_for(started.is_live, PATIENCE, "it does not start")
            yield started
        finally:
            drill.end_group(service.process)


def token() -> str:
    """Mint a token with a key that nobody can look up."""
    key_id = new_key_id("prepay")
    key = make_key("staging", key_id)
    return mint(
        key, key_id, "prepay", "loapi-development", "U1001", None, 120, int(time.time()), key_id
    )


@pytest.mark.parametrize("kind", KINDS)
def test_serving_without_a_database_is_bounded_and_honest(kind: str, tmp_path: Path) -> None:
    behave, why = away(kind)
    with serving(tmp_path, behave) as served:
        for path in ("/health/ready", "/health/ready", "/health"):
            ready = served.get(path)
            failed = {"status": "fail", "failed": ["audit_trail", "database"]}
            assert (ready.status_code, ready.json()) == (503, failed)
        assert served.get("/health/live").json() == {"status": "pass"}
        assert served.get("/api/v1/country/").status_code == 401
        for ask in (served.get, served.post):
            answer = ask("/api/v1/resource/", authorization=f"Bearer {token()}")
            assert (answer.status_code, answer.json()["type"]) == (503, UNAVAILABLE)
            assert answer.headers["retry-after"]
        relay = served.service.relay()
        waits = f"waiting for the database: {why}"
        drill.wait_for(lambda: waits in served.messages("loapi"), PATIENCE, "it says nothing")
        assert served.service.relay() == relay, "the relay has died of it"
        status, seconds = served.stop()
        assert status == 0
        _check_log(served, why)
        if kind == "locked" and isinstance(behave, tns.Account):
            assert behave.refused == 2, "one logon for each process"
        in_time(served.slowest, ANSWERS)
        in_time(seconds, ENDS)


def _check_log(served: Serving, why: str) -> None:
    said = served.said()
    assert not [word for word in WORDS_OF_THE_DRIVER if word in said]
    told = served.messages("loapi.oracle")
    # Once in each process, and once more where a wait ended with another reason than it began.
    assert 2 <= len(told) <= 4 and any(why in message for message in told), told
    assert 1 <= sum(message.startswith("not ready: database") for message in
                    served.messages("loapi")) <= 2


def test_the_processes_that_serve_and_relay_end_together(tmp_path: Path) -> None:
    with serving(tmp_path, tns.silent) as served:
        relay = served.service.relay()
        assert served.stop()[0] == 0
        drill.wait_for(lambda: not Path(f"/proc/{relay}").exists(), PATIENCE, "it stays behind")


@pytest.mark.parametrize("kind", ["silent", "locked"])
def test_a_command_ends_in_time_and_says_why(kind: str, tmp_path: Path) -> None:
    behave, why = away(kind)
    with oracle_at(behave) as environment:
        for arguments in (("check",), ("client", "list")):
            process = drill.command(tmp_path, *arguments, environment=environment)
            try:
                assert process.wait(PATIENCE) == 1
            finally:
                drill.end_group(process)
    said = (tmp_path / "said.txt").read_text()
    assert f"The database cannot be used now: {why}\n" in said
    assert "Does not work: database: " in said
    assert not [word for word in WORDS_OF_THE_DRIVER if word in said]
