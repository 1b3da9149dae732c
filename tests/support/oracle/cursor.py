"""The driver's cursor: statements out, rows in, and a round trip for each question."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import oracledb

from tests.support.oracle import errors
from tests.support.oracle.binds import bound
from tests.support.oracle.results import ResultSet, Row
from tests.support.oracle.rows import Convert, Variable, converted
from tests.support.oracle.session import Session
from tests.support.oracle.sources import Selected
from tests.support.oracle.statements import Statement
from tests.support.oracle.trips import RoundTrip

ASKS_FOR_TRANSACTION = "local_transaction_id"
"""In the one block of PL/SQL that SQLAlchemy runs, when it first meets a server."""


class Cursor:
    """One statement at a time."""

    def __init__(self, session: Session) -> None:
        self.arraysize = oracledb.defaults.arraysize
        self.prefetchrows = oracledb.defaults.prefetchrows
        self.outputtypehandler: Any = None
        self.rowcount = 0
        self._session: Session | None = session
        self._sizes: dict[str, Any] = {}
        self._sql = ""
        self._result: ResultSet | None = None

    @property
    def description(self) -> list[Row] | None:
        """What the columns of the result are; None where there is none."""
        return None if self._result is None else self._result.description

    def setinputsizes(self, *args: Any, **sizes: Any) -> None:
        """Tell the types of binds of the statement that comes next."""
        assert not args, "the stand-in takes binds by name"
        self._sizes = {name: of for name, of in sizes.items() if of is not None}

    def var(self, typ: Any, *_size: int, **more: Any) -> Variable:
        """Give a place of a type."""
        return Variable(typ, more.get("outconverter"))

    def execute(self, sql: str, parameters: Mapping[str, Any] | None = None) -> "Cursor | None":
        """Run a statement once."""
        if ASKS_FOR_TRANSACTION in sql:
            self._give_transaction(sql, parameters or {})
            return None
        statement, (row,) = self._prepared(sql, [parameters or {}])
        if statement.verb == "SELECT":
            return self._query(statement, row)
        self._trip("execute", lambda trip: self._change(trip, statement, [row]))
        return None

    def executemany(self, sql: str, parameters: Sequence[Mapping[str, Any]]) -> None:
        """Run a statement for each row, in one round trip."""
        statement, rows = self._prepared(sql, parameters)
        self._trip("executemany", lambda trip: self._change(trip, statement, rows))

    def fetchone(self) -> Row | None:
        """Give the next row, or None."""
        if self._result is None:
            raise errors.no_query()
        row = self._result.next(self.arraysize, lambda work: self._trip("fetch", work))
        self.rowcount += row is not None
        return row

    def fetchmany(self, size: int | None = None) -> list[Row]:
        """Give as many rows as there are, up to a number."""
        wanted = range(self.arraysize if size is None else size)
        rows = (self.fetchone() for _ in wanted)
        return [row for row in rows if row is not None]

    def fetchall(self) -> list[Row]:
        """Give the rows that are left."""
        return list(self)

    def close(self) -> None:
        """Be used no more."""
        self._open()
        self._session = None

    def __iter__(self) -> Iterator[Row]:
        while (row := self.fetchone()) is not None:
            yield row

    def __enter__(self) -> "Cursor":
        return self

    def __exit__(self, *_error: object) -> None:
        self._session = None

    def _open(self) -> Session:
        if self._session is None:
            raise errors.cursor_closed()
        return self._session

    def _trip(self, kind: str, work: Callable[[RoundTrip], None]) -> None:
        self._open().call(kind, self._sql, work)

    def _prepared(
        self, sql: str, rows: Sequence[Mapping[str, Any]]
    ) -> tuple[Statement, list[dict[str, Any]]]:
        """Do what the driver does before it sends anything."""
        sizes, self._sizes = self._sizes, {}
        self._sql, self._result, self.rowcount = sql, None, 0
        statement = self._open().server.understood(sql, sizes)
        return statement, bound(rows, sizes, statement.binds)

    def _query(self, statement: Statement, row: Mapping[str, Any]) -> "Cursor":
        result, is_known = ResultSet(statement), self._open().knows(self._sql)

        def ask(trip: RoundTrip) -> None:
            result.executed(trip, self._run(statement, row).fetchall(), self.prefetchrows)

        self._trip("execute", ask)
        # The driver learns from a first answer that there are CLOBs, and asks again with the
        # types that it wants to have.
        if statement.has_lobs and not is_known:
            self._trip("define", lambda _trip: None)
        result.converts = [
            self._convert(each, *about)
            for each, about in zip(statement.selected, result.description, strict=True)
        ]
        self._result = result
        return self

    def _change(
        self, trip: RoundTrip, statement: Statement, rows: Sequence[Mapping[str, Any]]
    ) -> None:
        """Run a statement for each row; what stands before one that fails stays changed."""
        trip.rows = len(rows)
        if statement.verb == "ALTER":
            return
        for row in rows:
            self.rowcount += self._run(statement, row).rowcount
        if self._open().autocommit:
            self._open().end("COMMIT")

    def _run(self, statement: Statement, row: Mapping[str, Any]) -> Any:
        session = self._open()
        if statement.locks:
            session.lock()
        try:
            return session.run(statement.text, statement.parameters(row))
        except sqlite3.Error as error:
            raise session.server.refused(error) from error

    def _convert(self, each: Selected, *about: Any) -> Convert:
        """Ask SQLAlchemy's handler, where there is one, as what a column is wanted."""
        name, of, size, _, precision, scale, _ = about
        handler = self.outputtypehandler or self._open().outputtypehandler
        wanted = handler and handler(self, name, of, size, precision, scale)
        return converted(each.column, wanted, lambda: self._trip("lob", lambda _trip: None))

    def _give_transaction(self, sql: str, parameters: Mapping[str, Any]) -> None:
        def answer(_trip: RoundTrip) -> None:
            parameters["trans_id"].values[0] = "1.2.3"

        self._sql = sql
        self._trip("execute", answer)
