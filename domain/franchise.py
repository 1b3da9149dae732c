"""A brand of the SBA Franchise Directory."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated

from annotated_types import MaxLen, MinLen

from domain.model import STRICT, Text, assigned, identity


class Certification(StrEnum):
    """Whether the franchisor's certification has reached SBA."""

    RECEIVED = "RECEIVED"
    PENDING = "PENDING"
    NOT_RECEIVED = "NOT_RECEIVED"


class Addendum(StrEnum):
    """Which addendum to the franchise agreement a loan needs."""

    NONE = "NONE"
    FORM_2462 = "FORM_2462"
    NEGOTIATED = "NEGOTIATED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Franchise:
    """A brand of the SBA Franchise Directory.

    Brands that do not meet the FTC's definition of a franchise (16 CFR 436) are listed without
    an SBA code; `code` then comes from the brand's name.
    """

    __pydantic_config__ = STRICT

    code: Annotated[str, MinLen(1), MaxLen(80)] = identity()
    """The SBA code, or "BRAND-" and the brand's name where SBA issues none."""
    sba_code: Annotated[str, MinLen(1), MaxLen(10)] | None = None
    """The SBA franchise identifier code."""
    brand: Text
    """The brand's name."""
    meets_ftc_definition: bool
    """True when the agreement is a franchise by 16 CFR 436."""
    certification_status: Certification
    """Whether the franchisor's certification has reached SBA."""
    addendum_required: bool
    """True when a loan needs an addendum to the agreement."""
    addendum_type: Addendum = Addendum.NONE
    """Which addendum that is."""
    code_start_date: date | None = None
    """From when the SBA code is valid."""
    notes: Annotated[str, MinLen(1), MaxLen(1000)] | None = None
    """SBA's remarks."""
    active: bool = True
    """False once the brand has left the directory."""
    version: int = assigned(0)
    """Counts the changes, from 1."""
