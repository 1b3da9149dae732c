"""What the use cases need from outside, promised by whoever provides it."""

from collections.abc import Callable, Iterator, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Concatenate, Generic, ParamSpec, Protocol, TypeVar
from uuid import UUID

from application.audit.record import AuditRecord, Origin, SealedRecord
from application.query import Page, Query
from domain.model import Kind

P = ParamSpec("P")
R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)

ANSWERS_KEPT = timedelta(hours=24)
"""How long an answer is kept under its idempotency key."""


ORIGIN: ContextVar[Origin | None] = ContextVar("origin", default=None)
"""Where the request under way comes from, for what a store's own tools show of it."""


class Reading(Protocol):
    """Answers questions, each from one consistent state of the store."""

    @property
    def now(self) -> datetime:
        """The time of this unit of work, UTC; it does not move within the unit."""

    def get(self, kind: type[Kind], *key: Any) -> Kind | None:
        """Give the record with this key, or None."""

    def find(self, kind: type[Kind], query: Query) -> Page[Kind]:
        """Give the records that the query asks for, in its order."""


class Work(Reading, Protocol):
    """A unit of work: it notes changes, which happen all together when its use case returns.

    Later questions of the same unit see the changes noted so far.
    """

    def new_id(self) -> UUID:
        """Make an identity that sorts by time."""

    def add(self, record: Kind) -> Kind:
        """Note a new record and give it as version 1.

        The write raises Conflict where a record with its key, or one that a rule of the store
        excludes beside it, is there already.
        """

    def change(self, record: Kind) -> Kind:
        """Note the new form of a record that this unit has got; give it with its new version.

        An unchanged record stays as it is. The write raises Stale where the stored version is
        no longer the one that this unit has got.
        """

    def remove(self, record: Kind) -> None:
        """Note that a record that this unit has got is to go; the write raises Stale likewise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpentToken:
    """A token that works for one write: it is recorded in the same commit."""

    client_id: str
    token_id: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class IdempotencyKey:
    """A client's name for one write, so that sending it again does nothing twice.

    Its answer is kept for `ANSWERS_KEPT`.
    """

    client_id: str
    key: str
    fingerprint: bytes
    """A digest of the request; another request under the same key is refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """What a write carries beside its arguments."""

    origin: Origin
    token: SpentToken | None = None
    idempotency: IdempotencyKey | None = None
    despite_backlog: bool = False
    """Whether it is done however many audit records wait: a leaked key must be revoked."""


@dataclass(frozen=True, slots=True)
class Done(Generic[R_co]):
    """A write's result, and whether it was done before under the same idempotency key."""

    value: R_co
    replayed: bool = False


class Runner(Protocol):
    """Runs use cases: each in a transaction, with the records of what it changed."""

    async def read(
        self, use_case: Callable[Concatenate[Reading, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Run a use case that changes nothing."""

    async def write(
        self,
        errand: Errand,
        use_case: Callable[Concatenate[Work, P], R],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Done[R]:
        """Run a use case and commit what it changes with exactly one audit record, or nothing.

        The use case may run more than once. Raises what it raises, and TokenReplayed,
        KeyReused, KeyInFlight, Busy, TimedOut, Unavailable or OutcomeUnknown.
        """

    async def record(self, *records: AuditRecord) -> None:
        """Commit audit records of requests that changed nothing."""


class Journal(Protocol):
    """Audit records that are committed and not yet delivered."""

    def pending(self, limit: int) -> Sequence[AuditRecord]:
        """Give the oldest undelivered records, in order of id."""

    def clear(self, records: Sequence[AuditRecord]) -> None:
        """Forget records that the sink has."""

    def find(self, query: Query) -> Page[AuditRecord]:
        """Answer a question to the trail from the undelivered records."""

    def get(self, record_id: UUID) -> AuditRecord | None:
        """Give one undelivered record."""

    def depth(self) -> int:
        """Count the undelivered records."""


class AuditSink(Protocol):
    """Where audit records are kept for good.

    A question's clauses are single EQ terms on `entities`, `client_id`, `user_id`,
    `request_id`, `action` or `outcome`, and bounds on `occurred_at`; its order is by id.
    """

    def deliver(self, sealed: Sequence[SealedRecord]) -> None:
        """Keep records, in order; those it has already are left alone.

        Raises Tampered where it has another record, or another seal, under the same id.
        """

    def find(self, query: Query) -> Page[AuditRecord]:
        """Answer a question to the trail."""

    def get(self, record_id: UUID) -> AuditRecord | None:
        """Give one record."""

    def scan(self, start: int, stop: int) -> Iterator[SealedRecord]:
        """Give the records whose log index is from `start` to before `stop`, in order.

        Missing indexes are left out; that is for the verifier to notice.
        """


class Clock(Protocol):
    """Tells the time."""

    def __call__(self) -> datetime:
        """Give the time, UTC, with microseconds."""
