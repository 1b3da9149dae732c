"""Two workers on one database: what one has done once, the other does not do again."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from adapters.sql.journal import SqlJournal
from adapters.sql.runner import SqlRunner
from adapters.sql.sqlite import open_sqlite
from application.errors import TokenReplayed
from application.ports import Done
from domain.errors import Conflict, NotFound, Stale
from tests.contract.conftest import NOON, a_resource, errand, opened_copy
from tests.contract.test_runner import add, fail, key, linger, together, token


@contextmanager
def two_workers(empty: Path, folder: Path) -> Iterator[tuple[SqlRunner, SqlRunner]]:
    """Give two runners that know nothing of each other, on one file."""
    databases = [opened_copy(empty, folder), open_sqlite(f"sqlite:///{folder / 'loapi.db'}")]
    runners = [
        SqlRunner(one, SqlJournal(one, sink_is_database=False), lambda: NOON) for one in databases
    ]
    try:
        yield runners[0], runners[1]
    finally:
        for runner, database in zip(runners, databases):
            runner.close()
            database.close()


@pytest.mark.parametrize("error", [Conflict("in the way"), Stale("old"), NotFound("loan", "id")])
def test_a_token_spent_at_another_worker_is_refused_for_that_whatever_else_is_wrong(
    empty_sqlite: Path, tmp_path: Path, error: Exception
) -> None:
    with two_workers(empty_sqlite, tmp_path) as (one, other):
        asyncio.run(one.write(errand(token=token(), idempotency=key()), add, a_resource()))
        with pytest.raises(TokenReplayed):
            asyncio.run(other.write(errand(token=token()), fail, error))
        with pytest.raises(TokenReplayed):
            reused = errand(token=token(), idempotency=key(body=b"2"))
            asyncio.run(other.write(reused, add, a_resource()))
        with pytest.raises(type(error)):
            asyncio.run(other.write(errand(token=token("t2")), fail, error))


def test_of_a_batch_at_another_worker_each_gets_what_is_wrong_with_it(
    empty_sqlite: Path, tmp_path: Path
) -> None:
    with two_workers(empty_sqlite, tmp_path) as (one, other):
        asyncio.run(one.write(errand(token=token()), add, a_resource()))
        answers = together(
            other.write(errand(), linger),
            other.write(errand(token=token("t2")), fail, Conflict("in the way")),
            other.write(errand(token=token()), fail, Conflict("in the way")),
            other.write(errand(token=token("t3")), add, a_resource("second")),
            other.write(errand(), fail, Conflict("in the way")),
        )[1:]
        kinds = [type(answer) for answer in answers]
        assert kinds == [Conflict, TokenReplayed, Done, Conflict]
