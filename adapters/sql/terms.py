"""What questions to the trail can name, as an index of its own: the table audit_term."""

import json
from collections.abc import Iterable, Sequence
from heapq import merge
from itertools import chain, groupby, islice
from operator import itemgetter
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Select, insert, or_, select

from adapters.sql.binding import at_most, in_lists
from adapters.sql.conditions import conditions
from adapters.sql.tables import audit_record, audit_term
from application.audit.record import AuditRecord
from application.audit.trail import id_range
from application.query import Clause, Query

RAREST_FIRST = ("request_id", "entities", "user_id", "action", "client_id", "outcome")
"""The fields that a question can name, those with the fewest records to a value first."""

TermRow = tuple[str, bytes]
"""A term, and the id of a record that has it."""

SINGLE = tuple(name for name in RAREST_FIRST if name != "entities")
"""Those of them that have one value."""


def terms_of(record: AuditRecord) -> list[str]:
    """Give what a question to the trail can name of a record, each once."""
    named = [
        f"{name}={value}" for name in SINGLE if (value := getattr(record, name)) is not None
    ]
    return named + [f"entities={entity}" for entity in dict.fromkeys(record.entities)]


def terms_of_row(row: Sequence[Any]) -> list[str]:
    """Give the same of a row of audit_record, as the driver gives it."""
    named = [
        f"{name}={value}" for name, at in _SINGLE_AT if (value := row[at]) is not None
    ]
    entities: list[str] = json.loads(row[_ENTITIES_AT])
    return named + [f"entities={entity}" for entity in dict.fromkeys(entities)]


_AT = {name: at for at, name in enumerate(audit_record.c.keys())}
_SINGLE_AT = [(name, _AT[name]) for name in SINGLE]
_ENTITIES_AT = _AT["entities"]


def rows_of(records: Iterable[tuple[UUID, Iterable[str]]]) -> list[TermRow]:
    """Give the index rows of records, by term: neighbours in the index are written together."""
    rows = [
        (term, key) for record_id, terms in records for key in (record_id.bytes,) for term in terms
    ]
    rows.sort(key=itemgetter(0))
    return rows


def insert_terms(connection: Connection, rows: Sequence[TermRow]) -> None:
    """Write index rows in this transaction; none of them may be there.

    They go to the driver as they are. Their way through the types of the columns would keep
    other writers waiting for longer than the insert itself.
    """
    compiled = insert(audit_term).compile(dialect=connection.dialect)
    given: list[Any] = list(rows)
    if not compiled.positional:
        given = [{"term": term, "record_id": record_id} for term, record_id in rows]
    connection.exec_driver_sql(str(compiled), given)


def insert_missing_terms(connection: Connection, rows: Sequence[TermRow]) -> None:
    """Write those of the index rows that are not there, in this transaction."""
    missing = [row for row in rows if not _is_there(connection, *row)]
    if missing:
        insert_terms(connection, missing)


def _is_there(connection: Connection, term: str, record_id: bytes) -> bool:
    same = select(audit_term.c.term).filter_by(term=term, record_id=UUID(bytes=record_id))
    return connection.execute(same).first() is not None


def find_ids(connection: Connection, query: Query) -> list[UUID]:
    """Give the ids of the records that a question is about, in its order, one beyond its limit.

    The rarest field that it names leads: each of its values is a range of the index in order of
    id, read no further than the limit. No named field: the ids of the records themselves.
    """
    named = [clause for clause in query.clauses if clause[0].field in RAREST_FIRST]
    bounds = tuple(clause for clause in query.clauses if clause not in named)
    if not named:
        chosen = select(audit_record.c.id).where(*_occurred(bounds))
        return list(_ids(connection, _in_range(chosen, audit_record.c.id, query)))
    named.sort(key=lambda clause: RAREST_FIRST.index(clause[0].field))
    leading, *others = named
    columns = [
        _ids(connection, _in_range(_holders(term, others, bounds), audit_term.c.record_id, query))
        for term in _terms(leading)
    ]
    together = merge(*columns, reverse=_descending(query))
    return list(islice((record_id for record_id, _ in groupby(together)), query.limit + 1))


def _terms(clause: Clause) -> list[str]:
    return sorted({f"{term.field}={value}" for term in clause for value in term.values})


def _holders(term: str, others: Iterable[Clause], bounds: Sequence[Clause]) -> Select[Any]:
    """Choose the ids of records that have a term, and one of each of the other clauses'."""
    chosen = select(audit_term.c.record_id).where(audit_term.c.term == term)
    for clause in others:
        also = audit_term.alias()
        has_one = or_(*(also.c.term.in_(some) for some in in_lists(_terms(clause))))
        chosen = chosen.where(
            select(also.c.term)
            .where(has_one, also.c.record_id == audit_term.c.record_id)
            .exists()
        )
    if bounds:
        chosen = chosen.where(
            select(audit_record.c.id)
            .where(audit_record.c.id == audit_term.c.record_id, *_occurred(bounds))
            .exists()
        )
    return chosen


def _occurred(bounds: Sequence[Clause]) -> list[ColumnElement[bool]]:
    return conditions(audit_record, tuple(bounds))


def _in_range(chosen: Select[Any], column: ColumnElement[UUID], query: Query) -> Select[Any]:
    """Narrow a choice of ids to those from a question's position on, in its order."""
    low, high = id_range(query)
    descending = _descending(query)
    if low is not None:
        chosen = chosen.where(column >= low)
    if high is not None:
        chosen = chosen.where(column <= high)
    if query.after is not None:
        after = query.after[0]
        chosen = chosen.where(column < after if descending else column > after)
    order = column.desc() if descending else column.asc()
    return chosen.order_by(order).limit(at_most(query.limit + 1))


def _descending(query: Query) -> bool:
    return bool(query.order) and query.order[0].descending


def _ids(connection: Connection, chosen: Select[Any]) -> Iterable[UUID]:
    return chain.from_iterable(connection.execute(chosen).all())
