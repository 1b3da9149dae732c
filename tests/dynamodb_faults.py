"""A DynamoDB endpoint in a process of its own, with a layer in front that makes faults.

`python -m tests.dynamodb_faults moto` serves moto's DynamoDB, with a URL instead of `moto` it
passes on to that endpoint. It prints its port, and ends when its standard input does.

Rules are a JSON list at POST /_faults, each a kind with its options:
`{"kind": "throttle", "operations": ["PutItem"], "probability": 0.5, "first": 3, "seconds": 1}`.
GET /_faults tells what came in. Requests are answered in threads, so that a slow answer holds
up nobody, but moto is asked one at a time: it is not atomic.
"""

import http.client
import importlib
import json
import logging
import os
import random
import socket
import sys
import threading
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.test import run_wsgi_app

Environ = dict[str, Any]
StartResponse = Callable[..., Any]


@dataclass
class Answer:
    """An HTTP answer in full."""

    status: str
    headers: list[tuple[str, str]]
    body: bytes


Backend = Callable[[Environ, bytes], Answer]


@dataclass
class Rule:
    """A fault: what it is and whom it meets."""

    kind: str
    operations: list[str] | None = None
    probability: float = 1.0
    first: int | None = None
    """How many requests it meets at most; all where there is none."""
    seconds: float = 0.0
    seed: int = 0
    code: str = "ProvisionedThroughputExceededException"

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    def meets(self, operation: str) -> bool:
        """Tell whether it meets a request, and count it."""
        chosen = self.operations is None or operation in self.operations
        if not chosen or self.first == 0 or self._random.random() >= self.probability:
            return False
        if self.first is not None:
            self.first -= 1
        return True


@dataclass
class Faults:
    """The WSGI layer in front of a backend."""

    backend: Backend
    rules: list[Rule] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)
    met: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, environ: Environ, start: StartResponse) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        if environ["PATH_INFO"] == "/_faults":
            return _give(self._control(environ["REQUEST_METHOD"], body), start)
        rule = self._rule_for(environ.get("HTTP_X_AMZ_TARGET", "").rpartition(".")[2])
        if rule is None:
            return _give(self.backend(environ, body), start)
        return KINDS[rule.kind](Met(rule, environ, body, start, self.backend))

    def _rule_for(self, operation: str) -> Rule | None:
        with self.lock:
            self.seen[operation] += 1
            rule = next((rule for rule in self.rules if rule.meets(operation)), None)
            self.met[operation] += rule is not None
        return rule

    def _control(self, method: str, body: bytes) -> Answer:
        with self.lock:
            if method == "POST":
                self.rules = [Rule(**rule) for rule in json.loads(body)]
                self.seen.clear()
                self.met.clear()
            return _believable({"seen": self.seen, "met": self.met})


@dataclass
class Met:
    """A request that a fault meets."""

    rule: Rule
    environ: Environ
    body: bytes
    start: StartResponse
    backend: Backend

    def done(self, body: bytes | None = None) -> Answer:
        """Do what is asked."""
        return self.backend(self.environ, self.body if body is None else body)

    def give(self, answer: Answer) -> Iterable[bytes]:
        """Give an answer."""
        return _give(answer, self.start)

    def cut(self) -> Iterable[bytes]:
        """Close the connection instead of answering."""
        self.environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
        self.start("200 OK", [("Content-Length", "0")])
        return [b""]


def throttle(met: Met) -> Iterable[bytes]:
    """Not done, for the time being."""
    name = f"com.amazonaws.dynamodb.v20120810#{met.rule.code}"
    return met.give(_believable({"__type": name, "message": "Slow down"}, "400 Bad Request"))


def error(met: Met) -> Iterable[bytes]:
    """Not done, and nobody knows why."""
    fault = {"__type": "com.amazonaws.dynamodb.v20120810#InternalServerError", "message": ""}
    return met.give(_believable(fault, "500 Internal Server Error"))


def failed_late(met: Met) -> Iterable[bytes]:
    """Done, and the answer says that it failed."""
    met.done()
    return error(met)


def page(met: Met) -> Iterable[bytes]:
    """Not done, and a proxy's page for an answer."""
    headers = [("Content-Type", "text/html")]
    return met.give(Answer("502 Bad Gateway", headers, b"<html>Bad Gateway"))


def lost(met: Met) -> Iterable[bytes]:
    """Done, and the answer never arrives."""
    met.done()
    return met.cut()


def refused(met: Met) -> Iterable[bytes]:
    """Not done, and no answer."""
    return met.cut()


def doubled(met: Met) -> Iterable[bytes]:
    """Done twice, and the second answer given."""
    met.done()
    return met.give(met.done())


def partial(met: Met) -> Iterable[bytes]:
    """A batch of which every other member is left undone."""
    asked = json.loads(met.body)
    ((table, wanted),) = asked["RequestItems"].items()
    reading = isinstance(wanted, dict)
    members = wanted["Keys"] if reading else wanted
    some, left = members[::2], members[1::2]
    asked["RequestItems"] = {table: wanted | {"Keys": some} if reading else some}
    answer = json.loads(met.done(json.dumps(asked).encode()).body)
    rest = {table: wanted | {"Keys": left} if reading else left} if left else {}
    answer["UnprocessedKeys" if reading else "UnprocessedItems"] = rest
    return met.give(_believable(answer))


