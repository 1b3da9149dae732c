"""What Oracle's catalog tells of tables and grants, compared with what the code expects."""

import re
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import pytest

from adapters.sql.deployment.accounts import Account
from adapters.sql.deployment.audit_table import AuditTable
from adapters.sql.deployment.check import check, check_rights, needs_of
from adapters.sql.deployment.comparison import compare, compare_lists
from adapters.sql.deployment.findings import Finding, Subject
from adapters.sql.deployment.grants import APP, privileges
from adapters.sql.deployment.of_oracle import shape_of
from adapters.sql.deployment.oracle_catalog import Rights, Session
from adapters.sql.deployment.script import scripts
from adapters.sql.deployment.shape import expected
from adapters.sql.deployment.steps import oracle_19c
from adapters.sql.migrate import NEWEST
from entrypoints.container.deployment import LISTINGS
from tests.support.oracle.errors import ora
from tests.support.oracle_answers import Answering, Row
from tests.support.oracle_catalog import Rows, rows_after
from tests.support.sqlplus import read

SESSION = Session("LOAPI_APP", "LOAPI_OWNER")


def installed(form: AuditTable = AuditTable.PLAIN) -> Rows:
    """Give the rows of a schema that upgrade.sql has just made."""
    return rows_after(read(scripts(None, form)["upgrade.sql"]).ddl())


def found_in(rows: Rows) -> list[Finding]:
    """Give what is wrong with a schema."""
    found = shape_of(rows.catalog(), NEWEST)
    return [*compare(found, expected(oracle_19c())), *compare_lists(found, LISTINGS)]


def one(rows: list[Any], **values: Any) -> Any:
    """Find the row with these values."""
    (row,) = [each for each in rows if values.items() <= vars(each).items()]
    return row


def alter(rows: list[Any], values: dict[str, Any], **change: Any) -> None:
    """Give another value to the row with these values."""
    vars(one(rows, **values)).update(change)


def drop(rows: list[Any], **values: Any) -> None:
    """Take away the row with these values."""
    rows.remove(one(rows, **values))


@pytest.mark.parametrize("form", AuditTable)
def test_a_schema_that_the_script_made_has_no_finding(form: AuditTable) -> None:
    rows = installed(form)
    assert len(rows.tables) > 20
    assert found_in(rows) == []


PAYOFF = {"table_name": "PAYOFF"}

