"""The scripts for administrators of an Oracle database: what SQL*Plus makes of them."""

import os
import re
from pathlib import Path

import pytest

from adapters.sql.deployment.audit_table import AuditTable
from adapters.sql.deployment.script import scripts
from adapters.sql.deployment.steps import VERSION_TABLE, steps
from adapters.sql.migrate import NEWEST
from tests.support.sqlplus import DDL, Unterminated, read

SNAPSHOTS = Path(__file__).parents[1] / "snapshots" / "oracle"
REFRESHES = os.environ.get("LOAPI_TEST_REFRESH_SNAPSHOTS") == "1"

WHOLE = scripts(None, AuditTable.PLAIN)
STEPS = steps()

STAMP = re.compile(
    r"INSERT INTO alembic_version \(version_num\) VALUES \('(?P<first>\d{4})'\)"
    r"|UPDATE alembic_version SET version_num = '(?P<put>\d{4})'"
    r" WHERE version_num = '(?P<seen>\d{4})'"
    r"|DELETE FROM alembic_version WHERE version_num = '(?P<last>\d{4})'"
)
OBJECT = re.compile(r"(?:CREATE|DROP) (?:UNIQUE )?(TABLE|INDEX) (\w+)")
COLUMN = re.compile(r"ALTER TABLE (\w+) (?:ADD|DROP COLUMN) (\w+)")

LONGEST_LINE = 2499
"""Characters of a line that every SQL*Plus takes."""

MOST_BYTES = 200_000
"""A script that a person can still read."""


def stamps(script: str) -> list[re.Match[str]]:
    """Give the stamps of a script, in order."""
    found = (STAMP.fullmatch(statement) for statement in read(script).statements)
    return [stamp for stamp in found if stamp]


def objects(script: str) -> list[tuple[str, ...]]:
    """Name what a script makes or drops, in order."""
    found = (OBJECT.match(each) or COLUMN.match(each) for each in read(script).ddl())
    return [one.groups() for one in found if one]


def between_stamps(script: str) -> list[list[str]]:
    """Give the statements that lead to each stamp."""
    steps_found: list[list[str]] = [[]]
    for statement in read(script).statements:
        if STAMP.fullmatch(statement):
            steps_found.append([])
        elif DDL.match(statement):
            steps_found[-1].append(statement)
    return steps_found


@pytest.mark.parametrize("name", WHOLE)
def test_a_script_is_as_it_was_reviewed(name: str) -> None:
    path = SNAPSHOTS / name
    if REFRESHES:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(WHOLE[name], encoding="utf-8")
    assert WHOLE[name] == path.read_text(encoding="utf-8"), (
        "read what is new, then run this again with LOAPI_TEST_REFRESH_SNAPSHOTS=1"
    )


@pytest.mark.parametrize("name", WHOLE)
def test_sqlplus_finds_the_end_of_every_statement(name: str) -> None:
    script = read(WHOLE[name])
    assert script.statements
    plain = [each for each in script.statements if not each.startswith("DECLARE")]
    assert not [each for each in plain if each.endswith((";", "/"))]
    assert max(map(len, WHOLE[name].splitlines())) <= LONGEST_LINE
    assert len(WHOLE[name].encode()) < MOST_BYTES and WHOLE[name].isascii()


@pytest.mark.parametrize("name", WHOLE)
def test_a_script_stops_at_the_first_error(name: str) -> None:
    commands = read(WHOLE[name]).commands
    assert commands[0] == "WHENEVER SQLERROR EXIT SQL.SQLCODE ROLLBACK"
    assert commands[-1].startswith("PROMPT loapi: ")


@pytest.mark.parametrize("name", ["upgrade.sql", "rollback.sql", "grants.sql"])
def test_a_script_asks_for_nothing_and_binds_nothing(name: str) -> None:
    script = read(WHOLE[name])
    assert {"SET DEFINE OFF", "SET SQLBLANKLINES ON"} <= set(script.commands)
    for statement in script.statements:
        without_texts = re.sub(r"'[^']*'", "", statement)
        assert not re.search(r":\w|&|\bRETURNING\b", without_texts), statement


