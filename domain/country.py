"""A country or territory of ISO 3166-1."""

from dataclasses import dataclass
from typing import Annotated

from annotated_types import MaxLen, MinLen

from domain.model import STRICT, Text, assigned, identity


@dataclass(frozen=True, slots=True, kw_only=True)
class Country:
    """A country or territory of ISO 3166-1; codes are text, leading zeros kept."""

    __pydantic_config__ = STRICT

    alpha2: Annotated[str, MinLen(2), MaxLen(2)] = identity()
    """Two letters, as "US"."""
    alpha3: Annotated[str, MinLen(3), MaxLen(3)]
    """Three letters, as "USA"."""
    numeric: Annotated[str, MinLen(3), MaxLen(3)]
    """Three digits, as "004"."""
    name: Text
    """The name in ISO 3166-1."""
    display_name: Text
    """The name to show to people, without inversions."""
    officially_assigned: bool = True
    """False for user-assigned codes: Kosovo (XK)."""
    active: bool = True
    """False once ISO has withdrawn the code."""
    version: int = assigned(0)
    """Counts the changes, from 1."""
