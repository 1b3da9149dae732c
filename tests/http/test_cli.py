"""The command line, as scripts drive it."""

import base64
import csv
import json
import os
import re
import shlex
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from jose import jwt
from typer.testing import CliRunner

from adapters.sql.migrate import NEWEST
from entrypoints.cli.commands import command_line
from entrypoints.container.wiring import build
from entrypoints.settings import BadSettings, read_settings
from tests.support import live
from tests.support.in_time import PATIENCE
from tests.support.stocked import copied

MAIN = "import sys; sys.argv[0] = 'loapi'; from entrypoints.cli import main; main()"
ROOT = Path(__file__).parents[2]
DATA = ROOT / "adapters" / "datasets" / "data"
DEMO_FRANCHISES = DATA / "demo_franchises.csv"

KEY = base64.b64encode(bytes(32)).decode()
PRODUCTION = {
    "LOAPI_ENV": "production", "LOAPI_AUDIENCE": "loapi.example.com",
    "LOAPI_SEALING_KEY": KEY, "LOAPI_SIGNING_KEY": KEY,
}
NOWHERE = "00000000-0000-7000-8000-000000000000"
"""The id of a record that is not there."""

BARELY: Any = {"trust_env": False, "verify": False, "timeout": PATIENCE}
"""Without it, each call would read the environment, and all certificates of the machine."""

Loapi = Callable[..., subprocess.CompletedProcess[str]]


def environment(home: Path, **more: str) -> dict[str, str]:
    """Give an environment in which loapi is alone with its home."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LOAPI_")}
    return kept | {"LOAPI_HOME": str(home), "PYTHONWARNINGS": "default"} | more


def run(home: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end in a process of its own, as people do; to start it takes seconds."""
    return subprocess.run(
        [sys.executable, "-c", MAIN, *arguments],
        cwd=home, env=environment(home, **more), capture_output=True, text=True, timeout=PATIENCE,
        check=False,
    )