@pytest.mark.parametrize("name", ["upgrade.sql", "rollback.sql"])
def test_a_script_works_in_the_schema_of_the_owner(name: str) -> None:
    statements = read(WHOLE[name]).statements
    assert statements[0] == "ALTER SESSION SET CURRENT_SCHEMA = LOAPI_OWNER"
    assert statements[-1] == "COMMIT"


@pytest.mark.parametrize("name", ["upgrade.sql", "rollback.sql"])
def test_every_stamp_is_committed_before_the_next_step(name: str) -> None:
    statements = read(WHOLE[name]).statements
    after = [statements[at + 1] for at, each in enumerate(statements) if STAMP.fullmatch(each)]
    assert set(after) == {"COMMIT"}


def test_the_upgrade_stamps_every_revision_once_in_order() -> None:
    first, *others = stamps(WHOLE["upgrade.sql"])
    order = [first["first"], *(stamp["put"] for stamp in others)]
    assert order == [step.revision for step in STEPS]
    assert [stamp["seen"] for stamp in others] == order[:-1]
    assert order[-1] == NEWEST


def test_a_revision_is_one_statement_that_its_stamp_follows() -> None:
    (versions, first), *others, rest = between_stamps(WHOLE["upgrade.sql"])
    assert versions.startswith(f"CREATE TABLE {VERSION_TABLE} (")
    assert [first, *(each for step in others for each in step)] == [step.up for step in STEPS]
    assert {len(step) for step in others} == {1} and rest == []


def test_the_rollback_undoes_everything_in_reverse_order() -> None:
    upgrade, rollback = objects(WHOLE["upgrade.sql"]), objects(WHOLE["rollback.sql"])
    assert len(upgrade) == len(STEPS) + 1
    assert rollback == upgrade[::-1]
    assert all(each.startswith(("DROP ", "ALTER ")) for each in read(WHOLE["rollback.sql"]).ddl())


def test_the_rollback_stamps_its_way_back() -> None:
    *others, last = stamps(WHOLE["rollback.sql"])
    assert [stamp["seen"] for stamp in others] == [step.revision for step in STEPS[:0:-1]]
    assert [stamp["put"] for stamp in others] == [step.before for step in STEPS[:0:-1]]
    assert last["last"] == STEPS[0].revision


def test_scripts_from_a_revision_hold_what_is_behind_it() -> None:
    part = scripts("0057", AuditTable.PLAIN)
    assert [stamp["put"] for stamp in stamps(part["upgrade.sql"])] == [
        step.revision for step in STEPS[57:]
    ]
    assert objects(part["rollback.sql"]) == objects(part["upgrade.sql"])[::-1]
    assert VERSION_TABLE not in {name for each in objects(part["upgrade.sql"]) for name in each}
    assert part["grants.sql"] == WHOLE["grants.sql"]


@pytest.mark.parametrize(
    ("script", "revision"),
    [
        (scripts("0057", AuditTable.PLAIN)["upgrade.sql"], "0057"),
        (scripts("0057", AuditTable.PLAIN)["rollback.sql"], NEWEST),
        (WHOLE["rollback.sql"], NEWEST),
    ],
)
def test_a_script_refuses_a_schema_at_another_revision(script: str, revision: str) -> None:
    block = next(each for each in read(script).statements if each.startswith("DECLARE"))
    assert f"IF found <> '{revision}' THEN" in block and "RAISE_APPLICATION_ERROR" in block
    first_change = next(each for each in read(script).statements if DDL.match(each))
    assert script.index(block) < script.index(first_change)


@pytest.mark.parametrize("since", ["9", "", "9999", NEWEST])
def test_there_is_no_script_from_where_nothing_follows(since: str) -> None:
    with pytest.raises(ValueError, match="revision"):
        scripts(since, AuditTable.PLAIN)


def audit_table(form: AuditTable) -> str:
    """Give what makes the table of audit records."""
    made = read(scripts(None, form)["upgrade.sql"]).ddl()
    return next(each for each in made if re.match(r"CREATE (\w+ )?TABLE audit_record ", each))


def test_a_plain_audit_table_is_what_the_revision_makes() -> None:
    assert audit_table(AuditTable.PLAIN) == STEPS[0].up


