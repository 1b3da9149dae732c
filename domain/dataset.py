"""A set of reference data as a whole: which edition of it is in force."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from annotated_types import MaxLen, MinLen

from domain.model import NEVER, STRICT, assigned, identity


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """A kind of reference data; its version counts the imports that changed anything."""

    __pydantic_config__ = STRICT

    name: Annotated[str, MinLen(1), MaxLen(60)] = identity()
    """The kind, as "country"."""
    imported_at: datetime = assigned(NEVER)
    """When an import last changed anything, UTC."""
    version: int = assigned(0)
    """Counts those imports, from 1."""
