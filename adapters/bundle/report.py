"""The report: one HTML page that asks nothing of the network, for people who read records."""

import json
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from itertools import islice
from typing import Any

from application.audit.evidence import Verdict

MOST_RECORDS = 2_000
"""How many records one page tells; the bundle has all of them."""

_HEAD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width">
<title>Audit report</title>
<style>
body{font:15px/1.45 system-ui,sans-serif;color:#1b1f24;max-width:64rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem}dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem}
dt{color:#57606a}dd{margin:0;overflow-wrap:anywhere}
.sound,.fault{border-left:.4rem solid #1a7f37;background:#eaf6ec;padding:.6rem 1rem}
.fault{border-color:#cf222e;background:#fdecee}
article{border-top:1px solid #d0d7de;padding:.8rem 0}
h2{font-size:1rem;margin:0}time,.quiet{color:#57606a;font-weight:normal}
table{border-collapse:collapse;width:100%;margin:.5rem 0}
caption{text-align:left;font-weight:600;padding:.2rem 0}
th,td{border:1px solid #d0d7de;padding:.2rem .5rem;text-align:left;vertical-align:top;
overflow-wrap:anywhere;width:35%}th:first-child{width:30%;font-weight:normal}
thead th{background:#f6f8fa}del{background:#fdecee;text-decoration:none}
ins{background:#eaf6ec;text-decoration:none}
</style></head><body>
<h1>Audit report</h1>
"""
_WHO = ("client_id", "user_id", "proof", "location_id", "address", "key_id", "token_id",
        "request_id", "trace_id", "method", "route", "reason", "filters", "count")


def report(
    facts: Mapping[str, str], verdict: Verdict, records: Iterable[tuple[int, bytes]]
) -> Iterator[str]:
    """Give the page piece by piece; whatever the records hold is text on it."""
    yield _HEAD
    yield _verdict(verdict)
    yield _facts(facts)
    yield "<h1>Timeline</h1>\n"
    some = iter(records)
    for index, text in islice(some, MOST_RECORDS):
        yield _record(index, text)
    if rest := sum(1 for _ in some):
        yield f"<p>And {rest} more, which records.jsonl has.</p>\n"
    yield "</body></html>\n"


def _verdict(verdict: Verdict) -> str:
    if verdict.finding is None:
        told = (
            f"Verified: {verdict.count} records from index {verdict.start}, none altered, removed,"
            " inserted or moved since they were sealed."
        )
        return f'<p class="sound">{told}</p>\n'
    found = verdict.finding
    where = "" if found.index is None else f" at index {found.index}"
    told = escape(f"Not sound: {found.kind.value}{where}; {found.detail}.")
    return f'<p class="fault">{told}</p>\n'


def _facts(facts: Mapping[str, Any]) -> str:
    told = (f"<dt>{escape(str(n))}</dt><dd>{_value(v)}</dd>" for n, v in facts.items())
    return f"<dl>{''.join(told)}</dl>\n"


def _record(index: int, text: bytes) -> str:
    try:
        record = json.loads(text)
        return _article(index, record)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return f"<article><h2>{index}</h2><pre>{escape(repr(text))}</pre></article>\n"


def _article(index: int, record: Mapping[str, Any]) -> str:
    known = {name: record[name] for name in _WHO if record[name] not in (None, 1)}
    if record["entities"]:
        known = {"entities": ", ".join(map(str, record["entities"]))} | known
    title = f"{record['action']}: {record['outcome']}"
    when = escape(str(record["occurred_at"]))
    return (
        f'<article id="r{index}"><h2>{index} · {escape(title)} · <time>{when}</time></h2>\n'
        f"{''.join(map(_change, record['changes']))}"
        f"<details><summary class=\"quiet\">{escape(_actor(record))}</summary>"
        f"{_facts(known)}</details></article>\n"
    )


def _actor(record: Mapping[str, Any]) -> str:
    user = record["user_id"] or "nobody in person"
    return f"{user} through {record['client_id'] or 'the operator'}"


def _change(change: Mapping[str, Any]) -> str:
    entity = f"{change['kind']} {change['key']}"
    caption = f"{entity}: {change['operation']}, version {change['version']}"
    rows = "".join(_row(name, account) for name, account in change["fields"].items())
    return (
        f"<table><caption>{escape(caption)}</caption><thead><tr><th>field</th><th>before</th>"
        f"<th>after</th></tr></thead><tbody>{rows}</tbody></table>\n"
    )


def _row(name: str, account: Any) -> str:
    if not isinstance(account, dict) or not {"before", "after"} & account.keys():
        cells = '<td colspan="2" class="quiet">changed; the value is not recorded</td>'
    else:
        before, after = _value(account.get("before")), _value(account.get("after"))
        cells = f"<td><del>{before}</del></td><td><ins>{after}</ins></td>"
    return f"<tr><th>{escape(name)}</th>{cells}</tr>"


def _value(value: Any) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return escape(text)
