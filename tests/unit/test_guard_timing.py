"""The guard takes as long to refuse one token as another, whatever is wrong with it."""

import asyncio
import dataclasses
import statistics
import time
from collections import deque
from collections.abc import Callable

import pytest

from adapters.jwt.guard import JwtGuard
from application.tokens import Unauthenticated
from domain.client import KeyState
from tests.support.in_time import in_time
from tests.unit.test_jwt_guard import (
    AUDIENCE,
    NOW,
    OTHER,
    SECRET,
    Directory,
    bearer,
    by_secret,
    claims,
    curve_key,
    curve_sign,
    header,
    known_key,
    public_pem,
    rsa_key,
    rsa_sign,
    token,
)

ROUNDS = 300
ALIKE = 1.5
"""How many times as long as another the median refusal may take, on a busy machine."""

SIGNING: dict[str, tuple[str, bytes, Callable[[bytes], bytes]]] = {
    "HS256": ("prepay-3f9a2c", SECRET, by_secret(OTHER)),
    "ES256": ("prepay-es", public_pem(curve_key()), curve_sign),
    "RS256": ("prepay-rs", public_pem(rsa_key()), rsa_sign),
}


def refusals(algorithm: str, number: int) -> dict[str, tuple[bytes, str]]:
    """Give tokens that prove nothing for different reasons, and those; none was seen before."""
    key_id, _, sign = SIGNING[algorithm]
    body = claims(jti=f"t-{number}")
    signature = sign(b"something else")

    def forged(kid: str, body: bytes = body) -> bytes:
        return token(header(alg=algorithm, kid=kid), body, lambda _: signature)

    # Beyond the modulus of an RSA key, and below what no key of its length can have; the others
    # refuse it as they refuse any.
    beyond = signature if algorithm != "RS256" else b"\xff" * 200 + bytes(len(signature) - 200)
    large = token(header(alg=algorithm, kid=key_id), body, lambda _: beyond)
    return {
        "large signature": (large, "bad-signature"),
        "unknown kid": (forged(f"nobody-{number:04}"), "unknown-key"),
        "unknown client": (forged(f"nobody-{number:04}", claims(iss="nobody")), "unknown-key"),
        "bad signature": (forged(key_id), "bad-signature"),
        "revoked key": (forged("revoked"), "inactive-key"),
        "pending key": (forged("pending"), "inactive-key"),
        "unreadable key": (forged("unreadable"), "unreadable-key"),
        "wrong algorithm": (forged("other"), "wrong-algorithm"),
    }


def held_for_timing(algorithm: str) -> Directory:
    """Give a directory with a key of each kind, in every state that is refused."""
    key_id, secret, _ = SIGNING[algorithm]
    other = next(name for name in SIGNING if name != algorithm)
    return Directory(
        known_key(key_id, secret, algorithm),
        known_key("revoked", secret, algorithm, state=KeyState.REVOKED),
        known_key("pending", secret, algorithm, state=KeyState.PENDING),
        dataclasses.replace(known_key("unreadable", secret, algorithm), secret=None),
        known_key("other", SIGNING[other][1], other),
    )


@pytest.mark.parametrize("algorithm", SIGNING)
def test_no_reason_for_a_refusal_takes_longer_than_another(
    algorithm: str, capsys: pytest.CaptureFixture[str]
) -> None:
    guard = JwtGuard(held_for_timing(algorithm), AUDIENCE, lambda: NOW)

    async def timed(text: bytes, reason: str) -> float:
        began = time.thread_time()
        try:
            await guard.verify([bearer(text)])
        except Unauthenticated as error:
            taken = time.thread_time() - began
            assert error.reason == reason
            return taken
        raise AssertionError("it proves something")

    async def measured() -> dict[str, float]:
        taken: dict[str, list[float]] = {}
        for number in range(ROUNDS):
            in_turn = deque(refusals(algorithm, number).items())
            # What comes first finds the caches full of what made the tokens.
            in_turn.rotate(number)
            for name, (text, reason) in in_turn:
                taken.setdefault(name, []).append(await timed(text, reason))
        return {name: statistics.median(times) * 1e6 for name, times in taken.items()}

    medians = asyncio.run(measured())
    with capsys.disabled():
        print(f"\n{algorithm}, median µs of {ROUNDS}:", {n: round(t) for n, t in medians.items()})
    slowest, quickest = max(medians.values()) / 1e6, min(medians.values()) / 1e6
    in_time(slowest, ALIKE * quickest)
