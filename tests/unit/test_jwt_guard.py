"""The guard: what proves a client, and the hundreds of tokens that must prove nothing."""

import asyncio
import base64
import dataclasses
import hashlib
import hmac
import json
import math
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from functools import cache
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from hypothesis import given
from hypothesis import strategies as st
from jose import jwt

from adapters.jwt.guard import JwtGuard
from adapters.jwt.keys import make_key, mint
from application.tokens import KnownKey, ProvenToken, Unauthenticated
from domain.client import Client, ClientKey, KeyState, Mode

NOW = 1_800_000_000
AUDIENCE = "https://loapi.test"
SECRET = b"loapi_test_prepay-3f9a2c_" + b"0aZ9" * 12
OTHER = b"loapi_test_titles-77aa01_" + b"9Za0" * 12
OURS = Client(client_id="prepay", scopes=("payoff:write",))
GONE: Any = object()
"""In a table: the member is absent."""


class Directory:
    """Clients in memory."""

    def __init__(self, *known: KnownKey) -> None:
        self.known = {each.key.key_id: each for each in known}

    async def find(self, key_id: str, since: float = -math.inf) -> KnownKey | None:
        """Give the key, or None."""
        return self.known.get(key_id)

    def change(self, key_id: str, **changes: Any) -> None:
        """Change a key's record."""
        known = self.known[key_id]
        key = dataclasses.replace(known.key, **changes)
        self.known[key_id] = dataclasses.replace(known, key=key)


def known_key(
    key_id: str = "prepay-3f9a2c",
    secret: bytes = SECRET,
    algorithm: str = "HS256",
    client: Client = OURS,
    state: KeyState = KeyState.ACTIVE,
) -> KnownKey:
    """Make a key as the directory knows it."""
    key = ClientKey(
        key_id=key_id, client_id=client.client_id, algorithm=algorithm, sealed="", state=state,
        version=1,
    )
    return KnownKey(client=client, key=key, secret=secret)


@cache
def curve_key() -> ec.EllipticCurvePrivateKey:
    """Make the client's P-256 key once."""
    return ec.generate_private_key(ec.SECP256R1())


@cache
def rsa_key(bits: int = 2048) -> rsa.RSAPrivateKey:
    """Make the client's RSA key once."""
    return rsa.generate_private_key(65537, bits)


def public_pem(key: Any) -> bytes:
    """Write the public half as clients register it."""
    pem: bytes = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return pem


def private_pem(key: Any) -> bytes:
    """Write the private half, which no client should ever register."""
    pem: bytes = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return pem


def public_der(key: Any) -> bytes:
    """Write the public half in DER."""
    der: bytes = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return der


def public_ssh(key: Any) -> bytes:
    """Write the public half as OpenSSH does."""
    line: bytes = key.public_key().public_bytes(
        serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
    )
    return line


@cache
def directory() -> Directory:
    """Give a directory that no test changes."""
    return Directory(
        known_key(),
        known_key("titles-77aa01", OTHER, client=Client(client_id="titles")),
        known_key("prepay-es", public_pem(curve_key()), "ES256"),
        known_key("prepay-rs", public_pem(rsa_key()), "RS256"),
        known_key("prepay-pem", public_pem(rsa_key()), "HS256"),
        known_key("prepay-revoked", state=KeyState.REVOKED),
        known_key("prepay-pending", state=KeyState.PENDING),
        known_key("prepay-retiring", state=KeyState.RETIRING),
    )


def verify(*headers: bytes, by: JwtGuard | None = None) -> ProvenToken:
    """Ask the guard."""
    guard = by or JwtGuard(directory(), AUDIENCE, lambda: NOW)
    return asyncio.run(guard.verify(headers))


def encode(data: bytes) -> bytes:
    """Write base64url as JWS wants it."""
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def without_gone(members: dict[str, Any]) -> dict[str, Any]:
    """Leave out the members that a table marks as absent."""
    return {name: value for name, value in members.items() if value is not GONE}


def header(**changes: Any) -> bytes:
    """Write a good header, but for the changes."""
    good = {"alg": "HS256", "typ": "JWT", "kid": "prepay-3f9a2c"}
    return json.dumps(without_gone(good | changes)).encode()


def claims(**changes: Any) -> bytes:
    """Write good claims, but for the changes."""
    good = {
        "iss": "prepay", "aud": AUDIENCE, "iat": NOW - 5, "exp": NOW + 60, "jti": "t-1",
        "request_context": {"user_id": "u.17", "location_id": 26378},
    }
    return json.dumps(without_gone(good | changes)).encode()


def hmac_of(signed: bytes, secret: bytes = SECRET, digest: str = "sha256") -> bytes:
    """Sign as HS256 does, with nothing in the way."""
    return hmac.new(secret, signed, digest).digest()


def token(
    head: bytes | None = None,
    body: bytes | None = None,
    sign: Callable[[bytes], bytes] = hmac_of,
) -> bytes:
    """Make a token with a right signature over whatever it holds."""
    signed = encode(head or header()) + b"." + encode(body if body is not None else claims())
    return signed + b"." + encode(sign(signed))


def bearer(text: bytes) -> bytes:
    """Write the header's value."""
    return b"Bearer " + text


def signed_text(head: bytes, body: bytes) -> bytes:
    """Make a token of segments as they are, with a right signature over their text."""
    return bearer(head + b"." + body + b"." + encode(hmac_of(head + b"." + body)))


def curve_sign(signed: bytes) -> bytes:
    """Sign as ES256 does."""
    r, s = decode_dss_signature(curve_key().sign(signed, ec.ECDSA(hashes.SHA256())))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def curve_sign_der(signed: bytes) -> bytes:
    """Sign with the right key, in the encoding that JWS does not use."""
    return curve_key().sign(signed, ec.ECDSA(hashes.SHA256()))


def rsa_sign(signed: bytes) -> bytes:
    """Sign as RS256 does."""
    return rsa_key().sign(signed, padding.PKCS1v15(), hashes.SHA256())


def rsa_sign_pss(signed: bytes) -> bytes:
    """Sign as PS256 does."""
    pss = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
    return rsa_key().sign(signed, pss, hashes.SHA256())


def by_secret(secret: bytes) -> Callable[[bytes], bytes]:
    """Sign as HS256 does, with another secret."""
    return lambda signed: hmac_of(signed, secret)


def table(attacks: dict[str, Any], make: Callable[[Any], bytes]) -> list[Any]:
    """Turn rows into Authorization values, with the row's name as the test's."""
    return [pytest.param(make(row), id=name) for name, row in attacks.items()]


def raw_claims(member: str) -> bytes:
    """Write good claims with one more member, as text."""
    return claims()[:-1] + b", " + member.encode() + b"}"


