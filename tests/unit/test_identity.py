"""Who the user is: by each client's mode, never by what the client says alone."""

import asyncio
from collections.abc import Awaitable, Mapping
from datetime import datetime, timezone
from typing import Any, TypeVar

import pytest

from adapters.memory.audit import MemoryJournal
from adapters.memory.runner import MemoryRunner
from adapters.ulp.breaker import FAILURES, REST_SECONDS, Breaker
from application import users
from application.audit.record import Origin
from application.caller import Proof
from application.errors import ServiceError
from application.identity import (
    ByOidcToken,
    BySession,
    Identities,
    NotProven,
    ProofUnavailable,
    Proven,
)
from application.ports import Errand, Work
from application.remembering import Flights, Remembered
from application.tokens import ProvenToken, Unauthenticated
from domain.client import Client, Mode
from domain.user import User, UserStatus, UserType
from entrypoints.settings import BadSettings, read_settings
from tests.support.clock import FakeClock

R = TypeVar("R")


class Sessions:
    """Knows the session of one user."""

    def __init__(self) -> None:
        self.closed = False

    async def user_of(self, session_id: str) -> str | None:
        """Know one session; have no answer for another."""
        if session_id == "lost":
            raise ProofUnavailable("ulp-too-slow")
        return "U1001" if session_id == "good" else None

    async def status(self) -> Mapping[str, Any]:
        """Be well."""
        return {}

    async def close(self) -> None:
        """Remember that it is closed."""
        self.closed = True


class Tokens(Sessions):
    """Knows the token of one subject."""

    async def subject_of(self, oidc_token: str) -> str:
        """Know two tokens."""
        if oidc_token not in ("good", "stranger's"):
            raise NotProven("oidc-expired")
        return {"good": "00u1", "stranger's": "00u2"}[oidc_token]


async def user_of_subject(subject: str) -> str | None:
    """Know one subject."""
    return "U1001" if subject == "00u1" else None


def identities(**ways: Any) -> Identities:
    """Give what serves every mode, unless told otherwise."""
    usual = {Mode.ULP: BySession(Sessions()), Mode.OIDC: ByOidcToken(Tokens(), user_of_subject)}
    return Identities(ways.get("ways", usual))


def token(mode: Mode, user_id: str | None = None, **proofs: str) -> ProvenToken:
    """Give the token of a client."""
    return ProvenToken(
        client=Client(client_id="prepay", mode=mode), key_id="k", key_version=1, token_id="t",
        issued_at=0, expires_at=1, user_id=user_id, location_id=None,
        oidc_token=proofs.get("oidc_token"), session_id=proofs.get("session_id"),
        method=None, url=None, body_sha256=None,
    )


def run(awaitable: Awaitable[R]) -> R:
    """Run something in a loop of its own."""

    async def main() -> R:
        return await awaitable

    return asyncio.run(main())


def reason(given: ProvenToken) -> str:
    """Give the reason for which a token does not prove its user."""
    with pytest.raises(NotProven) as refused:
        run(identities().prove(given))
    return refused.value.reason


def test_a_trusted_client_is_believed() -> None:
    proven = run(identities().prove(token(Mode.TRUST, "anyone", session_id="bad")))
    assert proven == Proven("anyone", Proof.ASSERTED)


def test_a_trusted_client_may_act_for_nobody() -> None:
    assert run(identities().prove(token(Mode.TRUST))) == Proven(None, None)


@pytest.mark.parametrize("named", [None, "U1001"])
def test_a_session_proves_its_user(named: str | None) -> None:
    proven = run(identities().prove(token(Mode.ULP, named, session_id="good")))
    assert proven == Proven("U1001", Proof.SESSION)


@pytest.mark.parametrize("named", [None, "U1001"])
def test_an_openid_token_proves_our_user_with_its_subject(named: str | None) -> None:
    proven = run(identities().prove(token(Mode.OIDC, named, oidc_token="good")))
    assert proven == Proven("U1001", Proof.OIDC)


@pytest.mark.parametrize(("given", "why"), [
    (token(Mode.ULP), "no-session"),
    (token(Mode.ULP, "U1001"), "no-session"),
    (token(Mode.ULP, "U1001", oidc_token="good"), "no-session"),
    (token(Mode.ULP, "U1001", session_id="bad"), "session-not-active"),
    (token(Mode.ULP, "U1002", session_id="good"), "other-user"),
    (token(Mode.ULP, "u1001", session_id="good"), "other-user"),
    (token(Mode.OIDC), "no-oidc-token"),
    (token(Mode.OIDC, "U1001"), "no-oidc-token"),
    (token(Mode.OIDC, "U1001", session_id="good"), "no-oidc-token"),
    (token(Mode.OIDC, "U1001", oidc_token="bad"), "oidc-expired"),
    (token(Mode.OIDC, "U1001", oidc_token="stranger's"), "unknown-subject"),
    (token(Mode.OIDC, None, oidc_token="stranger's"), "unknown-subject"),
    (token(Mode.OIDC, "U1002", oidc_token="good"), "other-user"),
    (token(Mode.OIDC, "00u1", oidc_token="good"), "other-user"),
], ids=str)
def test_nobody_is_proven_by_less(given: ProvenToken, why: str) -> None:
    assert reason(given) == why


