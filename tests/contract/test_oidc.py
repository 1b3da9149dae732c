"""OpenID tokens are verified by the keys of a real HTTP provider, however it behaves."""

import asyncio
import base64
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from threading import Event
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from adapters.oidc.keyring import (
    ABSENT_SECONDS,
    COOLDOWN_SECONDS,
    FRESH_SECONDS,
    RETRY_SECONDS,
    STALE_SECONDS,
)
from adapters.oidc.provider import DISCOVERY, Provider
from adapters.oidc.verifier import OidcVerifier
from adapters.web.fetch import SECONDS, HttpFetcher
from application.identity import NotProven, ProofUnavailable
from tests.support.clock import NOW, FakeClock
from tests.support.in_time import in_time
from tests.support.openid import (
    AUDIENCE,
    KEYS,
    OpenIdProvider,
    Pair,
    claims_for,
    curve_pair,
    encoded,
    openid_provider,
    other_curve,
    rsa_pair,
)
from tests.support.upstream import (
    Answer,
    Exchange,
    answering,
    endless,
    hang_up,
    late,
    sending,
    silent,
    trickling,
    upstream,
    written,
)

SUBJECT = "00u1a2b3c4"
SLACK = 0.5
"""How much later than its deadline an answer may be given up."""

RSA, CURVE = rsa_pair("rsa-1"), curve_pair("es-1")
NEW = rsa_pair("rsa-2")


@pytest.fixture(name="provider")
def running_provider() -> Iterator[OpenIdProvider]:
    """Run a provider that has an RSA key and one on P-256."""
    with openid_provider(RSA, CURVE) as provider:
        yield provider


@asynccontextmanager
async def verifying(
    provider: OpenIdProvider,
    clock: FakeClock | None = None,
    seconds: float = SECONDS,
    discover: bool = False,
    stale_seconds: float = STALE_SECONDS,
) -> AsyncIterator[OidcVerifier]:
    """Verify a provider's tokens."""
    told = clock or FakeClock()
    keys_url = None if discover else provider.server.url + KEYS
    named = Provider(issuer=provider.issuer, audience=AUDIENCE, keys_url=keys_url)
    verifier = OidcVerifier(named, HttpFetcher(seconds), told, stale_seconds, told)
    try:
        yield verifier
    finally:
        await verifier.close()


async def not_proven(answer: Awaitable[Any]) -> str:
    """Give the reason for which a token proves nothing."""
    with pytest.raises(NotProven) as raised:
        await answer
    return raised.value.reason.removeprefix("oidc-")


async def unavailable(answer: Awaitable[Any]) -> str:
    """Give the reason for which nobody can tell."""
    with pytest.raises(ProofUnavailable) as raised:
        await answer
    return raised.value.reason.removeprefix("oidc-")


def run(scenario: Callable[[], Awaitable[None]]) -> None:
    """Run a scenario in a loop of its own."""

    async def main() -> None:
        await scenario()

    asyncio.run(main())


def of_token(text: Callable[[OpenIdProvider], str], provider: OpenIdProvider) -> str:
    """Give the reason for which a token proves nothing, to one who has proven good ones."""
    reasons = []

    async def scenario() -> None:
        async with verifying(provider) as verifier:
            assert await verifier.subject_of(provider.token(RSA)) == SUBJECT
            reasons.append(await not_proven(verifier.subject_of(text(provider))))
            assert await verifier.subject_of(provider.token(CURVE)) == SUBJECT

    run(scenario)
    return reasons[0]


# Good tokens


@pytest.mark.parametrize("pair", [RSA, CURVE], ids=["RS256", "ES256"])
@pytest.mark.parametrize("order", [(RSA, CURVE), (CURVE, RSA)], ids=["RSA first", "EC first"])
@pytest.mark.parametrize("discover", [True, False], ids=["discovered", "keys named"])
def test_rsa_and_curve_keys_of_one_set_prove_their_tokens(
    provider: OpenIdProvider, pair: Pair, order: tuple[Pair, ...], discover: bool
) -> None:
    async def scenario() -> None:
        provider.publish(*order)
        async with verifying(provider, discover=discover) as verifier:
            assert await verifier.subject_of(provider.token(pair)) == SUBJECT
        assert provider.fetches == 1
        assert provider.server.count(DISCOVERY) == discover

    run(scenario)