GOOD = token()
HEAD, BODY, SIGNATURE = GOOD.split(b".")
STRANGE: dict[str, Any] = {
    "null": None, "true": True, "false": False, "a number": 7, "a float": 1.5, "zero": 0,
    "a list": ["x"], "an empty list": [], "an object": {"x": 1}, "an empty object": {},
}
NO_TEXT = STRANGE | {"empty": "", "NUL": "a\0b", "a newline": "a\nb", "CRLF": "a\r\nb: c",
                     "a trailing newline": "a\n", "a space": "a b", "tab": "a\tb", "not ASCII": "é",
                     "right to left": "\u202eabc", "4 KB": "a" * 4096, "emoji": "\U0001f600"}

ENVELOPES = {
    "nothing": b"",
    "scheme only": b"Bearer",
    "scheme and space": b"Bearer ",
    "lower case scheme": b"bearer " + GOOD,
    "upper case scheme": b"BEARER " + GOOD,
    "mixed case scheme": b"bEARER " + GOOD,
    "no scheme": GOOD,
    "another scheme": b"Basic " + GOOD,
    "JWT as scheme": b"JWT " + GOOD,
    "DPoP": b"DPoP " + GOOD,
    "Basic credentials": b"Basic cHJlcGF5OnNlY3JldA==",
    "two spaces": b"Bearer  " + GOOD,
    "a tab": b"Bearer\t" + GOOD,
    "no space": b"Bearer" + GOOD,
    "a colon": b"Bearer: " + GOOD,
    "an equals sign": b"Bearer=" + GOOD,
    "space in front": b" Bearer " + GOOD,
    "space behind": b"Bearer " + GOOD + b" ",
    "newline behind": b"Bearer " + GOOD + b"\n",
    "CRLF behind": b"Bearer " + GOOD + b"\r\nX-Evil: 1",
    "NUL behind": b"Bearer " + GOOD + b"\0",
    "quotes around": b'Bearer "' + GOOD + b'"',
    "a comma and a second token": b"Bearer " + GOOD + b", Bearer " + GOOD,
    "two tokens": b"Bearer " + GOOD + b" " + GOOD,
    "a key text itself": b"Bearer " + SECRET,
    "null": b"Bearer null",
    "undefined": b"Bearer undefined",
    "JSON": b"Bearer " + header(),
    "UTF-8": "Bearer é".encode(),
    "UTF-8 in the token": b"Bearer " + "é".encode() + GOOD,
    "Latin-1": b"Bearer \xe9" + GOOD,
    "byte order mark": b"\xef\xbb\xbfBearer " + GOOD,
    "UTF-16": ("Bearer " + GOOD.decode()).encode("utf-16"),
    "60 KB of letters": b"Bearer " + b"a" * 60_000,
    "60 KB of dots": b"Bearer " + b"." * 60_000,
    "8 KB of dots": b"Bearer " + b"." * 8_000,
}

SEGMENTS = {
    "one segment": HEAD,
    "two segments": HEAD + b"." + BODY,
    "two segments and a dot": HEAD + b"." + BODY + b".",
    "four segments": GOOD + b"." + SIGNATURE,
    "five segments, as JWE": b".".join([HEAD, BODY, SIGNATURE, BODY, SIGNATURE]),
    "a dot in front": b"." + GOOD,
    "a dot behind": GOOD + b".",
    "two dots between": HEAD + b".." + BODY + b"." + SIGNATURE,
    "only dots": b"..",
    "no header": b"." + BODY + b"." + SIGNATURE,
    "no claims": HEAD + b".." + SIGNATURE,
    "a detached payload": HEAD + b".." + encode(hmac_of(HEAD + b"." + BODY)),
    "header twice": HEAD + b"." + HEAD + b"." + SIGNATURE,
    "segments swapped": BODY + b"." + HEAD + b"." + SIGNATURE,
    "signature padded": GOOD + b"=",
    "signature padded twice": GOOD + b"==",
    "signature padded four times": GOOD + b"====",
    "signature with junk behind": GOOD + b"!!",
    "signature with junk inside": GOOD[:-5] + b"!" + GOOD[-5:],
    "signature with a newline inside": GOOD[:-5] + b"\n" + GOOD[-5:],
    "signature with a space inside": GOOD[:-5] + b" " + GOOD[-5:],
    "signature with two characters more": GOOD + b"AA",
    "signature with a block more": GOOD + b"AAAA",
    "signature in hexadecimal": HEAD + b"." + BODY + b"." + hmac_of(HEAD + b"." + BODY).hex()
    .encode(),
    "signature of zeros": HEAD + b"." + BODY + b"." + encode(bytes(32)),
    "signature of one byte": HEAD + b"." + BODY + b"." + encode(b"\0"),
    "claims with junk": HEAD + b"." + BODY + b"!." + SIGNATURE,
    "header with junk": b"!" + HEAD + b"." + BODY + b"." + SIGNATURE,
    "JWS as JSON": json.dumps({"protected": HEAD.decode(), "payload": BODY.decode(),
                               "signature": SIGNATURE.decode()}).encode(),
    "percent-encoded dots": GOOD.replace(b".", b"%2E"),
}

ALTERED_BITS = [bytes([*GOOD[:at], GOOD[at] ^ 1 << at % 7, *GOOD[at + 1:]])
                for at in range(len(GOOD))]
TRUNCATED = [GOOD[:length] for length in range(0, len(GOOD), 3)]


def noncanonical_endings() -> Iterator[bytes]:
    """Spell the last character of the signature in every way that decodes to the same bytes."""
    data = base64.urlsafe_b64decode(SIGNATURE + b"=")
    for last in b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_":
        other = GOOD[:-1] + bytes([last])
        if other != GOOD and base64.urlsafe_b64decode(other.split(b".")[2] + b"=") == data:
            yield other


def spelled_in_standard_base64() -> bytes:
    """Make a token whose signature has both of the characters that the alphabets differ in."""
    for number in range(10_000):
        text = token(body=claims(jti=f"t-{number}"))
        signature = text.split(b".")[2]
        if b"-" in signature and b"_" in signature:
            body, _, _ = text.rpartition(b".")
            return body + b"." + signature.replace(b"-", b"+").replace(b"_", b"/")
    raise AssertionError("no such signature in 10,000")


