"""The peer's tables as SQLAlchemy's documentation maps them, over a file of its own."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, DateTime, ForeignKey, Index, MetaData, Numeric, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

MONEY = Numeric(19, 2)
RATE = Numeric(9, 6)
PER_DIEM = Numeric(19, 5)
MOMENT = DateTime(timezone=True)
Day = date
"""A column of this name hides its type."""


class Model(DeclarativeBase):
    """Every mapped class."""

    metadata = MetaData()


class Client(Model):
    """An application that calls."""

    __tablename__ = "client"

    client_id: Mapped[str] = mapped_column(String(60), primary_key=True)
    scopes: Mapped[list[str]] = mapped_column(JSON)
    replay: Mapped[str] = mapped_column(String(20))


class ClientKey(Model):
    """The key that a client signs its tokens with."""

    __tablename__ = "client_key"

    key_id: Mapped[str] = mapped_column(String(60), primary_key=True)
    client_id: Mapped[str] = mapped_column(ForeignKey("client.client_id"))
    secret: Mapped[str] = mapped_column(String(200))


class User(Model):
    """A person."""

    __tablename__ = "user_account"

    user_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    oidc_subject: Mapped[str | None] = mapped_column(String(200))
    login: Mapped[str] = mapped_column(String(200), index=True)
    first_name: Mapped[str] = mapped_column(String(200))
    middle_name: Mapped[str | None] = mapped_column(String(200))
    last_name: Mapped[str] = mapped_column(String(200), index=True)
    email: Mapped[str] = mapped_column(String(254), index=True)
    phone: Mapped[str | None] = mapped_column(String(40))
    user_type: Mapped[str] = mapped_column(String(20))
    status: Mapped[str] = mapped_column(String(20))
    last_login_at: Mapped[datetime | None] = mapped_column(MOMENT)
    recertified_at: Mapped[datetime | None] = mapped_column(MOMENT)
    version: Mapped[int]
    locations: Mapped[list["Access"]] = relationship(order_by="Access.location_id")


class Access(Model):
    """A person's place at a location."""

    __tablename__ = "user_location"

    user_id: Mapped[str] = mapped_column(ForeignKey("user_account.user_id"), primary_key=True)
    location_id: Mapped[int] = mapped_column(primary_key=True)
    roles: Mapped[list[str]] = mapped_column(JSON)
    is_primary: Mapped[bool]
    version: Mapped[int]


class Country(Model):
    """A country."""

    __tablename__ = "country"

    alpha2: Mapped[str] = mapped_column(String(2), primary_key=True)
    alpha3: Mapped[str] = mapped_column(String(3), index=True)
    numeric: Mapped[str] = mapped_column(String(3), index=True)
    name: Mapped[str] = mapped_column(String(200), index=True)
    display_name: Mapped[str] = mapped_column(String(200))
    officially_assigned: Mapped[bool]
    active: Mapped[bool]
    version: Mapped[int]


class NaicsCode(Model):
    """An industry."""

    __tablename__ = "naics_code"

    code: Mapped[str] = mapped_column(String(6), primary_key=True)
    title: Mapped[str] = mapped_column(String(300))
    level: Mapped[str] = mapped_column(String(40), index=True)
    parent_code: Mapped[str | None] = mapped_column(String(6), index=True)
    sector_code: Mapped[str] = mapped_column(String(6))
    naics_year: Mapped[int]
    active: Mapped[bool]
    version: Mapped[int]


class Holiday(Model):
    """A day on which a calendar is closed."""

    __tablename__ = "holiday"
    __table_args__ = (Index("ix_holiday_calendar", "calendar", "date"),)

    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    calendar: Mapped[str] = mapped_column(String(20))
    date: Mapped[Day]
    name: Mapped[str] = mapped_column(String(200))
    observed: Mapped[bool]
    actual_date: Mapped[Day]
    version: Mapped[int]


