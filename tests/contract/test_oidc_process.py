"""The service and a provider in another process: discovery, rotation, and the provider's end."""

import asyncio
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from adapters.oidc.keyring import (
    ABSENT_SECONDS,
    COOLDOWN_SECONDS,
    FRESH_SECONDS,
    RETRY_SECONDS,
    STALE_SECONDS,
)
from adapters.oidc.provider import DISCOVERY
from adapters.web.fetch import SECONDS
from domain.client import Mode
from tests.support.clock import FakeClock
from tests.support.in_time import in_time
from tests.support.modes import SUBJECT, Service, problem, service
from tests.support.openid import AUDIENCE, KEYS, claims_for
from tests.support.openid_process import FAULTS, ProviderProcess, provider_process

SLACK = 2.0
"""How much later than its deadline an answer may come, on a busy machine."""

PATIENCE = 20.0
"""Seconds within which what must come about comes about."""


@dataclass
class World:
    """The service, whose keys age by ticks that a test sets, and its provider."""

    service: Service
    provider: ProviderProcess
    ticks: FakeClock

    def token(self, key_id: str, **claims: Any) -> str:
        """Give a token that the provider signs now, for our user."""
        now = int(time.time())
        usual = {"iat": now, "exp": now + 3600, "sub": SUBJECT, "jti": secrets.token_hex(8)}
        return self.provider.token(key_id, claims_for(self.provider.url, **(usual | claims)))

    def status(self, token: str, method: str = "GET") -> int:
        """Give the status that a client of mode oidc gets with a provider's token, a while on."""
        self.ticks.forward(0.001)
        return self.service.call(Mode.OIDC, method=method, oidc_token=token).status_code

    def until(self, token: str, status: int) -> None:
        """Ask until the keys that are being fetched have come, and this is the answer."""
        deadline = time.monotonic() + PATIENCE
        while (given := self.status(token)) != status:
            assert time.monotonic() < deadline, given
            self.service.loop.run(asyncio.sleep(0.02))


@pytest.fixture(name="world")
def running_world(tmp_path: Path) -> Iterator[World]:
    """Serve with the address of a provider that has an RSA key and one on P-256."""
    with provider_process() as provider:
        provider.publish("rsa-1", "es-1")
        with serving(tmp_path, provider) as world:
            yield world


@contextmanager
def serving(folder: Path, provider: ProviderProcess) -> Iterator[World]:
    """Serve with the address of a provider, and nothing else known of it."""
    ticks = FakeClock()
    chosen = {"oidc_issuer": provider.url, "oidc_audience": AUDIENCE}
    with service(folder, ticks, **chosen) as served:
        yield World(served, provider, ticks)


# Discovery and rotation


def test_keys_of_both_kinds_are_discovered_once_and_prove_their_users(world: World) -> None:
    for key_id in ("rsa-1", "es-1", "rsa-1", "es-1"):
        answer = world.service.call(Mode.OIDC, method="POST", oidc_token=world.token(key_id))
        assert answer.status_code == 201, answer.text
        record = world.service.account_of(answer)
        assert (record["user_id"], record["proof"]) == ("U1001", "oidc")
    assert (world.provider.count(DISCOVERY), world.provider.count(KEYS)) == (1, 1)


@pytest.mark.parametrize("new", ["rsa-2", "es-2"])
def test_a_new_key_is_good_at_once_beside_the_old_ones(world: World, new: str) -> None:
    old = world.token("rsa-1")
    assert world.status(old) == 200
    world.provider.publish("rsa-1", "es-1", new)
    for token in (world.token(new), old, world.token("es-1")):
        assert world.status(token) == 200
    assert world.provider.count(KEYS) == 2


def test_an_old_key_is_refused_once_its_set_is_fetched_without_it(world: World) -> None:
    old = world.token("rsa-1")
    assert world.status(old) == 200
    world.provider.publish("rsa-2")
    assert world.status(old) == 200
    assert world.status(world.token("rsa-2")) == 200
    assert world.status(old, "POST") == 401
    assert world.provider.count(KEYS) == 2


def test_an_old_key_is_refused_after_10_minutes_though_nobody_uses_the_new_one(
    world: World,
) -> None:
    old = world.token("rsa-1")
    assert world.status(old) == 200
    world.provider.publish("rsa-2")
    world.ticks.forward(FRESH_SECONDS)
    world.until(old, 401)


