"""Proves who calls: every check on a token, in the order that the security reference sets."""

import re
import time
from binascii import a2b_base64, b2a_base64
from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import datetime, timezone
from hashlib import sha256
from typing import Any, Final, NamedTuple, ParamSpec, TypeVar

from pydantic_core import from_json, to_json

from adapters.jwt.claims import an_object, check_parties, check_times, read_claims, require
from adapters.jwt.signature import check_signature, pretend
from application import strict_json
from application.tokens import ClientDirectory, KnownKey, ProvenToken, Unauthenticated

P = ParamSpec("P")
R = TypeVar("R")

MOST_TOKEN_BYTES: Final = 8192
MOST_HEADER_BYTES: Final = 1024

_SCHEME: Final = b"Bearer "
_DEPTH: Final = 4
_SHORT: Final = 4096
"""Below this no number has more digits than Python reads."""
_TO_STANDARD: Final = bytes.maketrans(b"-_", b"+/")
_FROM_STANDARD: Final = bytes.maketrans(b"+/", b"-_")
_HEADER: Final = {"alg", "typ", "kid"}
_KEY_ID: Final = re.compile(r"[A-Za-z0-9._:@-]{1,128}")


class _Signed(NamedTuple):
    """A token in its parts, well formed and not proven."""

    algorithm: str
    key_id: str
    claims: dict[str, Any]
    signed: bytes
    signature: bytes


class _Proof(NamedTuple):
    """A token that was proven, by which key, and until when it would be again."""

    known: KnownKey
    token: ProvenToken
    until: float


class JwtGuard:
    """A TokenVerifier for JSON Web Tokens that clients sign with their registered keys.

    A proven token is remembered until it expires, as long as its client and key stay as they
    were; the directory is asked every time.
    """

    def __init__(
        self,
        directory: ClientDirectory,
        audience: str,
        clock: Callable[[], float],
        *,
        memory: int = 10_000,
    ) -> None:
        """Prove tokens for exactly this audience, by a clock in seconds from 1970 UTC."""
        self._directory = directory
        self._audience = audience
        self._clock = clock
        self._memory = memory
        self._proven: OrderedDict[bytes, _Proof] = OrderedDict()

    async def verify(self, authorization: Sequence[bytes]) -> ProvenToken:
        """Give what the token proves; raises Unauthenticated, whatever the headers hold."""
        token = _bearer(authorization)
        digest = sha256(token).digest()
        return await self._recall(digest) or await self._examine(token, digest)

    async def _recall(self, digest: bytes) -> ProvenToken | None:
        """Give what this very token proved before, if it would prove the same again."""
        proof = self._proven.get(digest)
        if proof is None:
            return None
        latest = await self._directory.find(proof.token.key_id)
        # To compare two keys costs more than to see that they are one.
        same = latest is proof.known or latest == proof.known
        if same and self._clock() < proof.until:
            return proof.token
        self._proven.pop(digest, None)
        return None

    async def _examine(self, token: bytes, digest: bytes) -> ProvenToken:
        parts = _strictly(_take_apart, token)
        began = time.monotonic()
        known = await self._directory.find(parts.key_id)
        try:
            proven = _strictly(self._prove, parts, known)
        except Unauthenticated:
            # What the directory remembers may be out of date; and a key that is remembered must
            # not be refused sooner than one that nobody has.
            latest = known and await self._directory.find(parts.key_id, since=began)
            if latest is None or latest == known:
                raise
            known, proven = latest, _strictly(self._prove, parts, latest)
        if known is not None:
            self._remember(digest, known, proven)
        return proven

    def _prove(self, parts: _Signed, known: KnownKey | None) -> ProvenToken:
        now = self._clock()
        if known is None or not _works(known, now):
            pretend(parts.algorithm, parts.signed, parts.signature)
            raise Unauthenticated("unknown-key" if known is None else "inactive-key")
        check_signature(known, parts.algorithm, parts.signed, parts.signature)
        check_parties(parts.claims, known, self._audience)
        check_times(parts.claims, now)
        return read_claims(parts.claims, known)

    def _remember(self, digest: bytes, known: KnownKey, proven: ProvenToken) -> None:
        until = min(proven.expires_at, known.key.ends_at.timestamp())
        self._proven[digest] = _Proof(known, proven, until)
        now = self._clock()
        while self._proven:
            oldest = next(iter(self._proven.values()))
            if len(self._proven) <= self._memory and now < oldest.until:
                break
            self._proven.popitem(last=False)


def _strictly(step: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run a step on what a stranger sent; whatever goes wrong, the answer is the same."""
    try:
        return step(*args, **kwargs)
    except Unauthenticated:
        raise
    except Exception:
        raise Unauthenticated("malformed") from None


def _bearer(authorization: Sequence[bytes]) -> bytes:
    if not authorization:
        raise Unauthenticated("no-token")
    scheme, token = authorization[0][: len(_SCHEME)], authorization[0][len(_SCHEME) :]
    good = scheme == _SCHEME and len(token) <= MOST_TOKEN_BYTES and token.isascii()
    if len(authorization) > 1 or not good:
        raise Unauthenticated("malformed")
    return token


def _take_apart(token: bytes) -> _Signed:
    segments = token.split(b".")
    require(len(segments) == 3)
    algorithm, key_id = _header(segments[0])
    claims, signature = _canonical(segments[1]), _canonical(segments[2])
    return _Signed(
        algorithm=algorithm,
        key_id=key_id,
        claims=an_object(_read(claims)),
        signed=token[: -1 - len(segments[2])],
        signature=signature,
    )


def _header(segment: bytes) -> tuple[str, str]:
    """Give the algorithm and the key id.

    Nothing of it is remembered: that would tell which key ids are in use by the time it takes.
    """
    text = _canonical(segment)
    require(len(text) <= MOST_HEADER_BYTES)
    header = an_object(_read(text))
    require(header.keys() == _HEADER and header["typ"] == "JWT")
    algorithm, key_id = header["alg"], header["kid"]
    require(isinstance(algorithm, str) and _KEY_ID.fullmatch(key_id) is not None)
    return algorithm, key_id


def _canonical(segment: bytes) -> bytes:
    """Decode base64url that has one spelling only: what it encodes to again."""
    data = a2b_base64(segment.translate(_TO_STANDARD) + b"==")
    spelled = b2a_base64(data, newline=False).rstrip(b"=").translate(_FROM_STANDARD)
    require(data != b"" and spelled == segment)
    return data


def _read(text: bytes) -> Any:
    """Read JSON that has one meaning only; raises MalformedJson, or ValueError likewise.

    Text that pydantic writes again, to the byte, repeats no member and leaves nothing to choose.
    Nearly all tokens are written so, and it takes half the time of the strict reader.
    """
    if len(text) <= _SHORT and text.count(b"{") + text.count(b"[") <= _DEPTH:
        value = from_json(text, allow_inf_nan=False)
        if to_json(value) == text:
            return value
    return strict_json.parse(text, depth=_DEPTH)


def _works(known: KnownKey, now: float) -> bool:
    return known.key.works_at(datetime.fromtimestamp(now, timezone.utc))
