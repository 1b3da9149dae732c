"""An application that calls us, and the keys that prove it is the one."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from enum import StrEnum
from typing import Annotated

from annotated_types import MaxLen, MinLen

from domain.errors import Invalid
from domain.model import NEVER, STRICT, assigned, identity, sensitive

RATE_LIMIT = re.compile(
    "(client|user|read|list|write|audit)=[1-9][0-9]{0,8}/(second|minute|hour|day)"
)
"""How a limit is written, as "write=600/minute"."""

ClientId = Annotated[str, MinLen(1), MaxLen(60)]


class Mode(StrEnum):
    """How a client proves its user: believed, by ULP session, or by OpenID token."""

    TRUST = "trust"
    ULP = "ulp"
    OIDC = "oidc"


class ReplayPolicy(StrEnum):
    """Whether a token works for one write only, or until it expires."""

    ONCE = "once"
    WINDOW = "window"


class KeyState(StrEnum):
    """The life of a key; only active and retiring keys prove anything."""

    PENDING = "pending"
    ACTIVE = "active"
    RETIRING = "retiring"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """An application that calls us for its users."""

    __pydantic_config__ = STRICT

    client_id: ClientId = identity()
    """The `iss` of its tokens."""
    scopes: tuple[str, ...] = ()
    """What it may do, as "payoff:write"."""
    mode: Mode = Mode.TRUST
    """How it proves its user."""
    replay: ReplayPolicy = ReplayPolicy.ONCE
    """How often one token may write."""
    rate_limits: tuple[str, ...] = ()
    """Its own rate limits in place of the usual ones, as "write=600/minute"."""
    created_at: datetime = assigned(NEVER)
    """When it was registered, UTC."""
    version: int = assigned(0)
    """Counts the changes, from 1."""

    def __post_init__(self) -> None:
        _check_rate_limits(self.rate_limits)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientKey:
    """A key of a client; its secret is stored sealed."""

    __pydantic_config__ = STRICT

    key_id: Annotated[str, MinLen(1), MaxLen(60)] = identity()
    """The `kid` of its tokens."""
    client_id: ClientId
    """Whose key it is."""
    algorithm: Annotated[str, MinLen(1), MaxLen(10)]
    """The one signature algorithm that this key is for, as "HS256"."""
    sealed: Annotated[str, MinLen(1), MaxLen(4000)] = sensitive()
    """The key text, sealed; base64."""
    state: KeyState
    """Where the key is in its life."""
    retires_at: datetime | None = None
    """When a retiring key stops working, UTC."""
    created_at: datetime = assigned(NEVER)
    """When it was made, UTC."""
    version: int = assigned(0)
    """Counts the changes, from 1."""

    @property
    def ends_at(self) -> datetime:
        """When the key stops to prove anything, UTC: one that proves nothing has always done so."""
        if self.state is KeyState.ACTIVE:
            return _NO_END
        retiring = self.state is KeyState.RETIRING
        return self.retires_at if retiring and self.retires_at else _LONG_AGO

    def works_at(self, now: datetime) -> bool:
        """Tell whether the key proves anything at a time."""
        return now < self.ends_at


_NO_END = datetime.max.replace(tzinfo=timezone.utc)
_LONG_AGO = datetime.min.replace(tzinfo=timezone.utc)


def _check_rate_limits(limits: Sequence[str]) -> None:
    for limit in limits:
        if not RATE_LIMIT.fullmatch(limit):
            raise Invalid("rate_limits", f"write a limit as write=600/minute, not {limit!r}")
    if len({limit.partition("=")[0] for limit in limits}) < len(limits):
        raise Invalid("rate_limits", "give each limit once")
