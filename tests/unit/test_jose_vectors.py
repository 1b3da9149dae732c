"""Vectors that others made: their good signatures are good here, and none of their tokens is."""

import asyncio
import base64
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jose import jwk

from adapters.jwt.guard import JwtGuard
from adapters.jwt.signature import check_signature
from application.tokens import KnownKey, Unauthenticated
from tests.unit.test_jwt_guard import (
    AUDIENCE,
    NOW,
    SECRET,
    Directory,
    bearer,
    encode,
    hmac_of,
    known_key,
)

DATA = Path(__file__).parents[1] / "data"
ALGORITHMS = {
    "ecdsa_secp256r1_sha256_p1363_test": "ES256",
    "rsa_signature_2048_sha256_test": "RS256",
    "rsa_signature_3072_sha256_test": "RS256",
}
"""Wycheproof's files, and the algorithm that each is about."""

RFC: list[dict[str, Any]] = json.loads((DATA / "jose/rfc_signatures.json").read_text("utf-8"))
OURS = ("HS256", "ES256", "RS256")


def refusal(known: KnownKey, algorithm: str, signed: bytes, signature: bytes) -> str | None:
    """Give the reason for which a signature is refused; None where it is good."""
    try:
        check_signature(known, algorithm, signed, signature)
    except Unauthenticated as error:
        return error.reason
    return None


# Signatures: Wycheproof


def cases(name: str) -> Iterator[tuple[KnownKey, dict[str, Any]]]:
    """Give each vector of a file with its key as a client would have registered it."""
    document = json.loads((DATA / f"wycheproof/{name}.json").read_text("utf-8"))
    for group in document["testGroups"]:
        key = known_key("vector", group["publicKeyPem"].encode(), ALGORITHMS[name])
        for vector in group["tests"]:
            yield key, vector


@pytest.mark.parametrize("name", ALGORITHMS)
def test_a_signature_is_good_exactly_where_wycheproof_says_so(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong, counts = [], Counter[str]()
    for key, vector in cases(name):
        signed, signature = bytes.fromhex(vector["msg"]), bytes.fromhex(vector["sig"])
        reason = refusal(key, ALGORITHMS[name], signed, signature)
        counts[f"{vector['result']}: {reason or 'good'}"] += 1
        expected = {"valid": (None,), "invalid": ("bad-signature",)}
        if reason not in expected.get(vector["result"], (None, "bad-signature")):
            wrong.append((vector["tcId"], vector["flags"], vector["comment"], reason))
    with capsys.disabled():
        print(f"\n{name}: {dict(counts)}")
    assert not wrong
    assert counts.total() > 250


@pytest.mark.parametrize("name", ALGORITHMS)
def test_no_signature_of_a_vector_is_good_under_another_algorithm(name: str) -> None:
    for key, vector in cases(name):
        signed, signature = bytes.fromhex(vector["msg"]), bytes.fromhex(vector["sig"])
        for other in {*OURS, "none", "HS512", "PS256", "ES384"} - {ALGORITHMS[name]}:
            assert refusal(key, other, signed, signature) == "wrong-algorithm"


# Signatures: the standards


def registered(vector: dict[str, Any]) -> KnownKey:
    """Give the key of a vector as a client would have registered it."""
    numbers = vector["key"]
    if numbers["kty"] == "oct":
        secret = base64.urlsafe_b64decode(numbers["k"] + "==")
    else:
        made_for = "RS256" if numbers["kty"] == "RSA" else vector["algorithm"]
        secret = jwk.construct(numbers, made_for).to_pem()
    return known_key("vector", secret, vector["algorithm"])


def parts(token: str) -> tuple[bytes, bytes]:
    """Give what is signed, and the signature."""
    signed, _, signature = token.encode().rpartition(b".")
    return signed, base64.urlsafe_b64decode(signature + b"=" * (-len(signature) % 4))


def named(*algorithms: str) -> list[Any]:
    """Give the vectors of some algorithms, each by the name of its section."""
    return [pytest.param(v, id=v["source"]) for v in RFC if v["algorithm"] in algorithms]


@pytest.mark.parametrize("vector", named("ES256", "RS256"))
def test_the_signatures_that_the_standards_print_are_good(vector: dict[str, Any]) -> None:
    key, (signed, signature) = registered(vector), parts(vector["token"])
    assert refusal(key, vector["algorithm"], signed, signature) is None
    assert refusal(key, vector["algorithm"], signed + b"x", signature) == "bad-signature"


@pytest.mark.parametrize("vector", [v for v in named("HS256") if "7797 4.2" not in v.id])
def test_the_macs_that_the_standards_print_are_ours_though_no_such_key_is_registered(
    vector: dict[str, Any],
) -> None:
    key, (signed, signature) = registered(vector), parts(vector["token"])
    assert key.secret is not None and jwk.construct(key.secret, "HS256").verify(signed, signature)
    # Our keys are texts, and these are octets.
    assert refusal(key, "HS256", signed, signature) == "weak-key"


@pytest.mark.parametrize("vector", named("ES512", "PS384"))
def test_a_good_signature_by_another_algorithm_is_not_looked_at(vector: dict[str, Any]) -> None:
    for algorithm in OURS:
        known = known_key("vector", registered(vector).secret or b"", algorithm)
        signed, signature = parts(vector["token"])
        assert refusal(known, vector["algorithm"], signed, signature) == "wrong-algorithm"
        assert refusal(known, algorithm, signed, signature) in ("bad-signature", "weak-key")


# Tokens


def groups() -> dict[str, list[str]]:
    """Give all tokens by where they come from."""
    found = {
        group["package"]: group["tokens"]
        for group in json.loads((DATA / "jose/tokens.json").read_text("utf-8"))
    }
    return found | {"the standards": [vector["token"] for vector in RFC]}


class EveryName(Directory):
    """A directory in which every key id names a good key, so that no token fails for its key."""

    async def find(self, key_id: str, since: float = 0.0) -> KnownKey | None:
        """Give a key by any id."""
        return known_key(key_id)


def reason_of(token: bytes) -> str:
    """Give the reason for which the guard refuses a token; raises whatever else it raises."""
    guard = JwtGuard(EveryName(), AUDIENCE, lambda: NOW)
    with pytest.raises(Unauthenticated) as refused:
        asyncio.run(guard.verify([bearer(token)]))
    return refused.value.reason


def as_our_client_would_sign(token: str) -> Iterator[bytes]:
    """Give the token's own header and claims, then its claims alone, rightly signed by us."""
    head, _, rest = token.encode("latin-1").partition(b".")
    body = rest.partition(b".")[0]
    ours = encode(b'{"alg": "HS256", "typ": "JWT", "kid": "prepay-3f9a2c"}')
    for first in (head, ours):
        signed = first + b"." + body
        yield signed + b"." + encode(hmac_of(signed, SECRET))


@pytest.mark.parametrize("package", groups())
def test_no_token_of_others_proves_anything_even_if_our_client_signs_it(
    package: str, capsys: pytest.CaptureFixture[str]
) -> None:
    tokens = groups()[package]
    as_they_are = Counter(reason_of(token.encode("latin-1")) for token in tokens)
    signed = Counter(
        reason_of(one) for token in tokens for one in as_our_client_would_sign(token)
    )
    with capsys.disabled():
        print(f"\n{package}, {len(tokens)}: {dict(as_they_are)}, signed by us {dict(signed)}")
    assert as_they_are.total() == len(tokens) and signed.total() == 2 * len(tokens)


def test_there_are_tokens_of_many_kinds() -> None:
    found = groups()
    assert len(found) == 6 and sum(map(len, found.values())) > 150