class Loan(Model):
    """A loan as the accounting system knows it."""

    __tablename__ = "loan"

    loan_number: Mapped[str] = mapped_column(String(10), primary_key=True)
    location_id: Mapped[int] = mapped_column(index=True)
    program: Mapped[str] = mapped_column(String(10))
    borrower_name: Mapped[str] = mapped_column(String(200))
    status: Mapped[str] = mapped_column(String(20))
    principal: Mapped[Decimal] = mapped_column(MONEY)
    annual_rate: Mapped[Decimal] = mapped_column(RATE)
    day_count: Mapped[str] = mapped_column(String(20))
    interest_paid_through: Mapped[date]
    fees: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    terms: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    version: Mapped[int]


class Payoff(Model):
    """A request to pay a loan off."""

    __tablename__ = "payoff"
    __table_args__ = (
        Index("ix_payoff_location", "location_id", "created_at", "id"),
        Index("ix_payoff_status", "status", "created_at"),
        Index("ix_payoff_created", "created_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    loan_number: Mapped[str] = mapped_column(ForeignKey("loan.loan_number"), index=True)
    payoff_date: Mapped[date]
    reason: Mapped[str] = mapped_column(String(20))
    voluntary: Mapped[bool]
    requester: Mapped[dict[str, Any]] = mapped_column(JSON)
    comments: Mapped[str | None] = mapped_column(String(1000))
    notice_date: Mapped[date | None]
    status: Mapped[str] = mapped_column(String(20))
    quote_type: Mapped[str] = mapped_column(String(10))
    program: Mapped[str] = mapped_column(String(10))
    location_id: Mapped[int]
    good_through_date: Mapped[date]
    rolled: Mapped[bool]
    roll_reason: Mapped[str | None] = mapped_column(String(200))
    wire_cutoff: Mapped[datetime] = mapped_column(MOMENT)
    principal: Mapped[Decimal] = mapped_column(MONEY)
    annual_rate: Mapped[Decimal] = mapped_column(RATE)
    day_count: Mapped[str] = mapped_column(String(20))
    interest_paid_through: Mapped[date]
    interest_to: Mapped[date | None]
    days: Mapped[int]
    per_diem: Mapped[Decimal] = mapped_column(PER_DIEM)
    accrued_interest: Mapped[Decimal] = mapped_column(MONEY)
    fees: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    total: Mapped[Decimal] = mapped_column(MONEY)
    currency: Mapped[str] = mapped_column(String(3))
    source: Mapped[str | None] = mapped_column(String(60))
    warnings: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    client_id: Mapped[str] = mapped_column(String(60))
    created_by: Mapped[str] = mapped_column(String(40))
    created_at: Mapped[datetime] = mapped_column(MOMENT)
    updated_at: Mapped[datetime] = mapped_column(MOMENT)
    version: Mapped[int]


class SpentToken(Model):
    """A token that was used for its one write."""

    __tablename__ = "spent_token"

    client_id: Mapped[str] = mapped_column(String(60), primary_key=True)
    token_id: Mapped[str] = mapped_column(String(128), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(MOMENT)


class AuditRecord(Model):
    """What a request did, committed with what it did; nothing seals it."""

    __tablename__ = "audit_record"
    __table_args__ = (Index("ix_audit_record_entity", "entity", "entity_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    occurred_at: Mapped[datetime] = mapped_column(MOMENT)
    outcome: Mapped[str] = mapped_column(String(20))
    client_id: Mapped[str] = mapped_column(String(60))
    key_id: Mapped[str] = mapped_column(String(60))
    token_id: Mapped[str] = mapped_column(String(128))
    user_id: Mapped[str | None] = mapped_column(String(40))
    location_id: Mapped[int | None]
    request_id: Mapped[str] = mapped_column(String(64))
    address: Mapped[str | None] = mapped_column(String(45))
    method: Mapped[str] = mapped_column(String(10))
    route: Mapped[str] = mapped_column(String(200))
    action: Mapped[str] = mapped_column(String(60))
    entity: Mapped[str] = mapped_column(String(60))
    entity_id: Mapped[str] = mapped_column(String(60))
    changes: Mapped[dict[str, Any]] = mapped_column(JSON)
