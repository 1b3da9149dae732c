"""The promises of a RateLimiter, kept in memory and on a real Valkey."""

import asyncio
import multiprocessing
import re
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count, islice
from typing import Protocol, TypeVar

import pytest
from redis import Redis

from adapters.limits.memory import MemoryRateLimiter
from adapters.limits.shared import SharedRateLimiter
from adapters.limits.windows import MOST_KEYS, TICKS, Windows
from application.limits import RateLimiter, Verdict
from tests.support.in_time import PATIENCE, in_time
from tests.valkey_server import Valkey, valkey

R = TypeVar("R")

LIMITS = {"client": "60/minute", "write": "20/minute", "user": "30/minute", "failed": "5/minute"}

ONE_POLICY = r'"[a-z]+";q=[1-9][0-9]*;w=[1-9][0-9]*'
POLICY = re.compile(f"{ONE_POLICY}(, {ONE_POLICY})*")
STATE = re.compile(r'"([a-z]+)";r=([0-9]+);t=([0-9]+)')

_names = count()


class Make(Protocol):
    """Makes limiters."""

    def __call__(self, limits: Mapping[str, str]) -> RateLimiter:
        """Make one for some limits."""


@dataclass
class Bench:
    """Makes limiters of a kind, and lets time pass for them."""

    make: Make
    wait: Callable[[float], None]
    now: Callable[[], float] = time.monotonic
    loop: asyncio.Runner = field(default_factory=asyncio.Runner)

    def run(self, work: Awaitable[R]) -> R:
        """Run something to its end."""
        async def whole() -> R:
            return await work
        return self.loop.run(whole())

    def hit(self, limiter: RateLimiter, own: tuple[str, ...] = (), **keys: str) -> Verdict:
        """Count one request."""
        return self.run(limiter.hit(keys, own))

    def burst(self, limiter: RateLimiter, times: int, **keys: str) -> list[Verdict]:
        """Count many requests at once."""
        return self.run(_burst(limiter, times, keys))


async def _burst(limiter: RateLimiter, times: int, keys: Mapping[str, str]) -> list[Verdict]:
    return await asyncio.gather(*(limiter.hit(keys) for _ in range(times)))


def fresh() -> str:
    """Give a caller that nobody has counted yet."""
    return f"caller-{next(_names)}"


@pytest.fixture(scope="module", name="server")
def a_server() -> Iterator[Valkey]:
    with valkey() as server:
        yield server


def in_memory() -> Iterator[Bench]:
    told = [1000.0]

    def wait(seconds: float) -> None:
        told[0] += seconds

    def make(limits: Mapping[str, str]) -> RateLimiter:
        return MemoryRateLimiter(limits, clock=lambda: told[0])

    yield Bench(make, wait, lambda: told[0])


def on_valkey(server: Valkey) -> Iterator[Bench]:
    made: list[SharedRateLimiter] = []

    def make(limits: Mapping[str, str]) -> RateLimiter:
        made.append(SharedRateLimiter(server.url, limits, seconds=PATIENCE))
        return made[-1]

    yield Bench(make, time.sleep)
    for limiter in made:
        assert limiter.status()["counting"] == "shared"
        limiter.close()


@pytest.fixture(params=["memory", "valkey"])
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    """Give each kind of limiter."""
    if request.param == "memory":
        benches = in_memory()
    else:
        benches = on_valkey(request.getfixturevalue("server"))
    for one in benches:
        with one.loop:
            yield one


def test_a_burst_of_three_times_the_limit_lets_exactly_the_limit_through(bench: Bench) -> None:
    verdicts = bench.burst(bench.make(LIMITS), 60, write=fresh())
    assert [verdict.allowed for verdict in verdicts] == [True] * 20 + [False] * 40


def test_a_burst_against_several_limits_stops_at_the_tightest(bench: Bench) -> None:
    limiter, who = bench.make(LIMITS), fresh()
    verdicts = bench.burst(limiter, 100, client=who, write=who, user=f"{who}/u")
    assert sum(verdict.allowed for verdict in verdicts) == 20


def test_a_large_limit_is_as_exact_as_a_small_one(bench: Bench) -> None:
    limiter, who = bench.make({"write": f"{3 * TICKS}/minute"}), fresh()
    verdicts = bench.burst(limiter, 9 * TICKS, write=who)
    assert sum(verdict.allowed for verdict in verdicts) == 3 * TICKS


