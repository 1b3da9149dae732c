"""loapi audit, as operators and auditors drive it."""

import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from typer.testing import CliRunner, Result

from entrypoints.cli.commands import command_line
from entrypoints.container.wiring import build, now
from entrypoints.settings import BadSettings, read_settings
from tests.dynamodb_server import REGION, dynamodb
from tests.support.stocked import seal

Loapi = Callable[..., Result]


def environment(home: Path, **more: str) -> dict[str, str | None]:
    """Give an environment in which loapi is alone with its home."""
    return {name: None for name in os.environ if name.startswith("LOAPI_")} | {
        "LOAPI_HOME": str(home), **more
    }


def run(home: Path, *arguments: str, **more: str) -> Result:
    """Run a command in this process."""
    return CliRunner().invoke(
        command_line(arguments), arguments, env=environment(home, **more)
    )


def sealed(home: Path, **more: str) -> None:
    """Do what the relay does until nothing is left."""
    container = build(read_settings({"LOAPI_HOME": str(home), **more}))
    try:
        seal(container)
    finally:
        container.runner().close()
        container.database().close()


@pytest.fixture(name="model", scope="module")
def a_sealed_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("model")
    assert run(home, "db", "seed").exit_code == 0
    sealed(home)
    return home


@pytest.fixture(name="home")
def a_home(model: Path, tmp_path: Path) -> Path:
    """Give a home with a log of one's own."""
    home = tmp_path / "home"
    shutil.copytree(model, home)
    return home


@pytest.fixture(name="loapi")
def a_command(home: Path) -> Loapi:
    return lambda *arguments, **more: run(home, *arguments, **more)


def told(result: Result) -> Any:
    """Read the JSON that a command printed."""
    return json.loads(result.stdout)


def first_id(home: Path) -> str:
    with sqlite3.connect(home / "loapi.db") as connection:
        row = connection.execute("SELECT hex(record_id) FROM audit_leaf WHERE log_index = 0")
        found = str(row.fetchone()[0])
    connection.close()
    return found


def test_a_sound_log_is_verified(loapi: Loapi) -> None:
    done = loapi("audit", "verify", "--json")
    verdict = told(done)
    assert done.exit_code == 0 and verdict["sound"] and verdict["kind"] is None
    assert verdict["count"] == verdict["certified"] == verdict["witnessed"] > 20


def test_an_altered_record_ends_with_1_and_its_index(home: Path, loapi: Loapi) -> None:
    with sqlite3.connect(home / "loapi.db") as connection:
        connection.execute(
            "UPDATE audit_record SET action = 'nothing' WHERE id ="
            " (SELECT record_id FROM audit_leaf WHERE log_index = 7)"
        )
    connection.close()
    done = loapi("audit", "verify", "--json")
    assert done.exit_code == 1
    assert (told(done)["kind"], told(done)["index"]) == ("altered", 7)
    assert "altered" in loapi("audit", "verify").stdout


def test_a_bundle_needs_the_key_alone(home: Path, loapi: Loapi, tmp_path: Path) -> None:
    bundle, key = tmp_path / "bundle.zip", tmp_path / "key.txt"
    key.write_text(loapi("audit", "key").stdout)
    assert told(loapi("audit", "export", "--output", str(bundle), "--json"))["sound"]
    shutil.rmtree(home)
    offline = ("audit", "verify", "--bundle", str(bundle), "--key", str(key), "--json")
    done = loapi(*offline, LOAPI_NONSENSE="1")
    assert done.exit_code == 0 and told(done)["count"] > 20
    assert not home.exists()
    with ZipFile(bundle) as archive:
        assert "Verified" in archive.read("report.html").decode()
    bundle.write_bytes(b"none")
    assert loapi(*offline).exit_code == 1


def test_a_time_without_records_is_not_exported(loapi: Loapi, tmp_path: Path) -> None:
    bundle = str(tmp_path / "bundle.zip")
    none = loapi("audit", "export", "--output", bundle, "--until", "2020-01-01")
    assert none.exit_code == 1 and "no checkpoint vouches" in none.stderr
    day = now().strftime("%Y-%m-%d")
    assert loapi("audit", "export", "--output", bundle, "--since", day).exit_code == 0


def test_a_record_is_proven_and_the_proof_checked(
    home: Path, loapi: Loapi, tmp_path: Path
) -> None:
    proof, key = tmp_path / "proof.json", tmp_path / "key.txt"
    key.write_text(loapi("audit", "key").stdout)
    proof.write_text(loapi("audit", "prove", first_id(home)).stdout)
    check = ("audit", "prove", "--check", str(proof), "--key", str(key), "--json")
    assert told(loapi(*check))["proven"]
    proof.write_text(proof.read_text().replace('"count": 1', '"count": 2'))
    assert loapi(*check).exit_code == 1
    assert loapi("audit", "prove", "0" * 32).exit_code == 1
    assert loapi("audit", "prove").exit_code == 2


def test_the_log_has_only_grown(loapi: Loapi) -> None:
    done = loapi("audit", "consistency", "3", "20", "--json")
    assert done.exit_code == 0 and told(done)["first"]["size"] == 3
    assert loapi("audit", "consistency", "20", "3").exit_code == 2
    assert loapi("audit", "consistency", "3", "100000").exit_code == 1


def test_the_status_is_told(loapi: Loapi) -> None:
    status = told(loapi("audit", "status", "--json"))
    assert status["sink"] == "database" and status["depth"] == 0 and status["leader"] is None
    assert status["last_index"] + 1 == status["last_checkpoint"]


@pytest.fixture(name="cloud", scope="module")
def dynamodb_settings() -> Iterator[dict[str, str]]:
    """Give the settings of a table that is not there yet."""
    # pylint: disable-next=contextmanager-generator-missing-cleanup  # pytest ends its fixtures
    with dynamodb("moto") as server:
        yield {
            "LOAPI_DYNAMODB_TABLE": "loapi-audit",
            "LOAPI_DYNAMODB_REGION": REGION,
            "LOAPI_DYNAMODB_ENDPOINT": server.url,
        }


def test_history_moves_to_dynamodb_and_the_log_goes_on_there(
    home: Path, loapi: Loapi, cloud: dict[str, str]
) -> None:
    used = cloud | {"LOAPI_AUDIT_SINK": "dynamodb"}
    assert told(loapi("audit", "init-sink", "--json", **cloud))["created"]
    assert loapi("client", "add", "early", "--scope", "payoff:read").exit_code == 0
    assert loapi("client", "add", "late", "--scope", "payoff:read", **used).exit_code == 0
    sealed(home, **used)
    verdict = told(loapi("audit", "verify", "--json", **used))
    assert verdict["sound"] and verdict["count"] == verdict["certified"]
    alone = ("audit", "verify", "--sink", "dynamodb", "--json")
    assert told(loapi(*alone, **used))["index"] == 0
    move = ("audit", "migrate", "--from", "database", "--to", "dynamodb", "--json")
    moved = told(loapi(*move, **used))
    assert moved["whole"] and moved["there"] == 2 and moved["copied"] == verdict["count"] - 2
    assert told(loapi(*alone, **used))["sound"]
    assert told(loapi("audit", "status", "--json", **used))["sink"] == "dynamodb"


def test_dynamodb_without_a_table_is_refused() -> None:
    with pytest.raises(BadSettings, match="LOAPI_DYNAMODB_TABLE"):
        read_settings({"LOAPI_AUDIT_SINK": "dynamodb"})
