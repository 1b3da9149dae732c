"""Proves, before anything is timed, that both servers do the same work with the same result."""

import json
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx

from tests.performance.calls import PAYOFF, READS, Call, Loans, lines
from tests.performance.servers import BASE
from tests.performance.stocked import Stocked

OF_EACH = {
    "id", "created_at", "updated_at", "client_id", "last_login_at", "recertified_at",
    "wire_cutoff", "annual_rate", "principal", "total", "accrued_interest", "per_diem", "fees",
}
"""Members that are each answer's own, or that the two write in another way."""
AMOUNTS = ("annual_rate", "principal", "total", "accrued_interest", "per_diem")

Answers = Mapping[str, Any]


def asked(stocked: Stocked, loans: Loans, database: Path) -> Answers:
    """Ask for everything that is measured; raises AssertionError where an answer is wrong."""
    found = {name: _got(path, stocked, loans) for name, path in READS.items()}
    for count, kept in ((0, 2), (100, 1)):
        call = Call("POST /payoff", PAYOFF, count, writes=True)
        token, _, body = lines(call, stocked, loans)[0].split(" ", 2)
        before = _records(database)
        answer = _posted(token, body)
        assert answer.status_code == 201, answer.text
        assert _records(database) == before + 1, "a write has one audit record"
        loans.used(1)
        again = _posted(token, body)
        # A spent token, or a second payoff of a loan.
        assert again.status_code in ((401, 409) if kept == 2 else (409,)), again.text
        found[call.title] = answer.json()
    refused = httpx.get(f"{BASE}{READS['GET /country/']}", trust_env=False)
    assert refused.status_code in (401, 403), refused.text
    return found


def same(one: Answers, other: Answers) -> None:
    """Raise AssertionError unless two servers gave the same answers."""
    assert one.keys() == other.keys()
    for name, value in one.items():
        assert _comparable(value) == _comparable(other[name]), name


def _comparable(value: Any) -> Any:
    if isinstance(value, list):
        return [_comparable(one) for one in value]
    if not isinstance(value, dict):
        return value
    items = [one for one in value.get("items", ()) if one]
    if items:
        return [_comparable(one) for one in items]
    amounts = [float(value[name]) for name in AMOUNTS if name in value]
    kept = {k: _comparable(v) for k, v in value.items() if k not in OF_EACH and v is not None}
    return kept | {"amounts": amounts} if amounts else kept


def _got(path: str, stocked: Stocked, loans: Loans) -> Any:
    token, address = lines(Call("", path, 1), stocked, loans)[0].split(" ")
    headers = {"authorization": f"Bearer {token}"}
    answer = httpx.get(BASE + address, headers=headers, trust_env=False)
    assert answer.status_code == 200, answer.text
    return answer.json()


def _posted(token: str, body: str) -> httpx.Response:
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
    return httpx.post(
        BASE + PAYOFF, content=json.dumps(json.loads(body)), headers=headers, trust_env=False
    )


def _records(database: Path) -> int:
    """Count the records of committed payoffs."""
    return counted(
        database, "audit_record WHERE action = 'payoff.request' AND outcome = 'committed'"
    )


def counted(database: Path, what: str) -> int:
    """Count rows."""
    connection = sqlite3.connect(database)
    try:
        (count,) = connection.execute(f"SELECT count(*) FROM {what}").fetchone()
    finally:
        connection.close()
    return int(count)
