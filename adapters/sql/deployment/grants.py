"""What each account may do with each table: what the statements of the service do, and no more."""

from collections.abc import Iterator, Mapping
from enum import Flag, auto

from adapters.sql import tables
from adapters.sql.deployment.accounts import Account
from adapters.sql.deployment.sqlplus import about, header, statement
from adapters.sql.deployment.steps import VERSION_TABLE


class Act(Flag):
    """What a statement does with the rows of a table."""

    READ = auto()
    INSERT = auto()
    UPDATE = auto()
    DELETE = auto()


_ADDED = Act.READ | Act.INSERT
_KEPT = _ADDED | Act.UPDATE
_PASSING = _ADDED | Act.DELETE
_ANYTHING = _KEPT | Act.DELETE

APP: Mapping[str, Act] = {
    VERSION_TABLE: Act.READ,
    # Others fill these.
    tables.loan.name: Act.READ,
    tables.location.name: Act.READ,
    tables.access.name: Act.READ,
    tables.user.name: Act.READ,
    tables.country.name: _KEPT,
    tables.holiday.name: _KEPT,
    tables.franchise.name: _KEPT,
    tables.naics_code.name: _KEPT,
    tables.dataset.name: _KEPT,
    tables.resource.name: _ANYTHING,
    tables.payoff.name: _KEPT,
    tables.client.name: _KEPT,
    tables.client_key.name: _KEPT,
    tables.key_use.name: _KEPT,
    tables.spent_token.name: _PASSING,
    tables.kept_answer.name: _PASSING,
    tables.lease.name: _ANYTHING,
    # What is told of the past stays as it was told.
    tables.journal.name: _PASSING,
    tables.audit_record.name: _ADDED,
    tables.audit_term.name: _ADDED,
    tables.audit_leaf.name: _ADDED,
    tables.audit_tree.name: _KEPT,
    tables.audit_checkpoint.name: _ADDED,
}
"""What the service does, its command line included."""

DEMO: Mapping[str, Act] = {
    name: Act.INSERT | Act.UPDATE
    for name in (
        tables.loan.name, tables.location.name, tables.access.name, tables.user.name
    )
}
"""What loading the demo portfolio takes beside that; production never does."""

READER: Mapping[str, Act] = {
    name: Act.READ
    for name in (table.name for table in tables.TABLES.values())
    if name not in (tables.client_key.name, tables.dataset.name)
}
"""Business data; sealed keys and answers that wait for a repetition are nobody's to look at."""

AUDITOR: Mapping[str, Act] = {
    name: Act.READ
    for name in (
        VERSION_TABLE,
        tables.journal.name,
        tables.audit_record.name,
        tables.audit_term.name,
        tables.audit_leaf.name,
        tables.audit_tree.name,
        tables.audit_checkpoint.name,
    )
}
"""What `loapi audit verify`, `prove`, `consistency` and `export` read."""

OF_ACCOUNT: Mapping[Account, Mapping[str, Act]] = {
    Account.APP: APP, Account.READER: READER, Account.AUDITOR: AUDITOR
}

_DEMO_ABOUT = [
    "Only where the demo portfolio is loaded (loapi db seed), which production never does, take",
    "the comment signs away here:",
]

_ABOUT = [
    f"Gives the accounts of loapi what they need of the tables of {Account.OWNER}.",
    f"    sqlplus {Account.MIGRATE}[{Account.OWNER}]@SERVICE @grants.sql",
    """
Run it after every upgrade; to run it again changes nothing. It takes nothing away: loapi db check
names what an account has beyond this.

READ lets look; SELECT also lets lock rows (FOR UPDATE), and is given where rows are changed or
deleted, since UPDATE and DELETE with a WHERE demand it (SQL92_SECURITY is TRUE from 12.2 on).
Nobody may change or delete audit records, their places in the log, or checkpoints.
""",
]


def privileges(acts: Act) -> tuple[str, ...]:
    """Give the privileges that acts on one table take."""
    searches = bool(acts & (Act.UPDATE | Act.DELETE))
    names = (str(act.name) for act in Act if act in acts and act is not Act.READ)
    return ("SELECT" if searches else "READ", *names)


def grants_sql() -> str:
    """Give the script that grants each account what it needs."""
    demo = [*_DEMO_ABOUT, *(f"{grant};" for grant in _grants(Account.APP, DEMO))]
    parts = [
        about(_ABOUT) + header(),
        *("".join(map(statement, _grants(*each))) for each in OF_ACCOUNT.items()),
        about(["\n".join(demo)]) + "PROMPT loapi: the grants are made.\n",
    ]
    return "\n".join(parts)


def _grants(account: Account, needs: Mapping[str, Act]) -> Iterator[str]:
    for table, acts in sorted(needs.items()):
        yield f"GRANT {', '.join(privileges(acts))} ON {Account.OWNER}.{table} TO {account}"
