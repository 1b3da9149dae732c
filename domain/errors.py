"""Why the business says no."""


class DomainError(Exception):
    """A request that the rules of the business refuse; the message is fit for the caller's eyes."""


class NotFound(DomainError):
    """There is no such record among those that the caller may see."""

    def __init__(self, kind: str, key: object) -> None:
        super().__init__(f"There is no {kind} '{key}' that you may see.")


class Conflict(DomainError):
    """The request contradicts what is already there."""


class Forbidden(DomainError):
    """The caller is known, and may not do this."""


class Stale(DomainError):
    """The record has changed since the version that the caller names."""


class Invalid(DomainError, ValueError):
    """A value breaks a rule; `field` is its path, with dots between members."""

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(f"{field}: {detail}")
        self.field = field
        self.detail = detail