def garbage(met: Met) -> Iterable[bytes]:
    """Not done, and an answer that boto3 takes for success."""
    return met.give(Answer("200 OK", [], b'{"x": 1}'))


def forged(met: Met) -> Iterable[bytes]:
    """Not done, and such an answer with a request id and a checksum."""
    return met.give(_believable({"x": 1}))


def corrupt(met: Met) -> Iterable[bytes]:
    """Done, and the answer altered on its way."""
    answer = met.done()
    answer.body += b" "
    return met.give(answer)


def delay(met: Met) -> Iterable[bytes]:
    """Done, after a while."""
    time.sleep(met.rule.seconds)
    return met.give(met.done())


def trickle(met: Met) -> Iterable[bytes]:
    """Done, and the answer comes byte by byte."""
    return _drip(b"".join(met.give(met.done())), met.rule.seconds)


def headless(met: Met) -> Iterable[bytes]:
    """Done, and the very head of the answer comes byte by byte and never ends."""
    met.done()
    for byte in b"HTTP/1.1 200 OK\r\nX-Padding: " + b"a" * 10_000:
        met.environ["werkzeug.socket"].sendall(bytes([byte]))
        time.sleep(met.rule.seconds)
    return met.cut()


def silence(met: Met) -> Iterable[bytes]:
    """Not done, and nothing for long."""
    time.sleep(met.rule.seconds)
    return met.cut()


KINDS: dict[str, Callable[[Met], Iterable[bytes]]] = {
    kind.__name__: kind
    for kind in (
        throttle, error, failed_late, page, lost, refused, doubled, partial, garbage, forged,
        corrupt, delay, trickle, headless, silence,
    )
}


def _give(answer: Answer, start: StartResponse) -> Iterable[bytes]:
    kept = [h for h in answer.headers if h[0].lower() not in ("content-length", "connection")]
    start(answer.status, [*kept, ("Content-Length", str(len(answer.body)))])
    return [answer.body]


def _believable(body: Any, status: str = "200 OK") -> Answer:
    text = json.dumps(body).encode()
    proof = [("x-amzn-RequestId", "FAULT"), ("x-amz-crc32", str(zlib.crc32(text)))]
    return Answer(status, [("Content-Type", "application/x-amz-json-1.0"), *proof], text)


def _drip(body: bytes, seconds: float) -> Iterator[bytes]:
    for byte in body:
        time.sleep(seconds)
        yield bytes([byte])


def _quicken() -> None:
    """Let moto compare keys as texts; it sorts the whole table for every query, and slowly."""
    table = importlib.import_module("moto.dynamodb.models.table").Table
    slowly = table.all_items

    def all_items(self: Any) -> list[Any]:
        if self.range_key_attr is None:
            return list(slowly(self))
        items = [item for partition in self.items.values() for item in partition.values()]
        return sorted(items, key=lambda item: (item.hash_key.value, item.range_key.value))

    table.all_items = all_items


def moto_backend() -> Backend:
    """Give moto's DynamoDB, asked one request at a time."""
    _quicken()
    # Only where it is the backend; and moto's server exports by accident what makes it one.
    server = importlib.import_module("moto.server")
    application = server.DomainDispatcherApplication(server.create_backend_app)
    lock = threading.Lock()

    def ask(environ: Environ, body: bytes) -> Answer:
        with lock:
            given, status, headers = run_wsgi_app(application, _again(environ, body), True)
            return Answer(status, list(headers), b"".join(given))

    return ask


def _again(environ: Environ, body: bytes) -> Environ:
    return environ | {"wsgi.input": BytesIO(body), "CONTENT_LENGTH": str(len(body))}


def remote_backend(url: str) -> Backend:
    """Pass requests on to another endpoint."""
    host = urlsplit(url).netloc
    passed = ("X_AMZ_TARGET", "X_AMZ_DATE", "X_AMZ_SECURITY_TOKEN", "AUTHORIZATION")

    def ask(environ: Environ, body: bytes) -> Answer:
        headers = {name.replace("_", "-"): environ.get(f"HTTP_{name}") for name in passed}
        given = {name: value for name, value in headers.items() if value is not None}
        connection = http.client.HTTPConnection(host, timeout=60)
        try:
            content = {"Content-Type": environ["CONTENT_TYPE"]}
            connection.request("POST", "/", body, given | content)
            answer = connection.getresponse()
            return Answer(f"{answer.status} {answer.reason}", answer.getheaders(), answer.read())
        finally:
            connection.close()

    return ask


class _Silent(WSGIRequestHandler):
    def log(self, *_: Any, **__: Any) -> None:
        """Say nothing."""


def _end_with_parent() -> None:
    sys.stdin.read()
    os._exit(0)


def main(backend: str) -> None:
    """Serve until the standard input ends."""
    logging.disable(logging.CRITICAL)
    layer = Faults(moto_backend() if backend == "moto" else remote_backend(backend))
    server = make_server("127.0.0.1", 0, layer, threaded=True, request_handler=_Silent)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    print(server.port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main(sys.argv[1])
