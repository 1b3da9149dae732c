"""The scripts that bring a schema on Oracle to the newest revision, and back."""

from collections.abc import Iterable, Mapping, Sequence

from adapters.sql.deployment.accounts import Account, accounts_sql
from adapters.sql.deployment.audit_table import AuditTable, in_form, makes_audit_table
from adapters.sql.deployment.grants import grants_sql
from adapters.sql.deployment.sqlplus import about, as_owner, header, refusing, statement
from adapters.sql.deployment.steps import VERSION_TABLE, Step, steps, version_table

OWNER = Account.OWNER

_CONNECT = f"    sqlplus {Account.MIGRATE}[{OWNER}]@SERVICE"

_HALF_DONE = f"""
It has done its work where its last line of output says so. The exit status does not always tell:
it is the error's number modulo 256, which is 0 for ORA-01536 (quota).

Each step is one statement, which Oracle commits by itself, and the stamp of its revision. Where
a step fails, the script ends, and what is done stands. How far it came:

    SELECT version_num FROM {OWNER}.{VERSION_TABLE}
"""

_UPGRADE_GOES_ON = f"""
1. Mend the cause.
2. Make the rest anew from the revision that you read, and run that:
   loapi db script --output DIR --from REVISION
   Where no revision is there yet, drop {VERSION_TABLE} and begin again.
3. Where the first step says that its object is there (ORA-00955, ORA-01430), the session ended
   between statement and stamp. Compare the object with the step, run the step's stamp alone, and
   go on with 2.
"""

_ROLLBACK_LOSES = """
What goes takes its rows along. Dropped tables wait in the recycle bin, if there is one; dropped
columns do not. Stop the service and take a backup first.
"""

_ROLLBACK_GOES_ON = """
To go on, mend the cause, take the steps that are done out of this file, put the revision that you
read into the block that compares it, and run it again.
"""

_IMMUTABLE_STAYS = """
audit_record is immutable: it can be dropped while it is empty, or when nobody has added to it for
as long as it was made for (ORA-05723).
"""


def scripts(since: str | None, audit_table: AuditTable) -> Mapping[str, str]:
    """Give each script's text by the name of its file.

    The first two lead from a revision, or from nothing, to the newest one and back; the others
    are always whole. Raises ValueError where there is no such revision, nothing behind it, or
    another form of the audit table is asked for than the one that is there.
    """
    coming = steps(since)
    if not coming:
        raise ValueError(f"there is no revision behind {since}")
    if since is not None and audit_table is not AuditTable.PLAIN:
        raise ValueError("the audit table got its form from the first revision")
    return {
        "upgrade.sql": _upgrade(coming, audit_table),
        "rollback.sql": _rollback(coming, audit_table),
        "grants.sql": grants_sql(),
        "accounts.sql": accounts_sql(),
    }


def _upgrade(coming: Sequence[Step], form: AuditTable) -> str:
    before, last = coming[0].before, coming[-1].revision
    start = (
        statement(version_table()) if before is None else refusing(VERSION_TABLE, before, OWNER)
    )
    return _whole(
        [
            f"Brings {OWNER} from {_place(before)} to revision {last}, on Oracle 19c and later.",
            f"{_CONNECT} @upgrade.sql",
            _HALF_DONE,
            _UPGRADE_GOES_ON,
        ],
        [start, *(_forward(step, form) for step in coming)],
        f"{OWNER} is at revision {last}",
    )


def _rollback(coming: Sequence[Step], form: AuditTable) -> str:
    before, last = coming[0].before, coming[-1].revision
    end = [statement(f"DROP TABLE {VERSION_TABLE}")] if before is None else []
    return _whole(
        [
            f"Takes {OWNER} from revision {last} back to {_place(before)}.",
            f"{_CONNECT} @rollback.sql",
            _ROLLBACK_LOSES,
            *([_IMMUTABLE_STAYS] if form is AuditTable.IMMUTABLE else []),
            _HALF_DONE,
            _ROLLBACK_GOES_ON,
        ],
        [refusing(VERSION_TABLE, last, OWNER), *map(_backward, reversed(coming)), *end],
        f"{OWNER} is at {_place(before)}",
    )


def _place(revision: str | None) -> str:
    return "nothing" if revision is None else f"revision {revision}"


def _whole(paragraphs: Iterable[str], parts: Iterable[str], done: str) -> str:
    opening = about(paragraphs) + header() + as_owner(OWNER)
    return "\n".join([opening, *parts, f"COMMIT;\nPROMPT loapi: {done}.\n"])


def _forward(step: Step, form: AuditTable) -> str:
    made = in_form(step.up, form) if makes_audit_table(step.up) else step.up
    return _step(f"{step.revision}: {step.title}", made, _stamp(step.before, step.revision))


def _backward(step: Step) -> str:
    return _step(f"back from {step.revision}", step.down, _stamp(step.revision, step.before))


def _step(title: str, change: str, stamp: str) -> str:
    return f"PROMPT {title}\n{statement(change)}{statement(stamp)}COMMIT;\n"


def _stamp(seen: str | None, put: str | None) -> str:
    """Write the revision as Alembic does, but without the RETURNING of its offline mode.

    That has a bind behind INTO, which SQL*Plus cannot fill.
    """
    if seen is None:
        return f"INSERT INTO {VERSION_TABLE} (version_num) VALUES ('{put}')"
    at = f"WHERE version_num = '{seen}'"
    if put is None:
        return f"DELETE FROM {VERSION_TABLE} {at}"
    return f"UPDATE {VERSION_TABLE} SET version_num = '{put}' {at}"