def test_what_is_not_proven_is_refused_like_every_token_that_proves_nothing() -> None:
    assert issubclass(NotProven, Unauthenticated)


def test_a_checker_without_an_answer_is_not_the_callers_fault() -> None:
    with pytest.raises(ProofUnavailable) as raised:
        run(identities().prove(token(Mode.ULP, session_id="lost")))
    assert raised.value.reason == "ulp-too-slow"
    assert isinstance(raised.value, ServiceError) and "ulp" not in str(raised.value).lower()


@pytest.mark.parametrize("mode", [Mode.ULP, Mode.OIDC])
def test_a_mode_that_is_not_configured_is_the_deployments_fault(mode: Mode) -> None:
    given = token(mode, "U1001", session_id="good", oidc_token="good")
    with pytest.raises(ProofUnavailable) as raised:
        run(identities(ways={}).prove(given))
    assert raised.value.reason == "mode-not-configured"


def test_every_mode_can_be_configured() -> None:
    for mode in Mode:
        run(identities().prove(token(mode, "U1001", session_id="good", oidc_token="good")))


def test_closing_closes_every_checker() -> None:
    sessions, tokens = Sessions(), Tokens()
    ways = {Mode.ULP: BySession(sessions), Mode.OIDC: ByOidcToken(tokens, user_of_subject)}
    run(identities(ways=ways).close())
    assert sessions.closed and tokens.closed


# Users by subject


def found(*people: User, subject: str = "00u1") -> str | None:
    """Look for a subject among people."""
    runner = MemoryRunner(lambda: datetime.now(timezone.utc), MemoryJournal())

    def add(work: Work) -> None:
        for person in people:
            work.add(person)

    async def look() -> str | None:
        await runner.write(Errand(origin=Origin(request_id="r", action="user.import")), add)
        return await runner.read(users.of_subject, subject)

    return asyncio.run(look())


def person(user_id: str, subject: str | None) -> User:
    """Give somebody."""
    return User(
        user_id=user_id, oidc_subject=subject, login=user_id, first_name="Ada",
        last_name="Moreno", email="ada.moreno@example.com", user_type=UserType.PARTNER,
        status=UserStatus.ACTIVE,
    )


def test_a_user_is_found_by_the_subject() -> None:
    assert found(person("U1", "00u0"), person("U2", "00u1"), person("U3", None)) == "U2"


@pytest.mark.parametrize("subject", ["00u9", "00U1", "00u", "00u1 ", "U2", ""])
def test_another_subject_is_nobodys(subject: str) -> None:
    assert found(person("U2", "00u1"), person("U3", None), subject=subject) is None


def test_a_subject_that_two_share_is_nobodys() -> None:
    assert found(person("U1", "00u1"), person("U2", "00u1")) is None


# What the checkers are made of


def test_what_is_remembered_is_forgotten_in_time() -> None:
    clock = FakeClock()
    kept: Remembered[str, int] = Remembered(10, clock)
    kept.keep("a", 1, clock() + 5)
    clock.forward(4.9)
    assert kept.get("a") == 1
    clock.forward(0.1)
    assert kept.get("a") is None and len(kept) == 0


def test_what_is_past_is_not_remembered_at_all() -> None:
    clock = FakeClock()
    kept: Remembered[str, int] = Remembered(10, clock)
    kept.keep("a", 1, clock())
    assert len(kept) == 0


def test_only_so_much_is_remembered_and_the_newest_of_it() -> None:
    clock = FakeClock()
    kept: Remembered[int, int] = Remembered(1_000, clock)
    for number in range(5_000):
        kept.keep(number, number, clock() + 60)
    assert len(kept) == 1_000
    assert [kept.get(number) for number in (3_999, 4_000, 4_999)] == [None, 4_000, 4_999]


def test_those_who_ask_at_once_share_an_answer_and_later_ones_do_not() -> None:
    asked = []

    async def answer() -> int:
        asked.append(1)
        await asyncio.sleep(0.01)
        return len(asked)

    async def scenario() -> None:
        flights: Flights[str, int] = Flights()
        assert await asyncio.gather(*(flights.share("a", answer) for _ in range(50))) == [1] * 50
        assert await flights.share("a", answer) == 2
        assert len(flights) == 0

    asyncio.run(scenario())


