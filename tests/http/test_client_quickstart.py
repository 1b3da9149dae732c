"""What docs/client-quickstart.md tells client teams to paste does what the page says."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest

from entrypoints.http.refusals import refusals
from tests.support.in_time import PATIENCE, in_time
from tests.support.live import MAIN, Live, environment, live
from tests.support.stocked import copied

PAGE = Path(__file__).parents[2] / "docs" / "client-quickstart.md"
LOANS = ("9900101001", "9900101002")
SLOW = "client=1000/second,user=1000/second,read=1000/second,list=1000/second,failed=1000/second"

Answer = Callable[["Relayed"], bytes | None]
"""What the proxy does with a request: it answers with these bytes, or cuts the connection."""


def blocks(language: str) -> list[str]:
    """Give the page's code in a language, block by block."""
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)


CLIENT, USE = blocks("python")


@dataclass(frozen=True)
class Relayed:
    """A request on its way through the proxy."""

    at: float
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Proxy:
    """Stands between client and service, and does to the next requests what it is told."""

    upstream: str
    script: list[Answer] = field(default_factory=list)
    seen: list[Relayed] = field(default_factory=list)
    address: str = ""

    def answer(self, relayed: Relayed) -> bytes | None:
        """Give what the client gets; none where it gets nothing."""
        self.seen.append(relayed)
        return self.script.pop(0)(relayed) if self.script else self.forward(relayed)

    def forward(self, relayed: Relayed) -> bytes:
        """Give the service's answer."""
        response = httpx.request(
            relayed.method, self.upstream + relayed.path, content=relayed.body, trust_env=False,
            verify=False, timeout=PATIENCE,
            headers={n: v for n, v in relayed.headers.items() if n.lower() != "host"},
        )
        return on_the_wire(response.status_code, response.content, response.headers.multi_items())

    def cut(self, relayed: Relayed) -> None:
        """Let the service do it, and lose its answer."""
        assert self.forward(relayed).startswith(b"HTTP/1.1 201 ")


def on_the_wire(status: int, body: bytes, headers: list[tuple[str, str]]) -> bytes:
    """Give an answer as it is sent."""
    kept = [f"{n}: {v}" for n, v in headers if n not in ("connection", "transfer-encoding")]
    lines = [f"HTTP/1.1 {status} Status", *kept, "connection: close"]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def refusing(word: str, seconds: int) -> Answer:
    """Refuse with a problem that passes in so many seconds."""
    problem = refusals()[word]
    body = json.dumps(problem).encode()
    headers = [
        ("content-type", "application/problem+json"), ("retry-after", str(seconds)),
        ("content-length", str(len(body))),
    ]
    return lambda _relayed: on_the_wire(problem["status"], body, headers)