def test_no_window_holds_more_than_the_limit_wherever_it_begins(bench: Bench) -> None:
    limiter, who = bench.make({"write": "5/second"}), fresh()
    began, taken = bench.now(), list[tuple[float, float]]()
    while len(taken) < 15:
        before = bench.now()
        if bench.hit(limiter, write=who).allowed:
            taken.append((before, bench.now()))
        assert before < began + 60, "what is free again is not given"
        bench.wait(0.01)
    assert all(after - before >= 1 for (before, _), (_, after) in zip(taken, taken[5:]))
    in_time(bench.now() - began, 3.2)


@pytest.mark.parametrize("rest", [0.2, 1.1])
def test_retry_after_is_true_to_a_second(bench: Bench, rest: float) -> None:
    limiter, who = bench.make({"write": "2/2 seconds"}), fresh()
    first = bench.now()
    bench.hit(limiter, write=who)
    bench.wait(rest)
    bench.hit(limiter, write=who)
    refused, told_at = bench.hit(limiter, write=who), bench.now()
    in_time(told_at - first, 2)
    assert not refused.allowed
    too_long = refused.retry_after - (first + 2 - told_at)
    assert too_long >= 0
    bench.wait(refused.retry_after)
    assert bench.hit(limiter, write=who).allowed
    in_time(too_long, 1.1)


def test_retry_after_is_that_of_the_limit_that_takes_longest(bench: Bench) -> None:
    limiter, who = bench.make({"client": "1/second", "write": "1/minute"}), fresh()
    first = bench.now()
    bench.hit(limiter, client=who, write=who)
    refused = bench.hit(limiter, client=who, write=who)
    in_time(bench.now() - first, 1)
    assert refused.retry_after in (59, 60)
    assert refused.state.startswith('"write";r=0;t=')


def test_a_refused_request_does_not_count(bench: Bench) -> None:
    limiter, who = bench.make({"write": "2/2 seconds"}), fresh()
    first = bench.now()
    assert sum(verdict.allowed for verdict in bench.burst(limiter, 20, write=who)) == 2
    bench.wait(1)
    bench.burst(limiter, 20, write=who)
    in_time(bench.now() - first, 2)
    bench.wait(1.1)
    assert sum(verdict.allowed for verdict in bench.burst(limiter, 20, write=who)) == 2


def test_headers_name_every_policy_and_the_state_of_the_tightest(bench: Bench) -> None:
    limiter, who = bench.make(LIMITS), fresh()
    verdict = bench.hit(limiter, client=who, write=who, user=who)
    assert verdict.policy == '"client";q=60;w=60, "write";q=20;w=60, "user";q=30;w=60'
    for left in range(18, -1, -1):
        verdict = bench.hit(limiter, client=who, write=who, user=who)
        told = STATE.fullmatch(verdict.state)
        assert told and POLICY.fullmatch(verdict.policy)
        assert (told[1], int(told[2])) == ("write", left) and 55 <= int(told[3]) <= 60


def test_callers_and_limits_are_counted_apart(bench: Bench) -> None:
    limiter, one, other = bench.make(LIMITS), fresh(), fresh()
    bench.burst(limiter, 6, failed=one)
    assert not bench.hit(limiter, failed=one).allowed
    assert bench.hit(limiter, failed=other).allowed
    assert bench.hit(limiter, write=one).allowed


@pytest.mark.parametrize("who", ["", "a/b", "{x}", "näme", "\0\r\n", "x" * 10_000, "2001:db8::1"])
def test_any_text_can_name_a_caller(bench: Bench, who: str) -> None:
    limiter, who = bench.make(LIMITS), who + fresh()
    assert sum(verdict.allowed for verdict in bench.burst(limiter, 7, failed=who)) == 5


def test_a_clients_own_limit_holds_at_once_and_for_it_alone(bench: Bench) -> None:
    limiter, who, other = bench.make(LIMITS), fresh(), fresh()
    own = ("write=2/minute", "user=3/minute")
    told = [bench.hit(limiter, own, client=who, write=who) for _ in range(3)]
    assert [verdict.allowed for verdict in told] == [True, True, False]
    assert told[0].policy == '"client";q=60;w=60, "write";q=2;w=60'
    assert bench.hit(limiter, client=other, write=other).policy.endswith('"write";q=20;w=60')
    assert bench.hit(limiter, ("write=4/minute",), write=who).allowed
    assert bench.hit(limiter, write=who).allowed


