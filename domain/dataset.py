"""A set of reference data as a whole: which edition of it is in force."""

from dataclasses import dataclass
from datetime import datetime

from domain.model import NEVER, STRICT, Text, assigned, identity


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """A kind of reference data; its version counts the imports that changed anything."""

    __pydantic_config__ = STRICT

    name: Text = identity()
    """The kind, as "country"."""
    imported_at: datetime = assigned(NEVER)
    """When an import last changed anything, UTC."""
    version: int = assigned(0)
    """Counts those imports, from 1."""