HEADERS: dict[str, bytes] = {
    "no alg": header(alg=GONE),
    "no typ": header(typ=GONE),
    "no kid": header(kid=GONE),
    "empty": b"{}",
    "null": b"null",
    "a list": b"[]",
    "a list of headers": b"[" + header() + b"]",
    "a text": b'"HS256"',
    "a number": b"1",
    "not JSON": b"alg=HS256",
    "two objects": header() + header(),
    "alg twice": b'{"alg": "none", "alg": "HS256", "typ": "JWT", "kid": "prepay-3f9a2c"}',
    "alg twice, the same": b'{"alg": "HS256", "alg": "HS256", "typ": "JWT",'
                           b' "kid": "prepay-3f9a2c"}',
    "alg twice, one escaped": b'{"alg": "HS256", "\\u0061lg": "none", "typ": "JWT",'
                              b' "kid": "prepay-3f9a2c"}',
    "kid twice": b'{"alg": "HS256", "typ": "JWT", "kid": "x", "kid": "prepay-3f9a2c"}',
    "nested 1000 deep": b'{"x": ' + b"[" * 1000 + b"]" * 1000 + b"}",
    "nested 5 deep": header(kid=[[[[["x"]]]]]),
    "a NaN": b'{"alg": "HS256", "typ": "JWT", "kid": NaN}',
    "byte order mark": b"\xef\xbb\xbf" + header(),
    "UTF-16": header().decode().encode("utf-16"),
    "UTF-32": header().decode().encode("utf-32"),
    "Latin-1": b'{"alg": "HS256", "typ": "JWT", "kid": "\xe9"}',
    "half a surrogate pair": b'{"alg": "HS256", "typ": "JWT", "kid": "\\ud800"}',
    "spaces to 2 KB": header() + b" " * 2000,
    "spaces to 60 KB": header() + b" " * 60_000,
    "ALG in capitals": b'{"ALG": "HS256", "typ": "JWT", "kid": "prepay-3f9a2c"}',
    "a comment": header() + b" // x",
}
MORE_MEMBERS: dict[str, Any] = {
    "crit of nothing": {"crit": []},
    "crit unknown": {"crit": ["x-unknown"], "x-unknown": 1},
    "crit exp": {"crit": ["exp"], "exp": NOW + 60},
    "crit alg": {"crit": ["alg"]},
    "crit null": {"crit": None},
    "crit a number": {"crit": [1]},
    "crit a text": {"crit": "b64"},
    "crit an object": {"crit": {}},
    "crit b64": {"crit": ["b64"], "b64": True},
    "b64 false": {"crit": ["b64"], "b64": False},
    "b64 false without crit": {"b64": False},
    "jku": {"jku": "https://evil.test/keys"},
    "jku to ourselves": {"jku": "http://169.254.169.254/"},
    "jwk": {"jwk": {"kty": "oct", "k": "YQ"}},
    "x5u": {"x5u": "https://evil.test/cert"},
    "x5c": {"x5c": ["MIIB"]},
    "x5t": {"x5t": "abc"},
    "x5t#S256": {"x5t#S256": "abc"},
    "cty JWT": {"cty": "JWT"},
    "zip": {"zip": "DEF"},
    "enc": {"enc": "A256GCM"},
    "epk": {"epk": {}},
    "p2c": {"p2c": 10**9},
    "iss in the header": {"iss": "prepay"},
    "aud in the header": {"aud": AUDIENCE},
    "nonce": {"nonce": "x"},
    "an empty name": {"": 1},
    "a name with NUL": {"kid\0": "x"},
    "alg with a space": {"alg ": "none"},
}
TYPES: dict[str, Any] = NO_TEXT | {
    "at+jwt": "at+jwt", "lower case": "jwt", "mixed case": "Jwt", "JOSE": "JOSE", "JWE": "JWE",
    "secevent": "secevent+jwt", "media type": "application/jwt", "dpop": "dpop+jwt",
    "a list with JWT": ["JWT"], "space behind": "JWT ",
}
ALGORITHMS: dict[str, Any] = NO_TEXT | {
    name: name for name in (
        "none", "None", "NONE", "nOnE", "none ", "hs256", "Hs256", "HS256 ", " HS256", "HS384",
        "HS512", "HS1", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES256K",
        "ES384", "ES512", "EdDSA", "dir", "A128KW", "A256GCM", "RSA1_5", "RSA-OAEP",
        "PBES2-HS256+A128KW", "SHA256", "HMAC", "http://www.w3.org/2001/04/xmldsig#hmac-sha1",
    )
} | {"a list with HS256": ["HS256"], "a list of both": ["HS256", "none"],
     "an object with HS256": {"HS256": 1}, "Cyrillic": "\u041dS256", "256": 256}
KEY_IDS: dict[str, Any] = NO_TEXT | {
    name: name for name in (
        "unknown", "prepay-3f9a2C", "PREPAY-3F9A2C", "prepay-3f9a2c ", " prepay-3f9a2c",
        "prepay-3f9a2c\n", "prepay-3f9a2c\0", "prepay-3f9a2c\r\n", "../../../dev/null",
        "/dev/null", "file:///etc/passwd", "x' UNION SELECT 'key", "' OR '1'='1", "$(id)", "`id`",
        "{{7*7}}", "%s%s%n", "${jndi:ldap://evil.test}", "prepay-3f9a2c,x", "prepay-3f9a2c;x",
        "prepay-3f9a2c%00", "<b>", "\\", "__proto__", "*", "%", "_",
    )
} | {"129 letters": "a" * 129, "a list with the kid": ["prepay-3f9a2c"],
     "an object with the kid": {"kid": "prepay-3f9a2c"}, "full width": "ｐrepay-3f9a2c",
     "revoked": "prepay-revoked", "pending": "prepay-pending",
     "retired without a time": "prepay-retiring"}

