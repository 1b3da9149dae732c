"""The service that ships proves users at real servers, and answers for what it cannot prove."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from domain.client import Mode
from tests.support.modes import Service, problem, service
from tests.support.openid import AUDIENCE, OpenIdProvider, claims_for, openid_provider, rsa_pair
from tests.support.upstream import Upstream, answering, hang_up, upstream

RSA = rsa_pair("rsa-1")
SESSION = "canary-session-9876543210"


@dataclass(frozen=True)
class World(Service):
    """The service, ULP and the OpenID provider."""

    ulp: Upstream
    provider: OpenIdProvider

    def openid_token(self, **claims: Any) -> str:
        """Give a token of the provider that is good now."""
        now = int(time.time())
        return RSA.sign(claims_for(self.provider.issuer, iat=now, exp=now + 600, **claims))


@contextmanager
def serving(
    folder: Path, ulp: Upstream, provider: OpenIdProvider, **chosen: Any
) -> Iterator[World]:
    """Serve with these settings beside ULP and the provider."""
    with service(folder, **chosen) as served:
        yield World(served.app, served.loop, served.keys, ulp, provider)


@pytest.fixture(name="world")
def running_world(tmp_path: Path) -> Iterator[World]:
    """Serve with ULP and the provider configured and well."""
    ours = {"active": True, "user_id": "U1001"}
    with upstream(answering(ours)) as ulp, openid_provider(RSA) as provider:
        settings = {
            "ulp_url": f"{ulp.url}/check", "ulp_header": "X-Session",
            "oidc_issuer": provider.issuer, "oidc_audience": AUDIENCE,
        }
        with serving(tmp_path, ulp, provider, **settings) as world:
            yield world


def test_the_record_says_how_each_user_was_proven(world: World) -> None:
    proofs: list[tuple[Mode, dict[str, Any], str]] = [
        (Mode.TRUST, {}, "asserted"),
        (Mode.ULP, {"session_id": SESSION}, "session"),
        (Mode.OIDC, {"oidc_token": world.openid_token()}, "oidc"),
    ]
    for mode, claims, proof in proofs:
        response = world.call(mode, method="POST", **claims)
        assert response.status_code == 201, response.text
        record = world.account_of(response)
        assert (record["client_id"], record["user_id"], record["proof"]) == (
            f"app-{mode.value}", "U1001", proof
        )
    assert [call.headers["X-Session"] for call in world.ulp.calls] == [SESSION]
    assert world.provider.fetches == 1


@pytest.mark.parametrize("mode", [Mode.ULP, Mode.OIDC])
def test_the_proven_user_needs_no_naming(world: World, mode: Mode) -> None:
    claims = {"session_id": SESSION, "oidc_token": world.openid_token()}
    response = world.call(mode, None, method="POST", **claims)
    assert response.status_code == 201
    assert world.account_of(response)["user_id"] == "U1001"


def test_every_lack_of_proof_is_the_same_401_with_the_client_in_its_record(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    good = {"session_id": SESSION, "oidc_token": world.openid_token()}
    lacks: list[tuple[Mode, dict[str, Any], str]] = [
        (Mode.ULP, {}, "no-session"),
        (Mode.ULP, good | {"user": "U1002"}, "other-user"),
        (Mode.OIDC, {}, "no-oidc-token"),
        (Mode.OIDC, good | {"user": "U1002"}, "other-user"),
        (Mode.OIDC, {"oidc_token": world.openid_token(sub="nobody")}, "unknown-subject"),
        (Mode.OIDC, {"oidc_token": world.openid_token(aud="other")}, "oidc-wrong-audience"),
    ]
    plain = world.call(Mode.TRUST, method="POST", aud="elsewhere").json()
    for mode, claims, reason in lacks:
        caplog.clear()
        with caplog.at_level(logging.INFO, "loapi"):
            response = world.call(mode, method="POST", **claims)
        assert problem(response) == (401, "unauthenticated")
        assert response.headers["www-authenticate"] == "Bearer"
        assert response.json() | {"instance": ""} == plain | {"instance": ""}
        assert f"refused a token: {reason}" in caplog.messages
        record = world.account_of(response)
        assert (record["client_id"], record["outcome"]) == (f"app-{mode.value}", "refused")
        assert "user_id" not in record or record["user_id"] is None


def test_a_session_that_has_ended_is_refused(world: World) -> None:
    world.ulp.answer = answering({"active": False})
    assert problem(world.call(Mode.ULP, session_id=SESSION)) == (401, "unauthenticated")


def test_without_ulp_only_its_clients_get_503(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.ulp.answer = hang_up
    with caplog.at_level(logging.DEBUG):
        for number in range(20):
            response = world.call(Mode.ULP, method="POST", session_id=f"{SESSION}-{number}")
            assert problem(response) == (503, "proof-unavailable")
            assert int(response.headers["retry-after"]) >= 1
    record = world.account_of(response)
    assert (record["outcome"], record["reason"]) == ("failed", "proof-unavailable")
    assert "no proof of the user: ulp-unreachable" in caplog.messages
    assert "no proof of the user: ulp-breaker-open" in caplog.messages
    assert SESSION not in caplog.text and SESSION not in str(record)
    assert world.ulp.count() == 5
    assert world.call(Mode.TRUST).status_code == 200
    assert world.call(Mode.OIDC, oidc_token=world.openid_token()).status_code == 200


def test_without_the_provider_only_its_clients_get_503(world: World) -> None:
    world.provider.server.paths.clear()
    for _ in range(20):
        response = world.call(Mode.OIDC, oidc_token=world.openid_token())
        assert problem(response) == (503, "proof-unavailable")
    assert world.provider.server.count() == 1
    assert world.call(Mode.TRUST).status_code == 200
    assert world.call(Mode.ULP, session_id=SESSION).status_code == 200


def test_a_client_whose_mode_is_not_configured_gets_503(tmp_path: Path) -> None:
    with upstream() as ulp, openid_provider(RSA) as provider:
        with serving(tmp_path, ulp, provider) as world:
            claims = {"session_id": SESSION, "oidc_token": world.openid_token()}
            for mode in (Mode.ULP, Mode.OIDC):
                assert problem(world.call(mode, **claims)) == (503, "proof-unavailable")
            assert world.call(Mode.TRUST).status_code == 200
            assert (ulp.count(), provider.server.count()) == (0, 0)


def test_a_user_who_may_not_act_is_proven_and_refused(world: World) -> None:
    world.ulp.answer = answering({"active": True, "user_id": "U9999"})
    assert problem(world.call(Mode.ULP, "U9999", session_id=SESSION)) == (403, "forbidden")