DAMAGES: list[tuple[Callable[[Rows], Any], str, str]] = [
    (
        lambda rows: alter(rows.columns, PAYOFF | {"column_name": "TOTAL"}, data_precision=None),
        "payoff.total", "is NUMBER, not NUMBER(19, 2)",
    ),
    (
        lambda rows: alter(rows.columns, PAYOFF | {"column_name": "TOTAL"}, data_scale=4),
        "payoff.total", "is NUMBER(19, 4), not NUMBER(19, 2)",
    ),
    (
        lambda rows: alter(rows.columns, PAYOFF | {"column_name": "REASON"}, char_used="B",
                           data_length=30),
        "payoff.reason", "is VARCHAR2(30), not VARCHAR2(30 CHAR)",
    ),
    (
        lambda rows: alter(rows.columns, PAYOFF | {"column_name": "REASON"}, char_length=31),
        "payoff.reason", "is VARCHAR2(31 CHAR), not VARCHAR2(30 CHAR)",
    ),
    (
        lambda rows: alter(rows.columns, PAYOFF | {"column_name": "CREATED_AT"}, data_type="DATE"),
        "payoff.created_at", "is DATE, not TIMESTAMP",
    ),
    (
        lambda rows: alter(rows.columns, PAYOFF | {"column_name": "CREATED_AT"},
                           data_type="TIMESTAMP(6) WITH TIME ZONE"),
        "payoff.created_at", "is TIMESTAMP(6) WITH TIME ZONE, not TIMESTAMP",
    ),
    (
        lambda rows: alter(rows.columns, PAYOFF | {"column_name": "ID"}, data_length=32),
        "payoff.id", "is RAW(32), not RAW(16)",
    ),
    (
        lambda rows: alter(rows.columns, PAYOFF | {"column_name": "FEES"}, nullable="Y"),
        "payoff.fees", "takes NULL, and must not",
    ),
    (
        lambda rows: drop(rows.columns, **PAYOFF, column_name="FEES"),
        "payoff.fees", "there is no such column",
    ),
    (
        lambda rows: alter(rows.columns, PAYOFF | {"column_name": "FEES"}, column_name="Fees"),
        'payoff."Fees"', "is no column of this version",
    ),
    (lambda rows: drop(rows.tables, table_name="LEASE"), "lease", "is not there"),
    (
        lambda rows: rows.add_table("plan_table", {"id": "NUMBER"}, {}),
        "plan_table", "is no table of this version",
    ),
    (
        lambda rows: drop(rows.constraints, constraint_name="CK_PAYOFF_FEES"),
        "payoff.ck_payoff_fees", "there is no such check",
    ),
    (
        lambda rows: alter(rows.constraints, {"constraint_name": "CK_PAYOFF_FEES"},
                           search_condition_vc="fees IS NOT JSON"),
        "payoff.ck_payoff_fees", "says (fees is json not), not (fees is json)",
    ),
    (
        lambda rows: alter(rows.constraints, {"constraint_name": "CK_PAYOFF_FEES"},
                           status="DISABLED"),
        "payoff.ck_payoff_fees", "is disabled",
    ),
    (
        lambda rows: drop(rows.constraints, constraint_name="PK_PAYOFF"),
        "payoff's primary key", "is (), not (id)",
    ),
    (
        lambda rows: drop(rows.constraints, constraint_name="UQ_AUDIT_LEAF_RECORD_ID"),
        "audit_leaf", "(record_id) is not unique",
    ),
    (
        lambda rows: drop(rows.indexes, index_name="UQ_PAYOFF_OPEN"),
        "payoff.uq_payoff_open", "there is no such index",
    ),
    (
        lambda rows: alter(rows.indexes, {"index_name": "UQ_PAYOFF_OPEN"}, uniqueness="NONUNIQUE"),
        "payoff.uq_payoff_open", "is not unique",
    ),
    (
        lambda rows: alter(rows.indexes, {"index_name": "IX_PAYOFF_DATE"}, status="UNUSABLE"),
        "payoff.ix_payoff_date", "is unusable; rebuild it",
    ),
    (
        lambda rows: alter(rows.indexes, {"index_name": "IX_PAYOFF_DATE"}, visibility="INVISIBLE"),
        "payoff.ix_payoff_date", "is invisible, so no statement uses it",
    ),
    (
        lambda rows: drop(rows.index_columns, index_name="IX_PAYOFF_STATUS", column_position=1),
        "payoff.status", "the list of payoff asks for it, and no index begins with it",
    ),
    (
        lambda rows: rows.add_index("loan", "once", ["borrower_name"], True),
        "loan.once", "is no index of this version",
    ),
]


@pytest.mark.parametrize(("damage", "where", "what"), DAMAGES, ids=[each[1] for each in DAMAGES])
def test_what_was_done_to_a_schema_is_named(
    damage: Callable[[Rows], Any], where: str, what: str
) -> None:
    rows = installed()
    damage(rows)
    assert (where, what) in {(each.where, each.what) for each in found_in(rows)}


def test_an_index_more_is_left_to_whoever_made_it() -> None:
    rows = installed()
    rows.add_index("loan", "faster", ["borrower_name"], False)
    assert found_in(rows) == []


def test_an_unusual_order_of_an_index_is_an_expression() -> None:
    rows = installed()
    drop(rows.index_columns, index_name="IX_PAYOFF_LOAN", column_position=1)
    drop(rows.indexes, index_name="IX_PAYOFF_LOAN")
    rows.add_index("payoff", "ix_payoff_loan", ['"LOAN_NUMBER" '], False)
    assert found_in(rows) == []


