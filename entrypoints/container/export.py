"""Exports a part of the log as a bundle that anybody can verify."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from adapters.bundle.archive import About, Bundle, add_report, write_bundle
from adapters.bundle.report import report
from adapters.sql.examination import SqlPlaces
from application.audit.copying import AT_ONCE, gathered
from application.audit.evidence import Verdict
from application.audit.ledger import Tree
from application.audit.ports import Ledger
from application.audit.prove import NotCertified, size_of
from application.audit.record import SealedRecord, plain
from application.audit.trail import id_range
from application.ports import AuditSink
from application.query import Operator, Query, Term
from entrypoints.container.examination import offline
from entrypoints.container.wiring import Container, now


class Incomplete(Exception):
    """A record is in none of the sinks."""


@dataclass(frozen=True, slots=True)
class Exported:
    """A bundle that is written, as its own verification judges it."""

    start: int
    stop: int
    checkpoint: int
    verdict: Verdict


def export(
    container: Container,
    sinks: Sequence[AuditSink],
    output: Path,
    since: datetime | None,
    until: datetime | None,
    progress: Callable[[int, int], None],
) -> Exported:
    """Write a bundle with the records of a time, and all of the log that vouches for them.

    Raises NotCertified where no checkpoint vouches for any of it, and Incomplete.
    """
    ledger: Ledger = container.ledger()
    log, key = container.signer().name, container.signer().verifier_key
    start, stop, size = _range(container, ledger, since, until)
    about = About(
        log=log,
        start=start,
        stop=stop,
        frontier=Tree().extended(ledger.leaf_hashes(0, start)).packed().hex(),
        exported_at=plain(now()),
    )
    write_bundle(
        output,
        about,
        key,
        (note for note in ledger.checkpoints() if start < size_of(note) <= size),
        _records(sinks, start, stop, progress),
        ledger.leaf_hashes(stop, size),
    )
    verdict = offline(output, key, None, lambda _: None).run()
    add_report(output, report(_facts(about, size, key), verdict, Bundle(output).records()))
    return Exported(start, stop, size, verdict)


def _range(
    container: Container, ledger: Ledger, since: datetime | None, until: datetime | None
) -> tuple[int, int, int]:
    """Give the first index, the one behind the last, and the size that vouches for them."""
    latest = ledger.latest_checkpoint()
    certified = size_of(latest) if latest else 0
    bounds = [(Operator.GTE, since), (Operator.LT, until)]
    terms = [Term("occurred_at", by, (at,)) for by, at in bounds if at is not None]
    low, high = id_range(Query(clauses=tuple((term,) for term in terms)))
    start, stop = SqlPlaces(container.database()).span(low, high)
    stop = min(stop, certified)
    if start >= stop:
        raise NotCertified("no checkpoint vouches for a record of this time")
    sizes = map(size_of, ledger.checkpoints())
    return start, stop, min(size for size in sizes if size >= stop)


def _records(
    sinks: Sequence[AuditSink], start: int, stop: int, progress: Callable[[int, int], None]
) -> Iterator[SealedRecord]:
    expected = start
    for first in range(start, stop, AT_ONCE):
        for each in gathered(sinks, first, min(first + AT_ONCE, stop)):
            if each.index != expected:
                raise Incomplete(f"no sink has the record of index {expected}; run audit verify")
            yield each
            expected += 1
        progress(expected - start, stop - start)
    if expected < stop:
        raise Incomplete(f"no sink has the record of index {expected}; run audit verify")


def _facts(about: About, size: int, key: str) -> dict[str, str]:
    return {
        "log": about.log,
        "records": f"index {about.start} to {about.stop - 1}",
        "vouched for by": f"the checkpoint of {size} records, in checkpoints.txt",
        "public key": key,
        "exported at": about.exported_at,
        "verify with": "loapi audit verify --bundle FILE --key FILE",
    }
