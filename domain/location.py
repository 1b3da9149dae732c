"""A lender's office, and what a user may do there."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated

from annotated_types import Ge, Le, MaxLen, MinLen

from domain.model import STRICT, LocationId, Text, UserId, assigned, derived, identity


class LocationType(StrEnum):
    """Where an office stands in its lender: one headquarters, any number of branches."""

    HQ = "HQ"
    BRANCH = "BRANCH"


class PartnerType(StrEnum):
    """What kind of lender an office belongs to."""

    BANK = "BANK"
    CREDIT_UNION = "CREDIT_UNION"
    CDC = "CDC"
    SBLC = "SBLC"
    MICROLENDER = "MICROLENDER"


class LocationStatus(StrEnum):
    """Whether an office still makes loans."""

    ACTIVE = "ACTIVE"
    CLOSED = "CLOSED"


class Role(StrEnum):
    """What a user may do at a location, as far as the service asks; there may be other roles."""

    PAYOFF_REQUESTER = "payoff-requester"
    """Acts for who pays a loan off: asks, accepts, cancels."""
    PAYOFF_SERVICER = "payoff-servicer"
    """Acts for who services the loan: quotes, rejects, books the funds."""
    VIEWER = "viewer"
    """Looks on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A postal address."""

    __pydantic_config__ = STRICT

    street1: Text
    street2: Text | None = None
    city: Text
    state: Annotated[str, MinLen(2), MaxLen(2)]
    zip: Annotated[str, MinLen(5), MaxLen(10)]
    country_code: Annotated[str, MinLen(2), MaxLen(2)] = "US"


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """A lender's office, known by SBA's location id."""

    __pydantic_config__ = STRICT

    location_id: LocationId = identity()
    """SBA's unique lender office code, 5 or 6 digits today."""
    name: Text
    """The office's name."""
    partner_id: int
    """The lender that the office belongs to."""
    partner_name: Text
    """The lender's name."""
    partner_type: PartnerType
    """What kind of lender it is."""
    type: LocationType
    """Headquarters or branch."""
    fdic_certificate: Annotated[str, MinLen(1), MaxLen(20)] | None = None
    """The bank's FDIC certificate number."""
    ncua_charter: Annotated[str, MinLen(1), MaxLen(20)] | None = None
    """The credit union's NCUA charter number."""
    address: Address
    """Where the office is."""
    phone: Annotated[str, MinLen(1), MaxLen(40)] | None = None
    """The office's telephone number."""
    status: LocationStatus = LocationStatus.ACTIVE
    """Whether the office still makes loans."""
    start_date: date | None = None
    """First day of business as this location."""
    end_date: date | None = None
    """Last day of business, when closed."""
    notice_days: Annotated[int, Ge(0), Le(366)] | None = None
    """How many days before it a 504 payoff must be announced in writing; none: no matter."""
    roles: tuple[str, ...] = derived(())
    """What the caller's user may do here."""
    version: int = assigned(0)
    """Counts the changes, from 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """A user's place at a location, with the roles held there."""

    __pydantic_config__ = STRICT

    user_id: UserId = identity()
    location_id: LocationId = identity()
    roles: tuple[str, ...] = ()
    is_primary: bool = False
    version: int = assigned(0)
