"""docs/authentication.md: its programs mint tokens that a live service takes, its commands work."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from entrypoints.home import StoredKey
from tests.http.test_client_quickstart import with_uv
from tests.support.live import Live, environment, live
from tests.support.stocked import copied

TEXT = (Path(__file__).parents[2] / "docs" / "authentication.md").read_text("utf-8")
AUDIENCE = "loapi-development"


def needs(*programs: str) -> pytest.MarkDecorator:
    """Skip a test where a program is not installed."""
    missing = [name for name in programs if shutil.which(name) is None]
    return pytest.mark.skipif(bool(missing), reason=f"needs {', '.join(missing)}")


def block(language: str) -> str:
    """Give the one program of the page in a language."""
    (found,) = re.findall(rf"^```{language}\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
    return str(found)


def commands(first: str) -> str:
    """Give the lines of commands of which the first begins so."""
    found = re.search(rf"^ {{4}}{re.escape(first)}.*(?:\n {{4}}.*)*", TEXT, re.MULTILINE)
    assert found, first
    return found[0]


@pytest.fixture(name="service", scope="module")
def served(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """Serve from a fresh home."""
    with live(copied(template, tmp_path_factory.mktemp("authentication"))) as service:
        with_uv(service.home)
        yield service


def run(service: Live, *command: str, **variables: str) -> str:
    """Run a program to its end, and give what it prints."""
    path = f"{service.home / 'bin'}:{os.environ['PATH']}"
    done = subprocess.run(
        command, cwd=service.home, env=environment(service.home, PATH=path, **variables),
        capture_output=True, text=True, timeout=180, check=False,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return done.stdout.strip()


def check(service: Live, token: str) -> None:
    """Check that a token proves its user, and writes once."""
    answer = service.ask("GET", "/location/", token=token)
    assert answer.status_code == 200, answer.text
    assert answer.json()["items"]
    made = [
        service.ask("POST", "/resource", token=token, json={"name": "page", "attributes": {}})
        for _ in range(2)
    ]
    assert [one.status_code for one in made] == [201, 401]


def arguments(key: StoredKey) -> str:
    """Give the arguments that mint takes in Python, JavaScript and Java alike."""
    texts = (key.key, key.key_id, key.client_id, AUDIENCE, "U1001")
    return f"{', '.join(map(json.dumps, texts))}, 900101"


def test_the_program_in_python_mints_a_good_token(service: Live) -> None:
    program = f"{block('python')}\nprint(mint({arguments(service.key('prepay'))}))"
    check(service, run(service, sys.executable, "-c", program))


@needs("node")
def test_the_program_for_node_mints_a_good_token(service: Live) -> None:
    program = f"{block('js')}\nconsole.log(mint({arguments(service.key('prepay'))}));"
    check(service, run(service, "node", "--input-type=module", "--eval", program))


@needs("java")
def test_the_program_in_java_mints_a_good_token(service: Live) -> None:
    main = (
        "public static void main(String[] given) throws Exception {\n"
        f"System.out.println(mint({arguments(service.key('prepay'))}L)); }}\n"
    )
    program = block("java").replace("public class Mint {\n", f"public class Mint {{\n{main}")
    (service.home / "Mint.java").write_text(program)
    check(service, run(service, "java", "Mint.java"))


@needs("openssl", "curl")
def test_the_commands_for_curl_get_an_answer(service: Live) -> None:
    key = service.key("prepay")
    told = run(
        service, "bash", "-euo", "pipefail", "-c", block("sh"), KID=key.key_id,
        CLIENT=key.client_id, AUDIENCE=AUDIENCE, USER_ID="U1001", KEY=key.key, BASE=service.base,
    )
    assert json.loads(told)["items"]


def test_the_command_that_prints_a_token_prints_a_good_one(service: Live) -> None:
    found = re.search(r"`(uv run loapi token [^`]+)`", TEXT)
    assert found
    check(service, run(service, "bash", "-c", found[1]))


@needs("openssl", "node")
def test_a_client_registers_a_public_key_as_the_page_says(service: Live) -> None:
    add = commands("uv run loapi client add")
    added = run(service, "bash", "-c", f"{add} --scope location:read"
                " --scope resource:write")
    first = StoredKey(**json.loads(added))
    assert first.client_id == "prepay2"
    told = run(service, "bash", "-c", f"{commands('openssl ecparam')} --json")
    key_id = json.loads(told)["key_id"]
    run(service, "bash", "-c", f"uv run loapi client key activate {key_id}")
    found = re.search(r"`(createSign\([^`]+)`", TEXT)
    assert found
    mac = 'createHmac("sha256", key).update(signed).digest("base64url")'
    assert mac in block("js")
    program = block("js").replace(mac, f'{found[1]}.toString("base64url")')
    program = program.replace("createHmac,", "createSign,").replace('"HS256"', '"ES256"')
    pem = json.dumps((service.home / "prepay2.key").read_text("utf-8"))
    mine = StoredKey("prepay2", key_id, "unused")
    script = f"const pem = {pem};\n{program}\nconsole.log(mint({arguments(mine)}));"
    check(service, run(service, "node", "--input-type=module", "--eval", script))
