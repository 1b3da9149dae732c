"""Sessions are checked at a real HTTP server, however it behaves."""

import asyncio
import gzip
import json
import logging
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from threading import Event
from typing import Any, TypeVar

import pytest

from adapters.ulp.breaker import FAILURES, REST_SECONDS
from adapters.ulp.sessions import (
    ACTIVE_SECONDS,
    INACTIVE_SECONDS,
    MOST_CHECKS,
    SessionEndpoint,
    UlpSessions,
)
from adapters.web.fetch import SECONDS, HttpFetcher
from application.identity import ProofUnavailable
from tests.support.clock import NOW, FakeClock
from tests.support.in_time import in_time
from tests.support.upstream import (
    Answer,
    Exchange,
    Upstream,
    answering,
    endless,
    hang_up,
    held_until,
    late,
    sending,
    silent,
    trickling,
    upstream,
    written,
)

R = TypeVar("R")

ACTIVE = {"active": True, "user_id": "U1001"}
SESSION = "canary-session-0123456789"
DEADLINE = 0.3
SLACK = 0.5
"""How much later than its deadline an answer may be given up."""
PATIENCE = 20.0
"""The deadline where it is not to be what ends a check, however busy the machine is."""

LIES: dict[str, Any] = {
    "no object": [ACTIVE],
    "null": None,
    "a text": "active",
    "nothing": {},
    "active is a text": ACTIVE | {"active": "true"},
    "active is a number": ACTIVE | {"active": 1},
    "active is null": ACTIVE | {"active": None},
    "no user": {"active": True},
    "user is null": ACTIVE | {"user_id": None},
    "user is a number": ACTIVE | {"user_id": 1001},
    "user is a list": ACTIVE | {"user_id": ["U1001"]},
    "user is empty": ACTIVE | {"user_id": ""},
    "user is too long": ACTIVE | {"user_id": "U" * 41},
    "user has a line break": ACTIVE | {"user_id": "U1001\n"},
    "user has a space": ACTIVE | {"user_id": "U 1001"},
    "expiry is null": ACTIVE | {"expires_at": None},
    "expiry is a text": ACTIVE | {"expires_at": "2030-01-01T00:00:00Z"},
    "expiry is no whole number": ACTIVE | {"expires_at": NOW + 0.5},
    "expiry is true": ACTIVE | {"expires_at": True},
}

GOOD = written(ACTIVE)
BODY = json.dumps(ACTIVE).encode()

FAULTS: dict[str, tuple[Answer, str]] = {
    "500": (answering(ACTIVE, 500), "status-500"),
    "503": (answering(ACTIVE, 503), "status-503"),
    "429": (answering(ACTIVE, 429), "status-429"),
    "201": (answering(ACTIVE, 201), "status-201"),
    "204": (answering(b"", 204), "status-204"),
    "206": (answering(ACTIVE, 206), "status-206"),
    "304": (answering(b"", 304), "status-304"),
    "a web page": (answering(b"<html>Sign in</html>", kind="text/html"), "wrong-content-type"),
    "JSON as text": (answering(ACTIVE, kind="text/plain"), "wrong-content-type"),
    "no type": (answering(ACTIVE, kind=None), "wrong-content-type"),
    "another charset": (answering(ACTIVE, kind="application/json; charset=utf-16"),
                        "wrong-content-type"),
    "a web page as JSON": (answering(b"<html>Sign in</html>"), "malformed"),
    "compressed": (answering(gzip.compress(BODY), content_encoding="gzip"), "compressed"),
    "empty": (answering(b""), "malformed"),
    "cut JSON": (answering(BODY[:-1]), "malformed"),
    "two documents": (answering(BODY + BODY), "malformed"),
    "active twice": (answering(b'{"active": false, "active": true, "user_id": "U1001"}'),
                     "malformed"),
    "UTF-16": (answering(json.dumps(ACTIVE).encode("utf-16")), "malformed"),
    "a byte order mark": (answering(b"\xef\xbb\xbf" + BODY), "malformed"),
    "not a number": (answering(b'{"active": true, "user_id": "U1001", "x": NaN}'), "malformed"),
    "100,000 levels": (answering(b"[" * 50_000 + b"]" * 50_000), "malformed"),
    "one byte too many": (answering(BODY + b" " * (128 * 1024 + 1 - len(BODY))), "too-large"),
    "10 MB": (answering(b" " * 10_000_000), "too-large"),
    "10 MB without end": (endless, "too-large"),
    "hangs up": (hang_up, "unreachable"),
    "cut in the head": (sending(GOOD[:40]), "unreachable"),
    "cut in the body": (sending(GOOD[:-5]), "unreachable"),
    "no HTTP": (sending(b"SSH-2.0-OpenSSH_9.6\r\n\r\n"), "unreachable"),
    "endless head": (sending(b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 50_000), "unreachable"),
    "two lengths": (sending(GOOD.replace(b"\r\n\r\n", b"\r\ncontent-length: 3\r\n\r\n", 1)),
                    "unreachable"),
}
"""What counts against ULP, and the reason in the log."""

