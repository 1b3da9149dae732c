"""/health tells whether the service lives and can serve, and operators why."""

import asyncio
import sqlite3
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from adapters.sql.migrate import NEWEST
from adapters.sql.sighting import Sight
from application.audit.record import Origin
from application.ports import Errand
from entrypoints.container import probes
from entrypoints.container.probes import (
    CLOCK_DIFFERS,
    CLOCK_JUMP,
    JUMP_REMEMBERED,
    LONGEST_WAIT,
    MOST_DIFFERENCE,
    ClockProbe,
)
from entrypoints.http import health
from entrypoints.http.health import REMEMBERED_SECONDS, Health
from entrypoints.settings import AuditSinkName
from tests.http.serving import Api
from tests.support.in_time import PATIENCE, in_time
from tests.support.openid import AUDIENCE
from tests.support.tns import closed_port
from tests.support.upstream import answering, hang_up, upstream

PROMPT = 0.1
"""Seconds in which readiness answers however busy the workers are."""


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


# Who may know more


def details(api: Api, client: str = "prepay") -> dict[str, Any]:
    """Give what an operator is told."""
    headers = {"authorization": f"Bearer {api.as_(client).token()}"}
    told: dict[str, Any] = api.send("GET", "/health/ready", headers=headers).json()
    return told


def test_operators_are_told_how_each_part_is(serve: Callable[..., Api]) -> None:
    told = details(serve("sqlite"))
    assert told["status"] == "pass"
    assert set(told["checks"]) == {"audit_trail", "clock", "database", "rate_limits"}
    assert told["checks"]["database"] == {"status": "pass", "schema": "current"}
    assert told["numbers"]["loapi.queue.depth"] == 0
    assert told["numbers"]["loapi.journal.depth"] >= 0


def test_others_are_told_only_whether_it_is_good(memory_api: Api) -> None:
    least = {"status": "pass"}
    assert details(memory_api, "batch") == least, "a client without ops:read"
    good = f"Bearer {memory_api.as_().token()}"
    for wrong in ("Bearer x", "Bearer", f"{good}x", good.replace("Bearer", "Basic")):
        answer = memory_api.send("GET", "/health/ready", headers={"authorization": wrong})
        assert (answer.status_code, answer.json()) == (200, least)


def test_guessing_at_health_counts_as_failed_authentication(serve: Callable[..., Api]) -> None:
    api = serve("memory", rate_limits={**_rates(), "failed": "3/minute"})
    for _ in range(3):
        api.send("GET", "/health/ready", headers={"authorization": "Bearer x"})
    assert api.send("GET", "/api/v1/resource").status_code == 429
    assert details(api) == {"status": "pass"}, "nothing more for that address"


def _rates() -> dict[str, str]:
    names = ("client", "user", "read", "list", "write", "audit", "failed")
    return {name: "60000/minute" for name in names}


# What is told of each part that is away


def test_a_database_that_is_gone_fails(serve: Callable[..., Api], tmp_path: Path) -> None:
    api = serve("sqlite")
    for kept in tmp_path.glob("loapi.db*"):
        kept.write_bytes(b"no database" * 1000)
    answer = api.send("GET", "/health/ready")
    assert answer.status_code == 503
    assert "database" in answer.json()["failed"]
    assert api.send("GET", "/health/live").status_code == 200


@pytest.mark.parametrize(("revision", "why"), [
    ("0041", "the schema is behind; run loapi db upgrade"),
    (None, "the schema is behind; run loapi db upgrade"),
    ("9000", f"the schema is at 9000, ahead of this version, which is for {NEWEST}"),
])
def test_a_schema_of_another_version_fails_and_says_which(
    serve: Callable[..., Api], tmp_path: Path, revision: str | None, why: str
) -> None:
    api = serve("sqlite")
    _stamp(tmp_path, revision)
    answer = api.send("GET", "/health/ready")
    assert answer.status_code == 503
    assert answer.json() == {"status": "fail", "failed": ["database"]}
    time.sleep(REMEMBERED_SECONDS)
    assert details(api)["checks"]["database"] == {"status": "fail", "reason": why}


def _stamp(folder: Path, revision: str | None) -> None:
    """Give the database another revision than it has, or none."""
    path = folder / "loapi.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("DELETE FROM alembic_version")
        if revision:
            database.execute("INSERT INTO alembic_version VALUES (?)", [revision])


