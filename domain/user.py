"""A person who works at lender locations."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from annotated_types import MaxLen, MinLen

from domain.location import Access
from domain.model import STRICT, Text, UserId, assigned, derived, identity, sensitive


class UserType(StrEnum):
    """Whom the person works for."""

    PARTNER = "PARTNER"
    BORROWER = "BORROWER"
    SBA = "SBA"


class UserStatus(StrEnum):
    """Where the person's account stands; only ACTIVE may act."""

    PENDING = "PENDING"
    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"
    DISABLED = "DISABLED"


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person, known by the legacy ULP id with the Okta subject beside it."""

    __pydantic_config__ = STRICT

    user_id: UserId = identity()
    """The legacy ULP id."""
    oidc_subject: Text | None = None
    """The person's subject at the OpenID provider, once there is one."""
    login: Text
    """The name the person signs in with."""
    first_name: Text
    middle_name: Text | None = None
    last_name: Text
    email: Annotated[str, MinLen(1), MaxLen(254)] = sensitive()
    """Where to write to the person; kept in lower case, as mail tells no case apart."""
    phone: Annotated[str, MinLen(1), MaxLen(40)] | None = sensitive(None)
    """Where to call the person."""
    user_type: UserType
    """Whom the person works for."""
    status: UserStatus
    """Where the account stands; only ACTIVE may act."""
    locations: tuple[Access, ...] = derived(())
    """The person's places at the locations that the caller may see too."""
    last_login_at: datetime | None = None
    """Last sign-in, UTC."""
    recertified_at: datetime | None = None
    """Last recertification of the account, UTC."""
    version: int = assigned(0)
    """Counts the changes, from 1."""