SLOW: dict[str, Answer] = {
    "silence": silent,
    "3 s": late(3, answering(ACTIVE)),
    "a slow head": trickling(GOOD),
    "a slow body": trickling(GOOD, start=len(GOOD) - len(BODY)),
    "a slow endless body": trickling(written(b"", content_length="100000") + b" " * 100_000, 80),
}


@pytest.fixture(name="ulp")
def running_ulp() -> Iterator[Upstream]:
    """Run a server at which every session is active."""
    with upstream(answering(ACTIVE)) as server:
        yield server


@asynccontextmanager
async def checking(
    url: str, clock: FakeClock | None = None, seconds: float = SECONDS, **endpoint: str
) -> AsyncIterator[UlpSessions]:
    """Check sessions at an address."""
    told = clock or FakeClock()
    fetcher = HttpFetcher(seconds)
    sessions = UlpSessions(SessionEndpoint(url=url, **endpoint), fetcher, told, told)
    try:
        yield sessions
    finally:
        await sessions.close()


async def refused(answer: Awaitable[Any]) -> str:
    """Give the reason for which no answer is to be had."""
    with pytest.raises(ProofUnavailable) as raised:
        await answer
    assert raised.value.__cause__ is None
    return raised.value.reason


async def given_up_after(sessions: UlpSessions) -> float:
    """Give the seconds after which a check is given up."""
    started = time.monotonic()
    assert await refused(sessions.user_of(SESSION)) == "ulp-too-slow"
    return time.monotonic() - started


def run(scenario: Callable[[], Awaitable[R]]) -> R:
    """Run a scenario in a loop of its own."""

    async def main() -> R:
        return await scenario()

    return asyncio.run(main())


def test_the_user_of_an_active_session_is_known(ulp: Upstream) -> None:
    async def scenario() -> None:
        async with checking(f"{ulp.url}/session/check", header="X-Session") as sessions:
            assert await sessions.user_of(SESSION) == "U1001"
        (call,) = ulp.calls
        assert (call.method, call.path) == ("GET", "/session/check")
        assert call.headers["X-Session"] == SESSION
        assert SESSION not in str({**call.headers, "X-Session": ""})

    run(scenario)


def test_the_endpoint_may_want_another_method(ulp: Upstream) -> None:
    async def scenario() -> None:
        async with checking(ulp.url, method="POST") as sessions:
            assert await sessions.user_of(SESSION) == "U1001"
        assert [call.method for call in ulp.calls] == ["POST"]

    run(scenario)


@pytest.mark.parametrize("answer", [
    {"active": False}, {"active": False, "user_id": "U1001"}, {"active": False, "user_id": None},
    ACTIVE | {"expires_at": int(NOW)}, ACTIVE | {"expires_at": int(NOW) - 1},
    ACTIVE | {"expires_at": 0}, ACTIVE | {"expires_at": -(10**400)},
])
def test_a_session_that_is_not_active_has_no_user(ulp: Upstream, answer: Any) -> None:
    async def scenario() -> None:
        ulp.answer = answering(answer)
        async with checking(ulp.url) as sessions:
            assert await sessions.user_of(SESSION) is None

    run(scenario)


