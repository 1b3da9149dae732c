"""Several workers on one host are one service: limits, answers and reference data are shared."""

import http.client
import json
import os
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support.in_time import PATIENCE, in_time
from tests.support.live import Live, live, loapi
from tests.support.stocked import copied
from tests.valkey_server import valkey

WORKERS = 4
WRITES = 12
"""The writes of a client in a minute, at all workers together."""

FREE = ",".join(f"{name}=1000000/second" for name in ("client", "user", "read", "list", "failed"))

KNOWN_SECONDS = 10.0
"""Within how long an import must be known everywhere."""


class Line:
    """A connection to one of the workers."""

    def __init__(self, served: Live) -> None:
        self._served = served
        self._connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=PATIENCE)
        self.ask("GET", "/country/US")

    def ask(
        self, method: str, path: str, body: Any = None, **headers: str
    ) -> tuple[int, Mapping[str, str], Any]:
        """Give the status, the headers and the document of an answer."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        named |= {"authorization": f"Bearer {self._served.token()}"}
        if body is not None:
            named["content-type"] = "application/json"
        self._connection.request(method, f"/api/v1{path}", body and json.dumps(body), named)
        answer = self._connection.getresponse()
        told = {name.lower(): value for name, value in answer.getheaders()}
        return answer.status, told, json.loads(answer.read())

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


def children(served: Live, what: str) -> Sequence[int]:
    """Give the processes that the server has started and whose command has a text in it."""
    tasks = Path(f"/proc/{served.process.pid}/task").glob("*/children")
    pids = [int(pid) for task in tasks for pid in task.read_text("ascii").split()]
    return [pid for pid in pids if what.encode() in Path(f"/proc/{pid}/cmdline").read_bytes()]


@contextmanager
def lines_to_each(served: Live, workers: int) -> Iterator[Sequence[Line]]:
    """Give a connection to each worker: the others are frozen while it is made."""
    pids = children(served, "spawn_main")
    assert len(pids) == workers
    with ExitStack() as stack:
        lines = []
        for pid in pids:
            with _frozen([other for other in pids if other != pid]):
                lines.append(Line(served))
            stack.callback(lines[-1].close)
        yield lines


@contextmanager
def _frozen(pids: Sequence[int]) -> Iterator[None]:
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


@pytest.fixture(name="served", scope="module")
def four_workers(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """Serve with four workers that count in one store."""
    with valkey() as store, live(
        copied(template, tmp_path_factory.mktemp("workers")), "--workers", str(WORKERS),
        LOAPI_RATE_LIMIT_STORAGE=store.url, LOAPI_RATE_LIMITS=f"{FREE},write={WRITES}/minute",
    ) as served:
        yield served


@pytest.fixture(name="lines", scope="module")
def a_line_to_each(served: Live) -> Iterator[Sequence[Line]]:
    """Connect to each worker."""
    with lines_to_each(served, WORKERS) as lines:
        yield lines


def test_a_write_is_made_once_whichever_workers_are_asked(lines: Sequence[Line]) -> None:
    answers = [
        line.ask("POST", "/resource", {"name": "once", "attributes": {}}, idempotency_key="once")
        for line in lines
    ]
    assert {status for status, _, _ in answers} == {201}
    assert len({document["id"] for _, _, document in answers}) == 1
    replayed = [headers.get("idempotency-replayed") for _, headers, _ in answers]
    assert replayed == [None] + ["true"] * (WORKERS - 1)


def test_workers_count_together(lines: Sequence[Line]) -> None:
    taken = Counter(
        line.ask("POST", "/resource", {"name": f"{turn}-{number}", "attributes": {}})[0]
        for turn in range(WRITES) for number, line in enumerate(lines)
    )
    # What the test before has used up in this minute counts as well.
    assert set(taken) <= {201, 429} and WRITES - WORKERS <= taken[201] <= WRITES, taken


def test_what_one_worker_has_written_all_know(lines: Sequence[Line]) -> None:
    found = [
        {item["id"] for item in line.ask("GET", "/resource/?limit=200")[2]["items"]}
        for line in lines
    ]
    assert found[0] and all(one == found[0] for one in found)


def test_an_import_is_known_to_every_worker_in_time(
    served: Live, lines: Sequence[Line], tmp_path: Path
) -> None:
    path = "/country/?alpha3=USA"
    before = [line.ask("GET", path)[2]["items"][0]["name"] for line in (*lines, *lines)]
    assert len(set(before)) == 1
    file = tmp_path / "countries.csv"
    head = "alpha2,alpha3,numeric,name,apolitical_name,officially_assigned"
    file.write_text(f"{head}\nUS,USA,840,{before[0]} renamed,{before[0]},Y\n")
    done = loapi(served.home, "import", "country", str(file))
    assert done.returncode == 0, done.stderr
    imported = time.monotonic()
    for line in lines:
        while line.ask("GET", path)[2]["items"][0]["name"] == before[0]:
            assert time.monotonic() - imported < PATIENCE, "one worker does not come to know it"
            time.sleep(0.05)
    in_time(time.monotonic() - imported, KNOWN_SECONDS)


def test_one_relay_leads_beside_them(served: Live) -> None:
    (relay,) = children(served, "relay")
    with closing(sqlite3.connect(served.home / "loapi.db", timeout=10)) as connection:
        ((holder,),) = connection.execute("SELECT holder FROM lease").fetchall()
    assert int(holder.split("/")[1]) == relay


def test_without_a_shared_store_each_takes_its_part(home: Path) -> None:
    limits = f"{FREE},write={WRITES}/minute"
    with live(home, "--workers", "2", LOAPI_RATE_LIMITS=limits) as served:
        with lines_to_each(served, 2) as lines:
            for number, line in enumerate(lines):
                taken = Counter(
                    line.ask("POST", "/resource", {"name": f"{turn}-{number}", "attributes": {}})[0]
                    for turn in range(WRITES)
                )
                assert taken == {201: WRITES // 2, 429: WRITES // 2}
