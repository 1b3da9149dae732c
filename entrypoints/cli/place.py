"""Whether a server could listen where it is told to: asked before anything else is begun."""

import errno
import socket
from typing import Any

from entrypoints.settings import BadSettings

_TAKEN = (errno.EADDRINUSE, errno.EACCES)


def check_place(host: str, port: int) -> None:
    """Raise BadSettings where nobody could listen.

    Of a name with several addresses, one that this machine lacks is no harm.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as error:
        raise _refused(host, port, error) from None
    answers = [_refusal(family, address) for family, _, _, _, address in found]
    refusals = [answer for answer in answers if answer is not None]
    taken = [refusal for refusal in refusals if refusal.errno in _TAKEN]
    if taken or len(refusals) == len(answers):
        raise _refused(host, port, (taken or refusals)[0])


def _refusal(family: int, address: Any) -> OSError | None:
    """Say why an address cannot be listened on, if it cannot."""
    try:
        with socket.socket(family) as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                tried.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            tried.bind(address)
            tried.listen()
    except OSError as error:
        return error
    return None


def _refused(host: str, port: int, error: OSError) -> BadSettings:
    return BadSettings(f"--host {host} --port {port}: nobody can listen there: {error.strerror}.")