def test_a_breaker_opens_rests_tries_once_and_closes() -> None:
    clock = FakeClock()
    breaker = Breaker(clock)
    for _ in range(FAILURES):
        assert breaker.lets_through() and not breaker.open
        breaker.failed()
    assert breaker.open and not breaker.lets_through()
    clock.forward(REST_SECONDS)
    assert [breaker.lets_through() for _ in range(10)] == [True] + [False] * 9
    breaker.failed()
    clock.forward(REST_SECONDS - 0.1)
    assert not breaker.lets_through()
    clock.forward(0.1)
    assert breaker.lets_through()
    breaker.worked()
    assert [breaker.lets_through() for _ in range(10)] == [True] * 10


def test_a_try_that_never_ends_does_not_keep_a_breaker_open_for_good() -> None:
    clock = FakeClock()
    breaker = Breaker(clock)
    for _ in range(FAILURES):
        breaker.failed()
    for _ in range(3):
        clock.forward(REST_SECONDS)
        assert breaker.lets_through()


# Settings

ISSUER = {"LOAPI_OIDC_ISSUER": "https://example.okta.com/oauth2/default"}
OIDC = ISSUER | {"LOAPI_OIDC_AUDIENCE": "api://loapi"}
STAGING = {
    "LOAPI_ENV": "staging",
    "LOAPI_SEALING_KEY": "sealing.key",
    "LOAPI_SIGNING_KEY": "signing.key",
}


@pytest.mark.parametrize("given", [
    {"LOAPI_ULP_URL": "http://127.0.0.1:8001/session"},
    {"LOAPI_ULP_URL": "https://ulp.example/session", "LOAPI_ULP_METHOD": "POST"},
    {"LOAPI_ULP_URL": "https://ulp.example"} | STAGING,
    {"LOAPI_ULP_SECONDS": "0.5", "LOAPI_ULP_HEADER": "X-Session"},
    OIDC, OIDC | STAGING,
    OIDC | {"LOAPI_OIDC_JWKS_URL": "https://example.okta.com/keys"},
    OIDC | {"LOAPI_OIDC_MAX_STALE_MINUTES": "1440"},
], ids=str)
def test_settings_that_prove_users_are_taken(given: dict[str, str]) -> None:
    assert read_settings(given)


@pytest.mark.parametrize(("given", "name"), [
    ({"LOAPI_ULP_URL": ""}, "LOAPI_ULP_URL"),
    ({"LOAPI_ULP_URL": "ulp.example"}, "LOAPI_ULP_URL"),
    ({"LOAPI_ULP_URL": "file:///etc/passwd"}, "LOAPI_ULP_URL"),
    ({"LOAPI_ULP_URL": "https://user:word@ulp.example/"}, "LOAPI_ULP_URL"),
    ({"LOAPI_ULP_URL": "https://ulp.example/?a=b"}, "LOAPI_ULP_URL"),
    ({"LOAPI_ULP_URL": "https://ulp.example/\n"}, "LOAPI_ULP_URL"),
    ({"LOAPI_ULP_URL": "http://ulp.example/", "LOAPI_ENV": "staging"}, "LOAPI_ULP_URL"),
    ({"LOAPI_ULP_URL": "http://ulp.example/", "LOAPI_ENV": "production"}, "LOAPI_ULP_URL"),
    ({"LOAPI_ULP_HEADER": "X Session"}, "LOAPI_ULP_HEADER"),
    ({"LOAPI_ULP_HEADER": "X-Session:"}, "LOAPI_ULP_HEADER"),
    ({"LOAPI_ULP_HEADER": "X-Session\n"}, "LOAPI_ULP_HEADER"),
    ({"LOAPI_ULP_METHOD": "DELETE"}, "LOAPI_ULP_METHOD"),
    ({"LOAPI_ULP_SECONDS": "0"}, "LOAPI_ULP_SECONDS"),
    ({"LOAPI_ULP_SECONDS": "11"}, "LOAPI_ULP_SECONDS"),
    ({"LOAPI_ULP_SECONDS": "nan"}, "LOAPI_ULP_SECONDS"),
    (ISSUER, "LOAPI_OIDC_AUDIENCE"),
    (ISSUER | {"LOAPI_OIDC_AUDIENCE": ""}, "LOAPI_OIDC_AUDIENCE"),
    ({"LOAPI_OIDC_AUDIENCE": "api://loapi"}, "LOAPI_OIDC_AUDIENCE"),
    ({"LOAPI_OIDC_JWKS_URL": "https://example.okta.com/keys"}, "LOAPI_OIDC_JWKS_URL"),
    (OIDC | {"LOAPI_OIDC_ISSUER": "http://x.example", "LOAPI_ENV": "staging"},
     "LOAPI_OIDC_ISSUER"),
    (OIDC | {"LOAPI_OIDC_MAX_STALE_MINUTES": "0"}, "LOAPI_OIDC_MAX_STALE_MINUTES"),
], ids=str)
def test_settings_that_prove_nobody_are_refused_by_name(given: dict[str, str], name: str) -> None:
    with pytest.raises(BadSettings) as refused:
        read_settings(given)
    assert f"{name}: " in str(refused.value)