@pytest.fixture(name="home", scope="module")
def stocked_home(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a home whose database is made and stocked."""
    return copied(template, tmp_path_factory.mktemp("home"))


@pytest.fixture(name="loapi")
def command(home: Path) -> Loapi:
    """Give what runs a command on the stocked home, in this process."""
    return lambda *arguments, **more: live.loapi(home, *arguments, **more)


def told(done: subprocess.CompletedProcess[str]) -> Any:
    """Give the JSON that a command printed."""
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_token_is_all_that_is_printed(home: Path) -> None:
    arguments = ("--client", "prepay", "--user", "U1001", "--location", "900101", "--ttl", "60")
    first, second = (run(home, "token", *arguments) for _ in range(2))
    assert (first.returncode, first.stderr) == (0, "")
    assert len(first.stdout.splitlines()) == 1 and first.stdout != second.stdout
    claims = jwt.get_unverified_claims(first.stdout.strip())
    assert (claims["iss"], claims["exp"] - claims["iat"]) == ("prepay", 60)
    assert claims["request_context"] == {"user_id": "U1001", "location_id": 900101}
    assert stat.S_IMODE((home / "demo-keys.json").stat().st_mode) == 0o600


def test_a_token_of_a_client_without_a_key_is_refused_in_a_sentence(loapi: Loapi) -> None:
    done = loapi("token", "--client", "nobody")
    assert (done.returncode, done.stdout) == (1, "")
    assert "nobody" in done.stderr and "Traceback" not in done.stderr


def test_the_demo_tells_what_it_holds(loapi: Loapi) -> None:
    demo = told(loapi("demo", "--json"))
    assert {client["client_id"] for client in demo["clients"]} == {"prepay", "lx", "origination"}
    ada = next(user for user in demo["users"] if user["user_id"] == "U1001")
    assert [place["location_id"] for place in ada["locations"]] == [900101, 900102, 900103]
    assert all(place["roles"] for place in ada["locations"])
    loan = next(loan for loan in demo["loans"] if loan["loan_number"] == "9900101001")
    assert (loan["program"], loan["balance"], loan["location_id"]) == ("7A", "412350.75", 900101)


def test_a_client_is_added_listed_rotated_and_revoked(loapi: Loapi) -> None:
    scopes = ("--scope", "payoff:read", "--scope", "payoff:write")
    added = told(loapi("client", "add", "shop", *scopes, "--mode", "trust", "--json"))
    assert set(added) == {"client_id", "key_id", "key"}
    assert added["client_id"] == "shop"
    assert added["key"].startswith(f"loapi_development_{added['key_id']}_")
    again = loapi("client", "add", "shop", *scopes, "--json")
    assert again.returncode == 1 and "shop" in again.stderr

    rotated = told(loapi("client", "rotate", "shop", "--json"))
    assert rotated["key_id"] != added["key_id"]
    third = loapi("client", "rotate", "shop", "--json")
    assert third.returncode == 1 and "Traceback" not in third.stderr

    revoked = told(loapi("client", "revoke", added["key_id"], "--json"))
    assert (revoked["key_id"], revoked["state"]) == (added["key_id"], "revoked")
    (shop,) = (one for one in told(loapi("client", "list", "--json")) if one["client_id"] == "shop")
    assert shop["scopes"] == ["payoff:read", "payoff:write"]
    states = {key["key_id"]: key["state"] for key in shop["keys"]}
    assert states == {added["key_id"]: "revoked", rotated["key_id"]: "active"}
    assert "sealed" not in json.dumps(shop) and rotated["key"] not in json.dumps(shop)


@pytest.mark.parametrize(
    "arguments",
    [
        ("client", "add", "Shop Nr. 1", "--scope", "payoff:read"),
        ("client", "add", "shop2", "--scope", "payoff:erase"),
        ("client", "add", "shop2", "--scope", "payoff:read", "--mode", "hope"),
        ("client", "add", "shop2"),
        ("client", "add", "shop2", "--scope", " "),
        ("client", "rotate", "prepay", "--keep", "99999999999999"),
        ("client", "key", "retire", "any", "--hours", "8785"),
        ("client", "frobnicate"),
        ("frobnicate",),
        ("token", "--client", "prepay", "--ttl", "301"),
        ("token", "--client", "prepay", "--ttl", "0"),
        ("token", "--client", "prepay", "--location", "0"),
        ("token", "--client", "prepay", "--user", ""),
        ("audit", "verify", "--key", str(DEMO_FRANCHISES)),
        ("audit", "verify", "--checkpoints", str(DEMO_FRANCHISES)),
        ("audit", "verify", "--bundle", str(DEMO_FRANCHISES)),
        ("audit", "verify", "--bundle", str(DEMO_FRANCHISES), "--key", str(DEMO_FRANCHISES),
         "--sink", "memory"),
        ("audit", "prove", NOWHERE, "--check", str(DEMO_FRANCHISES), "--key", str(DEMO_FRANCHISES)),
        ("audit", "prove", NOWHERE, "--key", str(DEMO_FRANCHISES)),
        ("audit", "prove", "--check", str(DEMO_FRANCHISES)),
        ("audit", "consistency", "9", "5"),
        ("import", "moon", str(DEMO_FRANCHISES)),
        ("import", "franchise", "/nonexistent.csv"),
        ("serve", "--port", "0"),
    ],
    ids=lambda arguments: " ".join(Path(one).name for one in arguments)[:60],
)
def test_arguments_that_cannot_be_end_with_status_2(arguments: tuple[str, ...]) -> None:
    done = CliRunner().invoke(command_line(arguments), arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr and isinstance(done.exception, SystemExit)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("client", "rotate", "nobody"), "There is no such client 'nobody'"),
        (("client", "revoke", "nothing"), "There is no such key 'nothing'"),
        (("audit", "prove", NOWHERE), f"there is no record {NOWHERE}"),
        (("audit", "prove", "--check", "NO_TEXT", "--key", "NO_TEXT"), "is no text in UTF-8"),
        (("audit", "verify", "--bundle", "NO_TEXT", "--key", "NO_TEXT"), "is no text in UTF-8"),
        (("audit", "consistency", "0", "999999999"), "records, not 999999999"),
        (("import", "country", "NO_TEXT"), "line 1, file: save it as CSV in UTF-8"),
    ],
    ids=lambda one: " ".join(one)[:40] if isinstance(one, tuple) else "",
)
def test_what_is_not_there_or_cannot_be_read_is_told_in_a_sentence(
    loapi: Loapi, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    no_text = tmp_path / "no.text"
    no_text.write_bytes(b"\xff\xfe")
    done = loapi(*(str(no_text) if one == "NO_TEXT" else one for one in arguments))
    assert (done.returncode, done.stdout) == (1, "")
    assert said in done.stderr and "Traceback" not in done.stderr


def test_keys_at_home_that_cannot_be_read_are_told_with_the_remedy(
    loapi: Loapi, home: Path
) -> None:
    file = home / "demo-keys.json"
    kept = file.read_text()
    try:
        for text in ("{bad", "7", '[{"client_id": "prepay"}]', "[{}]"):
            file.write_text(text)
            done = loapi("token", "--client", "prepay")
            assert (done.returncode, done.stdout) == (2, "")
            assert "demo-keys.json cannot be read" in done.stderr
            assert "loapi client rotate" in done.stderr and "Traceback" not in done.stderr
    finally:
        file.write_text(kept)


def test_a_directory_of_franchises_is_imported(loapi: Loapi, tmp_path: Path) -> None:
    with DEMO_FRANCHISES.open(newline="") as file:
        rows = list(csv.DictReader(file))
    rows[0]["NOTES"] = "Another remark."
    rows.append({
        **rows[1], "BRAND": "Invented Brand: New (demo)", "SBA FRANCHISE IDENTIFIER CODE": "D9999",
    })
    path = tmp_path / "directory.csv"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    gone = {"retired": 0, "removed": 0, "missing": 0}
    counts = {"added": 1, "changed": 1, "unchanged": len(rows) - 2} | gone
    foreseen = loapi("import", "franchise", str(path), "--json", "--dry-run")
    assert told(foreseen) == counts
    assert told(loapi("import", "franchise", str(path), "--json")) == counts
    nothing = {"added": 0, "changed": 0, "unchanged": len(rows)} | gone
    assert told(loapi("import", "franchise", str(path), "--json")) == nothing


def test_a_wrong_holiday_is_taken_out_by_its_year_without_it(
    loapi: Loapi, tmp_path: Path
) -> None:
    wrong, right = (f"FED_BANK,{day},Some Day,no,{day}" for day in ("2052-03-04", "2052-07-04"))
    heading, path = "calendar,date,name,observed,actual_date", tmp_path / "holidays.csv"
    path.write_text("\n".join((heading, wrong, right)))
    assert told(loapi("import", "holiday", str(path), "--json"))["added"] == 2
    path.write_text("\n".join((heading, right)))
    left = loapi("import", "holiday", str(path))
    assert "1 active entries are not in the file" in left.stdout
    for step in (["--dry-run"], []):
        done = told(loapi("import", "holiday", str(path), "--json", "--retire-missing", *step))
        assert (done["removed"], done["unchanged"]) == (1, 1)
    assert told(loapi("import", "holiday", str(path), "--json"))["missing"] == 0


def test_an_older_vintage_of_naics_takes_nothing_from_a_newer_one(loapi: Loapi) -> None:
    done = told(loapi("import", "naics", str(DATA / "naics_2017.csv"), "--json"))
    assert done["added"] == done["changed"] == done["missing"] == 0
    newer = str(DATA / "naics_2022.csv")
    done = told(loapi("import", "naics", newer, "--json", "--retire-missing"))
    assert done["changed"] == done["retired"] == 0 and done["unchanged"] == 2125


def test_a_faulty_directory_is_not_imported_and_its_faults_are_told(
    loapi: Loapi, tmp_path: Path
) -> None:
    path = tmp_path / "bad.csv"
    text = DEMO_FRANCHISES.read_text().replace("D0002", "d 2").replace("7/14/2025", "someday")
    path.write_text(text)
    done = loapi("import", "franchise", str(path))
    assert (done.returncode, done.stdout) == (1, "")
    assert "bad.csv: nothing was imported." in done.stderr
    assert "d 2" in done.stderr and "someday" in done.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LOAPI_COLOUR", "red"),
        ("LOAPI_AUDIENCE", ""),
        ("LOAPI_ENV", "moon"),
        ("LOAPI_AUDIT_SINK", "paper"),
        ("LOAPI_AUDIT_READS", "never"),
        ("LOAPI_WORKERS", "many"),
        ("LOAPI_WORKERS", "0"),
        ("LOAPI_RATE_LIMITS", "colour=5/minute"),
        ("LOAPI_RATE_LIMITS", "write=lots"),
        ("LOAPI_RATE_LIMIT_STORAGE", "carrier pigeon"),
        ("LOAPI_LOG_LEVEL", "loud"),
        ("LOAPI_DEMO", "perhaps"),
        ("LOAPI_DATABASE_URL", "postgresql://localhost/x"),
        ("LOAPI_DATABASE_URL", "sqlite:///:memory:"),
        ("LOAPI_DATABASE_URL", "nonsense"),
        ("LOAPI_SEALING_KEY", "short"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_by_its_name(
    tmp_path: Path, name: str, value: str
) -> None:
    with pytest.raises(BadSettings, match=rf"^{name}\b"):
        container = build(read_settings({"LOAPI_HOME": str(tmp_path), name: value}))
        container.limiter()
        container.database()


@pytest.mark.parametrize(
    ("name", "value"), [("LOAPI_COLOUR", "red"), ("LOAPI_AUDIT_SINK", "paper")]
)
@pytest.mark.parametrize("arguments", [["check"], ["token", "--client", "prepay"]])
def test_a_setting_that_cannot_be_stops_the_start(
    loapi: Loapi, arguments: list[str], name: str, value: str
) -> None:
    done = loapi(*arguments, **{name: value})
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(name) and "Traceback" not in done.stderr


BARE = """
import importlib.util as finding
found = finding.find_spec
finding.find_spec = lambda name, *more: (
    None if name in ("ddtrace", "sentry_sdk") else found(name, *more)
)
"""
"""What makes an environment without the extra `observability` of this one."""


@pytest.mark.parametrize(("name", "value", "workers"), [
    ("LOAPI_TRACING", "datadog", "1"),
    ("LOAPI_SENTRY_DSN", "https://public@sentry.example.com/1", "2"),
])
def test_what_cannot_be_built_ends_the_start_with_one_line(
    tmp_path: Path, name: str, value: str, workers: str
) -> None:
    variables = PRODUCTION | {
        "LOAPI_DATABASE_URL": f"sqlite:///{tmp_path}/loapi.db",
        "LOAPI_CHECKPOINT_FILE": str(tmp_path / "checkpoints"), name: value,
    }
    done = subprocess.run(
        [sys.executable, "-c", f"{BARE}\n{MAIN}", "serve", "--workers", workers],
        cwd=tmp_path, env=environment(tmp_path, **variables), capture_output=True, text=True,
        timeout=PATIENCE, check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"{name} needs the extra 'observability' of loapi's package.\n"


def test_production_has_no_defaults_for_what_is_at_stake() -> None:
    with pytest.raises(BadSettings) as refused:
        read_settings({"LOAPI_ENV": "production"})
    for name in ("LOAPI_DATABASE_URL", "LOAPI_AUDIENCE", "LOAPI_SEALING_KEY"):
        assert name in str(refused.value)


def test_the_version_is_told_with_its_revision_of_the_schema(home: Path) -> None:
    done = run(home, "--version")
    (project,) = re.findall(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(), re.M)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"loapi {project}, for revision {NEWEST} of the schema\n"


def test_check_says_that_all_is_there(home: Path) -> None:
    done = run(home, "check")
    assert (done.returncode, done.stderr) == (0, "")


def free_port() -> int:
    """Give a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def ready(base: str, server: subprocess.Popen[str]) -> None:
    """Wait until a server says that it is ready."""
    deadline = time.monotonic() + PATIENCE
    while server.poll() is None and time.monotonic() < deadline:
        try:
            if httpx.get(f"{base}/health/ready", **BARELY).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise AssertionError("the server did not become ready")


def test_a_fresh_clone_serves_what_it_prints_and_stops_when_told(tmp_path: Path) -> None:
    port, log = free_port(), tmp_path / "log"
    base = f"http://127.0.0.1:{port}"
    with log.open("w") as output, subprocess.Popen(
        [sys.executable, "-c", MAIN, "serve", "--port", str(port)],
        cwd=tmp_path, env=environment(tmp_path), stdout=output, stderr=subprocess.STDOUT, text=True,
    ) as server:
        try:
            ready(base, server)
            printed = log.read_text()
            first, second = commands(printed)
            locations = call(tmp_path, first)
            assert locations.status_code == 200 and locations.json()["items"]
            payoff = call(tmp_path, second)
            assert payoff.status_code == 201, payoff.text
            assert payoff.json()["status"] == "requested"
            server.send_signal(signal.SIGTERM)
            assert server.wait(PATIENCE) == 0
        finally:
            if server.poll() is None:
                server.kill()
    after = log.read_text()
    assert "Traceback" not in after and "Warning" not in after
    assert '"http.route":"/api/v1/payoff"' in after.replace(": ", ":")


def commands(printed: str) -> list[list[str]]:
    """Give the calls that `serve` prints, each as its words."""
    joined = printed.replace("\\\n", " ")
    lines = [line.strip() for line in joined.splitlines() if line.strip().startswith("curl ")]
    assert len(lines) == 2, printed
    return [shlex.split(line) for line in lines]


def call(home: Path, words: list[str]) -> httpx.Response:
    """Do what a printed call does when it is pasted; the token is minted by its own command."""
    headers = dict(words[at + 1].split(": ", 1) for at, word in enumerate(words) if word == "-H")
    minting = headers["Authorization"].partition("$(uv run loapi ")[2].removesuffix(")")
    minted = run(home, *minting.split())
    headers["Authorization"] = f"Bearer {minted.stdout.strip()}"
    if "-d" in words:
        body = words[words.index("-d") + 1].encode()
        return httpx.post(words[-1], headers=headers, content=body, **BARELY)
    return httpx.get(words[-1], headers=headers, **BARELY)