BODIES: dict[str, bytes] = {
    "empty": b"",
    "null": b"null",
    "true": b"true",
    "a number": b"1",
    "a text": b'"prepay"',
    "a list": b"[]",
    "a list of claims": b"[" + claims() + b"]",
    "no claims": b"{}",
    "not JSON": b"iss=prepay",
    "two objects": claims() + claims(),
    "cut": claims()[:-1],
    "a trailing comma": claims()[:-1] + b",}",
    "byte order mark": b"\xef\xbb\xbf" + claims(),
    "UTF-16": claims().decode().encode("utf-16"),
    "UTF-16 without mark": claims().decode().encode("utf-16-le"),
    "UTF-32": claims().decode().encode("utf-32"),
    "Latin-1": raw_claims('"x": "?"').replace(b"?", b"\xe9"),
    "overlong UTF-8": raw_claims('"x": "?"').replace(b"?", b"\xc0\xaf"),
    "half a surrogate pair": raw_claims('"x": "\\ud800"'),
    "half a surrogate pair in a name": raw_claims('"\\udfff": 1'),
    "NaN": raw_claims('"x": NaN'),
    "Infinity": raw_claims('"x": Infinity'),
    "-Infinity": raw_claims('"x": -Infinity'),
    "1e400": raw_claims('"x": 1e400'),
    "an integer of 5000 digits": raw_claims('"x": ' + "9" * 5000),
    "a raw NUL": raw_claims('"x": "\0"'),
    "an array 1000 deep": b"[" * 1000 + b"]" * 1000,
    "an array 2500 deep": b"[" * 2500 + b"]" * 2500,
    "an extra claim 1000 deep": raw_claims('"x": ' + "[" * 1000 + "]" * 1000),
    "an extra claim 1000 objects deep": raw_claims('"x": ' + '{"a":' * 1000 + "1" + "}" * 1000),
    "an extra claim 4 deep": raw_claims('"x": [[[[]]]]'),
    "an open array 5000 deep": b"[" * 5000,
    "request_context 1000 deep": claims(request_context=GONE)[:-1]
    + b', "request_context": ' + b"[" * 1000 + b"]" * 1000 + b"}",
    "2000 claims": claims(**{f"c{i}": i for i in range(2000)}),
    "60 KB of claims": claims(x="a" * 60_000),
    "iss twice": raw_claims('"iss": "prepay"'),
    "iss twice, escaped": raw_claims('"\\u0069ss": "titles"'),
    "aud twice": raw_claims(f'"aud": "{AUDIENCE}"'),
    "exp twice": raw_claims(f'"exp": {NOW + 60}'),
    "iat twice": raw_claims(f'"iat": {NOW}'),
    "jti twice": raw_claims('"jti": "t-2"'),
    "request_context twice": raw_claims('"request_context": {}'),
    "an extra claim twice": raw_claims('"x": 1, "x": 1'),
    "user_id twice": claims(request_context=GONE)[:-1]
    + b', "request_context": {"user_id": "a", "user_id": "b"}}',
    "a nested token": token(),
}
TIMES: dict[str, Any] = {
    "null": None, "true": True, "a text": str(NOW + 60), "a text with underscores": "1_800_000_060",
    "a text with spaces": f" {NOW + 60} ", "a text in Arabic digits": "١٨٠٠٠٠٠٠٦٠", "empty": "",
    "a list": [NOW + 60], "an empty list": [], "an object": {"t": NOW + 60}, "an empty object": {},
    "a float": NOW + 60.0, "half a second": NOW + 59.5, "a tiny float": 1e-300, "1e308": 1e308,
    "zero": 0, "minus one": -1, "huge": 10**30, "hugely negative": -(10**30),
    "4000 digits": int("9" * 4000), "2^63": 2**63, "2^31": 2**31,
    "ISO 8601": "2027-01-15T08:01:00Z",
}
EXPIRIES: dict[str, Any] = TIMES | {
    "absent": GONE, "false": False, "now": NOW, "a second ago": NOW - 1, "at iat": NOW - 5,
    "before iat": NOW - 6, "an hour ago": NOW - 3600, "a day ahead": NOW + 86_400,
    "296 s after iat and 301 after it": NOW + 296, "301 s ahead": NOW + 301,
    "ten years ahead": NOW + 315_360_000, "in milliseconds": (NOW + 60) * 1000,
    "in microseconds": (NOW + 60) * 10**6, "in nanoseconds": (NOW + 60) * 10**9,
}
ISSUES: dict[str, Any] = TIMES | {
    "absent": GONE, "false": False, "31 s ahead": NOW + 31, "an hour ahead": NOW + 3600,
    "a year old": NOW - 31_536_000, "241 s old": NOW - 241, "in milliseconds": NOW * 1000,
}
PAIRS = {
    "from 30 s ahead, expiring at once": (NOW + 30, NOW + 30),
    "from 30 s ahead, expiring before": (NOW + 30, NOW + 20),
    "from 30 s ahead, expiring 301 s ahead": (NOW + 30, NOW + 301),
    "from a second ahead, for 300 s": (NOW + 1, NOW + 301),
    "for 301 s": (NOW - 1, NOW + 300),
    "all of time": (0, 2**63),
    "before time": (-300, -1),
    "both in milliseconds": (NOW * 1000, (NOW + 60) * 1000),
}
STARTS: dict[str, Any] = {name: value for name, value in TIMES.items()
                          if name not in ("zero", "minus one", "hugely negative")} | {
    "31 s ahead": NOW + 31, "an hour ahead": NOW + 3600, "in milliseconds": NOW * 1000}
ISSUERS: dict[str, Any] = NO_TEXT | {
    "absent": GONE, "another client": "titles", "capitals": "Prepay", "space behind": "prepay ",
    "NUL behind": "prepay\0", "newline behind": "prepay\n", "a list with ours": ["prepay"],
    "an object with ours": {"prepay": 1}, "the key id": "prepay-3f9a2c", "a part": "prepa",
    "Cyrillic": "рrepay",
}
AUDIENCES: dict[str, Any] = NO_TEXT | {
    "absent": GONE, "another": "https://other.test", "a list with ours": [AUDIENCE],
    "a list with ours and another": [AUDIENCE, "https://other.test"],
    "an object with ours": {AUDIENCE: 1}, "a slash behind": AUDIENCE + "/",
    "capitals": AUDIENCE.upper(), "a part": AUDIENCE[:-1], "more": AUDIENCE + ".evil.test",
    "two in one text": AUDIENCE + " https://other.test", "newline behind": AUDIENCE + "\n",
}
TOKEN_IDS: dict[str, Any] = NO_TEXT | {"absent": GONE, "129 letters": "a" * 129}
CONTEXTS: dict[str, Any] = {
    "absent": GONE, "null": None, "true": True, "a number": 1, "a text": "u.17", "empty text": "",
    "a list": [], "a list of contexts": [{"user_id": "u.17"}],
    "another member": {"user_id": "u.17", "role": "admin"},
    "an empty member": {"": 1}, "userId": {"userId": "u.17"}, "scopes": {"scopes": ["*"]},
    "user_id with a space": {"user_id ": "u.17"},
}
USERS: dict[str, Any] = NO_TEXT | {
    "41 letters": "a" * 41, "a slash": "a/b", "a quote": "a'b", "a double quote": 'a"b',
    "a comma": "a,b", "an equals sign": "a=b", "a percent": "a%b", "a bracket": "<a>",
    "a plus": "a+b", "a backslash": "a\\b", "a dollar": "$a", "a star": "*", "a semicolon": "a;b",
}
LOCATIONS: dict[str, Any] = {
    name: value for name, value in STRANGE.items() if name != "a number"
} | {"minus one": -1, "one too many": 10_000_000_000, "huge": 10**30, "a text": "26378",
     "a whole float": 26378.0, "empty": "", "4000 digits": int("9" * 4000)}
