"""The states of a payoff: which may follow which, who may take it there, which expire by date."""

from collections.abc import Mapping
from enum import StrEnum

from domain.location import Role


class PayoffStatus(StrEnum):
    """Where a payoff stands."""

    REQUESTED = "requested"
    """Asked for, with our estimate."""
    QUOTED = "quoted"
    """The servicer stands by the figures."""
    ACCEPTED = "accepted"
    """The requester will wire the total."""
    FUNDS_RECEIVED = "funds_received"
    """The wire arrived in time."""
    SETTLED = "settled"
    """The loan is paid in full (status 6 of SBA Form 1502)."""
    REJECTED = "rejected"
    """The servicer will not have it."""
    CANCELLED = "cancelled"
    """The requester takes it back."""
    EXPIRED = "expired"
    """The wire cut-off has passed, or the servicer withdrew the figures; ask anew."""
    FAILED = "failed"
    """Final figures could not be had; try again."""


NEXT: Mapping[PayoffStatus, frozenset[PayoffStatus]] = {
    PayoffStatus.REQUESTED: frozenset({
        PayoffStatus.QUOTED, PayoffStatus.REJECTED, PayoffStatus.CANCELLED,
        PayoffStatus.EXPIRED, PayoffStatus.FAILED,
    }),
    PayoffStatus.QUOTED: frozenset({
        PayoffStatus.QUOTED, PayoffStatus.ACCEPTED, PayoffStatus.REJECTED,
        PayoffStatus.CANCELLED, PayoffStatus.EXPIRED,
    }),
    PayoffStatus.ACCEPTED: frozenset({
        PayoffStatus.FUNDS_RECEIVED, PayoffStatus.CANCELLED, PayoffStatus.EXPIRED,
    }),
    PayoffStatus.FUNDS_RECEIVED: frozenset({PayoffStatus.SETTLED}),
    PayoffStatus.FAILED: frozenset({
        PayoffStatus.REQUESTED, PayoffStatus.QUOTED, PayoffStatus.REJECTED,
        PayoffStatus.CANCELLED, PayoffStatus.EXPIRED,
    }),
}
"""Which states may follow which; a state that is no key here is final. Quoted may follow quoted:
the figures are taken anew."""

OPEN = tuple(NEXT)
"""The states of which a loan may have one payoff at a time."""

PERISHABLE = frozenset(OPEN) - {PayoffStatus.FUNDS_RECEIVED}
"""The states that become expired when the wire cut-off has passed, with nothing to be done."""

_REQUESTER = frozenset({Role.PAYOFF_REQUESTER})
_SERVICER = frozenset({Role.PAYOFF_SERVICER})

WHO_MAY: Mapping[PayoffStatus, frozenset[Role]] = {
    PayoffStatus.REQUESTED: _REQUESTER | _SERVICER,
    PayoffStatus.QUOTED: _SERVICER,
    PayoffStatus.ACCEPTED: _REQUESTER,
    PayoffStatus.FUNDS_RECEIVED: _SERVICER,
    PayoffStatus.SETTLED: _SERVICER,
    PayoffStatus.REJECTED: _SERVICER,
    PayoffStatus.CANCELLED: _REQUESTER,
    PayoffStatus.EXPIRED: _SERVICER,
    PayoffStatus.FAILED: _SERVICER,
}
"""The roles, held where the loan is serviced, of which one takes a payoff to a state."""
