"""Limits as callers meet them: their own, at once, by address, and without the store."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from ipaddress import ip_network
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from application import directory
from domain.client import Client
from domain.errors import Invalid
from entrypoints.cli.client import app as client_command
from entrypoints.http.address import Proxies, neighbourhood
from entrypoints.settings import BadSettings, read_settings
from tests.http.serving import API, SEALING_KEY, Api, a_resource, problem

TRUSTED = [ip_network(text) for text in ("10.0.0.0/8", "192.0.2.7", "2001:db8:1::/48")]

HOPS = [
    ("198.51.100.1", ["203.0.113.9"], "198.51.100.1"),
    ("10.0.0.1", [], "10.0.0.1"),
    ("10.0.0.1", ["203.0.113.9"], "203.0.113.9"),
    ("10.0.0.1", ["6.6.6.6, 203.0.113.9"], "203.0.113.9"),
    ("10.0.0.1", ["6.6.6.6, 203.0.113.9, 10.2.3.4,192.0.2.7"], "203.0.113.9"),
    ("10.0.0.1", ["6.6.6.6", "203.0.113.9", " 10.2.3.4"], "203.0.113.9"),
    ("10.0.0.1", ["nonsense, 203.0.113.9, 10.2.3.4"], "203.0.113.9"),
    ("10.0.0.1", ["203.0.113.9, nonsense, 10.2.3.4"], "10.0.0.1"),
    ("10.0.0.1", ["203.0.113.9, "], "10.0.0.1"),
    ("10.0.0.1", ["203.0.113.9:4711"], "10.0.0.1"),
    ("10.0.0.1", ["203.0.113.09"], "10.0.0.1"),
    ("10.0.0.1", ["\x85203.0.113.9"], "10.0.0.1"),
    ("10.0.0.1", ["fe80::1%eth0"], "10.0.0.1"),
    ("10.0.0.1", ["10.9.9.9, 10.8.8.8"], "10.0.0.1"),
    ("10.0.0.1", ["::ffff:203.0.113.9"], "203.0.113.9"),
    ("::ffff:10.0.0.1", ["203.0.113.9"], "203.0.113.9"),
    ("2001:db8:1::5", ["2001:DB8:2:0::1"], "2001:db8:2::1"),
    ("2001:db8:2::5", ["203.0.113.9"], "2001:db8:2::5"),
    ("testclient", ["203.0.113.9"], "testclient"),
]


@pytest.mark.parametrize(("peer", "forwarded", "address"), HOPS)
def test_only_what_trusted_proxies_say_of_an_address_is_believed(
    peer: str, forwarded: list[str], address: str
) -> None:
    headers = [(b"x-forwarded-for", value.encode("latin-1")) for value in forwarded]
    scope = {"type": "http", "client": (peer, 1), "headers": [(b"host", b"x"), *headers]}
    assert Proxies(TRUSTED).address(scope) == address
    assert Proxies().address(scope) == peer


def test_a_request_without_a_peer_has_no_address() -> None:
    assert Proxies(TRUSTED).address({"type": "http", "client": None, "headers": []}) is None


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:2:3:4:5:6:7", "2001:db8:2:3::/64"),
        ("unknown", "unknown"),
    ],
)
def test_failures_are_counted_by_what_one_host_can_use(address: str, counted: str) -> None:
    assert neighbourhood(address) == counted


def unproven(api: Api, peer: str, forwarded: str) -> int:
    headers = {"x-forwarded-for": forwarded}
    return api.send("GET", f"{API}/payoff", address=peer, headers=headers).status_code


def test_a_header_does_not_evade_the_limit_on_failures(serve: Callable[..., Api]) -> None:
    api = serve("memory", rate_limits="failed=3/minute", trusted_proxies="10.0.0.0/8")
    told = [unproven(api, "198.51.100.1", f"203.0.113.{n}") for n in range(5)]
    assert told == [401, 401, 401, 429, 429]
    told = [unproven(api, "10.0.0.1", f"6.6.6.{n}, 203.0.113.9") for n in range(5)]
    assert told == [401, 401, 401, 429, 429]
    assert unproven(api, "10.0.0.1", "203.0.113.10") == 401


def test_the_trail_knows_the_address_behind_the_proxy(serve: Callable[..., Api]) -> None:
    api = serve("memory", trusted_proxies="10.0.0.0/8")
    headers = {"x-forwarded-for": "203.0.113.9"}
    answer = api.as_().post("/resource", a_resource(), address="10.0.0.1", headers=headers)
    (record,) = api.account_of(answer)
    assert record["address"] == "203.0.113.9"


def test_one_client_at_once_is_bounded_and_others_are_served(serve: Callable[..., Api]) -> None:
    api = serve("memory", client_concurrency=2)
    free = asyncio.Event()

    async def slow_body() -> AsyncIterator[bytes]:
        yield b'{"name": '
        await free.wait()
        yield b'"slow"}'

    async def crowd() -> list[int]:
        slow = [asyncio.create_task(send(slow_body())) for _ in range(2)]
        await asyncio.sleep(0.05)
        refused.append(await send(b'{"name": "one too many"}'))
        other = await send(b'{"name": "another"}', "batch")
        free.set()
        late = await asyncio.gather(*slow)
        after = await send(b'{"name": "after"}')
        return [answer.status_code for answer in (other, *late, after)]

    async def send(content: Any, client: str = "prepay") -> httpx.Response:
        headers = {
            "authorization": f"Bearer {api.as_(client).token()}",
            "content-type": "application/json",
        }
        return await api.sending("POST", f"{API}/resource", content=content, headers=headers)

    refused: list[httpx.Response] = []
    assert api.run(crowd()) == [201, 201, 201, 201]
    problem(refused[0], 429, "rate-limited")
    headers = refused[0].headers
    assert headers["retry-after"] == "1"
    assert headers["ratelimit-policy"] == '"concurrency";q=2;qu="concurrent-requests"'
    assert headers["ratelimit"] == '"concurrency";r=0;t=1'


def test_the_room_of_a_request_that_fails_is_free_again(serve: Callable[..., Api]) -> None:
    api = serve("memory", client_concurrency=1)
    session = api.as_()
    for body, status in (({"name": 1}, 422), ({"name": "a", "x": 1}, 422), (a_resource(), 201)):
        assert session.post("/resource", body).status_code == status
    assert session.get("/resource/no-id").status_code in (404, 422)
    assert session.get("/resource").status_code == 200


def of_client(folder: Path, *arguments: str, status: int = 0) -> str:
    """Run `loapi client` on the store of a folder."""
    environment = {"LOAPI_HOME": str(folder), "LOAPI_SEALING_KEY": SEALING_KEY}
    told = CliRunner().invoke(client_command, arguments, env=environment)
    assert told.exit_code == status, told.output
    return told.output


def test_a_clients_limits_change_without_a_restart(
    serve: Callable[..., Api], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    api = serve("sqlite")
    session = api.as_()
    passed = [0.0]
    clock = SimpleNamespace(monotonic=lambda: time.monotonic() + passed[0])
    monkeypatch.setattr(directory, "time", clock)

    def statuses() -> list[int]:
        passed[0] += 10
        return [session.post("/resource", a_resource()).status_code for _ in range(4)]

    of_client(tmp_path, "limit", "prepay", "--limit", "write=2/minute")
    assert statuses() == [201, 201, 429, 429]
    of_client(tmp_path, "limit", "prepay", "--limit", "write=3/minute")
    assert statuses() == [201, 201, 201, 429]
    of_client(tmp_path, "limit", "prepay")
    assert statuses() == [201, 201, 201, 201]
    assert len(api.records(action="client.limit")) == 3


def test_a_client_can_be_registered_with_limits(serve: Callable[..., Api], tmp_path: Path) -> None:
    serve("sqlite")
    of_client(
        tmp_path, "add", "slow", "--scope", "payoff:read", "--limit", "client=5/second", "--json"
    )
    assert '"client=5/second"' in of_client(tmp_path, "list", "--json")


@pytest.mark.parametrize("text", ["write", "write=0/minute", "failed=1/minute", "write=6/week"])
def test_a_limit_that_cannot_be_is_refused_by_name(
    serve: Callable[..., Api], tmp_path: Path, text: str
) -> None:
    serve("sqlite")
    assert "write=600/minute" in of_client(tmp_path, "limit", "prepay", "--limit", text, status=2)
    with pytest.raises(Invalid, match="rate_limits"):
        Client(client_id="a", rate_limits=(text,))


def test_a_limit_is_given_once() -> None:
    with pytest.raises(Invalid, match="once"):
        Client(client_id="a", rate_limits=("write=1/minute", "write=2/minute"))


def test_a_stranger_has_no_limits(serve: Callable[..., Api], tmp_path: Path) -> None:
    serve("sqlite")
    assert "nobody" in of_client(tmp_path, "limit", "nobody", status=1)


def test_requests_are_served_and_limited_while_the_store_is_away(
    serve: Callable[..., Api]
) -> None:
    api = serve(
        "memory", rate_limit_storage="redis://127.0.0.1:1", rate_limits="write=8/minute", workers=4
    )
    session = api.as_()
    told = [session.post("/resource", a_resource()).status_code for _ in range(6)]
    assert told == [201, 201, 429, 429, 429, 429]
    assert api.send("GET", "/health/ready").status_code == 200


@pytest.mark.parametrize(
    "url",
    [
        "memory", "redis://limits:6379/0", "redis://limits", "redis://[::1]:6379",
        "rediss://:pass%40word@limits.example.com:6380/15", "redis://user:secret@10.0.0.1/3",
    ],
)
def test_a_storage_can_be_named(url: str) -> None:
    storage = read_settings({"LOAPI_RATE_LIMIT_STORAGE": url}).rate_limit_storage
    assert storage.get_secret_value() == url
    assert url == "memory" or url not in f"{storage!r}{storage}"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("RATE_LIMIT_STORAGE", ""),
        ("RATE_LIMIT_STORAGE", "redis"),
        ("RATE_LIMIT_STORAGE", "redis://:hunter2@limits:port/0"),
        ("RATE_LIMIT_STORAGE", "memcached://:hunter2@limits"),
        ("TRUSTED_PROXIES", "10.0.0.1/8"),
        ("TRUSTED_PROXIES", "10.0.0.0/8,balancer"),
        ("CLIENT_CONCURRENCY", "0"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_by_name(name: str, text: str) -> None:
    with pytest.raises(BadSettings) as refused:
        read_settings({f"LOAPI_{name}": text})
    assert str(refused.value).startswith(f"LOAPI_{name}: ")
    assert "hunter2" not in str(refused.value)
