"""The log of round trips, and what is to go wrong on one of them."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from threading import Lock

import oracledb

_TABLE = re.compile(r"\b(?:INTO|UPDATE|FROM)\s+([\w$]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Labels:
    """What the server shows beside a session, and the deadline of its calls in milliseconds."""

    client_identifier: str = ""
    module: str = ""
    action: str = ""
    clientinfo: str = ""
    call_timeout: int = 0


@dataclass(slots=True)
class RoundTrip:
    """One question to the server and its answer."""

    kind: str
    """execute, executemany, define, fetch, lob, commit, rollback or ping."""
    sql: str
    session: int
    labels: Labels
    """As they stood when it was sent: the thin driver sends them along."""
    rows: int = 0
    """Rows that were sent, or that came back."""

    @property
    def says(self) -> str:
        """Say it in two words, as "INSERT payoff"."""
        if self.kind in ("execute", "executemany"):
            verb, *_ = self.sql.split(None, 1)
            return f"{verb.upper()} {self._table}".strip()
        return f"{self.kind.upper()} {self._table}".strip()

    @property
    def _table(self) -> str:
        found = _TABLE.search(self.sql)
        return found[1].lower() if found else ""


@dataclass(slots=True)
class Fault:
    """What goes wrong on one round trip to come."""

    kind: str
    error: Callable[[], oracledb.Error]
    number: int = 1
    """Which of its kind, counted from now."""
    done: bool = False
    """Whether the server did what it was asked, and only its answer was lost."""
    containing: str = ""
    """Count only statements with this text."""


@dataclass(slots=True)
class Trips:
    """What all sessions of a pool sent, in order."""

    made: list[RoundTrip] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def note(self, trip: RoundTrip) -> Fault | None:
        """Note a round trip, and tell what is to go wrong on it."""
        with self._lock:
            self.made.append(trip)
            return next(self._due(trip), None)

    def _due(self, trip: RoundTrip) -> Iterator[Fault]:
        for fault in list(self.faults):
            if fault.kind == trip.kind and fault.containing in trip.sql:
                fault.number -= 1
                if fault.number == 0:
                    self.faults.remove(fault)
                    yield fault

    def taken(self) -> Sequence[RoundTrip]:
        """Give the round trips since this was asked last."""
        with self._lock:
            made, self.made = self.made, []
        return made
