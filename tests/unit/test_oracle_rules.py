"""Each rule about Oracle refuses what it is there for, and lets pass what only looks alike."""

from collections.abc import Mapping
from datetime import date, datetime, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.dialects.oracle.base import RESERVED_WORDS

from tests.support.oracle_rules import BIND_RULES, NATIONAL, RULES, Rule, faults
from tests.support.oracle_rules.names import RESERVED

LIST = ", ".join(f":a_{number}" for number in range(1, 1001))
LONGER = f"{LIST}, :a_1001"
APART = ", ".join(f":b{number}x" for number in range(1001))
LONG_NAME = "a_name_of_one_and_thirty_letters"[:31]
MANY = " OR ".join(f"t.a IN ({LIST})" for _ in range(66))

CANARIES: Mapping[str, tuple[str, ...]] = {
    "is-number": (
        "SELECT country.name FROM country WHERE country.active IS 1",
        "SELECT country.name FROM country WHERE country.active IS NOT 0",
        "SELECT a.b FROM a WHERE a.b IS :b",
    ),
    "truth-in-select-list": (
        "SELECT EXISTS (SELECT 1 FROM loan) AS anon_1 FROM DUAL",
        "SELECT a.b = :b AS same FROM a",
        "SELECT a.b IS NULL FROM a",
        "SELECT count((a.b < a.c)) FROM a",
        "SELECT (SELECT a.b > a.c FROM a) AS x FROM DUAL",
    ),
    "row-values": (
        "SELECT a.b FROM a WHERE (a.b, a.c) > (:b, :c)",
        "SELECT a.b FROM a WHERE (a.b, a.c) = (:b, :c)",
        "SELECT a.b FROM a WHERE a.d = :d AND (a.b, a.c) <= (SELECT x.b, x.c FROM x)",
    ),
    "long-list": (
        f"SELECT t.a FROM t WHERE t.a IN ({LONGER})",
        f"DELETE FROM t WHERE t.a NOT IN ({APART})",
    ),
    "longest-list": (
        "SELECT t.a FROM t WHERE t.a IN (:a_1"
        + "".join(f", :a_{number}" for number in range(2, 65_537))
        + ")",
    ),
    "empty-list": ("SELECT t.a FROM t WHERE t.a IN ()",),
    "limit-and-lock": (
        "SELECT t.a FROM t ORDER BY t.a FETCH FIRST :n ROWS ONLY FOR UPDATE SKIP LOCKED",
        "SELECT t.a FROM t OFFSET :m ROWS FETCH FIRST :n ROWS ONLY FOR UPDATE SKIP LOCKED",
        "SELECT DISTINCT t.a FROM t FOR UPDATE SKIP LOCKED",
        "SELECT t.a FROM t WHERE ROWNUM <= :n FOR UPDATE SKIP LOCKED",
    ),
    "lock-waits": (
        "SELECT t.a FROM t WHERE t.a = :a FOR UPDATE",
        "SELECT t.a FROM t WHERE t.a = :a FOR UPDATE OF t.a",
    ),
    "group-by-alias": (
        "SELECT upper(t.a) AS big, count(*) AS n FROM t GROUP BY big",
        "SELECT t.a, count(*) AS n FROM t GROUP BY 1",
    ),
    "no-from": (
        "SELECT 1",
        "SELECT (SELECT :a) AS x FROM DUAL",
        "SELECT t.a FROM t UNION ALL SELECT :a",
    ),
    "same-names": (
        "SELECT t.id, u.id FROM t JOIN u ON u.id = t.id FETCH FIRST :n ROWS ONLY",
        "SELECT t.id AS x, u.x FROM t JOIN u ON u.id = t.id OFFSET :n ROWS",
    ),
    "as-before-alias": (
        "SELECT x.a FROM t AS x",
        "SELECT x.a FROM (SELECT t.a FROM t) AS x",
        "SELECT t.a FROM t JOIN u AS x ON x.a = t.a",
        "UPDATE t AS x SET a = :a",
    ),
    "literal": (
        "SELECT t.a FROM t WHERE t.a = 'x'",
        "SELECT t.a FROM t WHERE t.a > 17",
        "UPDATE t SET a = 12 WHERE t.b = :b",
        "INSERT INTO t (a) VALUES (1.5)",
    ),
    "literal-limit": (
        "SELECT t.a FROM t ORDER BY t.a FETCH FIRST 50 ROWS ONLY",
        "SELECT t.a FROM t ORDER BY t.a OFFSET 10 ROWS FETCH FIRST :n ROWS ONLY",
        "SELECT t.a FROM t FETCH NEXT 1 ROWS ONLY",
        "SELECT t.a FROM t WHERE ROWNUM <= 10",
    ),
    "literal-time": (
        "SELECT t.a FROM t WHERE t.a > TIMESTAMP '2026-11-23 17:00:00'",
        "SELECT t.a FROM t WHERE t.a = DATE '2026-11-23'",
        "INSERT INTO t (a) VALUES (TO_TIMESTAMP('2026-11-23 17:00:00+00:00', :f))",
        "CREATE TABLE t (a DATE DEFAULT TO_DATE('2026-11-23', 'YYYY-MM-DD'))",
    ),
    "own-clock": (
        "INSERT INTO t (a) VALUES (CURRENT_TIMESTAMP)",
        "CREATE TABLE t (a TIMESTAMP DEFAULT SYSTIMESTAMP NOT NULL)",
        "DELETE FROM t WHERE t.a < SYSDATE",
        "SELECT t.a FROM t WHERE t.a < now()",
    ),
    "division": (
        "SELECT t.a FROM t WHERE t.a / :b > :c",
        "SELECT t.a FROM t WHERE t.a % :b = 0",
    ),
    "like": (
        "SELECT t.a FROM t WHERE t.a LIKE :a",
        "SELECT t.a FROM t WHERE t.a NOT LIKE :a",
    ),
    "foreign-words": (
        "SELECT t.a FROM t WHERE t.a ILIKE :a",
        "SELECT t.a FROM t WHERE t.a GLOB :a",
        "SELECT t.a FROM t WHERE t.a == :a",
        "WITH RECURSIVE x (a) AS (SELECT t.a FROM t) SELECT x.a FROM x",
    ),
    "embedded": (
        "PRAGMA foreign_keys=ON",
        "BEGIN IMMEDIATE",
        "BEGIN",
        "SELECT m.name FROM sqlite_master m",
    ),
    "truth-words": (
        "SELECT t.a FROM t WHERE t.a = TRUE",
        "CREATE TABLE t (a NUMBER(1) DEFAULT false NOT NULL)",
    ),
    "number-as-truth": (
        "SELECT t.a FROM t WHERE t.a = :a OR 0",
        "SELECT t.a FROM t WHERE 1",
        "DELETE FROM t WHERE (t.a = :a AND (t.b > :b OR 0))",
    ),
    "sets-of-all": (
        "SELECT t.a FROM t EXCEPT ALL SELECT u.a FROM u",
        "SELECT t.a FROM t EXCEPT SELECT u.a FROM u",
        "SELECT t.a FROM t INTERSECT ALL SELECT u.a FROM u",
    ),
    "insert-nothing": ("INSERT INTO t () VALUES ()", "INSERT INTO t DEFAULT VALUES"),
    "several-rows": ("INSERT INTO t (a, b) VALUES (:a, :b), (:c, :d)",),
    "on-conflict": (
        "INSERT INTO t (a) VALUES (:a) ON CONFLICT DO NOTHING",
        "INSERT OR IGNORE INTO t (a) VALUES (:a)",
        "INSERT INTO t (a) VALUES (:a) ON DUPLICATE KEY UPDATE a = :a",
        "REPLACE INTO t (a) VALUES (:a)",
    ),
    "merge": (
        "MERGE INTO lease USING DUAL ON (lease.name = :n) "
        "WHEN NOT MATCHED THEN INSERT (name) VALUES (:n)",
    ),
    "returning-from-audit": (
        "INSERT INTO audit_record (id) VALUES (:id) RETURNING audit_record.id INTO :ret_0",
        "INSERT INTO alembic_version (version_num) VALUES (:v) "
        "RETURNING alembic_version.version_num INTO :ret_0",
    ),
    "change-by-join": (
        "UPDATE t SET a = u.a FROM u WHERE u.b = t.b",
        "DELETE FROM t USING u WHERE u.b = t.b",
    ),
    "limit": (
        "SELECT t.a FROM t LIMIT :n",
        "SELECT t.a FROM t LIMIT 10 OFFSET :m",
    ),
    "large-compared": (
        "SELECT payoff.id FROM payoff WHERE payoff.fees = :fees",
        "SELECT p.id FROM payoff p WHERE p.requester LIKE lower(:x)",
        "SELECT payoff.id FROM payoff WHERE :x = payoff.warnings",
        "DELETE FROM journal WHERE body IN (:a, :b)",
        "UPDATE loan SET fees = :fees WHERE fees != :old",
    ),
    "large-sorted": (
        "SELECT payoff.id FROM payoff ORDER BY payoff.fees",
        "SELECT payoff.fees, count(*) AS n FROM payoff GROUP BY payoff.fees",
        "SELECT DISTINCT journal.body FROM journal",
        "SELECT loan.fees FROM loan UNION SELECT payoff.fees FROM payoff",
        "CREATE INDEX ix_loan_fees ON loan (fees)",
    ),
    "nulls-sorted": ("SELECT franchise.code FROM franchise ORDER BY franchise.sba_code",),
    "reserved-name": (
        "SELECT t.rows FROM t",
        "CREATE TABLE t (session VARCHAR2(10 CHAR))",
        "CREATE TABLE audit (a NUMBER(1))",
        "ALTER TABLE t ADD online NUMBER(1)",
        "CREATE INDEX access ON t (a)",
        "CREATE INDEX ix_t ON t (initial, b)",
        "INSERT INTO t (file, a) VALUES (:f, :a)",
        "UPDATE t SET row = :r WHERE t.a = :a",
        "SELECT t.a AS column FROM t",
        "CREATE TABLE t (a NUMBER(1), CONSTRAINT validate CHECK (a IN (0, 1)))",
    ),
    "long-name": (
        f"SELECT t.{LONG_NAME} FROM t",
        f"CREATE TABLE {LONG_NAME} (a NUMBER(1))",
    ),
    "quoted-name": (
        'SELECT t."date" FROM t',
        'CREATE TABLE t ("level" NUMBER(1))',
        "SELECT t.`a` FROM t",
    ),
    "odd-start": ("CREATE TABLE t (_a NUMBER(1))", "SELECT t._a FROM t"),
    "reserved-bind": (
        "SELECT t.a FROM t WHERE t.a = :level",
        "SELECT t.a FROM t WHERE t.a = :_a",
    ),
    "placeless-bind": (
        "SELECT t.a FROM t WHERE t.a = ?",
        "SELECT t.a FROM t WHERE t.a = %s",
    ),
    "too-many-binds": (f"SELECT t.a FROM t WHERE {MANY}",),
    "boolean-type": (
        "CREATE TABLE t (a BOOLEAN NOT NULL)",
        "ALTER TABLE t ADD a BOOLEAN",
    ),
    "json-type": ("CREATE TABLE t (a JSON)", "ALTER TABLE t ADD (a JSON)"),
    "no-type": (
        "CREATE TABLE t (a TIME)",
        "CREATE TABLE t (a DATETIME)",
        "CREATE TABLE t (a TEXT)",
        "CREATE TABLE t (a BIGINT)",
    ),
    "padded-or-national": (
        "CREATE TABLE t (a CHAR(2 CHAR))",
        "CREATE TABLE t (a NVARCHAR2(20))",
    ),
    "unsized-text": (
        "CREATE TABLE t (a VARCHAR2)",
        "CREATE TABLE t (a VARCHAR2 NOT NULL)",
        "SELECT CAST(t.a AS VARCHAR2) AS a FROM t",
    ),
    "oversized-text": (
        "CREATE TABLE t (a VARCHAR2(4001 CHAR))",
        "CREATE TABLE t (a RAW(2001))",
    ),
    "sized-in-bytes": (
        "CREATE TABLE t (a VARCHAR2(20))",
        "ALTER TABLE t MODIFY a VARCHAR2(20 BYTE)",
    ),
    "inexact-number": (
        "CREATE TABLE t (a NUMERIC NOT NULL)",
        "CREATE TABLE t (a NUMBER)",
        "CREATE TABLE t (a DECIMAL)",
    ),
    "float": ("CREATE TABLE t (a FLOAT)", "CREATE TABLE t (a BINARY_FLOAT)"),
    "day-for-time": (
        "CREATE TABLE t (created_at DATE)",
        "CREATE TABLE t (wire_cutoff DATE NOT NULL)",
    ),
    "zoned-time": (
        "CREATE TABLE t (a TIMESTAMP WITH TIME ZONE)",
        "CREATE TABLE t (a TIMESTAMP(6) WITH LOCAL TIME ZONE NOT NULL)",
    ),
    "default-after-not-null": ("CREATE TABLE t (a NUMBER(1) NOT NULL DEFAULT 1)",),
    "restrict": (
        "CREATE TABLE t (a NUMBER(1) REFERENCES u (a) ON DELETE RESTRICT)",
        "ALTER TABLE t ADD CONSTRAINT fk_t FOREIGN KEY (a) REFERENCES u (a) ON UPDATE CASCADE",
    ),
    "if-exists": (
        "CREATE TABLE IF NOT EXISTS t (a NUMBER(1))",
        "DROP TABLE IF EXISTS t",
    ),
    "column-word": (
        "ALTER TABLE t ADD COLUMN a NUMBER(1)",
        "ALTER TABLE t ALTER COLUMN a SET NOT NULL",
    ),
    "drop-index-on": ("DROP INDEX ix_t ON t",),
    "bind-in-ddl": ("CREATE TABLE t (a NUMBER(1) DEFAULT :a)",),
    "empty-text": (
        "SELECT t.a FROM t WHERE t.a = ''",
        "CREATE TABLE t (a VARCHAR2(9 CHAR) DEFAULT '' NOT NULL)",
    ),
    "national-text": ("CREATE TABLE t (a VARCHAR2(9 CHAR) DEFAULT N'x')",),
    "long-literal": (f"COMMENT ON TABLE t IS '{'x' * 4001}'",),
    "semicolon": (
        "SELECT t.a FROM t;",
        "BEGIN EXECUTE IMMEDIATE 'DROP TABLE t'; END",
    ),
    "joined-texts": (
        "SELECT t.a || t.b AS c FROM t",
        "UPDATE t SET a = t.a || :a",
    ),
}
"""Statements that a rule refuses on 19c."""