SECRETS_TOLD: dict[str, Any] = NO_TEXT | {
    "wrong": OTHER.decode(), "cut": SECRET[:-1].decode(), "longer": SECRET.decode() + "x",
    "other case": SECRET.decode().swapcase(), "in a list": [SECRET.decode()],
}
TEXTS: dict[str, Any] = NO_TEXT | {"longer than the token may be": "a" * 8193}


def claim(name: str) -> Callable[[Any], bytes]:
    """Make tokens in which one claim is wrong."""
    return lambda value: bearer(token(body=claims(**{name: value})))


def with_header(**changes: Any) -> bytes:
    """Make a token in which the header differs."""
    return bearer(token(header(**changes)))


def context(name: str) -> Callable[[Any], bytes]:
    """Make tokens in which one member of the request context is wrong."""
    return lambda value: bearer(token(body=claims(request_context={name: value})))


def long_claim(name: str) -> Callable[[Any], bytes]:
    """Make tokens in which a claim that may be long is wrong; 4 KB of letters are right."""
    return lambda value: claim(name)(value if value != "a" * 4096 else "é" * 600)


FORGED = {
    "one byte": lambda signed: b"\0",
    "the secret of another client": by_secret(OTHER),
    "an empty secret": by_secret(b""),
    "a short secret": by_secret(b"a"),
    "the secret without its last letter": by_secret(SECRET[:-1]),
    "the secret with a newline": by_secret(SECRET + b"\n"),
    "the secret in quotes": by_secret(b'"' + SECRET + b'"'),
    "the secret in base64": by_secret(base64.b64encode(SECRET)),
    "the secret's digest as text": by_secret(hashlib.sha256(SECRET).hexdigest().encode()),
    "the secret's SHA-512": by_secret(hashlib.sha512(SECRET).digest()),
    "the key id as the secret": by_secret(b"prepay-3f9a2c"),
    "the audience as the secret": by_secret(AUDIENCE.encode()),
    "SHA-256 without a key": lambda signed: hashlib.sha256(signed).digest(),
    "SHA-256 of key and text": lambda signed: hashlib.sha256(SECRET + signed).digest(),
    "HS384": lambda signed: hmac_of(signed, SECRET, "sha384"),
    "HS512": lambda signed: hmac_of(signed, SECRET, "sha512"),
    "HS1": lambda signed: hmac_of(signed, SECRET, "sha1"),
    "half a signature": lambda signed: hmac_of(signed)[:16],
    "a signature and more": lambda signed: hmac_of(signed) + b"\0",
    "the signature of nothing": lambda signed: hmac_of(b""),
    "the signature of the claims alone": lambda signed: hmac_of(signed.split(b".")[1]),
}
ES, RS = {"alg": "ES256", "kid": "prepay-es"}, {"alg": "RS256", "kid": "prepay-rs"}
CONFUSED: dict[str, bytes] = {
    "RS256 key, HS256 by its PEM": token(header(kid="prepay-rs"), sign=by_secret(
        public_pem(rsa_key()))),
    "RS256 key, HS256 by its PEM, stripped": token(header(kid="prepay-rs"), sign=by_secret(
        public_pem(rsa_key()).strip())),
    "RS256 key, HS256 by its DER": token(header(kid="prepay-rs"), sign=by_secret(
        public_der(rsa_key()))),
    "RS256 key, HS256 by its SSH line": token(header(kid="prepay-rs"), sign=by_secret(
        public_ssh(rsa_key()))),
    "ES256 key, HS256 by its PEM": token(header(kid="prepay-es"), sign=by_secret(
        public_pem(curve_key()))),
    "ES256 key, HS256 by its DER": token(header(kid="prepay-es"), sign=by_secret(
        public_der(curve_key()))),
    "RS256 header, HMAC by its PEM": token(header(**RS), sign=by_secret(public_pem(rsa_key()))),
    "ES256 header, HMAC by its PEM": token(header(**ES), sign=by_secret(public_pem(curve_key()))),
    "HS256 key that is a PEM": token(header(kid="prepay-pem"), sign=by_secret(
        public_pem(rsa_key()))),
    "ES256 key, RS256 header": token(header(alg="RS256", kid="prepay-es"), sign=rsa_sign),
    "RS256 key, ES256 header": token(header(alg="ES256", kid="prepay-rs"), sign=curve_sign),
    "HS256 key, ES256 header": token(header(alg="ES256"), sign=curve_sign),
    "HS256 key, RS256 header": token(header(alg="RS256"), sign=rsa_sign),
    "HS256 header and key, signed by RSA": token(sign=rsa_sign),
    "RS256 signed as PS256": token(header(**RS), sign=rsa_sign_pss),
    "PS256 by the RSA key": token(header(alg="PS256", kid="prepay-rs"), sign=rsa_sign_pss),
    "RS256 signature of zeros": token(header(**RS), sign=lambda _: bytes(256)),
    "RS256 signature of ones": token(header(**RS), sign=lambda _: b"\xff" * 256),
    "RS256 signature too short": token(header(**RS), sign=lambda signed: rsa_sign(signed)[:-1]),
    "RS256 signature too long": token(header(**RS), sign=lambda signed: rsa_sign(signed) + b"\0"),
    "ES256 in DER": token(header(**ES), sign=curve_sign_der),
    "ES256 of zeros": token(header(**ES), sign=lambda _: bytes(64)),
    "ES256 with r zero": token(header(**ES), sign=lambda text: bytes(32) + curve_sign(text)[32:]),
    "ES256 with s zero": token(header(**ES), sign=lambda text: curve_sign(text)[:32] + bytes(32)),
    "ES256 of ones": token(header(**ES), sign=lambda _: b"\xff" * 64),
    "ES256 of one byte": token(header(**ES), sign=lambda _: b"\1"),
    "ES256 with a byte more": token(header(**ES), sign=lambda text: curve_sign(text) + b"\0"),
    "ES256 with r and s swapped": token(header(**ES), sign=lambda text: curve_sign(text)[32:]
                                        + curve_sign(text)[:32]),
    "our key's id, another client's secret and name": token(
        body=claims(iss="titles"), sign=by_secret(OTHER)),
    "another client's key, our name": token(header(kid="titles-77aa01"), sign=by_secret(OTHER)),
    "a psk with ES256": token(header(**ES), claims(psk=SECRET.decode()), curve_sign),
    "a psk with RS256, which is the PEM": token(
        header(**RS), claims(psk=public_pem(rsa_key()).decode()), rsa_sign),
}