@pytest.mark.parametrize("claims", [
    {"aud": [AUDIENCE]}, {"aud": [AUDIENCE, "other"], "azp": AUDIENCE},
    {"aud": ["other", AUDIENCE, "third"], "azp": AUDIENCE}, {"azp": "another client"},
    {"nbf": int(NOW) + 30}, {"iat": int(NOW) + 30}, {"exp": int(NOW) - 29}, {"nbf": 0},
    {"iat": int(NOW), "exp": int(NOW) + 86_400}, {"sub": "a" * 200}, {"sub": "auth0|5f7c"},
    {"groups": ["a"] * 50, "address": {"geo": {"at": [1.5]}}, "email_verified": True},
], ids=str)
def test_what_is_just_allowed_is_good(provider: OpenIdProvider, claims: Any) -> None:
    async def scenario() -> None:
        async with verifying(provider) as verifier:
            expected = claims.get("sub", SUBJECT)
            assert await verifier.subject_of(provider.token(RSA, **claims)) == expected

    run(scenario)


@pytest.mark.parametrize("header", [{"typ": None}, {"typ": "at+jwt"}, {"typ": "JWT"}], ids=str)
def test_the_type_in_the_header_may_be_left_out(provider: OpenIdProvider, header: Any) -> None:
    async def scenario() -> None:
        async with verifying(provider) as verifier:
            token = RSA.sign(claims_for(provider.issuer), **header)
            assert await verifier.subject_of(token) == SUBJECT

    run(scenario)


# Bad tokens

CLAIMS: list[tuple[dict[str, Any], str]] = [
    ({"iss": "https://other.example"}, "wrong-issuer"),
    ({"iss": None}, "wrong-issuer"),
    ({"iss": ["http://127.0.0.1"]}, "wrong-issuer"),
    ({"aud": "other"}, "wrong-audience"),
    ({"aud": AUDIENCE + "/"}, "wrong-audience"),
    ({"aud": []}, "wrong-audience"),
    ({"aud": ["other"]}, "wrong-audience"),
    ({"aud": [AUDIENCE, "other"]}, "wrong-audience"),
    ({"aud": [AUDIENCE, "other"], "azp": "other"}, "wrong-audience"),
    ({"aud": [AUDIENCE, AUDIENCE], "azp": AUDIENCE}, "wrong-audience"),
    ({"aud": ["other", "third"], "azp": AUDIENCE}, "wrong-audience"),
    ({"aud": [AUDIENCE, 1], "azp": AUDIENCE}, "malformed"),
    ({"aud": {AUDIENCE: 1}}, "malformed"),
    ({"aud": None}, "malformed"),
    ({"exp": int(NOW) - 30}, "expired"),
    ({"exp": 0}, "expired"),
    ({"exp": None}, "malformed"),
    ({"exp": "1790003600"}, "malformed"),
    ({"exp": NOW + 3600.5}, "malformed"),
    ({"exp": True}, "malformed"),
    ({"exp": [int(NOW) + 3600]}, "malformed"),
    ({"exp": int(NOW) * 1000}, "lives-too-long"),
    ({"exp": 10**400}, "lives-too-long"),
    ({"iat": int(NOW), "exp": int(NOW) + 86_401}, "lives-too-long"),
    ({"iat": int(NOW) + 5, "exp": int(NOW) + 5}, "lives-too-long"),
    ({"iat": int(NOW) + 31}, "not-yet-valid"),
    ({"iat": None}, "malformed"),
    ({"iat": "now"}, "malformed"),
    ({"nbf": int(NOW) + 31}, "not-yet-valid"),
    ({"nbf": "now"}, "malformed"),
    ({"nbf": False}, "malformed"),
    ({"sub": None}, "malformed"),
    ({"sub": ""}, "malformed"),
    ({"sub": 17}, "malformed"),
    ({"sub": "a" * 201}, "malformed"),
    ({"sub": "a b"}, "malformed"),
    ({"sub": "a\n"}, "malformed"),
    ({"sub": "\u00e9"}, "malformed"),
    ({"sub": ["00u1a2b3c4"]}, "malformed"),
]


@pytest.mark.parametrize(("claims", "reason"), CLAIMS, ids=str)
def test_every_claim_must_be_right(
    provider: OpenIdProvider, claims: dict[str, Any], reason: str
) -> None:
    assert of_token(lambda p: p.token(RSA, **claims), provider) == reason