SIMILAR: Mapping[str, tuple[str, ...]] = {
    "is-number": (
        "SELECT country.name FROM country WHERE country.active = :active",
        "SELECT t.a FROM t WHERE t.a IS NOT NULL AND t.b = :b",
        "CREATE TABLE t (a CLOB, CONSTRAINT ck_t_json CHECK (a IS JSON))",
        "COMMENT ON TABLE t IS 'what it is'",
    ),
    "truth-in-select-list": (
        "SELECT CASE WHEN (a.b = :b) THEN 1 ELSE 0 END AS same FROM a",
        "SELECT a.b FROM a WHERE EXISTS (SELECT 1 FROM loan) AND a.b = :b",
        "SELECT (SELECT max(a.b) FROM a WHERE a.c = :c) AS x FROM DUAL",
    ),
    "row-values": (
        "SELECT a.b FROM a WHERE a.b >= :b1 AND (a.b > :b2 OR a.b = :b3 AND a.c > :c)",
        "SELECT a.b FROM a WHERE (a.b, a.c) IN ((:b1, :c1), (:b2, :c2))",
        "SELECT a.b FROM a WHERE coalesce(a.b, a.c) = coalesce(:b, :c)",
        "SELECT a.b FROM a WHERE a.b = (SELECT max(x.b) FROM x)",
    ),
    "long-list": (
        f"SELECT t.a FROM t WHERE t.a IN ({LIST})",
        f"SELECT t.a FROM t WHERE t.a IN ({LIST}) OR t.a IN ({LIST})",
    ),
    "longest-list": (f"SELECT t.a FROM t WHERE t.a IN ({LIST})",),
    "empty-list": ("SELECT t.a FROM t WHERE t.a IN (SELECT 1 FROM DUAL WHERE 1!=1)",),
    "limit-and-lock": (
        "SELECT t.a FROM t ORDER BY t.a FOR UPDATE SKIP LOCKED",
        "SELECT t.a FROM t ORDER BY t.a FETCH FIRST :n ROWS ONLY",
    ),
    "lock-waits": ("SELECT t.a FROM t WHERE t.a = :a FOR UPDATE SKIP LOCKED",),
    "group-by-alias": (
        "SELECT upper(t.a) AS big, count(*) AS n FROM t GROUP BY upper(t.a)",
        "SELECT t.a, count(*) AS n FROM t GROUP BY t.a",
    ),
    "no-from": ("SELECT 1 FROM DUAL", "SELECT t.a FROM t UNION ALL SELECT :a FROM DUAL"),
    "same-names": (
        "SELECT t.id, u.id AS id_1 FROM t JOIN u ON u.id = t.id FETCH FIRST :n ROWS ONLY",
        "SELECT t.id, u.id FROM t JOIN u ON u.id = t.id",
    ),
    "as-before-alias": (
        "SELECT x.a AS b FROM t x JOIN u ON u.a = CAST(x.a AS VARCHAR2(10 CHAR))",
        "SELECT x.a FROM (SELECT t.a AS a FROM t) x",
    ),
    "literal": (
        "SELECT 1 FROM t WHERE 0 = 1 OR t.a = :a",
        "SELECT CAST(t.a AS VARCHAR2(30 CHAR)) AS a FROM t",
        "CREATE TABLE t (a VARCHAR2(30 CHAR) DEFAULT 'x')",
    ),
    "literal-limit": (
        "SELECT t.a FROM t ORDER BY t.a OFFSET :m ROWS FETCH FIRST :n ROWS ONLY",
        "SELECT t.a FROM t WHERE ROWNUM <= :n",
    ),
    "literal-time": (
        "SELECT t.timestamp FROM t WHERE t.timestamp > :at",
        "CREATE TABLE t (a TIMESTAMP(6)) PARTITION BY RANGE (a) "
        "(PARTITION p0 VALUES LESS THAN (TIMESTAMP '2026-01-01 00:00:00'))",
    ),
    "own-clock": (
        "CREATE TABLE t (a TIMESTAMP(6) DEFAULT SYS_EXTRACT_UTC(SYSTIMESTAMP) NOT NULL)",
        "SELECT t.now FROM t",
    ),
    "division": ("SELECT t.a * :b AS c, count(*) AS n FROM t GROUP BY t.a", "SELECT 1 FROM DUAL"),
    "like": (
        "SELECT t.a FROM t WHERE lower(t.a) LIKE lower(:a)",
        "SELECT t.a FROM t WHERE t.a >= :a AND t.a < :b",
    ),
    "foreign-words": ("SELECT t.globe FROM t WHERE t.globe = :regexp",),
    "embedded": (
        "BEGIN EXECUTE IMMEDIATE 'DROP TABLE t'; END;",
        "SELECT t.pragma FROM t",
    ),
    "truth-words": ("SELECT t.is_true FROM t WHERE t.is_true = :true_one",),
    "number-as-truth": (
        "SELECT t.a FROM t WHERE t.a = :a OR 0 = 1",
        "SELECT t.a FROM t WHERE t.a BETWEEN :a AND 1",
        "SELECT t.a FROM t WHERE t.a = :a AND 1 < t.b",
    ),
    "sets-of-all": ("SELECT t.a FROM t MINUS SELECT u.a FROM u UNION ALL SELECT v.a FROM v",),
    "insert-nothing": ("INSERT INTO t (a) VALUES (:a)",),
    "several-rows": ("INSERT INTO t (a, b) VALUES (coalesce(:a, :b), :c)",),
    "on-conflict": (
        "INSERT INTO t (a) SELECT u.a FROM u JOIN v ON v.a = u.a",
        "SELECT replace(t.a, :b, :c) AS d FROM t",
    ),
    "merge": ("UPDATE lease SET holder = :h WHERE lease.name = :n",),
    "returning-from-audit": (
        "INSERT INTO audit_record (id) VALUES (:id)",
        "INSERT INTO account (name) VALUES (:n) RETURNING account.id INTO :ret_0",
    ),
    "change-by-join": (
        "UPDATE t SET a = (SELECT u.a FROM u WHERE u.b = t.b)",
        "DELETE FROM t WHERE t.a = :a",
    ),
    "limit": ("SELECT t.limit FROM t WHERE t.limit = :limit",),
    "large-compared": (
        "UPDATE loan SET fees = :fees, version = :v WHERE loan_number = :n",
        "SELECT journal.body FROM journal WHERE journal.body IS NOT NULL",
        "SELECT loan.fees FROM loan WHERE loan.loan_number = :n",
        "CREATE TABLE loan (fees CLOB, CONSTRAINT ck_loan_fees CHECK (fees IS JSON))",
    ),
    "large-sorted": (
        "SELECT loan.fees FROM loan ORDER BY loan.loan_number",
        "SELECT loan.fees FROM loan UNION ALL SELECT payoff.fees FROM payoff",
        "CREATE INDEX ix_loan_location ON loan (location_id)",
    ),
    "nulls-sorted": (
        "SELECT franchise.code FROM franchise ORDER BY franchise.code",
        "SELECT franchise.code FROM franchise ORDER BY franchise.sba_code NULLS LAST",
    ),
    "reserved-name": (
        "SELECT t.a FROM t OFFSET :m ROWS FETCH FIRST :n ROWS ONLY",
        "CREATE TABLE t (a DATE, timestamp TIMESTAMP(6), CONSTRAINT pk_t PRIMARY KEY (a))",
        "SELECT t.a FROM t FOR UPDATE SKIP LOCKED",
        "INSERT INTO t (name, type) SELECT u.name, u.type FROM u",
        "CREATE UNIQUE INDEX uq_t ON t (CASE WHEN (a IN ('x')) THEN b END)",
        "SELECT CAST(t.a AS DATE) AS b FROM t",
        "ALTER TABLE t ADD CONSTRAINT ck_t CHECK (a IN (0, 1))",
    ),
    "long-name": (f"SELECT t.{LONG_NAME[:30]} FROM t",),
    "quoted-name": (
        'INSERT INTO t (code_level) VALUES (:"level")',
        "COMMENT ON TABLE t IS 'a \"word\"'",
    ),
    "odd-start": ("SELECT t.a_ FROM t WHERE t.a_ = :b_1",),
    "reserved-bind": ('SELECT t.a FROM t WHERE t.a = :"level" AND t.b = :levels',),
    "placeless-bind": ("COMMENT ON TABLE t IS 'who? %s'",),
    "too-many-binds": (f"SELECT t.a FROM t WHERE t.a IN ({LIST}) OR t.b IN ({LIST})",),
    "boolean-type": ("CREATE TABLE t (a NUMBER(1, 0), boolean NUMBER(1, 0))",),
    "json-type": ("CREATE TABLE t (a CLOB CHECK (a IS JSON))",),
    "no-type": ("CREATE TABLE t (time TIMESTAMP(6), text CLOB)",),
    "padded-or-national": ("CREATE TABLE t (a VARCHAR2(2 CHAR))",),
    "unsized-text": ("CREATE TABLE t (a VARCHAR2(2 CHAR), b RAW(16))",),
    "oversized-text": ("CREATE TABLE t (a VARCHAR2(4000 CHAR), b RAW(2000), c NUMBER(19, 0))",),
    "sized-in-bytes": ("CREATE TABLE t (a VARCHAR2(20 CHAR), b RAW(16))",),
    "inexact-number": ("CREATE TABLE t (a NUMBER(9, 6), b NUMERIC(10))",),
    "float": ("CREATE TABLE t (a BINARY_DOUBLE)",),
    "day-for-time": ("CREATE TABLE t (created_at TIMESTAMP(6), holiday_date DATE)",),
    "zoned-time": ("CREATE TABLE t (a TIMESTAMP(6), zone VARCHAR2(9 CHAR))",),
    "default-after-not-null": ("CREATE TABLE t (a NUMBER(1) DEFAULT 1 NOT NULL)",),
    "restrict": (
        "CREATE TABLE t (a NUMBER(1) REFERENCES u (a) ON DELETE CASCADE)",
        "CREATE INDEX ix_t ON updates (a)",
    ),
    "if-exists": ("SELECT t.a FROM t WHERE NOT EXISTS (SELECT 1 FROM u)", "DROP TABLE t"),
    "column-word": ("ALTER TABLE t ADD a NUMBER(1)", "ALTER TABLE t DROP COLUMN a"),
    "drop-index-on": ("DROP INDEX ix_t", "CREATE INDEX ix_t ON t (a)"),
    "bind-in-ddl": ("COMMENT ON TABLE t IS 'at :noon'", "SELECT t.a FROM t WHERE t.a = :a"),
    "empty-text": ("COMMENT ON TABLE t IS 'it''s'", "SELECT t.a FROM t WHERE t.a IS NULL"),
    "national-text": ("COMMENT ON TABLE t IS 'N'",),
    "long-literal": (f"COMMENT ON TABLE t IS '{'x' * 4000}'",),
    "semicolon": (
        "SELECT t.a FROM t",
        "BEGIN EXECUTE IMMEDIATE 'DROP TABLE t'; END;",
        "COMMENT ON TABLE t IS 'one; two;'",
    ),
    "joined-texts": ("COMMENT ON TABLE t IS 'a || b'",),
}
"""Statements that look alike, and that the rule lets pass."""

