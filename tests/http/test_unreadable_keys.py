"""A key that cannot be opened proves nothing, and takes nothing from its client's other keys."""

import logging
import secrets
from datetime import timedelta

import httpx
import pytest

from adapters.jwt.sealing import AesGcmSealer
from application import clients
from domain.client import ClientKey
from entrypoints.container.keys import make_key, mint
from entrypoints.home import StoredKey
from entrypoints.stocking import operator, sealed_key
from tests.http.serving import API, Api, a_resource, problem

LOST = AesGcmSealer({"lost": bytes(32)}, "lost")
"""Seals under a key that the service is not given."""

NOT_CONFIGURED = "the key is sealed under a sealing key that is not configured"
ALTERED = "the sealed key was altered, or sealed for another key id"


def unreadable(api: Api, sealed_for: str | None = None) -> StoredKey:
    """Give prepay a second working key, which the service cannot open."""
    key_id = f"prepay-{secrets.token_hex(3)}"
    text = make_key("dev", key_id)
    key = sealed_key(LOST, "prepay", key_id, "HS256", text.encode())
    if sealed_for is not None:
        key = moved(api, sealed_for, key)
    api.run(api.runner.write(operator("client.rotate"), clients.rotate, key, timedelta(hours=1)))
    return StoredKey("prepay", key_id, text)


def moved(api: Api, other: str, key: ClientKey) -> ClientKey:
    """Give a key with the seal of another, as a careless copy of rows has it."""
    held = api.run(api.runner.read(clients.holder, other))
    assert held is not None
    return ClientKey(
        key_id=key.key_id, client_id=key.client_id, algorithm=key.algorithm, sealed=held[1].sealed,
        state=key.state,
    )


def called(api: Api, key: StoredKey, method: str = "GET") -> httpx.Response:
    """Call with a good token by a key."""
    now = int(api.clock.seconds())
    token = mint(key.key, key.key_id, key.client_id, "loapi-development", "U1001", None, 300, now,
                 secrets.token_urlsafe(16))
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
    return api.send(method, f"{API}/resource", headers=headers, json=a_resource())


def alike(response: httpx.Response) -> dict[str, object]:
    """Give what a refusal says to anyone, the request's own id aside."""
    return problem(response, 401, "unauthenticated") | {"instance": ""}


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_key_under_a_lost_sealing_key_is_refused_and_the_other_one_works(
    api: Api, method: str, caplog: pytest.LogCaptureFixture
) -> None:
    key = unreadable(api)
    stranger = StoredKey("prepay", "prepay-000000", key.key)
    with caplog.at_level(logging.INFO, "loapi"):
        refused = called(api, key, method)
    assert alike(refused) == alike(called(api, stranger, method))
    assert refused.headers["www-authenticate"] == "Bearer"
    assert "refused a token: unreadable-key" in caplog.messages
    assert f"key {key.key_id} of client prepay proves nothing: {NOT_CONFIGURED}" in caplog.messages
    assert key.key not in caplog.text
    assert called(api, api.keys["prepay"], method).status_code in (200, 201)


def test_a_key_with_the_seal_of_another_is_refused(
    api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    key = unreadable(api, sealed_for=api.keys["prepay"].key_id)
    with caplog.at_level(logging.INFO, "loapi"):
        alike(called(api, key))
    assert f"key {key.key_id} of client prepay proves nothing: {ALTERED}" in caplog.messages
    alike(called(api, StoredKey("prepay", key.key_id, api.keys["prepay"].key)))
    assert called(api, api.keys["prepay"]).status_code == 200


def test_however_often_it_is_tried_the_log_tells_the_operator_once_a_minute(
    memory_api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    key = unreadable(memory_api)
    with caplog.at_level(logging.ERROR, "loapi"):
        for _ in range(5):
            alike(called(memory_api, key))
    assert [record.levelname for record in caplog.records] == ["ERROR"]


def test_the_audit_trail_learns_of_a_write_by_a_key_that_cannot_be_opened(api: Api) -> None:
    (record,) = api.account_of(called(api, unreadable(api), "POST"))
    assert (record["outcome"], record["reason"]) == ("refused", "unauthenticated")