@pytest.mark.parametrize("answer", [
    ACTIVE | {"expires_at": int(NOW) + 1}, ACTIVE | {"expires_at": 10**400},
    ACTIVE | {"name": "Ada", "roles": [{"at": 1}]}, ACTIVE | {"user_id": "a.B_0:9@x-y"},
])
def test_what_is_just_good_enough_is_good(ulp: Upstream, answer: Any) -> None:
    async def scenario() -> None:
        ulp.answer = answering(answer, kind="application/json; charset=UTF-8")
        async with checking(ulp.url) as sessions:
            assert await sessions.user_of(SESSION) == answer["user_id"]

    run(scenario)


@pytest.mark.parametrize("answer", LIES.values(), ids=LIES.keys())
def test_an_answer_of_another_shape_proves_nothing(ulp: Upstream, answer: Any) -> None:
    async def scenario() -> None:
        ulp.answer = answering(answer)
        async with checking(ulp.url) as sessions:
            assert await refused(sessions.user_of(SESSION)) == "ulp-wrong-schema"

    run(scenario)


@pytest.mark.parametrize(("answer", "reason"), FAULTS.values(), ids=FAULTS.keys())
def test_of_100_checks_at_a_faulty_ulp_5_ask_it_and_all_end_in_time(
    ulp: Upstream, answer: Answer, reason: str
) -> None:
    async def scenario() -> None:
        ulp.answer = answer
        async with checking(ulp.url, seconds=PATIENCE) as sessions:
            reasons, slowest = [], 0.0
            for number in range(100):
                started = time.monotonic()
                reasons.append(await refused(sessions.user_of(f"session-{number}")))
                slowest = max(slowest, time.monotonic() - started)
        assert reasons == [f"ulp-{reason}"] * FAILURES + ["ulp-breaker-open"] * (100 - FAILURES)
        assert ulp.count() == FAILURES
        in_time(slowest, SECONDS + SLACK)

    run(scenario)


@pytest.mark.parametrize("answer", SLOW.values(), ids=SLOW.keys())
def test_a_slow_ulp_is_given_up_at_the_deadline(ulp: Upstream, answer: Answer) -> None:
    async def scenario() -> None:
        ulp.answer = answer
        async with checking(ulp.url, seconds=DEADLINE) as sessions:
            seconds = await given_up_after(sessions)
        assert seconds >= DEADLINE
        in_time(seconds, DEADLINE + SLACK)

    run(scenario)


def test_the_deadline_is_2_s_unless_told_otherwise(ulp: Upstream) -> None:
    async def scenario() -> None:
        ulp.answer = trickling(GOOD)
        async with checking(ulp.url) as sessions:
            seconds = await given_up_after(sessions)
        assert seconds >= 2
        in_time(seconds, 2 + SLACK)

    run(scenario)


def test_a_port_that_nobody_listens_on_is_no_answer() -> None:
    async def scenario() -> None:
        with socket.socket() as reserved:
            reserved.bind(("127.0.0.1", 0))
            async with checking(f"http://127.0.0.1:{reserved.getsockname()[1]}") as sessions:
                assert await refused(sessions.user_of(SESSION)) == "ulp-unreachable"

    run(scenario)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(ulp: Upstream, status: int) -> None:
    async def scenario() -> None:
        with upstream(answering(ACTIVE)) as other:
            ulp.answer = answering(b"", status, location=f"{other.url}/")
            async with checking(ulp.url) as sessions:
                assert await refused(sessions.user_of(SESSION)) == f"ulp-status-{status}"
            assert other.count() == 0

    run(scenario)


def test_a_session_is_known_for_30_s(ulp: Upstream) -> None:
    async def scenario() -> None:
        clock = FakeClock()
        async with checking(ulp.url, clock) as sessions:
            await sessions.user_of(SESSION)
            ulp.answer = answering({"active": False})
            clock.forward(ACTIVE_SECONDS - 0.01)
            assert (await sessions.user_of(SESSION), ulp.count()) == ("U1001", 1)
            clock.forward(0.01)
            assert (await sessions.user_of(SESSION), ulp.count()) == (None, 2)

    run(scenario)