@contextmanager
def proxy_before(upstream: str) -> Iterator[Proxy]:
    """Run a proxy on a port of its own."""
    proxy = Proxy(upstream)

    class Handler(BaseHTTPRequestHandler):
        """Hands each request to the proxy."""

        def do_GET(self) -> None:  # pylint: disable=invalid-name  # http.server's name
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            relayed = Relayed(
                time.monotonic(), self.command, self.path, dict(self.headers.items()), body
            )
            answer = proxy.answer(relayed)
            if answer is not None:
                self.wfile.write(answer)

        do_POST = do_PATCH = do_GET

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        proxy.address = f"http://127.0.0.1:{server.server_port}"
        try:
            yield proxy
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(name="service", scope="module")
def served(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """Serve from a fresh home."""
    with live(copied(template, tmp_path_factory.mktemp("quickstart"))) as service:
        yield service


@pytest.fixture(name="proxy")
def proxied(service: Live) -> Iterator[Proxy]:
    """Stand before the service, whose loans have no open payoff afterwards."""
    with proxy_before(service.base) as proxy:
        yield proxy
    for payoff in payoffs(service):
        if payoff["status"] == "requested":
            answer = service.ask(
                "PATCH", f"/payoff/{payoff['id']}", json={"status": "cancelled"},
                headers={"if-match": f'"{payoff["version"]}"'},
            )
            assert answer.status_code == 200


def payoffs(service: Live) -> list[dict[str, Any]]:
    """Give all payoffs."""
    found: list[dict[str, Any]] = service.ask("GET", "/payoff/?limit=200").json()["items"]
    return found


def run(service: Live, address: str, program: str) -> "subprocess.CompletedProcess[str]":
    """Run a program that begins with the page's client."""
    variables = {"API_BASE": address, "API_KEY": service.key("prepay").key, "NO_PROXY": "*"}
    return subprocess.run(
        [sys.executable, "-c", f"{CLIENT}\n{program}"], env=os.environ | variables,
        capture_output=True, text=True, timeout=120, check=False,
    )


def asking(loan: str, key: str = "k-1", **members: Any) -> str:
    """Give a line that asks for a payoff."""
    body = {
        "loan_number": loan, "reason": "refinance", "voluntary": True,
        "requester": {"name": "Pat Example"}, **members,
    }
    day = "datetime.now(timezone.utc).date().isoformat()"
    return (
        f"print(call('POST', '/payoff/', 'U1001', 900101, headers={{'Idempotency-Key': {key!r}}}, "
        f"body={{'payoff_date': {day}, **{body!r}}})['id'])"
    )


def test_the_client_is_short(service: Live) -> None:
    lines = [line for line in CLIENT.splitlines() if line.strip()]
    assert len(lines) <= 36 and max(map(len, lines)) <= 100
    assert run(service, service.base, "").returncode == 0


def test_the_program_of_the_page_does_what_it_says(service: Live) -> None:
    done = run(service, service.base, USE)
    assert (done.returncode, done.stderr) == (0, "")
    first, second = done.stdout.splitlines()
    number, status, total = first.split()
    assert (status, second) == ("requested", "cancelled") and float(total) > 0
    (payoff,) = (one for one in payoffs(service) if one["id"] == number)
    assert (payoff["loan_number"], payoff["status"]) == ("9900101002", "cancelled")


def test_a_lost_answer_leads_to_one_payoff(service: Live, proxy: Proxy) -> None:
    before = len(payoffs(service))
    proxy.script = [proxy.cut, proxy.cut]
    done = run(service, proxy.address, asking(LOANS[0], key="lost"))
    assert (done.returncode, done.stderr) == (0, "")
    found = payoffs(service)
    assert len(found) == before + 1
    assert done.stdout.strip() == found[0]["id"]
    sent = [(one.headers["Idempotency-Key"], one.body) for one in proxy.seen]
    assert len(sent) == 3 and len(set(sent)) == 1
    assert len({one.headers["Authorization"] for one in proxy.seen}) == 3


@pytest.mark.parametrize("word", ["rate-limited", "busy", "key-in-flight", "outcome-unknown"])
def test_the_client_waits_for_what_passes(service: Live, proxy: Proxy, word: str) -> None:
    proxy.script = [refusing(word, 2)]
    done = run(service, proxy.address, asking(LOANS[0], key=word))
    assert (done.returncode, done.stderr) == (0, "")
    first, second = (one.at for one in proxy.seen)
    assert 1.9 <= second - first


def test_a_limit_of_the_service_is_waited_for(home: Path) -> None:
    with live(home, LOAPI_RATE_LIMITS=f"{SLOW},write=1/second") as service:
        with proxy_before(service.base) as proxy:
            program = "\n".join(asking(loan, key=loan) for loan in (*LOANS, "9900101003"))
            done = run(service, proxy.address, program)
            assert (done.returncode, done.stderr) == (0, "")
            assert len(payoffs(service)) == 3
            if len(proxy.seen) == 3:
                # Nobody was told to wait, which is right where each came a second after another.
                in_time(proxy.seen[2].at - proxy.seen[0].at, 2)
            assert len(proxy.seen) > 3


def test_what_does_not_pass_is_not_tried_again(service: Live, proxy: Proxy) -> None:
    program = f"try:\n    {asking(LOANS[0], reason='whim')}\nexcept Refused as error: print(error)"
    done = run(service, proxy.address, program)
    assert (done.returncode, done.stdout.strip()) == (0, "urn:loapi:problem:invalid")
    assert len(proxy.seen) == 1


def test_the_client_gives_up_in_the_end(service: Live, proxy: Proxy) -> None:
    proxy.script = [refusing("busy", 0)] * 6
    program = f"try:\n    {asking(LOANS[0])}\nexcept Refused as error: print(error)"
    done = run(service, proxy.address, program)
    assert (done.returncode, done.stdout.strip()) == (0, "urn:loapi:problem:busy")
    assert len(proxy.seen) == 6


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs Debian's package curl")
def test_the_commands_of_the_page_do_what_it_says(home: Path) -> None:
    with live(home) as service:
        script = "\n".join([*exports(service), *map(parted, blocks("sh"))])
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script], cwd=home,
            env=environment(home, PATH=f"{with_uv(home)}:{os.environ['PATH']}"),
            capture_output=True, text=True, timeout=180, check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")
        first, refusal, asked, moved = done.stdout.split(PART)[:4]
        assert json.loads(first)["location_id"] == 900101
        assert json.loads(refusal)["type"] == "urn:loapi:problem:invalid-parameter"
        one, status, again, repeated = asked.strip().splitlines()
        assert (status, repeated, one) == ("201", "201", again)
        shown, cancelled = moved.replace("}{", "}\n{").strip().splitlines()
        assert json.loads(shown) == json.loads(one)
        assert json.loads(cancelled)["status"] == "cancelled"
        assert len(payoffs(service)) == 1


PART = "\n---\n"


def parted(block: str) -> str:
    """Give a block of commands with a line behind it that parts its output from the next."""
    return f"{block}\nprintf '\\n---\\n'"


def exports(service: Live) -> list[str]:
    """Give the lines of the page that set variables, for the port of this service."""
    lines = re.findall(r"^ {4}(export API_.*)$", PAGE.read_text(), re.MULTILINE)
    assert len(lines) == 2
    return [line.replace("http://127.0.0.1:8000", service.base) for line in lines]


def with_uv(home: Path) -> Path:
    """Make a folder with a `uv` that runs this very loapi, and `var` as the page expects it."""
    (home / "var").symlink_to(home)
    folder = home / "bin"
    folder.mkdir()
    (folder / "main.py").write_text(MAIN)
    command = folder / "uv"
    command.write_text(f'#!/bin/sh\nshift 2\nexec {sys.executable} {folder / "main.py"} "$@"\n')
    command.chmod(0o755)
    return folder