ATTACKS = [
    *table(ENVELOPES, bytes),
    *table(SEGMENTS, bearer),
    *table({f"bit of character {at}": text for at, text in enumerate(ALTERED_BITS)}, bearer),
    *table({f"cut to {len(text)}": text for text in TRUNCATED}, bearer),
    *table({f"ending {text[-1:].decode()}": text for text in noncanonical_endings()}, bearer),
    *table({"standard base64": spelled_in_standard_base64()}, bearer),
    *table({f"header padded with {pad}": encode(header() + b" " * spaces) + b"=" * pad
            for spaces, pad in ((0, 1), (1, 2), (2, 3))}, lambda head: signed_text(head, BODY)),
    *table({"claims padded": BODY + b"=", "a dot in the claims": BODY[:8] + b"." + BODY[8:],
            "junk in the claims": BODY[:8] + b"!!!!" + BODY[8:], "a newline": BODY + b"\n",
            "claims as bare JSON": claims()}, lambda body: signed_text(HEAD, body)),
    *table(HEADERS, lambda head: bearer(token(head))),
    *table(MORE_MEMBERS, lambda more: with_header(**more)),
    *table(TYPES, lambda value: with_header(typ=value)),
    *table(ALGORITHMS, lambda value: with_header(alg=value)),
    *table({name: value for name, value in ALGORITHMS.items() if name.lower().startswith("none")},
           lambda value: bearer(token(header(alg=value)).rpartition(b".")[0] + b".")),
    *table(KEY_IDS, lambda value: with_header(kid=value)),
    *table(BODIES, lambda body: bearer(token(body=body))),
    *table(EXPIRIES, claim("exp")),
    *table(ISSUES, claim("iat")),
    *table(STARTS, claim("nbf")),
    *table(PAIRS, lambda pair: bearer(token(body=claims(iat=pair[0], exp=pair[1])))),
    *table(ISSUERS, claim("iss")),
    *table(AUDIENCES, claim("aud")),
    *table(TOKEN_IDS, claim("jti")),
    *table(NO_TEXT, claim("sub")),
    *table(CONTEXTS, claim("request_context")),
    *table(USERS, context("user_id")),
    *table(LOCATIONS, context("location_id")),
    *table(SECRETS_TOLD, claim("psk")),
    *table(TEXTS, long_claim("oidc_token")),
    *table(TEXTS, claim("session_id")),
    *table(TEXTS, claim("htm")),
    *table(TEXTS, claim("htu")),
    *table(TEXTS, claim("body_sha256")),
    *table(FORGED, lambda sign: bearer(token(sign=sign))),
    *table(CONFUSED, bearer),
]

WEAK = {
    "empty": (b"", "HS256"),
    "one letter": (b"a", "HS256"),
    "31 letters": (b"a" * 31, "HS256"),
    "spaces": (b" " * 64, "HS256"),
    "PEM": (public_pem(rsa_key()), "HS256"),
    "PEM of a curve": (public_pem(curve_key()), "HS256"),
    "PEM in one line": (public_pem(rsa_key()).replace(b"\n", b"").replace(b" ", b""), "HS256"),
    "private PEM": (private_pem(curve_key()), "HS256"),
    "DER": (public_der(rsa_key()), "HS256"),
    "DER of a curve": (public_der(curve_key()), "HS256"),
    "DER in base64": (base64.b64encode(public_der(rsa_key())), "HS256"),
    "DER of a curve in base64": (base64.b64encode(public_der(curve_key())), "HS256"),
    "SSH": (public_ssh(rsa_key()), "HS256"),
    "SSH of a curve": (public_ssh(curve_key()), "HS256"),
    "SSH without its spaces": (public_ssh(rsa_key()).replace(b" ", b""), "HS256"),
    "JWK": (b'{"kty":"oct","k":"YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFh"}', "HS256"),
    "a newline behind": (SECRET + b"\n", "HS256"),
    "a space inside": (b"a" * 40 + b" " + b"a" * 40, "HS256"),
    "not UTF-8": (b"\xff" * 64, "HS256"),
    "no algorithm": (SECRET, ""),
    "algorithm none": (SECRET, "none"),
    "algorithm HS512": (SECRET, "HS512"),
    "algorithm dir": (SECRET, "dir"),
    "RSA of 1024 bits": (public_pem(rsa_key(1024)), "RS256"),
    "RSA private": (private_pem(rsa_key()), "RS256"),
    "RSA key that is a curve": (public_pem(curve_key()), "RS256"),
    "RSA key that is text": (SECRET, "RS256"),
    "RSA key that is empty": (b"", "RS256"),
    "RSA key for RS512": (public_pem(rsa_key()), "RS512"),
    "RSA key for PS256": (public_pem(rsa_key()), "PS256"),
    "P-384": (public_pem(ec.generate_private_key(ec.SECP384R1())), "ES256"),
    "P-521": (public_pem(ec.generate_private_key(ec.SECP521R1())), "ES256"),
    "secp256k1": (public_pem(ec.generate_private_key(ec.SECP256K1())), "ES256"),
    "Ed25519": (public_pem(ed25519.Ed25519PrivateKey.generate()), "ES256"),
    "curve private": (private_pem(curve_key()), "ES256"),
    "curve key that is RSA": (public_pem(rsa_key()), "ES256"),
    "curve key that is text": (SECRET, "ES256"),
    "curve key for ES384": (public_pem(curve_key()), "ES384"),
}


def refused(*headers: bytes, by: JwtGuard | None = None) -> str:
    """Ask the guard about what proves nothing, and give the reason."""
    with pytest.raises(Unauthenticated) as refusal:
        verify(*headers, by=by)
    return refusal.value.reason


@pytest.mark.parametrize("authorization", ATTACKS)
def test_it_proves_nothing(authorization: bytes) -> None:
    assert refused(authorization).replace("-", "").isalpha()


def test_there_are_enough_attacks() -> None:
    assert len(ATTACKS) > 800


def test_the_token_that_the_attacks_start_from_is_good() -> None:
    proven = verify(bearer(GOOD))
    assert (proven.client, proven.key_id, proven.key_version) == (OURS, "prepay-3f9a2c", 1)
    assert (proven.token_id, proven.issued_at, proven.expires_at) == ("t-1", NOW - 5, NOW + 60)
    assert (proven.user_id, proven.location_id) == ("u.17", 26378)


@pytest.mark.parametrize("headers", [
    (bearer(GOOD), bearer(GOOD)), (bearer(GOOD), b""), (b"", bearer(GOOD)),
    (b"Basic eDp5", bearer(GOOD)), (bearer(GOOD),) * 100,
], ids=["twice", "then an empty one", "after an empty one", "after another scheme", "100 times"])
def test_a_second_authorization_header_spoils_the_first(headers: tuple[bytes, ...]) -> None:
    assert refused(*headers) == "malformed"