NOON = datetime(2026, 11, 23, 17, 0, 0, 123456)
REFUSED_BINDS: Mapping[str, tuple[tuple[Any, str | None], ...]] = {
    "empty-text-bound": (("", None),),
    "zone-bound": ((NOON.replace(tzinfo=timezone.utc), "DB_TYPE_TIMESTAMP"),),
    "day-bound": ((NOON, "DB_TYPE_DATE"), (NOON, None)),
    "truth-bound": ((True, None),),
    "float-bound": ((0.5, None),),
    "strange-bound": (([1], None), (UUID(int=1), None), ({"a": 1}, None)),
    "long-bound": (("x" * 4001, None), ("é" * 2001, None)),
}
GOOD_BINDS: Mapping[str, tuple[tuple[Any, str | None], ...]] = {
    "empty-text-bound": ((" ", None), (None, None), (b"", None)),
    "zone-bound": ((NOON, "DB_TYPE_TIMESTAMP"),),
    "day-bound": ((NOON, "DB_TYPE_TIMESTAMP"), (date(2026, 11, 23), "DB_TYPE_DATE")),
    "truth-bound": ((1, None),),
    "float-bound": ((Decimal("0.5"), None),),
    "strange-bound": ((b"x", None), ("x", None), (None, None)),
    "long-bound": (("x" * 4000, None), ("x" * 4001, "DB_TYPE_NVARCHAR")),
}