def test_a_partitioned_audit_table_gets_a_partition_a_month_by_itself() -> None:
    made = audit_table(AuditTable.PARTITIONED)
    assert made.startswith(STEPS[0].up)
    clauses = " ".join(made.removeprefix(STEPS[0].up).split())
    assert clauses == (
        "PARTITION BY RANGE (occurred_at) INTERVAL (NUMTOYMINTERVAL(1, 'MONTH')) "
        "(PARTITION before_2026 VALUES LESS THAN (TIMESTAMP '2026-01-01 00:00:00'))"
    )


def test_an_immutable_audit_table_says_how_long_behind_its_columns() -> None:
    made = audit_table(AuditTable.IMMUTABLE)
    columns = STEPS[0].up.replace("CREATE TABLE", "CREATE IMMUTABLE TABLE")
    assert made == (
        f"{columns}\nNO DROP UNTIL 31 DAYS IDLE\nNO DELETE UNTIL 2557 DAYS AFTER INSERT"
    )
    assert "ORA-05723" in scripts(None, AuditTable.IMMUTABLE)["rollback.sql"]


def test_only_the_audit_table_changes_with_its_form() -> None:
    def others(form: AuditTable) -> list[str]:
        made = read(scripts(None, form)["upgrade.sql"]).statements
        return [each for each in made if " audit_record " not in each]

    plain = others(AuditTable.PLAIN)
    assert plain == others(AuditTable.PARTITIONED) == others(AuditTable.IMMUTABLE)


@pytest.mark.parametrize("form", [AuditTable.PARTITIONED, AuditTable.IMMUTABLE])
def test_an_audit_table_that_is_there_keeps_its_form(form: AuditTable) -> None:
    with pytest.raises(ValueError, match="audit table"):
        scripts("0001", form)


def test_no_password_is_in_a_script_and_each_is_asked_for_without_showing_it() -> None:
    script = read(WHOLE["accounts.sql"])
    assert {"SET DEFINE ON", "SET VERIFY OFF", "SET ECHO OFF"} <= set(script.commands)
    asked = {line.split()[1] for line in script.commands if line.endswith(" HIDE")}
    used = {
        found[1]
        for statement in script.statements
        if (found := re.search(r'IDENTIFIED BY "&(\w+)"', statement))
    }
    assert asked == used and len(asked) == 4
    assert not [each for each in script.statements if re.search(r'IDENTIFIED BY(?! "&)', each)]
    forgotten = {line.split()[1] for line in script.commands if line.startswith("UNDEFINE")}
    assert forgotten == asked


def test_the_owner_is_a_schema_that_only_the_migrating_account_becomes() -> None:
    statements = [" ".join(each.split()) for each in read(WHOLE["accounts.sql"]).statements]
    owner = next(each for each in statements if each.startswith("CREATE USER LOAPI_OWNER"))
    assert owner.startswith("CREATE USER LOAPI_OWNER NO AUTHENTICATION")
    assert "QUOTA &loapi_quota ON &loapi_tablespace" in owner
    assert "ALTER USER LOAPI_OWNER GRANT CONNECT THROUGH LOAPI_MIGRATE" in statements


def test_no_account_but_the_owner_may_make_anything() -> None:
    granted = [
        each.removeprefix("GRANT ").split(" TO ")
        for each in read(WHOLE["accounts.sql"]).statements
        if each.startswith("GRANT ")
    ]
    assert {account: rights for rights, account in granted} == {
        "LOAPI_OWNER": "CREATE SESSION, CREATE TABLE",
        "LOAPI_APP": "CREATE SESSION",
        "LOAPI_RO": "CREATE SESSION",
        "LOAPI_AUDIT": "CREATE SESSION",
        "LOAPI_MIGRATE": "CREATE SESSION",
    }


@pytest.mark.parametrize(
    "text",
    ["SELECT 1 FROM dual", "CREATE TABLE a (b DATE)\nPROMPT next", "BEGIN\n  NULL;\nEND;"],
)
def test_a_statement_without_an_end_is_found(text: str) -> None:
    with pytest.raises(Unterminated):
        read(text)


def test_a_block_ends_at_a_slash_of_its_own_line() -> None:
    script = read("BEGIN\n  NULL;\nEND;\n/\nCOMMIT;\n")
    assert script.statements == ["BEGIN\n  NULL;\nEND;", "COMMIT"]
