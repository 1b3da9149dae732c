"""HTTP to DynamoDB that ends when it should, and believes only answers that prove themselves.

botocore's read timeout counts from byte to byte, so an answer that trickles in never ends. Here
the one who waits for a call cuts its socket when the time is up. botocore has no public place
for that but its event `before-send`, at which we send the request ourselves, by its own session.
"""

import os
import socket
import threading
import zlib
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from time import monotonic
from typing import Any, TypeVar

import boto3  # type: ignore[import-untyped]  # it has no types
import botocore.session  # type: ignore[import-untyped]  # it has no types
from botocore.awsrequest import (  # type: ignore[import-untyped]  # it has no types
    AWSHTTPConnection,
    AWSHTTPConnectionPool,
    AWSHTTPSConnection,
    AWSHTTPSConnectionPool,
)
from botocore.config import Config  # type: ignore[import-untyped]  # it has no types
from botocore.httpsession import URLLib3Session  # type: ignore[import-untyped]  # it has no types
from botocore.utils import get_environ_proxies  # type: ignore[import-untyped]  # it has no types

R = TypeVar("R")

CONNECT_SECONDS = 3.0


class Late(Exception):
    """The time for a call is over."""


class Untrusted(Exception):
    """An answer does not prove that DynamoDB gave it."""


class Call:
    """One call, in the thread that runs it."""

    def __init__(self, until: float) -> None:
        self.until = until
        self.trouble: Exception | None = None
        """Why it has not been done yet."""
        self._connection: Any = None

    def goes_over(self, connection: Any) -> None:
        """Note the connection in use; raises Late where the call must not begin any more."""
        if monotonic() >= self.until:
            raise Late
        self._connection = connection

    def cut(self) -> None:
        """End the call by closing its socket under it."""
        sock = getattr(self._connection, "last_socket", None)
        if isinstance(sock, socket.socket):
            with suppress(OSError):
                socket.socket.shutdown(sock, socket.SHUT_RDWR)


class _Current(threading.local):
    call: Call | None = None


_CURRENT = _Current()


def note_trouble(error: Exception) -> None:
    """Note why the call that this thread runs is not done yet."""
    if _CURRENT.call is not None:
        _CURRENT.call.trouble = error


def _note(connection: Any) -> None:
    """Note the connection in the call that this thread runs."""
    if _CURRENT.call is not None:
        _CURRENT.call.goes_over(connection)


class _Connection(AWSHTTPConnection):  # type: ignore[misc]  # untyped
    last_socket: Any = None
    """What answers are read from; http.client forgets it before it has read the last one."""

    def connect(self) -> None:
        super().connect()
        self.last_socket = self.sock

    def request(self, *args: Any, **kwargs: Any) -> Any:
        _note(self)
        return super().request(*args, **kwargs)


class _TlsConnection(AWSHTTPSConnection):  # type: ignore[misc]  # untyped
    last_socket: Any = None

    def connect(self) -> None:
        super().connect()  # pylint: disable=no-member  # urllib3's, which pylint does not find
        self.last_socket = self.sock

    def request(self, *args: Any, **kwargs: Any) -> Any:
        _note(self)
        return super().request(*args, **kwargs)


class _Pool(AWSHTTPConnectionPool):  # type: ignore[misc]  # untyped
    ConnectionCls = _Connection


class _TlsPool(AWSHTTPSConnectionPool):  # type: ignore[misc]  # untyped
    ConnectionCls = _TlsConnection


@cache
def _configuration() -> Any:
    """Give what boto3 finds in the environment and in its files, read once."""
    return botocore.session.get_session()


class Wire:
    """The way to one endpoint. `client` is boto3's, without any retries of its own."""

    def __init__(
        self, *, region: str, endpoint: str | None, connections: int, read_seconds: float
    ) -> None:
        core = _configuration()
        config = Config(
            retries={"total_max_attempts": 1, "mode": "standard"}, parameter_validation=False
        )
        self.client: Any = boto3.Session(botocore_session=core).client(
            "dynamodb", region_name=region, endpoint_url=endpoint, config=config
        )
        trusted = core.get_config_variable("ca_bundle") or os.environ.get("REQUESTS_CA_BUNDLE")
        self._session = URLLib3Session(
            verify=trusted or True,
            proxies=get_environ_proxies(self.client.meta.endpoint_url),
            timeout=(CONNECT_SECONDS, read_seconds),
            max_pool_connections=connections,
        )
        # The one use of a name that botocore keeps for itself; a test lets an answer trickle.
        self._session._pool_classes_by_scheme.update(http=_Pool, https=_TlsPool)
        self.client.meta.events.register("before-send.dynamodb", self._send)
        self._calls: set[Call] = set()

    def run(self, until: float, work: Callable[[], R]) -> R:
        """Do work in this thread, whose requests are cut by `cut_late` after `until`."""
        call = Call(until)
        self._calls.add(call)
        _CURRENT.call = call
        try:
            return work()
        finally:
            _CURRENT.call = None
            self._calls.discard(call)

    def cut_late(self) -> Exception | None:
        """End the calls whose time is over; give what troubled one of them."""
        now = monotonic()
        late = [call for call in list(self._calls) if now >= call.until]
        for call in late:
            call.cut()
        return next((call.trouble for call in late if call.trouble is not None), None)

    def close(self) -> None:
        """Cut every call and close the idle connections."""
        for call in list(self._calls):
            call.cut()
        self._session.close()
        self.client.close()

    def _send(self, request: Any, **_: Any) -> Any:
        answer = self._session.send(request)
        believe(answer.headers, answer.content)
        return answer


def believe(headers: Any, body: bytes) -> None:
    """Raise Untrusted where an answer has no request id, or another checksum than it states."""
    if not headers.get("x-amzn-requestid"):
        raise Untrusted("the answer has no request id")
    stated = headers.get("x-amz-crc32")
    if stated is not None and str(zlib.crc32(body)) != str(stated).strip():
        raise Untrusted("the answer's checksum is wrong")