def test_a_flood_of_unknown_keys_hides_a_new_one_for_the_cooldown_at_most(world: World) -> None:
    assert world.status(world.token("rsa-1")) == 200
    assert world.status(world.token("rsa-flood")) == 401
    world.provider.publish("rsa-1", "rsa-2")
    for _ in range(20):
        assert world.status(world.token("rsa-flood")) == 401
    assert (world.status(world.token("rsa-2")), world.provider.count(KEYS)) == (401, 2)
    world.ticks.forward(COOLDOWN_SECONDS)
    assert (world.status(world.token("rsa-2")), world.provider.count(KEYS)) == (200, 3)
    assert COOLDOWN_SECONDS < ABSENT_SECONDS


# The provider's end


def test_the_last_good_set_serves_for_an_hour_after_the_provider_is_killed(world: World) -> None:
    good, unknown = world.token("rsa-1"), world.token("rsa-2")
    assert world.status(good) == 200
    world.provider.kill()
    for _ in range(2):
        world.ticks.forward(STALE_SECONDS / 2 - 1)
        assert world.status(good, "POST") == 201
        assert world.status(unknown) == 503
    world.ticks.forward(RETRY_SECONDS)
    answer = world.service.call(Mode.OIDC, oidc_token=good)
    assert problem(answer) == (503, "proof-unavailable")
    assert int(answer.headers["retry-after"]) >= 1
    assert world.service.call(Mode.TRUST).status_code == 200


def test_a_provider_that_restarts_with_other_keys_is_believed_and_the_old_ones_are_not(
    world: World,
) -> None:
    old_same_id, old_other_id = world.token("rsa-1"), world.token("es-1")
    assert (world.status(old_same_id), world.status(old_other_id)) == (200, 200)
    world.provider.kill()
    world.provider.restart()
    world.provider.publish("rsa-1", "es-2")
    assert world.status(world.token("es-2")) == 200
    assert world.status(world.token("rsa-1")) == 200
    assert (world.status(old_same_id), world.status(old_other_id)) == (401, 401)


def test_a_provider_that_is_away_at_the_start_is_found_when_it_comes(tmp_path: Path) -> None:
    with provider_process() as provider:
        provider.publish("rsa-1")
        with serving(tmp_path, provider) as world:
            token = world.token("rsa-1")
            provider.kill()
            assert [world.status(token) for _ in range(3)] == [503] * 3
            provider.restart()
            provider.publish("rsa-1")
            fresh = world.token("rsa-1")
            world.ticks.forward(RETRY_SECONDS)
            assert (world.status(fresh), world.status(token)) == (200, 401)


def test_a_frozen_provider_holds_up_nobody_beyond_the_deadline(world: World) -> None:
    good, unknown = world.token("rsa-1"), world.token("rsa-2")
    assert world.status(good) == 200
    world.provider.freeze()
    world.ticks.forward(FRESH_SECONDS)
    began = time.monotonic()
    assert [world.status(good) for _ in range(5)] == [200] * 5
    believed = time.monotonic() - began
    began = time.monotonic()
    assert world.status(unknown) == 503
    refused = time.monotonic() - began
    world.provider.thaw()
    world.provider.publish("rsa-1", "rsa-2")
    world.ticks.forward(COOLDOWN_SECONDS)
    assert (world.status(unknown), world.status(good)) == (200, 200)
    in_time(believed, SECONDS)
    in_time(refused, SECONDS + SLACK)


@pytest.mark.parametrize(
    ("path", "faults"), [(KEYS, tuple(FAULTS)), (DISCOVERY, ("error", "garbage", "hang up"))]
)
def test_a_faulty_provider_takes_no_key_away(
    world: World, path: str, faults: tuple[str, ...]
) -> None:
    good, unknown = world.token("es-1"), world.token("rsa-2")
    assert world.status(good) == 200
    slowest = 0.0
    for how in faults:
        world.provider.fail(how, path)
        began = time.monotonic()
        assert world.status(unknown) == 503, how
        slowest = max(slowest, time.monotonic() - began)
        assert world.status(good, "POST") == 201, how
        world.ticks.forward(COOLDOWN_SECONDS)
    world.provider.publish("es-1", "rsa-2")
    assert (world.status(unknown), world.status(good)) == (200, 200)
    in_time(slowest, SECONDS + SLACK)


@pytest.mark.parametrize("path", [KEYS, DISCOVERY])
def test_a_slow_provider_is_waited_for(world: World, path: str) -> None:
    world.provider.fail("slow", path)
    assert world.status(world.token("rsa-1")) == 200
