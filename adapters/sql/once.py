"""What must happen once: tokens that are spent, and answers kept under idempotency keys."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, bindparam, delete, insert, select
from sqlalchemy.exc import DBAPIError

from adapters.sql.binding import in_lists, is_one_of
from adapters.sql.database import Failure
from adapters.sql.inserting import insert_rows
from adapters.sql.tables import TABLES, kept_answer, spent_token
from application.errors import KeyReused, TokenReplayed
from application.ports import ANSWERS_KEPT, IdempotencyKey, SpentToken
from domain.model import Record, kind_name

_KEPT_ANSWERS = select(
    kept_answer.c.idempotency_key, kept_answer.c.fingerprint, kept_answer.c.kind,
    kept_answer.c.answer, kept_answer.c.expires_at,
).where(
    kept_answer.c.client_id == bindparam("at_client"), is_one_of(kept_answer.c.idempotency_key)
)
_DROP_ANSWER = delete(kept_answer).where(
    kept_answer.c.client_id == bindparam("at_client"),
    kept_answer.c.idempotency_key == bindparam("at_key"),
)
_SPENT = select(spent_token.c.expires_at).where(
    spent_token.c.client_id == bindparam("at_client"),
    spent_token.c.token_id == bindparam("at_token"),
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a write answered."""

    value: Any


def kept(
    connection: Connection, keys: Iterable[IdempotencyKey], now: datetime
) -> Mapping[IdempotencyKey, Answer | KeyReused]:
    """Give the answers kept under keys; KeyReused where one answered another request."""
    by_client: dict[str, list[IdempotencyKey]] = defaultdict(list)
    for key in keys:
        by_client[key.client_id].append(key)
    found: dict[IdempotencyKey, Answer | KeyReused] = {}
    for client_id, some in by_client.items():
        rows = {row.idempotency_key: row for row in _rows(connection, client_id, some)}
        for key in some:
            row = rows.get(key.key)
            if row is not None and row.expires_at > now:
                found[key] = _answer(row, key)
            elif row is not None:
                at = {"at_client": client_id, "at_key": key.key}
                connection.execute(_DROP_ANSWER, at)
    return found


def _rows(
    connection: Connection, client_id: str, keys: Sequence[IdempotencyKey]
) -> Iterator[Any]:
    for some in in_lists([key.key for key in keys]):
        at = {"at_client": client_id, "several": some}
        yield from connection.execute(_KEPT_ANSWERS, at).all()


def _answer(row: Any, key: IdempotencyKey) -> Answer | KeyReused:
    if row.fingerprint != key.fingerprint:
        return KeyReused()
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
    rows = [(token.client_id, token.token_id, token.expires_at) for token in tokens]
    if not rows:
        return
    try:
        insert_rows(connection, spent_token, rows)
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
