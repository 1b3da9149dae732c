"""What a token may say of the one request that it is for: method, address and body."""

from hashlib import sha256
from urllib.parse import urlsplit

from application.tokens import ProvenToken, Unauthenticated
from entrypoints.http.asking import Asking
from entrypoints.http.errors import unauthenticated


def check_request_binding(asked: Asking, token: ProvenToken) -> None:
    """Raise Unauthenticated where the token is for another method or path."""
    if token.method is not None and token.method != asked.scope["method"]:
        raise Unauthenticated("other-method")
    if token.url is None:
        return
    if urlsplit(token.url).path.removesuffix("/") != asked.scope["path"].removesuffix("/"):
        raise Unauthenticated("other-url")


def check_body_binding(asked: Asking) -> None:
    """Raise a Problem where the token is for another body."""
    expected = asked.token.body_sha256 if asked.token else None
    if expected is not None and sha256(asked.body).hexdigest() != expected.lower():
        raise unauthenticated()
