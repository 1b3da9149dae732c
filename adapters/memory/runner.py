"""Runs use cases on records in memory, one after the other."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Concatenate, ParamSpec, TypeVar

from adapters.memory.audit import MemoryJournal
from adapters.memory.store import MemoryStore
from application.audit.record import AuditRecord
from application.errors import KeyReused, TokenReplayed
from application.ports import (
    ANSWERS_KEPT,
    Clock,
    Done,
    Errand,
    IdempotencyKey,
    Reading,
    SpentToken,
    Work,
)
from application.unit import Reader, Unit

P = ParamSpec("P")
R = TypeVar("R")


class MemoryRunner:
    """Keeps every promise of the Runner port for as long as the process lives."""

    def __init__(self, clock: Clock, journal: MemoryJournal) -> None:
        self._clock = clock
        self._store = MemoryStore()
        self._journal = journal
        self._spent: dict[tuple[str, str], SpentToken] = {}
        self._answers: dict[tuple[str, str], tuple[bytes, Any, datetime]] = {}

    async def read(
        self, use_case: Callable[Concatenate[Reading, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Run a use case that changes nothing."""
        return use_case(Reader(self._store, self._clock()), *args, **kwargs)

    async def write(
        self,
        errand: Errand,
        use_case: Callable[Concatenate[Work, P], R],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Done[R]:
        """Run a use case and keep what it changes with its audit record, or nothing."""
        self._refuse_spent(errand.token)
        if errand.idempotency and (answer := self._answer(errand.idempotency)):
            self._spend(errand.token)
            return Done(answer[0], replayed=True)
        unit = Unit(self._store, self._clock())
        value = use_case(unit, *args, **kwargs)
        writes = unit.writes()
        self._store.apply(writes)
        self._journal.append(unit.records(errand.origin, writes))
        self._remember(errand, value)
        return Done(value)

    async def record(self, *records: AuditRecord) -> None:
        """Keep audit records of requests that changed nothing."""
        self._journal.append(records)

    def _refuse_spent(self, token: SpentToken | None) -> None:
        if token and (token.client_id, token.token_id) in self._spent:
            raise TokenReplayed

    def _answer(self, idempotency: IdempotencyKey) -> tuple[Any] | None:
        kept = self._answers.get((idempotency.client_id, idempotency.key))
        if kept is None or kept[2] <= self._clock():
            return None
        fingerprint, value, _ = kept
        if fingerprint != idempotency.fingerprint:
            raise KeyReused
        return (value,)

    def _remember(self, errand: Errand, value: Any) -> None:
        self._spend(errand.token)
        if errand.idempotency:
            key = (errand.idempotency.client_id, errand.idempotency.key)
            until = self._clock() + ANSWERS_KEPT
            self._answers[key] = (errand.idempotency.fingerprint, value, until)

    def _spend(self, token: SpentToken | None) -> None:
        if token:
            self._spent[token.client_id, token.token_id] = token
