"""The accounts that the service and its people have in an Oracle database, and their making."""

from enum import StrEnum

from adapters.sql.deployment.sqlplus import about, header, statement


class Account(StrEnum):
    """Who connects, and what for."""

    OWNER = "LOAPI_OWNER"
    """Owns the tables; nobody logs on as it, only through MIGRATE."""
    APP = "LOAPI_APP"
    """The service: what its statements need and no more."""
    READER = "LOAPI_RO"
    """People who look at business data."""
    AUDITOR = "LOAPI_AUDIT"
    """People who verify the audit trail, and see nothing else."""
    MIGRATE = "LOAPI_MIGRATE"
    """Becomes the owner for an upgrade."""


PROFILE = "LOAPI_SERVICE"

WITH_PASSWORD = (Account.APP, Account.READER, Account.AUDITOR, Account.MIGRATE)

_ABOUT = [
    "Makes the accounts of loapi. Run it once, as a DBA, in the pluggable database:",
    "    sqlplus system@SERVICE @accounts.sql",
    f"""
Passwords travel in the statements that set them: use an encrypted or a local connection. They may
hold any character but the double quote.

{Account.OWNER} has no password (NO AUTHENTICATION, from 18c on). To work as the owner, connect as
{Account.MIGRATE}[{Account.OWNER}] with the password of {Account.MIGRATE}.

The profile {PROFILE} is a suggestion. An expired password (ORA-28001) stops the service, so renew
it by calendar, not by expiry. Its idle sessions are a pool, which no time limit should cut.
""",
]

_PLACE = f"""
ACCEPT loapi_tablespace CHAR DEFAULT 'USERS' PROMPT 'Tablespace of the tables [USERS]: '
ACCEPT loapi_quota CHAR DEFAULT '50G' PROMPT 'Quota of {Account.OWNER} in it [50G]: '
"""

_PROFILE = f"""
CREATE PROFILE {PROFILE} LIMIT
    SESSIONS_PER_USER UNLIMITED
    CONNECT_TIME UNLIMITED
    IDLE_TIME UNLIMITED
    FAILED_LOGIN_ATTEMPTS 10
    PASSWORD_LOCK_TIME 1/24
    PASSWORD_LIFE_TIME UNLIMITED"""

_OWNER = f"""
CREATE USER {Account.OWNER} NO AUTHENTICATION
    DEFAULT TABLESPACE &loapi_tablespace
    QUOTA &loapi_quota ON &loapi_tablespace"""


def accounts_sql() -> str:
    """Give the script that makes the accounts; it asks for their passwords."""
    change = [
        _PROFILE,
        _OWNER,
        f"GRANT CREATE SESSION, CREATE TABLE TO {Account.OWNER}",
        *(each for account in WITH_PASSWORD for each in _made(account)),
        f"\nALTER USER {Account.OWNER} GRANT CONNECT THROUGH {Account.MIGRATE}",
    ]
    return "".join(
        [
            about(_ABOUT),
            header(asks=True),
            _PLACE,
            *map(_asked, WITH_PASSWORD),
            *map(statement, change),
            "\n",
            *(f"UNDEFINE {_variable(account)}\n" for account in WITH_PASSWORD),
            "PROMPT loapi: the accounts are made.\n",
        ]
    )


def _asked(account: Account) -> str:
    return f"ACCEPT {_variable(account)} CHAR PROMPT 'Password for {account}: ' HIDE\n"


def _made(account: Account) -> tuple[str, str]:
    profile = f" PROFILE {PROFILE}" if account is Account.APP else ""
    return (
        f'\nCREATE USER {account} IDENTIFIED BY "&{_variable(account)}"{profile}',
        f"GRANT CREATE SESSION TO {account}",
    )


def _variable(account: Account) -> str:
    return f"{account.lower()}_password"
