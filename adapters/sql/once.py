"""What must happen once: tokens that are spent, and answers kept under idempotency keys."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, bindparam, delete, insert, select
from sqlalchemy.exc import DBAPIError

from adapters.sql.database import Failure
from adapters.sql.tables import TABLES, kept_answer, spent_token
from application.errors import KeyReused, TokenReplayed
from application.ports import ANSWERS_KEPT, IdempotencyKey, SpentToken
from domain.model import Record, kind_name

_OF_KEY = (
    kept_answer.c.client_id == bindparam("at_client"),
    kept_answer.c.idempotency_key == bindparam("at_key"),
)
_KEPT_ANSWER = select(
    kept_answer.c.fingerprint, kept_answer.c.kind, kept_answer.c.answer, kept_answer.c.expires_at
).where(*_OF_KEY)
_DROP_ANSWER = delete(kept_answer).where(*_OF_KEY)
_SPENT = select(spent_token.c.expires_at).where(
    spent_token.c.client_id == bindparam("at_client"),
    spent_token.c.token_id == bindparam("at_token"),
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a write answered."""

    value: Any


def kept(connection: Connection, key: IdempotencyKey, now: datetime) -> Answer | None:
    """Give the answer kept under a key; raises KeyReused where it answered another request."""
    at = {"at_client": key.client_id, "at_key": key.key}
    row = connection.execute(_KEPT_ANSWER, at).first()
    if row is None:
        return None
    if row.expires_at <= now:
        connection.execute(_DROP_ANSWER, at)
        return None
    if row.fingerprint != key.fingerprint:
        raise KeyReused
    return Answer(None if row.kind is None else _adapter(row.kind).validate_json(row.answer))


def keep(
    connection: Connection, answers: Iterable[tuple[IdempotencyKey, Any, datetime]]
) -> None:
    """Keep answers in the transaction of the changes that they tell of."""
    rows = [
        {
            "client_id": key.client_id,
            "idempotency_key": key.key,
            "fingerprint": key.fingerprint,
            **_written(value),
            "expires_at": now + ANSWERS_KEPT,
        }
        for key, value, now in answers
    ]
    if rows:
        connection.execute(insert(kept_answer), rows)


def spend(
    connection: Connection,
    tokens: Iterable[SpentToken],
    failure: Callable[[BaseException], Failure],
) -> None:
    """Record tokens as used in the transaction of what they were used for.

    Raises TokenReplayed where one of them was used before.
    """
    rows = [
        {
            "client_id": token.client_id,
            "token_id": token.token_id,
            "expires_at": token.expires_at,
        }
        for token in tokens
    ]
    if not rows:
        return
    try:
        connection.execute(insert(spent_token), rows)
    except DBAPIError as error:
        # Drivers have one class for a key that is there and for a value that does not fit.
        if failure(error) is not Failure.CLASH:
            raise
        raise TokenReplayed from error


def is_spent(connection: Connection, token: SpentToken) -> bool:
    """Tell whether a token was used by any process, as far as this transaction sees."""
    at = {"at_client": token.client_id, "at_token": token.token_id}
    return connection.execute(_SPENT, at).first() is not None


def forget_expired(connection: Connection, now: datetime) -> None:
    """Drop what has expired."""
    for table in (spent_token, kept_answer):
        connection.execute(delete(table).where(table.c.expires_at <= now))


def _written(value: Any) -> dict[str, str | None]:
    if value is None:
        return {"kind": None, "answer": None}
    kind: type[Record] = type(value)
    name = kind_name(kind)
    return {"kind": name, "answer": _adapter(name).dump_json(value).decode()}


@cache
def _adapter(name: str) -> TypeAdapter[Any]:
    kinds: dict[str, type[Record]] = {kind_name(kind): kind for kind in TABLES}
    return TypeAdapter(kinds[name])
