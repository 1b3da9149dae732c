"""A stand-in for Oracle's driver and server, so that the SQL adapter runs on Oracle's dialect.

`pool.StandInSessions` takes the place of the driver's pool. SQLAlchemy's Oracle dialect, its types
and the `oracledb` module with its constants and exceptions are the real ones; connection, cursor
and server are made here, over a SQLite file whose tables come from Oracle's DDL. What it promises
is in tests/contract/test_oracle_stand_in.py. It proves that our statements, binds, conversions,
labels and the meaning of errors fit what driver and server are documented to do, and nothing about
a server: plans, speed, privileges, and whatever the documentation does not say.

As a server of 19c it is stricter than Oracle:
- It refuses what `tests.support.oracle_rules` finds fault with, though Oracle might take it.
- It takes no float, flag or aware time as a bind, no text for RAW, and converts nothing by itself
  where a column is compared; the driver and Oracle do all of that, mostly to somebody's surprise.
- It understands the statements that SQLAlchemy writes for this service, and few others: no PL/SQL
  but the block by which SQLAlchemy looks for a transaction, no RETURNING, no MERGE, no sequence,
  no dictionary view, no DDL through a cursor.

It is laxer than Oracle, or otherwise:
- One transaction writes at a time: a second one waits where Oracle would lock rows only. So there
  are no deadlocks but those that a test asks for, and lock waits end at the call's deadline alone.
- A statement sees what is committed when it begins; it is never restarted, and ORA-01555 and
  ORA-08177 do not happen.
- SQLite evaluates expressions: integer division, `||` with NULL, and whatever a function does that
  is not min, max, count or TRUNC of a DATE are SQLite's. Integers beyond 64 bits are not held.
- IS JSON is SQLite's json_valid: strict, and refusing what is nested more than 1,000 deep.
- The type of an expression that is no column is guessed, and a column of a subquery is taken for
  the one of that name in a table below it.
- Privileges, quotas, the state of packages, time zones, NLS settings and session limits are absent:
  ALTER SESSION is a round trip and nothing else. Texts compare by their bytes, as with NLS_SORT
  BINARY and the character set AL32UTF8.
- Labels that are too long are refused when they are set; a server refuses them with the next call.

As a driver it counts round trips as the source of python-oracledb's thin mode makes them: rows that
come with an execution, none of them where there is a CLOB, the second execution by which a session
learns to fetch a CLOB as text, a commit or rollback each time it is called. It does not count what
makes a session (logon, ping after a minute), breaks after a deadline, LOBs that are written, or the
pieces into which large answers are cut. Sessions keep autocommit, type handlers, labels and the
deadline when they come home, as the thin driver's do. A deadline ends a wait for another writer and
a round trip that is told to take longer; no statement is broken off halfway.
"""
