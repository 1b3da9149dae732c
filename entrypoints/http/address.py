"""From which address a request comes, through the proxies that we trust and no others."""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from starlette.types import Scope

Network = IPv4Network | IPv6Network


class Proxies:
    """Trusted proxies: what they append to X-Forwarded-For is believed, all else is not."""

    def __init__(self, networks: Iterable[Network] = ()) -> None:
        self._networks = tuple(networks)
        self._trusts = lru_cache(4096)(self._is_inside)

    def address(self, scope: Scope) -> str | None:
        """Give the address of the last host before our proxies.

        It is the right-most one in X-Forwarded-For that is no trusted proxy; the peer's where
        the peer is no trusted proxy, or where an entry up to there is no address.
        """
        client = scope.get("client")
        peer: str | None = client[0] if client else None
        if not self._networks or peer is None or not self._trusts(peer):
            return peer
        try:
            hops = map(_plain, _forwarded(scope["headers"]))
            return next((hop for hop in hops if not self._trusts(hop)), peer)
        except ValueError:
            return peer

    def _is_inside(self, address: str) -> bool:
        try:
            parsed = ip_address(_plain(address))
        except ValueError:
            return False
        return any(parsed in network for network in self._networks)


@lru_cache(4096)
def neighbourhood(address: str) -> str:
    """Give what failures are counted by: the address, of IPv6 the /64 that one host may roam."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        return str(ip_network((parsed, 64), strict=False))
    return address


def _forwarded(headers: Sequence[tuple[bytes, bytes]]) -> Iterator[str]:
    """Give the entries of all X-Forwarded-For headers, the last one first."""
    for name, value in reversed(headers):
        if name == b"x-forwarded-for":
            for entry in reversed(value.decode("ascii").split(",")):
                yield entry.strip()


def _plain(text: str) -> str:
    """Give an address in its one spelling; raises ValueError where there is none."""
    address = ip_address(text)
    if isinstance(address, IPv6Address):
        if address.scope_id:
            raise ValueError("an address of one link only")
        return str(address.ipv4_mapped or address)
    return str(address)
