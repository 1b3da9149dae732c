"""Why the service says no, where the business would not."""


class ServiceError(Exception):
    """A request that cannot be served; the message is fit for the caller's eyes."""


class TokenReplayed(ServiceError):
    """The token has already been used for a write."""

    def __init__(self) -> None:
        super().__init__(
            "This token has been used for a write. Mint a new one for every write; to retry a "
            "write safely, send the same Idempotency-Key with a new token."
        )


class KeyReused(ServiceError):
    """An idempotency key came with another request than before."""

    def __init__(self) -> None:
        super().__init__("This Idempotency-Key was used for another request; choose a new one.")


class KeyInFlight(ServiceError):
    """The request with this idempotency key is still running."""

    def __init__(self) -> None:
        super().__init__("The request with this Idempotency-Key is still running; retry shortly.")


class Busy(ServiceError):
    """Too much is waiting already."""

    def __init__(self) -> None:
        super().__init__("The service is busy; retry after the time in Retry-After.")


class Unavailable(ServiceError):
    """The store cannot be reached or cannot write; nothing was changed."""

    def __init__(self) -> None:
        super().__init__("The store is unavailable and nothing was changed; retry later.")


class TimedOut(ServiceError):
    """The store did not answer in time; nothing was changed."""

    def __init__(self) -> None:
        super().__init__("The store did not answer in time and nothing was changed; retry later.")


class BacklogFull(ServiceError):
    """More audit records wait for delivery than may wait; nothing was changed."""

    def __init__(self) -> None:
        super().__init__(
            "Too many audit records wait for delivery, and no change is made without one; "
            "nothing was changed; retry later."
        )


class OutcomeUnknown(ServiceError):
    """The store was lost while it committed: the change may or may not have happened."""

    def __init__(self) -> None:
        super().__init__(
            "The store was lost while it committed, so the outcome is unknown; retry with the "
            "same Idempotency-Key to learn it."
        )


class Tampered(Exception):
    """A sink holds another record under the id of one of ours."""
