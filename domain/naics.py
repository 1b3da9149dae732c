"""An industry of the North American Industry Classification System."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Annotated

from annotated_types import Ge, MaxLen, MinLen

from domain.model import STRICT, Record, assigned, identity

Code = Annotated[str, MinLen(2), MaxLen(6)]


class NaicsLevel(StrEnum):
    """How fine an entry is; sectors such as "31-33" make the code's length no guide."""

    SECTOR = "sector"
    SUBSECTOR = "subsector"
    INDUSTRY_GROUP = "industry_group"
    NAICS_INDUSTRY = "naics_industry"
    NATIONAL_INDUSTRY = "national_industry"


@dataclass(frozen=True, slots=True, kw_only=True)
class NaicsCode:
    """An industry of NAICS 2022, or one of 2017 that 2022 retired."""

    __pydantic_config__ = STRICT

    code: Code = identity()
    """Two to six digits, or a sector's range, as "31-33"; always text."""
    title: Annotated[str, MinLen(1), MaxLen(300)]
    """The industry's name."""
    level: NaicsLevel
    """How fine the entry is."""
    parent_code: Code | None = None
    """The entry one level up; none for a sector."""
    sector_code: Code
    """The sector that the entry belongs to."""
    naics_year: Annotated[int, Ge(1997)]
    """The newest vintage that has the code."""
    active: bool
    """False once a newer vintage has retired the code."""
    version: int = assigned(0)
    """Counts the changes, from 1."""

    def beside(self, current: Record | None, newest: int) -> "NaicsCode":
        """Give what this entry becomes where vintages up to `newest` are known.

        `current` is what is known under its code. A newer entry stays as it is; an entry that
        is older than `newest`, and in no newer vintage, is one that has been retired.
        """
        if isinstance(current, NaicsCode) and current.naics_year > self.naics_year:
            return current
        return replace(self, active=False) if self.naics_year < newest else self
