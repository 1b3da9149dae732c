"""Opens the database that the settings name: the embedded one, or Oracle."""

import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from adapters.sql.database import Database
from adapters.sql.sqlite import open_sqlite
from entrypoints.settings import BadSettings, Settings

COMMAND_SESSIONS = 4
"""How many sessions a command keeps that does not serve."""

_URL = "LOAPI_DATABASE_URL"
_DSN = "LOAPI_ORACLE_DSN"
_FORM = "oracle+oracledb://USER:PASSWORD@HOST:PORT/?service_name=NAME"
_SCHEME = _FORM.partition("//")[0]

_HOST = re.compile(r"[A-Za-z0-9._:-]+")
_SERVICE = re.compile(r"[A-Za-z0-9._$#-]+")

_FOR_SID = (
    f"; where there is only a SID, give {_DSN}=(DESCRIPTION=(ADDRESS=(PROTOCOL=tcp)(HOST=HOST)"
    "(PORT=PORT))(CONNECT_DATA=(SID=SID)))"
)


def open_database(url: str, oracle: Mapping[str, Any] | None) -> Database:
    """Open Oracle where it is told how to reach it, else what the URL names.

    Raises BadSettings where that cannot be; whether the database answers is not tried.
    """
    if oracle is not None:
        return _open_oracle(oracle)
    if not url.startswith("sqlite:"):
        raise BadSettings(f"{_URL}: give sqlite:///FILE or {_FORM}.")
    try:
        return open_sqlite(url)
    except (OSError, ValueError) as error:
        raise BadSettings(f"{_URL}: {error}.") from None


def oracle_options(settings: Settings, *, serving: bool) -> Mapping[str, Any] | None:
    """Give how Oracle is to be reached, or None where the URL names another database.

    Raises BadSettings, with a sentence that says what to write.
    """
    if not settings.url.startswith(_SCHEME):
        return None
    url = _parsed(settings.url)
    password = settings.oracle_wallet_password
    return {
        "user": url.username,
        "password": url.password,
        "dsn": _place(url, settings),
        "schema": settings.oracle_schema.upper(),
        "size": settings.oracle_pool if serving else COMMAND_SESSIONS,
        "wallet": _wallet(settings),
        "wallet_password": password.get_secret_value() if password else None,
        "drcp": settings.oracle_drcp,
        "thick": settings.oracle_thick,
    }


def _parsed(text: str) -> URL:
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise _unreadable() from None
    if not url.username or not url.password:
        raise BadSettings(f"{_URL}: give a user and a password, as {_FORM}.")
    if url.host and not _HOST.fullmatch(url.host):
        raise _unreadable()
    return url


def _unreadable() -> BadSettings:
    encode = "percent-encode %, @, :, / and ? in the password"
    return BadSettings(f"{_URL}: this cannot be read; write {_FORM}, and {encode}.")


def _place(url: URL, settings: Settings) -> str:
    """Give the connect string."""
    if settings.oracle_dsn is not None:
        if url.host or url.query:
            raise BadSettings(f"{_URL}: with {_DSN}, it ends behind USER:PASSWORD@.")
        return settings.oracle_dsn
    if not url.host:
        raise BadSettings(f"{_URL}: write {_FORM}, or name the place in {_DSN}.")
    protocol = "tcps" if settings.oracle_wallet else "tcp"
    address = f"(PROTOCOL={protocol})(HOST={url.host})(PORT={url.port or 1521})"
    service = f"(SERVICE_NAME={_service(url)})"
    return f"(DESCRIPTION=(ADDRESS={address})(CONNECT_DATA={service}))"


def _service(url: URL) -> str:
    if url.database or "sid" in url.query:
        raise BadSettings(
            f"{_URL}: what stands there would be a SID; write /?service_name=NAME{_FOR_SID}."
        )
    if unknown := set(url.query) - {"service_name"}:
        raise BadSettings(
            f"{_URL}: leave out {', '.join(sorted(unknown))}; it takes service_name, and the"
            " LOAPI_ORACLE_ variables say the rest."
        )
    name = url.query.get("service_name")
    if not isinstance(name, str) or not _SERVICE.fullmatch(name):
        raise BadSettings(f"{_URL}: name one service, as {_FORM}{_FOR_SID}.")
    return name


def _wallet(settings: Settings) -> str | None:
    folder = settings.oracle_wallet
    if folder is None:
        if settings.oracle_wallet_password is not None:
            raise BadSettings("LOAPI_ORACLE_WALLET_PASSWORD needs LOAPI_ORACLE_WALLET.")
        return None
    needed = folder if settings.oracle_thick else folder / "ewallet.pem"
    if not needed.exists():
        raise BadSettings(f"LOAPI_ORACLE_WALLET: there is no {needed}.")
    return str(folder.absolute())


def _open_oracle(told: Mapping[str, Any]) -> Database:
    # The driver takes longer to import than most commands on the embedded database take to run.
    # pylint: disable=import-outside-toplevel  # see above
    from adapters.sql.oracle.connecting import BadPlace, NoClient, connect
    from adapters.sql.oracle.options import OracleOptions

    try:
        return connect(OracleOptions(**told))
    except BadPlace as error:
        raise BadSettings(f"{_DSN}: {error}.") from None
    except NoClient as error:
        raise BadSettings(f"LOAPI_ORACLE_THICK: {error}.") from None
