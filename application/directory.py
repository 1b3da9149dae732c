"""What the gate knows of clients and users without asking the store for every request."""

import logging
import math
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from typing import Generic, TypeVar

from application import clients, reference, users
from application.ports import Runner
from application.remembering import Remembered
from application.tokens import KeySealer, KnownKey
from domain.client import ClientKey

FRESH_SECONDS = 5.0
"""How old an answer may be: half of the 10 s within which a revocation must take effect."""

MOST_ANSWERS = 10_000

TOLD_SECONDS = 60.0
"""How often the log hears of a key that cannot be opened, however often it is tried."""

LONG_AGO = -math.inf

T = TypeVar("T")

_log = logging.getLogger("loapi")


class Recent(Generic[T]):
    """Remembers answers for a short time, at most `MOST_ANSWERS` of them."""

    def __init__(self, ask: Callable[[str], Awaitable[T]], seconds: float = FRESH_SECONDS) -> None:
        self._ask = ask
        self._seconds = seconds
        self._answers: OrderedDict[str, tuple[float, T]] = OrderedDict()

    async def get(self, name: str, since: float = LONG_AGO) -> T:
        """Give the answer for a name, asked for some seconds ago at most, never before `since`."""
        kept, now = self._answers.get(name), time.monotonic()
        if kept is not None and kept[0] >= since and now < kept[0] + self._seconds:
            return kept[1]
        answer = await self._ask(name)
        if kept is not None and kept[1] == answer:
            answer = kept[1]    # whoever compares it sees at once that nothing has changed
        # What is not there yet may be there the next moment, as a client just registered.
        if answer is not None:
            self._answers[name] = (now, answer)
            self._answers.move_to_end(name)
        if len(self._answers) > MOST_ANSWERS:
            self._answers.popitem(last=False)
        return answer


class Directory:
    """Clients by their keys, and the places of users."""

    def __init__(self, runner: Runner, sealer: KeySealer) -> None:
        self._runner = runner
        self._sealer = sealer
        self._keys = Recent(self._known_key)
        self._roles = Recent(self._roles_of)
        self._editions = Recent(self._editions_now)
        self._told: Remembered[str, bool] = Remembered(MOST_ANSWERS)

    async def find(self, key_id: str, since: float = LONG_AGO) -> KnownKey | None:
        """Give the key with this id whatever its state, or None; at most 10 s out of date.

        It is learnt anew where it was learnt before `since`, a moment of `time.monotonic`.
        """
        return await self._keys.get(key_id, since)

    async def roles(self, user_id: str) -> Mapping[int, tuple[str, ...]]:
        """Give an active user's roles by location, at most 10 s out of date.

        Raises Forbidden for anyone else.
        """
        return await self._roles.get(user_id)

    async def edition(self, dataset: str) -> int:
        """Give the version of a dataset, at most 10 s out of date; 0 before its first import."""
        return (await self._editions.get("")).get(dataset, 0)

    async def _known_key(self, key_id: str) -> KnownKey | None:
        held = await self._runner.read(clients.holder, key_id)
        if held is None:
            return None
        client, key = held
        return KnownKey(client=client, key=key, secret=self._opened(key))

    def _opened(self, key: ClientKey) -> bytes | None:
        try:
            return self._sealer.open(key.key_id, key.sealed)
        except ValueError as error:
            if not self._told.get(key.key_id):
                self._told.keep(key.key_id, True, time.monotonic() + TOLD_SECONDS)
                said = "key %s of client %s proves nothing: %s"
                _log.error(said, key.key_id, key.client_id, error)
            return None

    async def _editions_now(self, _name: str) -> Mapping[str, int]:
        return await self._runner.read(reference.editions)

    async def _roles_of(self, user_id: str) -> Mapping[int, tuple[str, ...]]:
        return await self._runner.read(users.roles, user_id)