def rights(**more: set[str]) -> Rights:
    """Give the rights that the service has after grants.sql, and some more."""
    granted = {table: set(privileges(acts)) for table, acts in APP.items()}
    for table, names in more.items():
        granted[table] = granted.get(table, set()) | names
    return Rights(
        {table: frozenset(names) for table, names in granted.items()},
        frozenset({"CREATE SESSION"}),
        (),
    )


def judged(given: Rights, account: Account = Account.APP, *, with_demo: bool = False) -> list[str]:
    """Give what is wrong with the rights of an account."""
    needs = needs_of(account, with_demo=with_demo)
    assert needs is not None
    return [str(each) for each in check_rights(SESSION, given, needs)]


def test_an_account_with_its_grants_has_no_finding() -> None:
    assert judged(rights()) == []


def test_whoever_may_lock_rows_may_look_at_them() -> None:
    assert judged(rights(lease={"READ"})) == []


@pytest.mark.parametrize("privilege", ["UPDATE", "DELETE", "SELECT", "ALTER", "UPDATE (OUTCOME)"])
@pytest.mark.parametrize("table", ["audit_record", "audit_leaf", "audit_checkpoint"])
def test_a_right_to_change_the_trail_is_named(table: str, privilege: str) -> None:
    told = judged(rights(**{table: {privilege}}))
    assert told == [f"{table}: LOAPI_APP has {privilege} on it, and must not"]


@pytest.mark.parametrize("table", ["audit_tree", "journal", "payoff", "named_resource"])
def test_a_grant_that_is_missing_is_named(table: str) -> None:
    given = rights()
    less = Rights({**given.objects, table: frozenset({"READ"})}, given.system, ())
    missing = sorted(set(privileges(APP[table])))
    assert judged(less) == [f"{table}: LOAPI_APP has no {name} on it" for name in missing]


def test_a_table_without_a_grant_is_named() -> None:
    given = rights()
    objects = {table: names for table, names in given.objects.items() if table != "loan"}
    assert judged(Rights(objects, given.system, ())) == ["loan: LOAPI_APP has no READ on it"]


def test_a_grant_on_another_table_is_named() -> None:
    assert judged(rights(secrets={"READ"})) == ["secrets: LOAPI_APP has READ on it, and must not"]


@pytest.mark.parametrize("privilege", ["CREATE TABLE", "SELECT ANY TABLE", "UNLIMITED TABLESPACE"])
def test_a_privilege_beside_the_grants_is_named(privilege: str) -> None:
    given = Rights(rights().objects, frozenset({"CREATE SESSION", privilege}), ())
    assert judged(given) == [f"LOAPI_APP: has the privilege {privilege}, and must not"]


def test_whatever_the_service_owns_is_named() -> None:
    given = Rights(rights().objects, frozenset({"CREATE SESSION"}), ("TABLE LEFTOVER",))
    assert judged(given) == ["LOAPI_APP: owns TABLE LEFTOVER, and should own nothing"]


def test_only_a_service_that_loads_the_demo_may_fill_what_others_fill() -> None:
    given = rights(loan={"SELECT", "INSERT", "UPDATE"})
    assert judged(given) == [
        f"loan: LOAPI_APP has {name} on it, and must not" for name in ("INSERT", "SELECT", "UPDATE")
    ]
    more = rights(**{name: {"SELECT", "INSERT", "UPDATE"} for name in
                     ("loan", "location", "user_account", "user_location")})
    assert judged(more, with_demo=True) == []


@pytest.mark.parametrize("account", [Account.READER, Account.AUDITOR])
def test_the_service_s_rights_are_too_many_for_people(account: Account) -> None:
    assert [each for each in judged(rights(), account) if "INSERT" in each]


