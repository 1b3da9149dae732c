"""Every statement that the service sends is one that Oracle takes, on 19c as on 23ai."""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import Executable, TextClause, false, insert, select, tuple_
from sqlalchemy.dialects import sqlite

from adapters.sql.binding import at_most
from adapters.sql.inserting import insert_rows
from adapters.sql.migrate import upgrade
from adapters.sql.sqlite import open_sqlite
from adapters.sql.tables import (
    TABLES,
    audit_leaf,
    audit_record,
    audit_term,
    journal,
    kept_answer,
    payoff,
    spent_token,
)
from tests.architecture.test_schema import LISTINGS
from tests.support.emitted import Emitted
from tests.support.emitted.driven import use_everything
from tests.support.emitted.listed import lists, questions, reads_and_writes, sample
from tests.support.emitted.schema import declared, revised
from tests.support.emitted.sites import Recorder, sites, sites_of
from tests.support.emitted.snapshot import check, statements_file, tables_file
from tests.support.oracle_rules import RULES, faults
from tests.support.oracle_sent import RELEASES, Oracle, Sent

SNAPSHOTS = Path(__file__).parents[1] / "snapshots" / "oracle"
SQL = ("SELECT ", "INSERT ", "UPDATE ", "DELETE ", "ALTER ", "WITH ", "BEGIN ", "COMMENT ")

FAILING = {rule.name for rule in RULES if rule.fails}
"""What a statement that only Oracle ever gets must not do; SQLite's ways are nothing to it."""

TERMS = "adapters/sql/terms.py insert_terms"

INSERTED = (*TABLES.values(), audit_leaf, audit_record, journal, spent_token)
"""The tables whose rows go to a driver as it wants them where it needs no types."""

BY_DRIVER = {
    TERMS: [insert(audit_term)],
    "adapters/sql/inserting.py insert_rows": [insert(table) for table in INSERTED],
}
"""What may be behind a text that goes to the driver as it is."""


@dataclass(frozen=True)
class Made:
    """A statement as each release gets it."""

    emitted: Emitted
    sent: dict[int, Sent]

    def faults(self, release: int) -> list[str]:
        """Tell what a release would not take of it."""
        sent = self.sent[release]
        return faults(sent.sql, release, sent.rows, sent.sizes)


@pytest.fixture(name="oracle", scope="module")
def one_of_each_release() -> dict[int, Oracle]:
    """Give what makes statements for each release."""
    return {release: Oracle(release) for release in RELEASES}


@pytest.fixture(name="recorder", scope="module")
def what_is_sent(tmp_path_factory: pytest.TempPathFactory) -> Recorder:
    """Use everything on SQLite, and give what was noted."""
    database = open_sqlite(f"sqlite:///{tmp_path_factory.mktemp('emitted')}/loapi.db")
    upgrade(database)
    recorder = Recorder()
    recorder.listen(database.writing_engine)
    recorder.listen(database.reading_engine)
    try:
        use_everything(database)
    finally:
        database.close()
    _insert_as_on_oracle(recorder)
    return recorder


def _insert_as_on_oracle(recorder: Recorder) -> None:
    engine = Oracle(19).engine
    recorder.listen(engine)
    with engine.connect() as connection:
        for table in INSERTED:
            row = [sample(column, 1) for column in table.c]
            insert_rows(connection, table, [row, row])


@pytest.fixture(name="made", scope="module")
def every_statement(recorder: Recorder, oracle: dict[int, Oracle]) -> list[Made]:
    """Give every statement as each release gets it."""
    found = [*recorder.emitted, *reads_and_writes(), *lists(LISTINGS), *questions()]
    found += [Emitted(TERMS, insert(audit_term), _a_term())]
    return [
        Made(each, {r: one.sent(each.statement, each.parameters) for r, one in oracle.items()})
        for each in found
    ]


def _a_term() -> dict[str, object]:
    """Give a row of audit_term as it goes through the types of its columns."""
    return {column.key: None for column in audit_term.c}


# Statements


def test_every_place_that_sends_a_statement_is_seen(recorder: Recorder) -> None:
    unseen = [site for site in sites() if not recorder.has_seen(site)]
    assert not unseen, "let tests/support/emitted/driven.py reach these"


@pytest.mark.parametrize("release", RELEASES)
def test_oracle_takes_every_statement(made: list[Made], release: int) -> None:
    found = {
        (fault, each.emitted.site, each.sent[release].sql)
        for each in made
        for fault in each.faults(release)
    }
    assert not found


def test_every_release_gets_the_same_text(made: list[Made]) -> None:
    assert not [
        each.emitted for each in made if len({sent.sql for sent in each.sent.values()}) > 1
    ]


def test_a_text_for_the_driver_is_made_from_a_statement_that_is_known(recorder: Recorder) -> None:
    assert recorder.driven
    for site, sql in recorder.driven:
        assert sql in {str(each.compile(dialect=sqlite.dialect())) for each in BY_DRIVER[site]}