def test_the_30_s_count_from_when_ulp_was_asked(ulp: Upstream) -> None:
    async def scenario() -> None:
        clock = FakeClock()

        def slowly(exchange: Exchange) -> None:
            clock.forward(20)
            answering(ACTIVE)(exchange)

        ulp.answer = slowly
        async with checking(ulp.url, clock) as sessions:
            await sessions.user_of(SESSION)
            clock.forward(9.9)
            await sessions.user_of(SESSION)
            assert ulp.count() == 1
            clock.forward(0.1)
            await sessions.user_of(SESSION)
            assert ulp.count() == 2

    run(scenario)


def test_a_session_is_not_known_beyond_its_own_end(ulp: Upstream) -> None:
    async def scenario() -> None:
        clock = FakeClock()
        ulp.answer = answering(ACTIVE | {"expires_at": int(NOW) + 10})
        async with checking(ulp.url, clock) as sessions:
            await sessions.user_of(SESSION)
            clock.forward(9.9)
            assert (await sessions.user_of(SESSION), ulp.count()) == ("U1001", 1)
            clock.forward(0.1)
            assert (await sessions.user_of(SESSION), ulp.count()) == (None, 2)

    run(scenario)


def test_a_session_that_is_not_active_is_asked_for_again_after_5_s(ulp: Upstream) -> None:
    async def scenario() -> None:
        clock = FakeClock()
        ulp.answer = answering({"active": False})
        async with checking(ulp.url, clock) as sessions:
            await sessions.user_of(SESSION)
            ulp.answer = answering(ACTIVE)
            clock.forward(INACTIVE_SECONDS - 0.01)
            assert (await sessions.user_of(SESSION), ulp.count()) == (None, 1)
            clock.forward(0.01)
            assert (await sessions.user_of(SESSION), ulp.count()) == ("U1001", 2)

    run(scenario)


def test_one_session_says_nothing_of_another(ulp: Upstream) -> None:
    async def scenario() -> None:
        def by_session(exchange: Exchange) -> None:
            session = exchange.call.headers["X-ULP-Session"]
            answering({"active": True, "user_id": f"user-{session}"})(exchange)

        ulp.answer = by_session
        async with checking(ulp.url) as sessions:
            names = [str(number) for number in range(40)]
            users = await asyncio.gather(*(sessions.user_of(name) for name in names))
        assert users == [f"user-{name}" for name in names]

    run(scenario)


def test_50_who_ask_for_a_session_at_once_ask_ulp_once(ulp: Upstream) -> None:
    async def scenario() -> None:
        ulp.answer = late(0.2, answering(ACTIVE))
        async with checking(ulp.url) as sessions:
            users = await asyncio.gather(*(sessions.user_of(SESSION) for _ in range(50)))
        assert (set(users), ulp.count()) == ({"U1001"}, 1)

    run(scenario)


def test_50_who_ask_in_vain_at_once_ask_ulp_once(ulp: Upstream) -> None:
    async def scenario() -> None:
        ulp.answer = late(0.2, hang_up)
        async with checking(ulp.url) as sessions:
            reasons = await asyncio.gather(
                *(refused(sessions.user_of(SESSION)) for _ in range(50))
            )
        assert (set(reasons), ulp.count()) == ({"ulp-unreachable"}, 1)

    run(scenario)


def test_one_who_goes_away_takes_the_answer_from_nobody(ulp: Upstream) -> None:
    async def scenario() -> None:
        ulp.answer = late(0.2, answering(ACTIVE))
        async with checking(ulp.url) as sessions:
            first = asyncio.create_task(sessions.user_of(SESSION))
            second = asyncio.create_task(sessions.user_of(SESSION))
            await asyncio.sleep(0.05)
            first.cancel()
            assert (await second, ulp.count()) == ("U1001", 1)

    run(scenario)


