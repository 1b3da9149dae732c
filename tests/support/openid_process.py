"""An OpenID provider in a process of its own, which a test rotates, freezes, kills and restarts.

    python -m tests.support.openid_process PORT

It takes orders as lines of JSON on its standard input and answers each with one. Its private keys
never leave it: a key of an id is made when that id is first named, so the next process has others.
"""

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from tests.support.openid import (
    KEYS,
    OpenIdProvider,
    Pair,
    curve_pair,
    openid_provider,
    rsa_pair,
)
from tests.support.upstream import (
    Answer,
    answering,
    hang_up,
    late,
    silent,
    trickling,
    written,
)

LATE_SECONDS = 1.0
"""How late a provider answers that is slow; well before it is given up."""

FAULTS: Mapping[str, Answer] = {
    "error": answering({"keys": []}, 500),
    "hang up": hang_up,
    "hang": silent,
    "garbage": answering(b"\x00\xff<html>"),
    "no keys": answering({"keys": []}),
    "trickle": trickling(written({"keys": []})),
}
"""What a faulty provider does instead of giving its keys."""


class ProviderProcess:
    """The process as a test sees it."""

    def __init__(self) -> None:
        self.port = 0
        self.url = ""
        self._process = self._started()

    def publish(self, *key_ids: str) -> None:
        """Publish the keys of these ids and no other; `es-…` is for ES256, any other RS256."""
        self._told("publish", key_ids=key_ids)

    def token(self, key_id: str, claims: Mapping[str, Any]) -> str:
        """Give a token that the provider signs."""
        return str(self._told("sign", key_id=key_id, claims=claims))

    def fail(self, how: str, path: str = KEYS) -> None:
        """Do this instead of giving the keys, until they are published again."""
        self._told("fail", how=how, path=path)

    def count(self, path: str = KEYS) -> int:
        """Count the requests to a path since the process began."""
        return int(self._told("count", path=path))

    def freeze(self) -> None:
        """Stop the process where it is; connections are taken and nobody answers."""
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let the process go on."""
        self._process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """Kill the process without a word."""
        self._process.kill()
        self._process.communicate()

    def restart(self) -> None:
        """Begin anew on the same port, with no key published and no key known."""
        self._process = self._started()

    def _started(self) -> "subprocess.Popen[str]":
        # pylint: disable-next=consider-using-with  # it outlives this method; kill() ends it
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.openid_process", str(self.port)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        assert process.stdout is not None
        self.url = str(json.loads(process.stdout.readline()))
        self.port = int(self.url.rpartition(":")[2])
        return process

    def _told(self, order: str, **details: Any) -> Any:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None and stdout is not None
        print(json.dumps({"order": order, **details}), file=stdin, flush=True)
        return json.loads(stdout.readline())


@contextmanager
def provider_process() -> Iterator[ProviderProcess]:
    """Run a provider in a process of its own until the test is over."""
    provider = ProviderProcess()
    try:
        yield provider
    finally:
        provider.kill()


# In the process


def _pair(key_id: str) -> Pair:
    return curve_pair(key_id) if key_id.startswith("es-") else rsa_pair(key_id)


def _publish(provider: OpenIdProvider, key_ids: list[str]) -> None:
    provider.announce()
    provider.publish(*map(_pair, key_ids))


def _sign(_provider: OpenIdProvider, key_id: str, claims: dict[str, Any]) -> str:
    return _pair(key_id).sign(claims)


def _fail(provider: OpenIdProvider, how: str, path: str) -> None:
    paths = provider.server.paths
    paths[path] = late(LATE_SECONDS, paths[path]) if how == "slow" else FAULTS[how]


def _count(provider: OpenIdProvider, path: str) -> int:
    return provider.server.count(path)


_ORDERS: Mapping[str, Callable[..., Any]] = {
    "publish": _publish, "sign": _sign, "fail": _fail, "count": _count,
}


def _main() -> None:
    with openid_provider(port=int(sys.argv[1])) as provider:
        print(json.dumps(provider.issuer), flush=True)
        for line in sys.stdin:
            order = json.loads(line)
            answer = _ORDERS[order.pop("order")](provider, **order)
            print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    _main()
