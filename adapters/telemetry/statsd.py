"""DogStatsD: metrics over UDP, which nobody waits for and nobody misses."""

import socket
from collections.abc import Iterable, Iterator, Mapping

LARGEST_DATAGRAM = 1_400
"""Bytes that pass any network in one piece."""


class StatsD:
    """Sends metrics to an agent; one that is away or does not listen costs nothing."""

    def __init__(self, host: str, port: int, tags: Mapping[str, str]) -> None:
        """Put these tags on every metric."""
        self._place = (host, port)
        self._tags = _tagged(tags)

    def send(self, metrics: Iterable[str]) -> None:
        """Send metrics as `count`, `gauge` and `spread` give them; never raises."""
        try:
            family, kind, protocol, _, place = socket.getaddrinfo(
                *self._place, type=socket.SOCK_DGRAM
            )[0]
            with socket.socket(family, kind, protocol) as outgoing:
                outgoing.setblocking(False)
                for datagram in self._datagrams(metrics):
                    outgoing.sendto(datagram, place)
        except OSError:
            # Nobody listens, or the buffer is full: the next ones come in seconds.
            pass

    def _datagrams(self, metrics: Iterable[str]) -> Iterator[bytes]:
        gathered = b""
        for metric in metrics:
            line = f"{metric}{',' if '|#' in metric else '|#'}{self._tags}".encode()
            if gathered and len(gathered) + len(line) >= LARGEST_DATAGRAM:
                yield gathered
                gathered = b""
            gathered = gathered + b"\n" + line if gathered else line
        if gathered:
            yield gathered


def count(name: str, value: int, **tags: str) -> str:
    """Give a metric that says how often something happened."""
    return _metric(f"{name}:{value}|c", tags)


def gauge(name: str, value: float, **tags: str) -> str:
    """Give a metric that says how much there is."""
    return _metric(f"{name}:{value:g}|g", tags)


def distribution(name: str, value: float, times: int, **tags: str) -> str:
    """Give a metric that says that a value was seen so many times."""
    # A rate of 1/n makes the agent count the value n times.
    rate = f"|@{1 / times:.9g}" if times > 1 else ""
    return _metric(f"{name}:{value:.6g}|d{rate}", tags)


def _metric(text: str, tags: Mapping[str, str]) -> str:
    return f"{text}|#{_tagged(tags)}" if tags else text


def _tagged(tags: Mapping[str, str]) -> str:
    return ",".join(f"{name}:{value}" for name, value in tags.items())