def test_a_request_without_a_token_is_told_apart_in_the_log() -> None:
    assert refused() == "no-token"


@pytest.mark.parametrize(("authorization", "reason"), [
    (b"Bearer x", "malformed"),
    (with_header(kid="nobody"), "unknown-key"),
    (with_header(kid="prepay-revoked"), "inactive-key"),
    (with_header(alg="none"), "wrong-algorithm"),
    (bearer(CONFUSED["RS256 key, HS256 by its PEM"]), "wrong-algorithm"),
    (bearer(CONFUSED["HS256 key that is a PEM"]), "weak-key"),
    (bearer(CONFUSED["RS256 header, HMAC by its PEM"]), "bad-signature"),
    (bearer(token(sign=by_secret(OTHER))), "bad-signature"),
    (bearer(CONFUSED["another client's key, our name"]), "wrong-issuer"),
    (claim("aud")([AUDIENCE]), "wrong-audience"),
    (claim("psk")(OTHER.decode()), "wrong-psk"),
    (claim("exp")(NOW), "expired"),
    (claim("exp")((NOW + 60) * 1000), "lives-too-long"),
    (claim("iat")(NOW + 31), "not-yet-valid"),
    (claim("nbf")(NOW + 31), "not-yet-valid"),
    (bearer(token(body=BODIES["an extra claim 1000 deep"])), "malformed"),
    (bearer(token(body=BODIES["iss twice"])), "malformed"),
    (with_header(crit=["exp"]), "malformed"),
])
def test_the_log_learns_why(authorization: bytes, reason: str) -> None:
    assert refused(authorization) == reason


@pytest.mark.parametrize(("secret", "algorithm"), WEAK.values(), ids=WEAK.keys())
@pytest.mark.parametrize("sign", [None, rsa_sign, curve_sign], ids=["hmac", "rsa", "curve"])
def test_a_weak_or_misplaced_key_proves_nothing(
    secret: bytes, algorithm: str, sign: Callable[[bytes], bytes] | None
) -> None:
    weak = Directory(known_key(secret=secret, algorithm=algorithm))
    text = token(header(alg=algorithm), sign=sign or by_secret(secret))
    assert refused(bearer(text), by=JwtGuard(weak, AUDIENCE, lambda: NOW)) == "weak-key"


def test_a_curve_key_and_an_rsa_key_prove_their_client() -> None:
    assert verify(bearer(token(header(**ES), sign=curve_sign))).key_id == "prepay-es"
    assert verify(bearer(token(header(**RS), sign=rsa_sign))).key_id == "prepay-rs"


@pytest.mark.parametrize(("key", "algorithm", "kid"), [
    (SECRET.decode(), "HS256", "prepay-3f9a2c"),
    (private_pem(curve_key()).decode(), "ES256", "prepay-es"),
    (private_pem(rsa_key()).decode(), "RS256", "prepay-rs"),
])
def test_a_token_of_an_ordinary_library_is_good(key: str, algorithm: str, kid: str) -> None:
    text = jwt.encode(json.loads(claims()), key, algorithm=algorithm, headers={"kid": kid})
    assert verify(bearer(text.encode())).client == OURS


def test_a_minted_token_is_good() -> None:
    text = make_key("test", "prepay-3f9a2c")
    guard = JwtGuard(Directory(known_key(secret=text.encode())), AUDIENCE, lambda: NOW)
    minted = mint(text, "prepay-3f9a2c", "prepay", AUDIENCE, None, 7, 300, NOW, "t-9")
    proven = verify(bearer(minted.encode()), by=guard)
    assert (proven.user_id, proven.location_id, proven.token_id) == (None, 7, "t-9")


@pytest.mark.parametrize("changes", [
    {"exp": NOW + 1}, {"exp": NOW + 295}, {"iat": NOW, "exp": NOW + 300},
    {"iat": NOW + 30, "exp": NOW + 60}, {"nbf": NOW - 5}, {"nbf": NOW + 30}, {"nbf": 0},
    {"iat": NOW - 240}, {"sub": "someone"}, {"psk": SECRET.decode()}, {"jti": "a" * 128},
    {"request_context": {}}, {"request_context": {"user_id": "a" * 40}},
    {"request_context": {"user_id": "A.z_0:9@x-y"}}, {"request_context": {"location_id": 1}},
    {"request_context": {"location_id": 9_999_999_999}}, {"unheard": [[["of"]]]},
    {"roles": ["admin"], "scope": "*"}, {"oidc_token": "e30." * 1000}, {"text": "é\U0001f600"},
], ids=str)
def test_what_is_just_allowed_is_good(changes: dict[str, Any]) -> None:
    assert verify(bearer(token(body=claims(**changes)))).client == OURS


def test_a_token_may_have_8192_bytes_and_not_one_more() -> None:
    filled = next(text for size in range(5800, 6200)
                  if len(text := token(body=claims(x="a" * size))) == 8192)
    assert verify(bearer(filled)).token_id == "t-1"
    longer = next(text for size in range(5800, 6200)
                  if len(text := token(body=claims(x="a" * size))) > 8192)
    assert refused(bearer(longer)) == "malformed"


def test_a_header_may_have_1024_bytes_and_not_one_more() -> None:
    padding_to = 1024 - len(header())
    assert verify(bearer(token(header() + b" " * padding_to))).token_id == "t-1"
    assert refused(bearer(token(header() + b" " * (padding_to + 1)))) == "malformed"


@pytest.mark.parametrize("kid", ["a" * 129, "a\0", "a\n", "a\r\nb", "a b", "é", "../a", "%00", "'"])
def test_no_strange_key_id_reaches_the_directory(kid: str) -> None:
    assert refused(with_header(kid=kid)) == "malformed"


def test_proofs_of_the_user_and_bindings_are_handed_on() -> None:
    proven = verify(bearer(token(body=claims(
        oidc_token="a.b.c", session_id="s-1", htm="POST", htu="/api/v1/payoff", body_sha256="ab"))))
    assert (proven.oidc_token, proven.session_id) == ("a.b.c", "s-1")
    assert (proven.method, proven.url, proven.body_sha256) == ("POST", "/api/v1/payoff", "ab")


def test_what_a_token_carries_in_secret_does_not_show_in_its_text() -> None:
    proven = verify(bearer(token(body=claims(oidc_token="canary-1", session_id="canary-2"))))
    assert "canary" not in repr(proven)
    assert "0aZ9" not in repr(known_key())