def test_no_one_needs_to_wait_for_a_failure(ulp: Upstream) -> None:
    async def scenario() -> None:
        ulp.answer = late(0.1, hang_up)
        async with checking(ulp.url) as sessions:
            only = asyncio.create_task(sessions.user_of(SESSION))
            await asyncio.sleep(0.05)
            only.cancel()
            await asyncio.sleep(0.2)

    run(scenario)


def test_ulp_is_asked_64_things_at_once_and_no_more(ulp: Upstream) -> None:
    async def scenario() -> None:
        gate = Event()
        ulp.answer = held_until(gate, answering(ACTIVE))
        async with checking(ulp.url, seconds=PATIENCE) as sessions:
            asked = [asyncio.create_task(sessions.user_of(f"session-{n}")) for n in range(100)]
            others = await asyncio.gather(*map(refused, asked[MOST_CHECKS:]))
            async with asyncio.timeout(PATIENCE):
                while ulp.count() < MOST_CHECKS:
                    await asyncio.sleep(0.01)
            gate.set()
            users = await asyncio.gather(*asked[:MOST_CHECKS])
        assert others == ["ulp-too-many-checks"] * (100 - MOST_CHECKS)
        assert (set(users), ulp.count()) == ({"U1001"}, MOST_CHECKS)

    run(scenario)


def test_a_session_that_is_being_checked_can_always_be_waited_for(ulp: Upstream) -> None:
    async def scenario() -> None:
        ulp.answer = late(0.3, answering(ACTIVE))
        async with checking(ulp.url) as sessions:
            names = [f"session-{number % MOST_CHECKS}" for number in range(2 * MOST_CHECKS)]
            users = await asyncio.gather(*map(sessions.user_of, names))
        assert (set(users), ulp.count()) == ({"U1001"}, MOST_CHECKS)

    run(scenario)


def test_connections_that_were_given_up_do_not_use_up_the_others(ulp: Upstream) -> None:
    async def scenario() -> None:
        clock = FakeClock()
        async with checking(ulp.url, clock, seconds=1.0) as sessions:
            for _ in range(3):
                ulp.answer = silent
                await asyncio.gather(
                    *(refused(sessions.user_of(f"session-{n}")) for n in range(MOST_CHECKS))
                )
                ulp.answer = answering(ACTIVE)
                clock.forward(REST_SECONDS)
                assert await sessions.user_of(f"session at {clock.now}") == "U1001"

    run(scenario)


def test_a_connection_serves_one_check_after_another(ulp: Upstream) -> None:
    async def scenario() -> None:
        async with checking(ulp.url) as sessions:
            for number in range(20):
                await sessions.user_of(f"session-{number}")
        assert (ulp.count(), len({call.connection for call in ulp.calls})) == (20, 1)

    run(scenario)


def test_an_open_breaker_lets_one_check_through_after_10_s(ulp: Upstream) -> None:
    async def scenario() -> None:
        clock = FakeClock()
        ulp.answer = answering(ACTIVE, 500)
        async with checking(ulp.url, clock) as sessions:
            for number in range(FAILURES):
                await refused(sessions.user_of(f"session-{number}"))
            for rest in (1, 2):
                clock.forward(REST_SECONDS - 0.01)
                await asyncio.gather(*(refused(sessions.user_of(str(n))) for n in range(20)))
                assert ulp.count() == FAILURES + rest - 1
                clock.forward(0.01)
                await asyncio.gather(*(refused(sessions.user_of(str(n))) for n in range(20)))
                assert ulp.count() == FAILURES + rest
            ulp.answer = answering(ACTIVE)
            clock.forward(REST_SECONDS)
            assert await sessions.user_of(SESSION) == "U1001"
            users = await asyncio.gather(*(sessions.user_of(str(n)) for n in range(20)))
        assert (set(users), ulp.count()) == ({"U1001"}, FAILURES + 2 + 1 + 20)

    run(scenario)


def test_failures_that_are_not_in_a_row_open_no_breaker(ulp: Upstream) -> None:
    async def scenario() -> None:
        async with checking(ulp.url) as sessions:
            for number in range(30):
                fine = number % FAILURES == 0
                ulp.answer = answering(ACTIVE) if fine else hang_up
                check = sessions.user_of(f"session-{number}")
                assert await (check if fine else refused(check)) in ("U1001", "ulp-unreachable")
        assert ulp.count() == 30

    run(scenario)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 422])