def names(found: list[str]) -> list[str]:
    """Give the names of the rules that were broken."""
    return [fault.partition(":")[0] for fault in found]


def cases(given: Mapping[str, tuple[Any, ...]]) -> list[Any]:
    """Give each rule's name with each of what is given for it."""
    return [
        pytest.param(name, one, id=f"{name}-{number}")
        for name, several in given.items()
        for number, one in enumerate(several)
    ]


def test_every_rule_has_something_to_refuse_and_something_to_let_pass() -> None:
    written = [rule.name for rule in RULES]
    assert len(set(written)) == len(written)
    assert set(written) == set(CANARIES) == set(SIMILAR)
    assert {rule.name for rule in BIND_RULES} == set(REFUSED_BINDS) == set(GOOD_BINDS)


@pytest.mark.parametrize("rule", [*RULES, *BIND_RULES, NATIONAL], ids=lambda rule: str(rule.name))
def test_every_rule_says_which_error_it_saves_from(rule: Rule) -> None:
    assert "\n" not in rule.reason
    assert any(mark in rule.reason for mark in ("(ORA-", "(DPY-", "(no error)"))


@pytest.mark.parametrize(("name", "sql"), cases(CANARIES))
def test_what_a_rule_is_there_for_is_refused(name: str, sql: str) -> None:
    assert name in names(faults(sql, 19))


