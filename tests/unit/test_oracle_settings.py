"""How Oracle is named in the environment, and what is said where that cannot be."""

import subprocess
import sys
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest

from adapters.sql.oracle.options import OracleOptions
from entrypoints.container.databases import COMMAND_SESSIONS, open_database, oracle_options
from entrypoints.container.wiring import build
from entrypoints.settings import BadSettings, read_settings

ROOT = Path(__file__).parents[2]
URL = "oracle+oracledb://loapi_app:p%40ss@db.example.com:1522/?service_name=loapi.example.com"
ELSEWHERE = "oracle+oracledb://loapi_app:s3cret@"
DESCRIPTOR = (
    "(DESCRIPTION=(ADDRESS=(PROTOCOL=tcp)(HOST=db.example.com)(PORT=1522))"
    "(CONNECT_DATA=(SERVICE_NAME=loapi.example.com)))"
)

WRONG_URLS = {
    "oracle://u:s3cret@h/?service_name=x": "oracle+oracledb://",
    "postgresql://u:s3cret@h/x": "sqlite:///FILE",
    "oracle+oracledb://u:s3cret@h:1521/ORCL": "SID",
    "oracle+oracledb://u:s3cret@h:1521/?sid=ORCL": "SID",
    "oracle+oracledb://u:s3cret@h:1521/": "service_name",
    "oracle+oracledb://u:s3cret@h:1521": "service_name",
    "oracle+oracledb://u:s3cret@h/?service_name=": "service_name",
    "oracle+oracledb://u:s3cret@h/?service_name=a&service_name=b": "service_name",
    "oracle+oracledb://u:s3cret@h/?service_name=x)(SID=y": "service_name",
    "oracle+oracledb://u:s3cret@h/?service_name=x&encoding=UTF-8": "encoding",
    "oracle+oracledb://u:s3cret@h:port/?service_name=x": "percent-encode",
    "oracle+oracledb://u:s3@cret@h/?service_name=x": "percent-encode",
    "oracle+oracledb://h/?service_name=x": "user",
    "oracle+oracledb://u@h/?service_name=x": "password",
    ELSEWHERE: "LOAPI_ORACLE_DSN",
}


def options(**variables: str) -> dict[str, Any]:
    """Read how Oracle is to be reached by a process that serves."""
    settings = read_settings({f"LOAPI_{name.upper()}": given for name, given in variables.items()})
    told = oracle_options(settings, serving=True)
    assert told is not None
    return dict(told)


def complaint(**variables: str) -> str:
    """Give the sentence with which that is refused."""
    with pytest.raises(BadSettings) as refused:
        open_database("", options(**variables)).close()
    assert "\n" not in str(refused.value) and str(refused.value).endswith(".")
    return str(refused.value)


def test_a_url_names_user_password_place_and_service() -> None:
    told = options(database_url=URL)
    assert (told["user"], told["password"], told["dsn"]) == ("loapi_app", "p@ss", DESCRIPTOR)
    assert (told["schema"], told["size"], told["thick"], told["drcp"]) == (
        "LOAPI_OWNER", 8, False, False
    )


def test_the_port_is_oracles_unless_another_is_named() -> None:
    url = "oracle+oracledb://u:p@h/?service_name=x"
    assert "(HOST=h)(PORT=1521)" in options(database_url=url)["dsn"]


def test_a_place_may_be_named_in_a_variable_of_its_own() -> None:
    sid = "(DESCRIPTION=(ADDRESS=(PROTOCOL=tcp)(HOST=h)(PORT=1))(CONNECT_DATA=(SID=ORCL)))"
    for dsn in (sid, "h:1521/x", "tcps://h:2484/x"):
        assert options(database_url=ELSEWHERE, oracle_dsn=dsn)["dsn"] == dsn


def test_what_differs_is_passed_on(tmp_path: Path) -> None:
    (tmp_path / "ewallet.pem").touch()
    told = options(
        database_url=URL, oracle_pool="20", oracle_schema="loans", oracle_drcp="true",
        oracle_wallet=str(tmp_path), oracle_wallet_password="s3cret",
    )
    assert (told["size"], told["schema"], told["drcp"]) == (20, "LOANS", True)
    assert (told["wallet"], told["wallet_password"]) == (str(tmp_path), "s3cret")
    assert "PROTOCOL=tcps" in told["dsn"]
    assert OracleOptions(**told).logon()["server_type"] == "pooled"


def test_commands_keep_few_sessions_however_large_the_pool() -> None:
    settings = read_settings({"LOAPI_DATABASE_URL": URL, "LOAPI_ORACLE_POOL": "40"})
    told = oracle_options(settings, serving=False)
    assert told is not None and told["size"] == COMMAND_SESSIONS