def test_a_session_that_ulp_turns_down_closes_the_door_to_no_other(
    ulp: Upstream, status: int
) -> None:
    async def scenario() -> None:
        ulp.answer = answering(ACTIVE, status)
        async with checking(ulp.url) as sessions:
            for number in range(2 * FAILURES):
                reason = await refused(sessions.user_of(f"session-{number}"))
                assert reason == f"ulp-status-{status}"
            ulp.answer = answering(ACTIVE)
            assert await sessions.user_of(SESSION) == "U1001"

    run(scenario)


def test_sessions_that_are_known_are_known_behind_an_open_breaker(ulp: Upstream) -> None:
    async def scenario() -> None:
        async with checking(ulp.url) as sessions:
            await sessions.user_of(SESSION)
            ulp.answer = hang_up
            for number in range(FAILURES + 1):
                await refused(sessions.user_of(f"session-{number}"))
            assert await sessions.user_of(SESSION) == "U1001"

    run(scenario)


def test_a_check_under_way_is_given_up_when_the_service_stops(ulp: Upstream) -> None:
    async def scenario() -> None:
        ulp.answer = silent
        async with checking(ulp.url) as sessions:
            waiting = asyncio.create_task(sessions.user_of(SESSION))
            await asyncio.sleep(0.1)
        with pytest.raises(asyncio.CancelledError):
            await waiting

    run(scenario)


def test_no_cookie_of_one_session_goes_along_with_another(ulp: Upstream) -> None:
    async def scenario() -> None:
        ulp.answer = answering(ACTIVE, set_cookie="JSESSIONID=stolen; Path=/")
        async with checking(ulp.url) as sessions:
            for number in range(3):
                await sessions.user_of(f"session-{number}")
        assert not [call for call in ulp.calls if "cookie" in str(call.headers).lower()]

    run(scenario)


def test_a_proxy_in_the_environment_sees_no_session(
    ulp: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario() -> None:
        with upstream(answering(ACTIVE)) as proxy:
            for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
                monkeypatch.setenv(name, proxy.url)
            async with checking(ulp.url) as sessions:
                await sessions.user_of(SESSION)
            assert (ulp.count(), proxy.count()) == (1, 0)

    run(scenario)


@pytest.mark.parametrize("answer", [
    answering(ACTIVE, set_cookie=f"S={SESSION}", x_session=SESSION),
    answering({"active": False, "session": SESSION}), answering(SESSION.encode()),
    answering(ACTIVE | {"user_id": f"{SESSION}\n"}), sending(SESSION.encode()), hang_up,
    answering(SESSION, 302, location=f"/{SESSION}"), answering(SESSION, 500, kind=SESSION),
])
def test_a_session_id_never_comes_into_the_log(
    ulp: Upstream, answer: Answer, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario() -> None:
        ulp.answer = answer
        async with checking(ulp.url) as sessions:
            for _ in range(FAILURES + 1):
                try:
                    await sessions.user_of(SESSION)
                except ProofUnavailable as error:
                    assert SESSION not in repr(error) + str(error)
            assert SESSION not in str(vars(sessions))

    with caplog.at_level(logging.DEBUG):
        run(scenario)
    assert SESSION not in caplog.text


def test_the_log_tells_once_that_ulp_is_down_and_once_that_it_is_back(
    ulp: Upstream, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario() -> None:
        clock = FakeClock()
        ulp.answer = hang_up
        async with checking(ulp.url, clock) as sessions:
            for number in range(3 * FAILURES):
                await refused(sessions.user_of(f"session-{number}"))
            clock.forward(REST_SECONDS)
            ulp.answer = answering(ACTIVE)
            await sessions.user_of(SESSION)

    with caplog.at_level(logging.WARNING, "loapi.ulp"):
        run(scenario)
    assert [record.getMessage() for record in caplog.records] == [
        "ULP is taken to be down: unreachable",
        "ULP answers again",
    ]