@pytest.mark.parametrize(("name", "sql"), cases(SIMILAR))
def test_what_only_looks_alike_passes(name: str, sql: str) -> None:
    assert name not in names(faults(sql, 19))


@pytest.mark.parametrize(
    ("name", "sql"),
    [case for case in cases(CANARIES)
     if any(rule.name == case.values[0] and rule.until for rule in RULES)],
)
def test_what_a_later_release_takes_passes_there(name: str, sql: str) -> None:
    assert name not in names(faults(sql, 23))


@pytest.mark.parametrize(("name", "bind"), cases(REFUSED_BINDS))
def test_a_bind_that_means_something_else_is_refused(
    name: str, bind: tuple[Any, str | None]
) -> None:
    value, size = bind
    found = faults("SELECT t.a FROM t WHERE t.a = :a", 19, {"a": value}, {"a": size})
    assert name in names(found)


@pytest.mark.parametrize(("name", "bind"), cases(GOOD_BINDS))
def test_a_bind_that_means_the_same_passes(name: str, bind: tuple[Any, str | None]) -> None:
    value, size = bind
    found = faults("SELECT t.a FROM t WHERE t.a = :a", 19, {"a": value}, {"a": size})
    assert name not in names(found)


def test_every_row_of_an_array_statement_is_looked_at() -> None:
    rows = [{"a": "x"}, {"a": ""}]
    assert names(faults("INSERT INTO t (a) VALUES (:a)", 19, rows)) == ["empty-text-bound"]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT t.a FROM t WHERE t.a = :x",
        "INSERT INTO loan (loan_number, fees) VALUES (:x, :fees)",
        "UPDATE loan SET fees = :fees WHERE loan_number = :x",
    ],
)
def test_a_national_bind_is_refused_where_no_large_text_is(sql: str) -> None:
    assert names(faults(sql, 19, None, {"x": "DB_TYPE_NVARCHAR"})) == ["national-bound"]


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO loan (loan_number, fees) VALUES (:n, :x)",
        "UPDATE loan SET fees = :x WHERE loan_number = :n",
    ],
)
def test_a_national_bind_may_fill_a_large_text(sql: str) -> None:
    assert faults(sql, 19, None, {"x": "DB_TYPE_NVARCHAR"}) == []


def test_what_a_block_executes_is_read_too() -> None:
    block = "BEGIN EXECUTE IMMEDIATE 'CREATE TABLE t (a JSON DEFAULT ''{}'')'; END;"
    assert names(faults(block, 19)) == ["json-type"]
    assert faults(block.replace("JSON", "CLOB"), 19) == []


def test_every_word_that_sqlalchemy_quotes_is_reserved() -> None:
    assert RESERVED >= RESERVED_WORDS


def test_texts_and_remarks_are_not_read_as_sql() -> None:
    assert faults("COMMENT ON TABLE t IS 'SELECT x LIMIT 3 ''IS 1'' ; \"date\"'", 19) == []
    assert faults("SELECT t.a FROM t -- LIMIT 3\n/* IS 1; */ WHERE t.a = :a", 19) == []
