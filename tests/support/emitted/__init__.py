"""Every statement that the service can send to a database, collected from the code itself."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Executable


@dataclass(frozen=True, slots=True)
class Emitted:
    """A statement with its parameters, and where the code sends it."""

    site: str
    """As "adapters/sql/journal.py SqlJournal.clear"."""
    statement: Executable
    parameters: Any = None
    shown: bool = True
    """Whether it stands for its like in the snapshot."""
