"""Clients and their keys: register, add, activate, rotate, retire, revoke, seal anew."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from application.ports import Reading, Work
from application.query import Order, Query
from domain.client import Client, ClientKey, KeyState
from domain.errors import Conflict, NotFound

SCOPES = (
    "audit:read",
    "location:read",
    "ops:read",
    "payoff:read",
    "payoff:write",
    "reference:read",
    "resource:read",
    "resource:write",
    "user:read",
)
"""Everything that a client can be allowed to do."""

LIVE_KEYS = 2
"""How many keys of a client may prove it at a time."""

MOST_CLIENTS = 1000


def register(work: Work, client: Client, key: ClientKey) -> Client:
    """Register a client with its first key; raises Conflict where its id is taken."""
    if work.get(Client, client.client_id) is not None:
        raise Conflict(f"There is a client '{client.client_id}' already.")
    work.add(replace(key, created_at=work.now))
    return work.add(replace(client, created_at=work.now))


def rotate(work: Work, key: ClientKey, keep: timedelta) -> ClientKey:
    """Give a client a new key; its active keys work for some time longer, then no more.

    Raises NotFound for an unknown client, Conflict where it has two working keys already.
    """
    _check_client(work, key.client_id)
    for old in _live_with_room(work, key.client_id):
        work.change(replace(old, state=KeyState.RETIRING, retires_at=work.now + keep))
    return work.add(replace(key, created_at=work.now))


def add_key(work: Work, key: ClientKey) -> ClientKey:
    """Give a client one more key, which proves nothing until it is activated.

    Raises NotFound for an unknown client, Conflict where two of its keys wait already.
    """
    _check_client(work, key.client_id)
    waiting = [one for one in keys_of(work, key.client_id) if one.state is KeyState.PENDING]
    if len(waiting) >= LIVE_KEYS:
        raise Conflict(f"Client {key.client_id} has {LIVE_KEYS} pending keys; revoke one first.")
    return work.add(replace(key, state=KeyState.PENDING, created_at=work.now))


def activate(work: Work, key_id: str) -> ClientKey:
    """Let a pending key prove its client from now on.

    Raises Conflict where it is not pending, or the client has two working keys already.
    """
    key = _key(work, key_id)
    if key.state is not KeyState.PENDING:
        raise Conflict(f"Key {key_id} is {key.state.value}; only a pending key is activated.")
    _live_with_room(work, key.client_id)
    return work.change(replace(key, state=KeyState.ACTIVE))


def retire(work: Work, key_id: str, keep: timedelta) -> ClientKey:
    """Let a working key work for some time longer, then no more; raises Conflict for another."""
    key = _key(work, key_id)
    if not key.works_at(work.now):
        raise Conflict(f"Key {key_id} does not work; only a working key is retired.")
    return work.change(replace(key, state=KeyState.RETIRING, retires_at=work.now + keep))


def seal_anew(work: Work, key_id: str, renewed: Callable[[str, str], str]) -> ClientKey:
    """Seal a key as `renewed` does it, from its id and its present seal."""
    key = _key(work, key_id)
    return work.change(replace(key, sealed=renewed(key_id, key.sealed)))


def limit(work: Work, client_id: str, rate_limits: tuple[str, ...]) -> Client:
    """Give a client rate limits of its own, in place of those it has.

    Raises NotFound for an unknown client, Invalid for a limit that is none.
    """
    client = work.get(Client, client_id)
    if client is None:
        raise NotFound(f"client '{client_id}'", "client_id")
    return work.change(replace(client, rate_limits=rate_limits))


def revoke(work: Work, key_id: str) -> ClientKey:
    """Take a key's power away for good."""
    return work.change(replace(_key(work, key_id), state=KeyState.REVOKED))


def everyone(reading: Reading) -> tuple[tuple[Client, tuple[ClientKey, ...]], ...]:
    """Give all clients with their keys."""
    clients = reading.find(Client, Query(order=(Order("client_id"),), limit=MOST_CLIENTS)).items
    return tuple((client, keys_of(reading, client.client_id)) for client in clients)


def keys_of(reading: Reading, client_id: str) -> tuple[ClientKey, ...]:
    """Give a client's keys, oldest first."""
    query = Query(order=(Order("created_at"), Order("key_id")), limit=MOST_CLIENTS)
    return reading.find(ClientKey, query.where("client_id", client_id)).items


def holder(reading: Reading, key_id: str) -> tuple[Client, ClientKey] | None:
    """Give a key, whatever its state, with the client that it belongs to."""
    key = reading.get(ClientKey, key_id)
    # Asked for in any case: time is not to tell whether there is such a key.
    client = reading.get(Client, key.client_id if key else "")
    return (client, key) if client and key else None


def _check_client(work: Work, client_id: str) -> None:
    if work.get(Client, client_id) is None:
        raise NotFound(f"client '{client_id}'", "client_id")


def _live_with_room(work: Work, client_id: str) -> list[ClientKey]:
    """Give a client's working keys; raises Conflict where there is room for no other."""
    live = [key for key in keys_of(work, client_id) if key.works_at(work.now)]
    if len(live) >= LIVE_KEYS:
        raise Conflict(f"Client {client_id} has {LIVE_KEYS} working keys; revoke one first.")
    return live


def _key(work: Work, key_id: str) -> ClientKey:
    key = work.get(ClientKey, key_id)
    if key is None:
        raise NotFound(f"key '{key_id}'", "key_id")
    return key