def test_statements_for_oracle_alone_are_constants_that_it_takes() -> None:
    for site in sites("Oracle"):
        assert site.sends.isidentifier(), f"{site} is to send a constant of its module"
    for name, sql in constants():
        for release in RELEASES:
            broken = {fault.partition(":")[0] for fault in faults(sql, release)}
            assert not broken & FAILING, (name, sql)


def constants() -> Iterator[tuple[str, str]]:
    """Give the statements that stand in modules for Oracle alone."""
    for path in sorted({site.path for site in sites("Oracle")}):
        module = import_module(path.removesuffix(".py").replace("/", "."))
        for name, value in vars(module).items():
            sql = value.text if isinstance(value, TextClause) else value
            if isinstance(sql, str) and sql.startswith(SQL):
                yield f"{path} {name}", sql


def test_statements_are_reviewed(made: list[Made]) -> None:
    shown = ((each.emitted.site, each.sent[19].sql) for each in made if each.emitted.shown)
    check(SNAPSHOTS / "statements.sql", statements_file(shown))


# Tables


@pytest.mark.parametrize("release", RELEASES)
def test_oracle_takes_the_tables_as_they_are_declared(
    oracle: dict[int, Oracle], release: int
) -> None:
    assert not [found for sql in declared(oracle[release]) if (found := faults(sql, release))]


@pytest.mark.parametrize("release", RELEASES)
def test_oracle_takes_what_revisions_do_and_undo(oracle: dict[int, Oracle], release: int) -> None:
    assert not [
        (each.name, found)
        for each in revised(oracle[release])
        if (found := faults(each.sql, release))
    ]


def test_every_release_gets_the_same_tables_and_revisions(oracle: dict[int, Oracle]) -> None:
    assert declared(oracle[19]) == declared(oracle[23])
    assert list(revised(oracle[19])) == list(revised(oracle[23]))


def test_tables_are_reviewed(oracle: dict[int, Oracle]) -> None:
    check(SNAPSHOTS / "tables.sql", tables_file(declared(oracle[19])))


# The gate itself


IDS = select(payoff.c.id)
MANY = [f"text {number}" for number in range(1001)]


@pytest.mark.parametrize(
    ("statement", "broken"),
    [
        (IDS.where(payoff.c.voluntary.is_(True)), ["is-number"]),
        (IDS.limit(10), ["literal-limit"]),
        (IDS.limit(at_most(10)), []),
        (IDS.where(payoff.c.loan_number.in_(MANY)), ["long-list"]),
        (IDS.where(payoff.c.loan_number.in_(MANY[1:])), []),
        (IDS.where(payoff.c.loan_number == ""), ["empty-text-bound"]),
        (IDS.where(tuple_(payoff.c.id, payoff.c.days) > tuple_(UUID(int=1), 1)), ["row-values"]),
        (select(IDS.exists()), ["truth-in-select-list"]),
        (IDS.limit(at_most(1)).with_for_update(skip_locked=True), ["limit-and-lock"]),
        (IDS.order_by(payoff.c.comments), ["nulls-sorted"]),
        (
            select(kept_answer.c.kind).where(kept_answer.c.answer.like("x")),
            ["like", "large-compared", "national-bound"],
        ),
        (IDS.where(payoff.c.fees.is_(None)), []),
        (
            insert(audit_record).values(id=UUID(int=1)).returning(audit_record.c.id),
            ["returning-from-audit"],
        ),
    ],
)
def test_a_statement_that_oracle_refuses_is_found(
    oracle: dict[int, Oracle], statement: Executable, broken: list[str]
) -> None:
    sent = oracle[19].sent(statement)
    found = faults(sent.sql, 19, sent.rows, sent.sizes)
    assert [fault.partition(":")[0] for fault in found] == broken


def test_a_text_that_follows_the_release_is_found(oracle: dict[int, Oracle]) -> None:
    statement = select(payoff.c.id).where(false())
    assert oracle[19].sent(statement).sql != oracle[23].sent(statement).sql


@pytest.mark.parametrize(
    "source",
    [
        "connection.execute(chosen)",
        "list(connection.scalars(chosen, {}))",
        "connection.exec_driver_sql('BEGIN')",
        "found = connection.scalar(chosen)",
    ],
)
def test_a_place_that_sends_a_statement_is_found(source: str) -> None:
    assert list(sites_of("adapters/sql/new.py", source))
    (site,) = sites_of("adapters/sql/new.py", source)
    assert not Recorder().has_seen(site)
    assert Recorder(lines={("adapters/sql/new.py", 1)}).has_seen(site)


def test_reading_a_result_sends_nothing() -> None:
    assert not list(sites_of("adapters/sql/new.py", "found = result.scalars().all()"))