def test_a_limiter_store_that_is_away_warns(serve: Callable[..., Api]) -> None:
    url = SecretStr(f"redis://127.0.0.1:{closed_port()}/0")
    told = _until_warned(serve("memory", rate_limit_storage=url), "rate_limits")
    assert told["counting"] == "process"


def test_a_sink_that_is_away_warns(
    serve: Callable[..., Api], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    endpoint = f"http://127.0.0.1:{closed_port()}"
    api = serve(
        "sqlite", audit_sink=AuditSinkName.DYNAMODB, dynamodb_table="loapi-audit",
        dynamodb_region="us-east-1", dynamodb_endpoint=endpoint,
    )
    assert _until_warned(api, "audit_sink")["reason"]
    assert api.as_().post("/resource", {"name": "kept"}).status_code == 201


def test_records_that_no_relay_takes_warn(serve: Callable[..., Api]) -> None:
    api = serve("sqlite")
    assert api.as_().post("/resource", {"name": "waits"}).status_code == 201
    api.clock.forward(2 * LONGEST_WAIT)
    assert _until_warned(api, "audit_trail")["reason"] == "no relay delivers"


def test_a_ulp_that_is_away_warns_and_others_are_served(serve: Callable[..., Api]) -> None:
    api = serve("memory", ulp_url=f"http://127.0.0.1:{closed_port()}/check")
    assert "no connection" in _until_warned(api, "ulp")["reason"]
    assert api.as_().get("/resource").status_code == 200


def test_an_openid_provider_without_keys_warns(serve: Callable[..., Api]) -> None:
    with upstream(hang_up) as provider:
        api = serve("memory", oidc_issuer=provider.url, oidc_audience=AUDIENCE)
        assert "none are left" in _until_warned(api, "oidc")["reason"]


def test_a_ulp_that_can_be_reached_passes(serve: Callable[..., Api]) -> None:
    with upstream(answering({"active": False})) as ulp:
        api = serve("memory", ulp_url=f"{ulp.url}/check")
        assert details(api)["checks"]["ulp"] == {"status": "pass"}
        assert not ulp.calls, "it is not asked about sessions that nobody has"


def _until_warned(api: Api, part: str) -> dict[str, Any]:
    """Ask until a part warns; the service goes on serving meanwhile."""
    until = time.monotonic() + PATIENCE
    while (told := details(api))["checks"][part]["status"] != "warn":
        assert time.monotonic() < until, told
        assert api.as_().get("/resource").status_code == 200
    assert told["status"] == "warn" and "failed" not in told
    assert api.send("GET", "/health/ready").json() == {"status": "warn"}
    part_told: dict[str, Any] = told["checks"][part]
    return part_told


def test_a_clock_that_jumps_warns_for_a_while() -> None:
    at = {"wall": 1_800_000_000.0, "ticks": 50.0}
    probe = ClockProbe(_sees(0.0), lambda: at["wall"], lambda: at["ticks"])

    def told(wall: float, ticks: float) -> Any:
        at["wall"] += wall
        at["ticks"] += ticks
        return asyncio.run(_asked(probe)).get("status", "pass")

    assert told(100, 100) == "pass"
    assert told(CLOCK_JUMP * 0.9, 0) == "pass"
    assert told(-3600, 10) == "warn"
    assert told(10, 10) == "warn", "it is not forgotten at once"
    assert told(JUMP_REMEMBERED, JUMP_REMEMBERED) == "pass"


@pytest.mark.parametrize("sign", [1, -1])
def test_a_clock_that_differs_from_the_database_s_warns(sign: int) -> None:
    told = asyncio.run(_asked(ClockProbe(_sees(sign * 7.4))))
    which = "ahead of" if sign > 0 else "behind"
    reason = f"this machine's clock is 7 s {which} the database's"
    assert told == {"status": "warn", "reason": reason}
    assert not asyncio.run(_asked(ClockProbe(_sees(sign * CLOCK_DIFFERS))))


@pytest.mark.parametrize("differs", [MOST_DIFFERENCE + 0.6, -MOST_DIFFERENCE - 0.6, 3600.0])
def test_a_clock_beyond_what_tokens_allow_fails(differs: float) -> None:
    with pytest.raises(RuntimeError, match="the database's"):
        asyncio.run(_asked(ClockProbe(_sees(differs))))
    told = asyncio.run(_asked(ClockProbe(_sees(MOST_DIFFERENCE))))
    assert told["status"] == "warn"


def test_a_database_that_is_away_says_nothing_of_the_clock(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def away() -> Sight:
        raise OSError

    async def silent() -> Sight:
        await asyncio.Event().wait()
        raise AssertionError

    monkeypatch.setattr(probes, "SIGHT_SECONDS", 0.05)
    for database in (away, silent):
        assert not asyncio.run(_asked(ClockProbe(database)))


def _sees(ahead: float) -> Callable[[], Awaitable[Sight]]:
    """Give a database whose clock this machine's is ahead of."""
    async def sighting() -> Sight:
        return Sight(NEWEST, ahead)

    return sighting


async def _asked(probe: Callable[[], Any]) -> Any:
    return await probe()


# How it is asked


def test_ready_answers_promptly_while_every_worker_is_busy(serve: Callable[..., Api]) -> None:
    api = serve("sqlite")
    with _busy(api):
        took = []
        for _ in range(2):
            time.sleep(REMEMBERED_SECONDS)
            began = time.perf_counter()
            answer = api.send("GET", "/health/ready")
            took.append(time.perf_counter() - began)
            assert (answer.status_code, answer.json()["status"]) == (200, "pass")
            assert api.runner.waiting() > 0  # type: ignore[attr-defined]  # that of SQLite
    in_time(max(took), PROMPT)


@contextmanager
def _busy(api: Api) -> Iterator[None]:
    """Keep every reader and writer at work, and more waiting."""
    let_go, at_work = threading.Event(), threading.Semaphore(0)

    def wait(*_unit: Any) -> None:
        at_work.release()
        assert let_go.wait(PATIENCE)

    async def begin() -> list[Any]:
        reads = [api.runner.read(wait)]
        writes = [api.runner.write(Errand(origin=Origin(request_id="busy", action="test")), wait)]
        return [asyncio.ensure_future(one) for one in (*reads, *writes)]

    with ExitStack() as stack:
        waiting: list[Any] = []
        stack.callback(lambda: api.run(_all(waiting)))
        stack.callback(let_go.set)
        for _ in range(2 + 1):
            waiting += api.run(begin())
            api.run(asyncio.sleep(0.2))
        for _ in range(2 + 1):
            assert at_work.acquire(timeout=PATIENCE)
        waiting += api.run(begin())
        yield


async def _all(waiting: list[Any]) -> None:
    await asyncio.gather(*waiting)


def test_a_flood_of_questions_asks_each_part_once_a_second() -> None:
    asked = 0

    async def probe() -> dict[str, Any]:
        nonlocal asked
        asked += 1
        return {}

    async def flood() -> None:
        state = Health({"part": probe})
        await asyncio.gather(*(state.state() for _ in range(1000)))

    asyncio.run(flood())
    assert asked == 1


def test_a_part_that_does_not_answer_fails_and_holds_up_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def never() -> Any:
        await asyncio.Event().wait()

    async def good() -> Any:
        return {"fine": 1}

    monkeypatch.setattr(health, "PROBE_SECONDS", 0.05)
    state = asyncio.run(Health({"never": never, "again": never, "good": good}).state())
    assert set(state.failed) == {"never", "again"}
    assert state.checks()["good"] == {"status": "pass", "fine": 1}


def test_a_service_that_has_started_stays_so(serve: Callable[..., Api], tmp_path: Path) -> None:
    api = serve("sqlite")
    assert api.send("GET", "/health/startup").status_code == 200
    for kept in tmp_path.glob("loapi.db*"):
        kept.write_bytes(b"no database" * 1000)
    time.sleep(REMEMBERED_SECONDS)
    assert api.send("GET", "/health/ready").status_code == 503
    assert api.send("GET", "/health/startup").status_code == 200


def test_a_service_that_has_not_started_says_so(serve: Callable[..., Api], tmp_path: Path) -> None:
    api = serve("sqlite")
    for kept in tmp_path.glob("loapi.db*"):
        kept.write_bytes(b"no database" * 1000)
    assert api.send("GET", "/health/startup").status_code == 503