def test_an_own_limit_that_cannot_be_read_leaves_the_usual_one(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    limiter = bench.make(LIMITS)
    for _ in range(2):
        told = bench.hit(limiter, ("write=plenty", "client=0/minute"), write=fresh())
        assert told.policy == '"write";q=20;w=60'
    assert [record.levelname for record in caplog.records] == ["ERROR"] * 2


def test_a_limit_is_known_to_be_full_once_it_has_refused(bench: Bench) -> None:
    limiter, who = bench.make({"failed": "2/2 seconds"}), fresh()
    assert not limiter.full("failed", who)
    first = bench.now()
    bench.burst(limiter, 3, failed=who)
    full = limiter.full("failed", who)
    in_time(bench.now() - first, 2)
    assert full and not limiter.full("failed", fresh())
    bench.wait(2.1)
    assert not limiter.full("failed", who)


def test_a_limit_that_cannot_be_read_is_refused_at_the_start(bench: Bench) -> None:
    for text in ("plenty", "0/minute", ""):
        with pytest.raises(ValueError):
            bench.make({"write": text})


@pytest.mark.parametrize("amount", [1, 3, 4, 10, 1000])
def test_the_parts_of_workers_are_no_more_than_the_whole(amount: int) -> None:
    told = [0.0]
    workers = [
        MemoryRateLimiter({"write": f"{amount}/minute"}, 4, lambda: told[0]) for _ in range(4)
    ]
    taken = 0
    for told[0] in range(0, 12 * 60, 3):
        taken += sum(worker.count({"write": "a"}).allowed for worker in workers)
    assert min(12 * amount, 4 * 12 * 20) * 0.6 <= taken <= 12 * amount + 3


def test_many_callers_take_bounded_memory() -> None:
    windows = Windows(10, 60)
    for number in range(MOST_KEYS + 50_000):
        windows.hit(str(number), 0.0)
    assert len(windows) == MOST_KEYS
    assert not windows.full("0", 0.0)


def test_callers_who_have_gone_are_forgotten() -> None:
    windows = Windows(10, 60)
    for number in range(3000):
        windows.hit(f"{number % 100}/{number // 1000}", number / 10)
    assert len(windows) <= 200
    for number in range(100):
        windows.hit(f"late-{number}", 1000.0)
    assert len(windows) <= 101


def test_a_busy_caller_takes_bounded_memory_and_no_more_than_the_limit() -> None:
    windows, taken = Windows(100_000, 60), []
    for tick in range(400_000):
        now = tick / 4000
        if windows.hit("a", now)[0]:
            taken.append(now)
    late = zip(taken, islice(taken, 100_000, None))
    assert all(after - before >= 60 for before, after in late)
    assert sum(map(len, windows._windows.values())) <= 2 * TICKS + 2  # pylint: disable=protected-access  # what is bounded
    assert len(taken) >= 160_000


def test_every_key_in_the_store_ends_by_itself(server: Valkey) -> None:
    with asyncio.Runner() as loop:
        limiter = SharedRateLimiter(server.url, LIMITS, seconds=PATIENCE)
        loop.run(_burst(limiter, 100, {"client": fresh(), "write": fresh()}))
        limiter.close()
    with Redis(port=server.port) as client:
        keys = list(client.scan_iter())
        assert keys and all(0 < client.ttl(key) <= 60 for key in keys)


def test_limiters_that_share_a_store_let_the_limit_through_together(server: Valkey) -> None:
    async def both(limiters: list[SharedRateLimiter], who: str) -> int:
        verdicts = await asyncio.gather(
            *(limiter.hit({"write": who}) for _ in range(30) for limiter in limiters)
        )
        return sum(verdict.allowed for verdict in verdicts)

    with asyncio.Runner() as loop:
        limiters = [SharedRateLimiter(server.url, LIMITS, seconds=PATIENCE) for _ in range(3)]
        for _ in range(20):
            assert loop.run(both(limiters, fresh())) == 20
        for limiter in limiters:
            limiter.close()


def _work(url: str, who: str, go: float, taken: "multiprocessing.Queue[int]") -> None:
    """Hit as one worker of four."""
    limiter = SharedRateLimiter(url, {"client": "500/minute"}, 4, seconds=PATIENCE)

    async def work() -> int:
        time.sleep(max(0.0, go - time.time()))
        verdicts = [await _burst(limiter, 25, {"client": who}) for _ in range(16)]
        return sum(verdict.allowed for some in verdicts for verdict in some)

    taken.put(asyncio.run(work()))
    limiter.close()


def test_four_processes_let_exactly_the_limit_through_together(server: Valkey) -> None:
    spawn, who, go = multiprocessing.get_context("spawn"), fresh(), time.time() + 2
    taken = spawn.Queue()
    workers = [spawn.Process(target=_work, args=(server.url, who, go, taken)) for _ in range(4)]
    for worker in workers:
        worker.start()
    counts = [taken.get(timeout=PATIENCE) for _ in workers]
    for worker in workers:
        worker.join()
    assert sum(counts) == 500