HEADERS: list[tuple[dict[str, Any], str]] = [
    ({"alg": "none"}, "wrong-algorithm"),
    ({"alg": "HS256"}, "wrong-algorithm"),
    ({"alg": "RS384"}, "wrong-algorithm"),
    ({"alg": "PS256"}, "wrong-algorithm"),
    ({"alg": "ES256"}, "wrong-algorithm"),
    ({"alg": "rs256"}, "wrong-algorithm"),
    ({"alg": ""}, "wrong-algorithm"),
    ({"alg": None}, "malformed"),
    ({"alg": ["RS256"]}, "malformed"),
    ({"kid": None}, "malformed"),
    ({"kid": 1}, "malformed"),
    ({"kid": ""}, "malformed"),
    ({"kid": "a\0"}, "malformed"),
    ({"kid": "k" * 129}, "malformed"),
    ({"kid": ["rsa-1"]}, "malformed"),
    ({"kid": "nobody"}, "unknown-key"),
    ({"kid": "es-1"}, "wrong-algorithm"),
    ({"kid": "es-1", "alg": "ES256"}, "bad-signature"),
    ({"typ": "JOSE"}, "malformed"),
    ({"typ": 1}, "malformed"),
    ({"typ": "jwt"}, "malformed"),
    ({"crit": ["exp"]}, "malformed"),
    ({"crit": []}, "malformed"),
    ({"b64": False}, "malformed"),
    ({"jku": "http://127.0.0.1/keys"}, "malformed"),
    ({"x5u": "http://127.0.0.1/cert"}, "malformed"),
    ({"jwk": RSA.published}, "malformed"),
    ({"zip": "DEF"}, "malformed"),
    ({"cty": "JWT"}, "malformed"),
    ({"x": "a" * 2000}, "malformed"),
]


@pytest.mark.parametrize(("header", "reason"), HEADERS)
def test_every_member_of_the_header_must_be_right(
    provider: OpenIdProvider, header: dict[str, Any], reason: str
) -> None:
    assert of_token(lambda p: RSA.sign(claims_for(p.issuer), **header), provider) == reason


def by_secret(secret: bytes) -> Callable[[OpenIdProvider], str]:
    """Sign with HMAC under an RSA key's name, as key confusion does."""

    def text(provider: OpenIdProvider) -> str:
        header = json.dumps({"alg": "HS256", "kid": "rsa-1"}).encode()
        signed = b".".join(map(encoded, (header, json.dumps(claims_for(provider.issuer)).encode())))
        return b".".join((signed, encoded(hmac.digest(secret, signed, hashlib.sha256)))).decode()

    return text


def with_last(change: Callable[[str], str], pair: Pair = RSA) -> Callable[[OpenIdProvider], str]:
    """Change the signature of a good token."""

    def text(provider: OpenIdProvider) -> str:
        head, _, signature = provider.token(pair).rpartition(".")
        return f"{head}.{change(signature)}"

    return text


def recoded(change: Callable[[bytes], bytes]) -> Callable[[str], str]:
    """Change the bytes of a signature."""
    return lambda text: encoded(change(base64.urlsafe_b64decode(text + "=="))).decode()


def der_signed(provider: OpenIdProvider) -> str:
    """Sign as OpenSSL does for a curve, with DER where JOSE has two numbers."""
    signed = provider.token(CURVE).rpartition(".")[0]
    signature = CURVE.private.sign(signed.encode(), ec.ECDSA(hashes.SHA256()))
    return f"{signed}.{encoded(signature).decode()}"


def with_claims(text: bytes) -> Callable[[OpenIdProvider], str]:
    """Sign claims that JSON writers do not write."""
    return lambda _provider: RSA.sign(text)


def other_claims(provider: OpenIdProvider) -> str:
    """Put other claims under a good signature."""
    header, _, signature = provider.token(RSA).split(".")
    claims = encoded(json.dumps(claims_for(provider.issuer, sub="admin")).encode()).decode()
    return f"{header}.{claims}.{signature}"


