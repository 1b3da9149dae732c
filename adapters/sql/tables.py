"""Every table: the only place that knows a column's name."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy import (
    CLOB,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    case,
)
from sqlalchemy.dialects.oracle import RAW

from adapters.sql.changes import ChangesText
from adapters.sql.checks import checks_of
from adapters.sql.types import (
    BIG_INTEGER,
    DIGEST,
    INTEGER,
    Choice,
    Day,
    Exact,
    Flag,
    Guid,
    JsonText,
    UtcTimestamp,
)
from application.audit.record import AuditRecord, Outcome
from application.caller import Proof
from domain.client import Client, ClientKey, KeyState, Mode, ReplayPolicy
from domain.country import Country
from domain.dataset import Dataset
from domain.fee import Fee
from domain.franchise import Addendum, Certification, Franchise
from domain.holiday import CalendarName, Holiday
from domain.interest import DayCount
from domain.loan import Loan, LoanStatus, Program
from domain.location import (
    Access,
    Address,
    Location,
    LocationStatus,
    LocationType,
    PartnerType,
)
from domain.model import Record
from domain.naics import NaicsCode, NaicsLevel
from domain.payoff import Notice, Payoff, PayoffReason, QuoteType, Requester
from domain.payoff_status import OPEN, PayoffStatus
from domain.resource import Resource
from domain.terms import Terms
from domain.user import User, UserStatus, UserType

METADATA = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
    }
)

LOG_INDEX = BIG_INTEGER.with_variant(Integer(), "sqlite")
FRONTIER = LargeBinary(2000).with_variant(RAW(2000), "oracle")
MONEY = Exact(19, 2)
RATE = Exact(9, 6)
PER_DIEM = Exact(19, 5)


def _required(name: str, of: Any, key: str | None = None) -> Column[Any]:
    return Column(name, of, key=key or name, nullable=False)


def _optional(name: str, of: Any, key: str | None = None) -> Column[Any]:
    return Column(name, of, key=key or name, nullable=True)


def _identity(name: str, of: Any) -> Column[Any]:
    return Column(name, of, primary_key=True, autoincrement=False)


def _version() -> Column[Any]:
    return _required("version", INTEGER)


resource = Table(
    "named_resource",
    METADATA,
    _identity("id", Guid),
    _required("name", String(200)),
    _optional("description", String(1000)),
    _required("attributes", JsonText(dict[str, Any])),
    _required("client_id", String(60)),
    _required("created_at", UtcTimestamp),
    _required("updated_at", UtcTimestamp),
    _version(),
    Index("ix_named_resource_client", "client_id", "created_at", "id"),
    Index("ix_named_resource_own_name", "client_id", "name", "id"),
    Index("ix_named_resource_name", "name"),
    Index("ix_named_resource_created", "created_at", "id"),
)

location = Table(
    "location",
    METADATA,
    _identity("location_id", BIG_INTEGER),
    _required("name", String(200)),
    _required("partner_id", BIG_INTEGER),
    _required("partner_name", String(200)),
    _required("partner_type", Choice(PartnerType)),
    _required("type", Choice(LocationType)),
    _optional("fdic_certificate", String(20)),
    _optional("ncua_charter", String(20)),
    _required("address", JsonText(Address)),
    _optional("phone", String(40)),
    _required("status", Choice(LocationStatus)),
    _optional("start_date", Day),
    _optional("end_date", Day),
    _optional("notice_days", INTEGER),
    _version(),
    Index("ix_location_name", "name"),
    Index("ix_location_partner", "partner_id"),
    Index("ix_location_status", "status"),
)

access = Table(
    "user_location",
    METADATA,
    _identity("user_id", String(40)),
    _identity("location_id", BIG_INTEGER),
    _required("roles", JsonText(tuple[str, ...])),
    _required("is_primary", Flag),
    _version(),
    Index("ix_user_location_location", "location_id", "user_id"),
)

user = Table(
    "user_account",
    METADATA,
    _identity("user_id", String(40)),
    _optional("oidc_subject", String(200)),
    _required("login", String(200)),
    _required("first_name", String(200)),
    _optional("middle_name", String(200)),
    _required("last_name", String(200)),
    _required("email", String(254)),
    _optional("phone", String(40)),
    _required("user_type", Choice(UserType)),
    _required("status", Choice(UserStatus)),
    _optional("last_login_at", UtcTimestamp),
    _optional("recertified_at", UtcTimestamp),
    _version(),
    Index("ix_user_account_email", "email"),
    Index("ix_user_account_last_name", "last_name", "user_id"),
    Index("ix_user_account_login", "login"),
    Index("ix_user_account_oidc_subject", "oidc_subject"),
    Index("ix_user_account_status", "status"),
)

country = Table(
    "country",
    METADATA,
    _identity("alpha2", String(2)),
    _required("alpha3", String(3)),
    _required("numeric_code", String(3), "numeric"),
    _required("name", String(200)),
    _required("display_name", String(200)),
    _required("officially_assigned", Flag),
    _required("active", Flag),
    _version(),
    Index("ix_country_alpha3", "alpha3"),
    Index("ix_country_numeric", "numeric"),
    Index("ix_country_name", "name"),
    Index("ix_country_active", "active"),
)

holiday = Table(
    "holiday",
    METADATA,
    _identity("code", String(40)),
    _required("calendar", Choice(CalendarName)),
    _required("holiday_date", Day, "date"),
    _required("name", String(200)),
    _required("observed", Flag),
    _required("actual_date", Day),
    _version(),
    Index("ix_holiday_calendar", "calendar", "date"),
    Index("ix_holiday_date", "date", "code"),
)

franchise = Table(
    "franchise",
    METADATA,
    _identity("code", String(80)),
    _optional("sba_code", String(10)),
    _required("brand", String(200)),
    _required("meets_ftc_definition", Flag),
    _required("certification_status", Choice(Certification)),
    _required("addendum_required", Flag),
    _required("addendum_type", Choice(Addendum)),
    _optional("code_start_date", Day),
    _optional("notes", String(1000)),
    _required("active", Flag),
    _version(),
    Index("ix_franchise_sba_code", "sba_code"),
    Index("ix_franchise_brand", "brand", "code"),
    Index("ix_franchise_active", "active"),
)

naics_code = Table(
    "naics_code",
    METADATA,
    _identity("code", String(6)),
    _required("title", String(300)),
    _required("code_level", Choice(NaicsLevel), "level"),
    _optional("parent_code", String(6)),
    _required("sector_code", String(6)),
    _required("naics_year", INTEGER),
    _required("active", Flag),
    _version(),
    Index("ix_naics_code_level", "level", "code"),
    Index("ix_naics_code_parent", "parent_code", "code"),
    Index("ix_naics_code_sector", "sector_code", "code"),
    Index("ix_naics_code_year", "naics_year", "code"),
    Index("ix_naics_code_active", "active", "code"),
)

loan = Table(
    "loan",
    METADATA,
    _identity("loan_number", String(10)),
    _required("location_id", BIG_INTEGER),
    _required("program", Choice(Program)),
    _required("borrower_name", String(200)),
    _required("status", Choice(LoanStatus)),
    _required("principal", MONEY),
    _required("annual_rate", RATE),
    _required("day_count", Choice(DayCount)),
    _required("interest_paid_through", Day),
    _required("fees", JsonText(tuple[Fee, ...])),
    # No text has the members of both kinds of terms: whichever fits is the one.
    _optional("terms", JsonText(Annotated[Terms, Field(union_mode="left_to_right")])),
    _version(),
    Index("ix_loan_location", "location_id", "loan_number"),
)

payoff = Table(
    "payoff",
    METADATA,
    _identity("id", Guid),
    _required("loan_number", String(10)),
    _required("payoff_date", Day),
    _required("reason", Choice(PayoffReason)),
    _required("voluntary", Flag),
    _required("requester", JsonText(Requester)),
    _optional("comments", String(1000)),
    _optional("notice_date", Day),
    _required("status", Choice(PayoffStatus)),
    _required("quote_type", Choice(QuoteType)),
    _required("program", Choice(Program)),
    _required("location_id", BIG_INTEGER),
    _required("good_through_date", Day),
    _required("rolled", Flag),
    _optional("roll_reason", String(200)),
    _required("wire_cutoff", UtcTimestamp),
    _required("principal", MONEY),
    _required("annual_rate", RATE),
    _required("day_count", Choice(DayCount)),
    _required("interest_paid_through", Day),
    _optional("interest_to", Day),
    _required("days", INTEGER),
    _required("per_diem", PER_DIEM),
    _required("accrued_interest", MONEY),
    _required("fees", JsonText(tuple[Fee, ...])),
    _required("total", MONEY),
    _required("currency", String(3)),
    _optional("source", String(60)),
    _required("warnings", JsonText(tuple[Notice, ...])),
    _required("client_id", String(60)),
    _required("created_by", String(40)),
    _required("created_at", UtcTimestamp),
    _required("updated_at", UtcTimestamp),
    _version(),
    Index("ix_payoff_loan", "loan_number"),
    Index("ix_payoff_location", "location_id", "created_at", "id"),
    Index("ix_payoff_location_date", "location_id", "payoff_date", "id"),
    Index("ix_payoff_status", "status", "created_at"),
    Index("ix_payoff_date", "payoff_date", "id"),
    Index("ix_payoff_created", "created_at", "id"),
)
# One open payoff a loan: a NULL, as final states give, clashes with nothing.
Index(
    "uq_payoff_open",
    case((payoff.c.status.in_(OPEN), payoff.c.loan_number)),
    unique=True,
)

client = Table(
    "client",
    METADATA,
    _identity("client_id", String(60)),
    _required("scopes", JsonText(tuple[str, ...])),
    _required("proof_mode", Choice(Mode), "mode"),
    _required("replay", Choice(ReplayPolicy)),
    _required("rate_limits", JsonText(tuple[str, ...])),
    _required("created_at", UtcTimestamp),
    _version(),
)

client_key = Table(
    "client_key",
    METADATA,
    _identity("key_id", String(60)),
    _required("client_id", String(60)),
    _required("algorithm", String(10)),
    _required("sealed", String(4000)),
    _required("state", Choice(KeyState)),
    _optional("retires_at", UtcTimestamp),
    _required("created_at", UtcTimestamp),
    _version(),
    Index("ix_client_key_client", "client_id"),
)

dataset = Table(
    "dataset",
    METADATA,
    _identity("name", String(60)),
    _required("imported_at", UtcTimestamp),
    _version(),
)

audit_record = Table(
    "audit_record",
    METADATA,
    _identity("id", Guid),
    _required("schema_version", INTEGER),
    _required("occurred_at", UtcTimestamp),
    _required("outcome", Choice(Outcome)),
    _optional("reason", String(60)),
    _optional("client_id", String(60)),
    _optional("key_id", String(60)),
    _optional("token_id", String(128)),
    _optional("user_id", String(40)),
    _optional("proof", Choice(Proof)),
    _optional("location_id", BIG_INTEGER),
    _required("request_id", String(64)),
    _optional("trace_id", String(32)),
    _optional("address", String(45)),
    _optional("http_method", String(10), "method"),
    _optional("route", String(200)),
    _required("action", String(60)),
    _required("entities", JsonText(tuple[str, ...])),
    _optional("filters", JsonText(dict[str, Any])),
    _required("like_requests", INTEGER, "count"),
    _required("changes", ChangesText()),
)

audit_term = Table(
    "audit_term",
    METADATA,
    # What a question to the trail can name, as "user_id=U1001"; written by the relay.
    _identity("term", String(200)),
    _identity("record_id", Guid),
)

audit_leaf = Table(
    "audit_leaf",
    METADATA,
    # The places in the log, beside the records: those may stand where no UPDATE is possible.
    _identity("log_index", LOG_INDEX),
    Column("record_id", Guid, nullable=False, unique=True),
    _required("leaf_hash", DIGEST),
)

audit_tree = Table(
    "audit_tree",
    METADATA,
    _identity("name", String(40)),
    _required("tree_size", LOG_INDEX, "size"),
    # The roots of the perfect subtrees, 32 bytes each, the largest first.
    _required("frontier", FRONTIER),
)

audit_checkpoint = Table(
    "audit_checkpoint",
    METADATA,
    _identity("tree_size", LOG_INDEX),
    _required("note", String(1000)),
    _required("created_at", UtcTimestamp),
)

journal = Table(
    "journal",
    METADATA,
    _identity("record_id", Guid),
    # Empty where the record stands in audit_record already.
    _optional("body", JsonText(AuditRecord)),
)

spent_token = Table(
    "spent_token",
    METADATA,
    _identity("client_id", String(60)),
    _identity("token_id", String(128)),
    _required("expires_at", UtcTimestamp),
    Index("ix_spent_token_expires", "expires_at"),
)

kept_answer = Table(
    "kept_answer",
    METADATA,
    _identity("client_id", String(60)),
    _identity("idempotency_key", String(255)),
    _required("fingerprint", DIGEST),
    _optional("kind", String(60)),
    _optional("answer", CLOB()),
    _required("expires_at", UtcTimestamp),
    Index("ix_kept_answer_expires", "expires_at"),
)

key_use = Table(
    "client_key_use",
    METADATA,
    # Of the service, not of the business: no audit record tells of it.
    _identity("key_id", String(60)),
    _required("last_used_at", UtcTimestamp),
)

lease = Table(
    "lease",
    METADATA,
    _identity("name", String(40)),
    _required("holder", String(100)),
    _required("expires_at", UtcTimestamp),
)

for _table in METADATA.tables.values():
    for _check in checks_of(_table):
        _table.append_constraint(_check)

FINDS_FEW = frozenset({user.c.user_id, user.c.email, user.c.login, user.c.oidc_subject})
"""Columns of which a value is of one row, or hardly more, among those that lists are linked by."""

TABLES: Mapping[type[Record], Table] = {
    Resource: resource,
    Location: location,
    Access: access,
    User: user,
    Country: country,
    Holiday: holiday,
    Franchise: franchise,
    NaicsCode: naics_code,
    Loan: loan,
    Payoff: payoff,
    Client: client,
    ClientKey: client_key,
    Dataset: dataset,
}