@pytest.mark.parametrize("account", [Account.OWNER, Account.MIGRATE])
def test_whoever_is_the_owner_needs_no_grants(account: Account) -> None:
    assert needs_of(account) is None


class Catalogued:
    """A server that has a catalog, for a user with the rights of an account."""

    def __init__(self, user: str, account: Account, rows: Rows) -> None:
        needs = needs_of(account)
        self.user = user
        self.seen = {name.upper() for name in needs} if needs else None
        self.rows = rows
        self.rights = [
            SimpleNamespace(table_name=table.upper(), privilege=name)
            for table, acts in (needs or {}).items()
            for name in privileges(acts)
        ]
        self.bound: list[Mapping[str, Any]] = []

    def __call__(self, sql: str, parameters: Mapping[str, Any]) -> list[Row] | None:
        selected = re.match(r"SELECT (.*?)\s+FROM (\w+)", sql)
        assert selected, sql
        names, view = [name.strip() for name in selected[1].split(",")], selected[2]
        if view == "dual":
            return [{"session_user": self.user, "current_schema": "LOAPI_OWNER"}]
        if view == "alembic_version":
            return self._revision()
        self.bound.append(parameters)
        return [
            {name: vars(row)[name] for name in names} for row in self._of(view) if self._sees(row)
        ]

    def _revision(self) -> list[Row]:
        if self.seen is not None and "ALEMBIC_VERSION" not in self.seen:
            raise ora(942, "table or view does not exist")
        return [{"version_num": NEWEST}]

    def _sees(self, row: Any) -> bool:
        table = getattr(row, "table_name", None)
        return self.seen is None or table is None or table in self.seen

    def _of(self, view: str) -> list[Any]:
        views = {
            "all_tables": self.rows.tables,
            "all_tab_columns": self.rows.columns,
            "all_constraints": self.rows.constraints,
            "all_cons_columns": self.rows.constraint_columns,
            "all_indexes": self.rows.indexes,
            "all_ind_columns": self.rows.index_columns,
            "all_ind_expressions": self.rows.index_expressions,
            "all_tab_privs": self.rights,
            "session_privs": [SimpleNamespace(privilege="CREATE SESSION")],
        }
        return views.get(view, [])


@pytest.mark.parametrize(
    ("user", "account"),
    [
        ("LOAPI_APP", Account.APP), ("LOAPI_RO", Account.READER), ("LOAPI_AUDIT", Account.AUDITOR),
        ("LOAPI_OWNER", Account.OWNER),
    ],
)
def test_each_account_finds_a_sound_schema_sound(user: str, account: Account) -> None:
    server = Catalogued(user, account, installed())
    assert check(Answering(server).database(), LISTINGS, account, with_demo=False) == []
    assert {each.get("owner", "LOAPI_OWNER") for each in server.bound} == {"LOAPI_OWNER"}
    assert {"owner": "LOAPI_OWNER", "grantee": user} in server.bound or account is Account.OWNER


def test_a_service_that_owns_the_tables_is_named() -> None:
    server = Catalogued("LOAPI_OWNER", Account.OWNER, installed())
    found = check(Answering(server).database(), LISTINGS, Account.APP, with_demo=False)
    assert [str(each) for each in found] == [
        "LOAPI_OWNER: owns the tables; the service connects as LOAPI_APP"
    ]


def test_the_catalog_is_asked_for_the_tables_of_the_current_schema_alone() -> None:
    rows = installed()
    drop(rows.tables, table_name="LEASE")
    server = Catalogued("LOAPI_APP", Account.APP, rows)
    found = check(Answering(server).database(), LISTINGS, Account.APP, with_demo=False)
    assert [str(each) for each in found] == ["lease: is not there"]


def test_a_finding_says_what_it_is_about() -> None:
    rows = installed()
    drop(rows.indexes, index_name="IX_PAYOFF_DATE")
    assert {each.subject for each in found_in(rows)} == {Subject.INDEX, Subject.LIST}