def loose_end(signature: str) -> str:
    """Write the same bytes in another spelling."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return signature[:-1] + letters[letters.index(signature[-1]) + 1]


FORGED: dict[str, tuple[Callable[[OpenIdProvider], str], str]] = {
    "HMAC by the public key": (by_secret(RSA.pem), "wrong-algorithm"),
    "HMAC by nothing": (by_secret(b""), "wrong-algorithm"),
    "another's key under the same id": (
        lambda p: Pair("rsa-1", "RS256", NEW.private).sign(claims_for(p.issuer)), "bad-signature"),
    "other claims": (other_claims, "bad-signature"),
    "no signature": (with_last(lambda _: ""), "malformed"),
    "a short signature": (with_last(recoded(lambda s: s[:-1])), "bad-signature"),
    "a long signature": (with_last(recoded(lambda s: s + b"\0")), "bad-signature"),
    "a short curve signature": (with_last(recoded(lambda s: s[:-1]), CURVE), "bad-signature"),
    "another bit": (with_last(recoded(lambda s: bytes([s[0] ^ 1]) + s[1:])), "bad-signature"),
    "DER for a curve": (der_signed, "bad-signature"),
    "zeros for a curve": (with_last(lambda _: "A" * 86, CURVE), "bad-signature"),
    "padding": (with_last(lambda s: s + "=="), "malformed"),
    "a loose end": (with_last(loose_end), "malformed"),
    "exclamation marks": (with_last(lambda s: s + "!!!!"), "malformed"),
    "a line break": (with_last(lambda s: s + "\n"), "malformed"),
    "four segments": (with_last(lambda s: s + ".AAAA"), "malformed"),
    "two segments": (lambda p: p.token(RSA).rpartition(".")[0], "malformed"),
    "five segments": (lambda p: p.token(RSA) + ".AAAA.AAAA", "malformed"),
    "nothing": (lambda _: "", "malformed"),
    "dots": (lambda _: "..", "malformed"),
    "no ASCII": (lambda p: p.token(RSA) + "\u00e9", "malformed"),
    "too long": (lambda p: p.token(RSA, x="a" * 8192), "malformed"),
    "claims that are a list": (with_claims(b"[]"), "malformed"),
    "claims that are a text": (with_claims(b'"x"'), "malformed"),
    "claims that are no JSON": (with_claims(b"{"), "malformed"),
    "claims with NaN": (with_claims(b'{"exp": NaN}'), "malformed"),
    "claims twice": (with_claims(b'{"iss": "a", "iss": "b"}'), "malformed"),
    "claims in UTF-16": (with_claims('{"iss": "a"}'.encode("utf-16")), "malformed"),
    "2,000 levels": (with_claims(b"[" * 2000 + b"]" * 2000), "malformed"),
    "half a pair": (with_claims(b'{"iss": "\\ud800"}'), "malformed"),
}


@pytest.mark.parametrize(("text", "reason"), FORGED.values(), ids=FORGED.keys())
def test_a_forged_token_proves_nothing(
    provider: OpenIdProvider, text: Callable[[OpenIdProvider], str], reason: str
) -> None:
    assert of_token(text, provider) == reason


def test_no_bytes_break_the_verifier(provider: OpenIdProvider) -> None:
    async def scenario() -> None:
        async with verifying(provider) as verifier:
            good = provider.token(RSA)
            for index, there in enumerate(good):
                for letter in ".A=\0":
                    if there != letter:
                        text = good[:index] + letter + good[index + 1 :]
                        assert await not_proven(verifier.subject_of(text))

    run(scenario)


# Keys that are no good


def lengthened(number: str) -> str:
    """Write a number with a zero in front, which changes nothing but its length."""
    return encoded(b"\0" + base64.urlsafe_b64decode(number + "=")).decode()


BAD: dict[str, Any] = {
    "no object": "key",
    "null": None,
    "a list": [RSA.published],
    "nothing": {},
    "oct": {"kty": "oct", "kid": NEW.key_id, "alg": "HS256",
            "k": base64.urlsafe_b64encode(b"k" * 32).rstrip(b"=").decode()},
    "OKP": {"kty": "OKP", "crv": "Ed25519", "kid": NEW.key_id, "x": "A" * 43},
    "RSA-1024": rsa_pair("rsa-2", 1024).published,
    "RSA by 3": rsa_pair("rsa-2", 2048, 3).published,
    "RSA of 9,000 bits": NEW.published | {"n": encoded((2**9000 + 1).to_bytes(1126)).decode()},
    "an even modulus": NEW.published | {"n": encoded((2**2047).to_bytes(256)).decode()},
    "an even exponent": NEW.published | {"e": encoded((65538).to_bytes(3)).decode()},
    "a long exponent": NEW.published | {"e": encoded((2**32 + 1).to_bytes(5)).decode()},
    "an exponent of 1": NEW.published | {"e": "AQ"},
    "no exponent": {k: v for k, v in NEW.published.items() if k != "e"},
    "a modulus that is a number": NEW.published | {"n": 17},
    "a modulus with padding": NEW.published | {"n": NEW.published["n"] + "=="},
    "a private RSA key": NEW.secret,
    "a private curve key": curve_pair("rsa-2").secret,
    "P-384": other_curve("rsa-2"),
    "P-384 that says ES256": other_curve("rsa-2") | {"alg": "ES256"},
    "P-384 that says P-256": other_curve("rsa-2") | {"alg": "ES256", "crv": "P-256"},
    "P-256 that says P-384": curve_pair("rsa-2").published | {"crv": "P-384"},
    "a long coordinate": curve_pair("rsa-2").published | {
        "x": lengthened(curve_pair("rsa-2").published["x"])
    },
    "off the curve": curve_pair("rsa-2").published | {"y": "A" * 43},
    "a short coordinate": curve_pair("rsa-2").published | {"x": "AAAA"},
    "for encryption": NEW.published | {"use": "enc"},
    "for no use": NEW.published | {"use": None},
    "to sign with": NEW.published | {"key_ops": ["sign", "verify"]},
    "for RS512": NEW.published | {"alg": "RS512"},
    "for HS256": NEW.published | {"alg": "HS256"},
    "for RSA-OAEP": NEW.published | {"alg": "RSA-OAEP"},
    "for the other family": NEW.published | {"alg": "ES256"},
    "RSA that says EC": NEW.published | {"kty": "EC"},
    "of a kind that is a list": NEW.published | {"kty": ["RSA"]},
    "of no kind": {k: v for k, v in NEW.published.items() if k != "kty"},
    "without an id": {k: v for k, v in NEW.published.items() if k != "kid"},
    "with a number for an id": NEW.published | {"kid": 2},
    "with a space in its id": NEW.published | {"kid": "rsa 2"},
    "with a long id": NEW.published | {"kid": "k" * 129},
}


@pytest.mark.parametrize("entry", BAD.values(), ids=BAD.keys())
def test_a_bad_key_is_left_out_and_the_others_stay(
    provider: OpenIdProvider, entry: Any
) -> None:
    async def scenario() -> None:
        provider.publish(entry, RSA, entry, CURVE, entry)
        async with verifying(provider) as verifier:
            assert await verifier.subject_of(provider.token(RSA)) == SUBJECT
            assert await verifier.subject_of(provider.token(CURVE)) == SUBJECT
            for pair in (NEW, curve_pair("rsa-2")):
                assert await not_proven(verifier.subject_of(provider.token(pair))) == "unknown-key"

    run(scenario)


@pytest.mark.parametrize("more", [
    {"use": "sig"}, {"key_ops": ["verify"]}, {"alg": "RS256"}, {"x5c": ["MIIC"], "x5t": "abc"},
    {"kid": "a+/=:."},
], ids=str)
def test_what_good_keys_also_have_does_no_harm(provider: OpenIdProvider, more: Any) -> None:
    async def scenario() -> None:
        plain = {name: RSA.published[name] for name in ("kty", "n", "e", "kid")}
        provider.publish(plain | more)
        async with verifying(provider) as verifier:
            token = RSA.sign(claims_for(provider.issuer), kid=more.get("kid", "rsa-1"))
            assert await verifier.subject_of(token) == SUBJECT

    run(scenario)


def test_an_id_that_two_keys_share_names_neither(provider: OpenIdProvider) -> None:
    async def scenario() -> None:
        provider.publish(RSA, NEW.published | {"kid": "rsa-1"}, CURVE)
        async with verifying(provider) as verifier:
            assert await not_proven(verifier.subject_of(provider.token(RSA))) == "unknown-key"
            assert await verifier.subject_of(provider.token(CURVE)) == SUBJECT

    run(scenario)


def test_a_key_that_is_there_twice_is_one_key(provider: OpenIdProvider) -> None:
    async def scenario() -> None:
        provider.publish(RSA, RSA.published | {"use": "sig", "x5t": "abc"})
        async with verifying(provider) as verifier:
            assert await verifier.subject_of(provider.token(RSA)) == SUBJECT

    run(scenario)


def test_a_bad_key_takes_its_id_from_no_good_one(provider: OpenIdProvider) -> None:
    async def scenario() -> None:
        provider.publish(BAD["oct"] | {"kid": "rsa-1"}, RSA)
        async with verifying(provider) as verifier:
            assert await verifier.subject_of(provider.token(RSA)) == SUBJECT

    run(scenario)


# Fetching


def test_50_who_come_first_fetch_the_keys_once(provider: OpenIdProvider) -> None:
    async def scenario() -> None:
        provider.server.paths[KEYS] = late(0.2, provider.server.paths[KEYS])
        async with verifying(provider, discover=True) as verifier:
            tokens = [provider.token(RSA, sub=f"user-{number}") for number in range(50)]
            subjects = await asyncio.gather(*map(verifier.subject_of, tokens))
        assert subjects == [f"user-{number}" for number in range(50)]
        assert (provider.server.count(DISCOVERY), provider.fetches) == (1, 1)

    run(scenario)


def test_a_new_key_is_good_after_one_fetch_and_an_old_one_bad(provider: OpenIdProvider) -> None:
    async def scenario() -> None:
        clock = FakeClock()
        async with verifying(provider, clock) as verifier:
            old, new = provider.token(RSA), provider.token(NEW)
            await verifier.subject_of(old)
            clock.forward(1)
            provider.publish(NEW, CURVE)
            subjects = await asyncio.gather(*(verifier.subject_of(new) for _ in range(50)))
            assert (set(subjects), provider.fetches) == ({SUBJECT}, 2)
            assert await not_proven(verifier.subject_of(old)) == "unknown-key"

    run(scenario)


def test_a_flood_of_unknown_keys_fetches_once_in_30_s(provider: OpenIdProvider) -> None:
    async def scenario() -> None:
        clock = FakeClock()
        async with verifying(provider, clock) as verifier:
            good = provider.token(RSA)
            await verifier.subject_of(good)
            for second in range(300):
                clock.forward(1)
                flood = [RSA.sign({}, kid=f"k{second}-{number}") for number in range(4)]
                reasons = await asyncio.gather(*(not_proven(verifier.subject_of(t)) for t in flood))
                assert set(reasons) == {"unknown-key"}
                assert await verifier.subject_of(good) == SUBJECT
                assert provider.fetches == 2 + second // int(COOLDOWN_SECONDS)

    run(scenario)


def test_a_flood_hides_a_new_key_for_30_s_at_most(provider: OpenIdProvider) -> None:
    async def scenario() -> None:
        clock = FakeClock()
        async with verifying(provider, clock) as verifier:
            await verifier.subject_of(provider.token(RSA))
            clock.forward(1)
            await not_proven(verifier.subject_of(RSA.sign({}, kid="flood-0")))
            provider.publish(NEW)
            clock.forward(COOLDOWN_SECONDS - 1)
            assert await not_proven(verifier.subject_of(provider.token(NEW))) == "unknown-key"
            clock.forward(1)
            assert await verifier.subject_of(provider.token(NEW)) == SUBJECT

    run(scenario)


def test_a_key_that_is_gone_is_asked_for_once_in_2_minutes(provider: OpenIdProvider) -> None:
    async def scenario() -> None:
        clock = FakeClock()
        async with verifying(provider, clock) as verifier:
            await verifier.subject_of(provider.token(RSA))
            for _ in range(int(ABSENT_SECONDS)):
                clock.forward(1)
                await not_proven(verifier.subject_of(provider.token(NEW)))
            assert provider.fetches == 2
            clock.forward(1)
            await not_proven(verifier.subject_of(provider.token(NEW)))
            assert provider.fetches == 3

    run(scenario)


def test_the_first_token_by_an_unknown_key_fetches_once(provider: OpenIdProvider) -> None:
    async def scenario() -> None:
        async with verifying(provider) as verifier:
            assert await not_proven(verifier.subject_of(provider.token(NEW))) == "unknown-key"
        assert provider.fetches == 1

    run(scenario)


def test_keys_are_fetched_anew_behind_the_requests(provider: OpenIdProvider) -> None:
    async def scenario() -> None:
        clock = FakeClock()
        async with verifying(provider, clock, seconds=60) as verifier:
            token = provider.token(RSA)
            await verifier.subject_of(token)
            clock.forward(FRESH_SECONDS - 1)
            await verifier.subject_of(token)
            await verifier_at_rest(verifier)
            assert provider.fetches == 1
            provider.publish(CURVE)
            answer, go = provider.server.paths[KEYS], Event()

            def held(exchange: Exchange) -> None:
                assert go.wait(60)
                answer(exchange)

            provider.server.paths[KEYS] = held
            clock.forward(1)
            for _ in range(50):
                assert await verifier.subject_of(token) == SUBJECT
            go.set()
            await verifier_at_rest(verifier)
            assert provider.fetches == 2
            assert await not_proven(verifier.subject_of(token)) == "unknown-key"

    run(scenario)


def test_a_signature_is_not_remembered_beyond_its_key(provider: OpenIdProvider) -> None:
    async def scenario() -> None:
        clock = FakeClock()
        async with verifying(provider, clock) as verifier:
            token = provider.token(RSA)
            await verifier.subject_of(token)
            provider.publish(NEW.published | {"kid": "rsa-1"})
            clock.forward(FRESH_SECONDS)
            await verifier.subject_of(token)
            await verifier_at_rest(verifier)
            assert await not_proven(verifier.subject_of(token)) == "bad-signature"

    run(scenario)


def test_a_token_that_was_good_dies_30_s_after_its_time(provider: OpenIdProvider) -> None:
    async def scenario() -> None:
        clock = FakeClock()
        async with verifying(provider, clock) as verifier:
            token = provider.token(RSA, exp=int(NOW) + 10)
            await verifier.subject_of(token)
            clock.forward(39.9)
            await verifier.subject_of(token)
            clock.forward(0.1)
            assert await not_proven(verifier.subject_of(token)) == "expired"

    run(scenario)


# Outages

GOOD_KEYS = {"keys": [RSA.published]}

FAULTS: dict[str, Answer] = {
    "500": answering(GOOD_KEYS, 500),
    "404": answering(GOOD_KEYS, 404),
    "hangs up": hang_up,
    "cut": sending(written(GOOD_KEYS)[:-5]),
    "no HTTP": sending(b"hello\r\n\r\n"),
    "a web page": answering(b"<html>", kind="text/html"),
    "a web page as JSON": answering(b"<html>"),
    "JSON as text": answering(GOOD_KEYS, kind="text/plain"),
    "a list": answering([RSA.published]),
    "no keys": answering({}),
    "keys that are an object": answering({"keys": {"rsa-1": RSA.published}}),
    "an empty set": answering({"keys": []}),
    "bad keys only": answering({"keys": list(BAD.values())}),
    "51 keys": answering({"keys": [RSA.published] * 51}),
    "keys twice": answering(b'{"keys": [], "keys": []}'),
    "10 MB": answering(GOOD_KEYS | {"x": "a" * 10_000_000}),
    "10 MB without end": endless,
    "silence": silent,
    "a trickle": trickling(written(GOOD_KEYS)),
}


@pytest.mark.parametrize("answer", FAULTS.values(), ids=FAULTS.keys())
def test_the_last_good_keys_outlive_a_faulty_provider_by_an_hour(
    provider: OpenIdProvider, answer: Answer
) -> None:
    async def scenario() -> None:
        clock, healthy = FakeClock(), provider.server.paths[KEYS]
        async with verifying(provider, clock, seconds=0.3) as verifier:
            token = provider.token(RSA, exp=int(NOW) + 80_000)
            await verifier.subject_of(token)
            provider.server.paths[KEYS] = answer
            clock.forward(STALE_SECONDS - 1)
            assert await verifier.subject_of(token) == SUBJECT
            await verifier_at_rest(verifier)
            clock.forward(RETRY_SECONDS)
            assert await unavailable(verifier.subject_of(token)) == "no-keys"
            provider.server.paths[KEYS] = healthy
            clock.forward(RETRY_SECONDS)
            assert await verifier.subject_of(token) == SUBJECT
        assert provider.fetches == 4

    run(scenario)


async def verifier_at_rest(verifier: OidcVerifier) -> None:
    """Wait until no fetch is under way."""
    flights = verifier._keys._flights  # pylint: disable=protected-access  # nothing else tells
    while flights:
        await asyncio.sleep(0.01)


def test_an_hour_without_the_provider_costs_two_fetches_a_minute(
    provider: OpenIdProvider,
) -> None:
    async def scenario() -> None:
        clock = FakeClock()
        async with verifying(provider, clock) as verifier:
            token = provider.token(RSA, exp=int(NOW) + 80_000)
            await verifier.subject_of(token)
            provider.server.paths[KEYS] = hang_up
            for _ in range(int(STALE_SECONDS) - 1):
                clock.forward(1)
                assert await verifier.subject_of(token) == SUBJECT
                await verifier_at_rest(verifier)
            outage = STALE_SECONDS - FRESH_SECONDS
            assert provider.fetches == 1 + outage / COOLDOWN_SECONDS
            for _ in range(60):
                clock.forward(1)
                assert await unavailable(verifier.subject_of(token)) == "no-keys"
            assert provider.fetches <= 1 + outage / COOLDOWN_SECONDS + 60 / RETRY_SECONDS + 1

    run(scenario)


def test_how_long_keys_outlive_the_provider_can_be_chosen(provider: OpenIdProvider) -> None:
    async def scenario() -> None:
        clock = FakeClock()
        async with verifying(provider, clock, stale_seconds=120) as verifier:
            token = provider.token(RSA)
            await verifier.subject_of(token)
            provider.server.paths[KEYS] = hang_up
            clock.forward(119)
            assert await verifier.subject_of(token) == SUBJECT
            clock.forward(1)
            assert await unavailable(verifier.subject_of(token)) == "no-keys"

    run(scenario)


def test_an_unknown_key_cannot_be_judged_in_an_outage(provider: OpenIdProvider) -> None:
    async def scenario() -> None:
        clock = FakeClock()
        async with verifying(provider, clock) as verifier:
            await verifier.subject_of(provider.token(RSA))
            provider.server.paths[KEYS] = hang_up
            for _ in range(20):
                clock.forward(1)
                reason = await unavailable(verifier.subject_of(provider.token(NEW)))
                assert (reason, provider.fetches) == ("unknown-key", 2)
            provider.publish(NEW)
            clock.forward(COOLDOWN_SECONDS)
            assert await verifier.subject_of(provider.token(NEW)) == SUBJECT
            assert await not_proven(verifier.subject_of(provider.token(CURVE))) == "unknown-key"

    run(scenario)


@pytest.mark.parametrize("discover", [True, False], ids=["discovered", "keys named"])
def test_a_provider_that_is_away_at_the_start_is_tried_every_5_s(
    provider: OpenIdProvider, discover: bool
) -> None:
    async def scenario() -> None:
        clock, healthy = FakeClock(), provider.server.paths[KEYS]
        provider.server.paths[KEYS] = hang_up
        async with verifying(provider, clock, discover=discover) as verifier:
            token = provider.token(RSA)
            for tick in range(20):
                assert await unavailable(verifier.subject_of(token)) == "no-keys"
                assert provider.fetches == 1 + tick // int(RETRY_SECONDS)
                clock.forward(1)
            provider.server.paths[KEYS] = healthy
            assert await verifier.subject_of(token) == SUBJECT

    run(scenario)


@pytest.mark.parametrize("path", [DISCOVERY, KEYS])
@pytest.mark.parametrize(
    "slow", [silent, trickling(written(GOOD_KEYS))], ids=["silence", "trickle"]
)
def test_a_slow_provider_is_given_up_at_the_deadline(
    provider: OpenIdProvider, path: str, slow: Answer
) -> None:
    async def scenario() -> None:
        provider.server.paths[path] = slow
        async with verifying(provider, FakeClock(), seconds=0.3, discover=True) as verifier:
            started = time.monotonic()
            await unavailable(verifier.subject_of(provider.token(RSA)))
            seconds = time.monotonic() - started
        assert seconds >= 0.3
        in_time(seconds, 0.3 + SLACK)

    run(scenario)


# Other hosts


@pytest.mark.parametrize("path", [DISCOVERY, KEYS])
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_to_another_host_is_not_followed(
    provider: OpenIdProvider, path: str, status: int
) -> None:
    async def scenario() -> None:
        with upstream(answering(GOOD_KEYS)) as other:
            provider.server.paths[path] = answering(b"", status, location=other.url + KEYS)
            async with verifying(provider, discover=True) as verifier:
                token = provider.token(RSA)
                assert await unavailable(verifier.subject_of(token)) == "no-keys"
            assert other.count() == 0

    run(scenario)


def test_a_discovery_document_sends_us_to_no_other_host(provider: OpenIdProvider) -> None:
    async def scenario() -> None:
        with upstream(answering(GOOD_KEYS)) as other:
            host = provider.server.url.removeprefix("http://")
            for url in (other.url, f"http://{host}@{other.url[7:]}", f"https://{host}", "http://["):
                provider.announce(jwks_uri=url + KEYS)
                async with verifying(provider, discover=True) as verifier:
                    await unavailable(verifier.subject_of(provider.token(RSA)))
            assert (other.count(), provider.fetches) == (0, 0)

    run(scenario)


@pytest.mark.parametrize("lie", [
    {"issuer": "https://other.example"}, {"issuer": None}, {"jwks_uri": None}, {"jwks_uri": 1},
    {"jwks_uri": KEYS}, {"jwks_uri": ""}, {"jwks_uri": "file:///etc/passwd"},
], ids=str)
def test_a_discovery_document_that_lies_is_no_use(provider: OpenIdProvider, lie: Any) -> None:
    async def scenario() -> None:
        provider.announce(**lie)
        async with verifying(provider, discover=True) as verifier:
            await unavailable(verifier.subject_of(provider.token(RSA)))
        assert provider.fetches == 0

    run(scenario)
