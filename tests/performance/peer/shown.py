"""What the peer takes and gives, as Pydantic models."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from domain.payoff import PayoffReason

Shown = TypeVar("Shown")
Text = Annotated[str, Field(min_length=1, max_length=200)]


class Taken(BaseModel):
    """What callers send."""

    model_config = ConfigDict(extra="forbid")


class Given(BaseModel):
    """What callers get, read from a mapped object."""

    model_config = ConfigDict(from_attributes=True)


class RequesterIn(Taken):
    """The person who asks."""

    name: Text
    email: Annotated[str, Field(min_length=3, max_length=254)] | None = None
    phone: Annotated[str, Field(min_length=3, max_length=40)] | None = None
    role: Text | None = None


class PayoffIn(Taken):
    """A payoff as it is asked for."""

    loan_number: Annotated[str, Field(pattern="^[0-9]{10}$")]
    payoff_date: date
    reason: PayoffReason
    voluntary: bool
    requester: RequesterIn
    comments: Annotated[str, Field(min_length=1, max_length=1000)] | None = None
    notice_date: date | None = None


class FeeOut(Given):
    """An amount due."""

    code: str
    description: str
    amount: Decimal


class NoticeOut(Given):
    """What the reader should know."""

    code: str
    detail: str


class RequesterOut(Given):
    """The person who asked."""

    name: str
    email: str | None = None
    phone: str | None = None
    role: str | None = None


class PayoffOut(Given):
    """A payoff with its figures."""

    id: UUID
    loan_number: str
    payoff_date: date
    reason: str
    voluntary: bool
    requester: RequesterOut
    comments: str | None
    notice_date: date | None
    status: str
    quote_type: str
    program: str
    location_id: int
    good_through_date: date
    rolled: bool
    roll_reason: str | None
    wire_cutoff: datetime
    principal: Decimal
    annual_rate: Decimal
    day_count: str
    interest_paid_through: date
    interest_to: date | None
    days: int
    per_diem: Decimal
    accrued_interest: Decimal
    fees: list[FeeOut]
    total: Decimal
    currency: str
    source: str | None
    warnings: list[NoticeOut]
    client_id: str
    created_by: str
    created_at: datetime
    updated_at: datetime
    version: int


class AccessOut(Given):
    """A person's place."""

    user_id: str
    location_id: int
    roles: list[str]
    is_primary: bool
    version: int


class UserOut(Given):
    """A person."""

    user_id: str
    oidc_subject: str | None
    login: str
    first_name: str
    middle_name: str | None
    last_name: str
    email: str
    phone: str | None
    user_type: str
    status: str
    locations: list[AccessOut]
    last_login_at: datetime | None
    recertified_at: datetime | None
    version: int


class CountryOut(Given):
    """A country."""

    alpha2: str
    alpha3: str
    numeric: str
    name: str
    display_name: str
    officially_assigned: bool
    active: bool
    version: int


class NaicsCodeOut(Given):
    """An industry."""

    code: str
    title: str
    level: str
    parent_code: str | None
    sector_code: str
    naics_year: int
    active: bool
    version: int


class PageOut(BaseModel, Generic[Shown]):
    """A page of a list."""

    items: list[Shown]
    next: str | None = None