def test_the_pool_divides_into_writers_and_readers_with_two_to_spare() -> None:
    database = open_database("", options(database_url=URL, oracle_pool="8"))
    assert (database.writers, database.readers) == (3, 3)
    database.close()


@pytest.mark.parametrize(("url", "hint"), WRONG_URLS.items())
def test_a_wrong_url_is_refused_by_a_sentence_that_helps(url: str, hint: str) -> None:
    settings = read_settings({"LOAPI_DATABASE_URL": url})
    with pytest.raises(BadSettings) as refused:
        open_database(settings.url, oracle_options(settings, serving=True))
    said = str(refused.value)
    assert said.startswith("LOAPI_DATABASE_URL: ") and said.endswith(".") and "\n" not in said
    assert hint in said and "s3" not in said


def test_a_place_is_named_once() -> None:
    assert complaint(database_url=URL, oracle_dsn="h/x").startswith("LOAPI_DATABASE_URL: ")


@pytest.mark.parametrize("dsn", ["alias", "h:1521:ORCL", "(DESCRIPTION=(ADDRESS", "h:x/y"])
def test_a_place_that_the_driver_cannot_read_is_refused_at_once(dsn: str) -> None:
    said = complaint(database_url=ELSEWHERE, oracle_dsn=dsn)
    assert said.startswith("LOAPI_ORACLE_DSN: ") and "SID" in said


def test_an_alias_is_looked_up_beside_the_wallet(tmp_path: Path) -> None:
    (tmp_path / "ewallet.pem").touch()
    (tmp_path / "tnsnames.ora").write_text(f"loans = {DESCRIPTOR}\n")
    named = {"database_url": ELSEWHERE, "oracle_wallet": str(tmp_path)}
    open_database("", options(**named, oracle_dsn="loans")).close()
    assert complaint(**named, oracle_dsn="others").startswith("LOAPI_ORACLE_DSN: ")


def test_a_wallet_has_to_be_there(tmp_path: Path) -> None:
    said = complaint(database_url=URL, oracle_wallet=str(tmp_path))
    assert said.startswith("LOAPI_ORACLE_WALLET: ") and "ewallet.pem" in said
    said = complaint(database_url=URL, oracle_wallet_password="s3cret")
    assert said.startswith("LOAPI_ORACLE_WALLET_PASSWORD ") and "s3cret" not in said


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LOAPI_ORACLE_POOL", "3"), ("LOAPI_ORACLE_POOL", "101"), ("LOAPI_ORACLE_SCHEMA", "a b"),
        ("LOAPI_ORACLE_SCHEMA", 'X"; DROP'), ("LOAPI_ORACLE_THICK", "perhaps"),
        ("LOAPI_ORACLE_DRCP", "2"), ("LOAPI_ORACLE_DSN", ""),
    ],
)
def test_a_wrong_value_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(BadSettings) as refused:
        read_settings({"LOAPI_DATABASE_URL": URL, name: value})
    assert str(refused.value).startswith(f"{name}: ")


@pytest.mark.parametrize("name", ["LOAPI_ORACLE_DSN", "LOAPI_ORACLE_WALLET"])
def test_a_place_at_oracle_needs_oracle(name: str) -> None:
    with pytest.raises(BadSettings, match=f"^{name} needs LOAPI_DATABASE_URL=oracle"):
        read_settings({name: "x"})


def test_building_asks_no_database(tmp_path: Path) -> None:
    keys = {f"LOAPI_{name}_KEY": b64encode(bytes(32)).decode() for name in ("SEALING", "SIGNING")}
    settings = read_settings(
        {"LOAPI_ENV": "staging", "LOAPI_DATABASE_URL": URL, "LOAPI_HOME": str(tmp_path), **keys}
    )
    container = build(settings)
    container.database().close()
    assert "p@ss" not in repr(container.config.oracle()["dsn"])


def test_passwords_do_not_show() -> None:
    told = OracleOptions(**{**options(database_url=URL), "wallet_password": "s3cret"})
    assert "p@ss" not in repr(told) and "s3cret" not in repr(told)


LOADED = """
import sys
from entrypoints.container.wiring import build
from entrypoints.settings import read_settings
build(read_settings({"LOAPI_HOME": sys.argv[1]})).database().close()
print("oracledb" in sys.modules)
"""


def test_the_driver_is_loaded_for_oracle_only(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOADED, str(tmp_path)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )
    assert done.stdout == "False\n", done.stderr


def test_client_libraries_that_are_not_there_are_told() -> None:
    told = options(database_url=URL, oracle_thick="true")
    program = (
        "import sys; from entrypoints.container.databases import open_database\n"
        f"try: open_database('', {told!r})\nexcept Exception as error: print(error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if not done.stdout:
        pytest.skip("Oracle's client libraries are there")
    assert done.stdout.startswith("LOAPI_ORACLE_THICK: ") and "DPI-1047" in done.stdout