def test_a_key_that_is_as_json_as_text_can_be_is_still_only_its_bytes() -> None:
    secret = b'"' + b"a" * 40 + b'"'
    guard = JwtGuard(Directory(known_key(secret=secret)), AUDIENCE, lambda: NOW)
    assert verify(bearer(token(sign=by_secret(secret))), by=guard).client == OURS
    assert refused(bearer(token(sign=by_secret(b"a" * 40))), by=guard) == "bad-signature"


def test_the_digest_of_a_long_key_signs_as_the_key_does_and_is_as_secret() -> None:
    assert len(SECRET) > 64
    assert verify(bearer(token(sign=by_secret(hashlib.sha256(SECRET).digest())))).client == OURS


def test_a_retiring_key_works_until_its_time() -> None:
    clients, clock = Directory(known_key()), [float(NOW)]
    retires = datetime.fromtimestamp(NOW, timezone.utc) + timedelta(seconds=10)
    clients.change("prepay-3f9a2c", state=KeyState.RETIRING, retires_at=retires)
    guard = JwtGuard(clients, AUDIENCE, lambda: clock[0])
    assert verify(bearer(GOOD), by=guard)
    clock[0] += 10
    assert refused(bearer(GOOD), by=guard) == "inactive-key"


def test_a_proven_token_is_remembered() -> None:
    guard = JwtGuard(Directory(known_key()), AUDIENCE, lambda: NOW)
    assert verify(bearer(GOOD), by=guard) is verify(bearer(GOOD), by=guard)


def test_a_remembered_token_dies_at_its_second() -> None:
    clock = [float(NOW)]
    guard = JwtGuard(Directory(known_key()), AUDIENCE, lambda: clock[0])
    assert verify(bearer(GOOD), by=guard)
    clock[0] = NOW + 59.999
    assert verify(bearer(GOOD), by=guard)
    clock[0] = NOW + 60.0
    assert refused(bearer(GOOD), by=guard) == "expired"


def test_a_revoked_key_stops_working_though_its_token_was_remembered() -> None:
    clients = Directory(known_key())
    guard = JwtGuard(clients, AUDIENCE, lambda: NOW)
    assert verify(bearer(GOOD), by=guard)
    clients.change("prepay-3f9a2c", state=KeyState.REVOKED)
    assert refused(bearer(GOOD), by=guard) == "inactive-key"


def test_a_key_that_is_gone_stops_working_though_its_token_was_remembered() -> None:
    clients = Directory(known_key())
    guard = JwtGuard(clients, AUDIENCE, lambda: NOW)
    assert verify(bearer(GOOD), by=guard)
    clients.known.clear()
    assert refused(bearer(GOOD), by=guard) == "unknown-key"


def test_a_key_with_another_secret_is_another_key_though_its_version_is_the_same() -> None:
    clients = Directory(known_key())
    guard = JwtGuard(clients, AUDIENCE, lambda: NOW)
    assert verify(bearer(GOOD), by=guard)
    clients.known["prepay-3f9a2c"] = known_key(secret=OTHER)
    assert refused(bearer(GOOD), by=guard) == "bad-signature"


def test_a_change_to_the_client_shows_though_its_token_was_remembered() -> None:
    clients = Directory(known_key())
    guard = JwtGuard(clients, AUDIENCE, lambda: NOW)
    assert verify(bearer(GOOD), by=guard).client.mode is Mode.TRUST
    stricter = dataclasses.replace(OURS, mode=Mode.ULP, scopes=())
    clients.known["prepay-3f9a2c"] = known_key(client=stricter)
    assert verify(bearer(GOOD), by=guard).client == stricter


def test_the_memory_keeps_so_many_tokens_and_forgets_the_first() -> None:
    guard = JwtGuard(Directory(known_key()), AUDIENCE, lambda: NOW, memory=2)
    texts = [bearer(token(body=claims(jti=f"t-{number}"))) for number in range(3)]
    first, second, third = [verify(text, by=guard) for text in texts]
    assert verify(texts[1], by=guard) is second
    assert verify(texts[2], by=guard) is third
    assert verify(texts[0], by=guard) == first
    assert verify(texts[0], by=guard) is not first


def test_a_refused_token_is_not_remembered() -> None:
    clock = [float(NOW - 100)]
    guard = JwtGuard(Directory(known_key()), AUDIENCE, lambda: clock[0])
    assert refused(bearer(GOOD), by=guard) == "not-yet-valid"
    clock[0] = NOW
    assert verify(bearer(GOOD), by=guard).client == OURS


@pytest.mark.parametrize(("before", "after", "reason"), [
    ({"state": KeyState.PENDING}, {"state": KeyState.ACTIVE}, None),
    ({"state": KeyState.ACTIVE}, {"state": KeyState.REVOKED}, None),
    ({"state": KeyState.PENDING}, {"state": KeyState.REVOKED}, "inactive-key"),
], ids=["a key just activated", "a key just revoked", "never"])
def test_what_is_remembered_of_a_key_may_let_in_and_never_keep_out(
    before: dict[str, Any], after: dict[str, Any], reason: str | None
) -> None:
    class Remembering(Directory):
        """A directory that tells what it knows from before, unless it is asked anew."""

        async def find(self, key_id: str, since: float = -math.inf) -> KnownKey | None:
            self.change(key_id, **(before if since == -math.inf else after))
            return await super().find(key_id)

    guard = JwtGuard(Remembering(known_key()), AUDIENCE, lambda: NOW)
    if reason is None:
        assert verify(bearer(GOOD), by=guard).client == OURS
    else:
        assert refused(bearer(GOOD), by=guard) == reason


def test_a_directory_that_fails_is_not_the_callers_fault() -> None:
    class Broken(Directory):
        """A directory whose database is gone."""

        async def find(self, key_id: str, since: float = -math.inf) -> KnownKey | None:
            raise ConnectionError("the store is gone")

    with pytest.raises(ConnectionError):
        verify(bearer(GOOD), by=JwtGuard(Broken(), AUDIENCE, lambda: NOW))


@given(st.lists(st.binary() | st.binary().map(bearer), max_size=2))
def test_no_bytes_break_the_guard(headers: list[bytes]) -> None:
    assert refused(*headers)


@given(st.tuples(st.binary(), st.binary(), st.binary()))
def test_no_segments_break_the_guard(segments: tuple[bytes, bytes, bytes]) -> None:
    assert refused(bearer(b".".join(map(encode, segments))))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from(["iss", "aud", "exp", "iat", "jti", "request_context"]), JSON)
def test_no_value_of_a_claim_breaks_the_guard(name: str, value: Any) -> None:
    try:
        proven = verify(claim(name)(value))
    except Unauthenticated:
        return
    assert name in ("jti", "request_context") or str(value) == str(json.loads(claims())[name])
    assert proven.client == OURS
