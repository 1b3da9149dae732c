"""Why the business says no."""


class DomainError(Exception):
    """A request that the rules of the business refuse; the message is fit for the caller's eyes.

    `field` is the path of the value that is at fault, where one is, with dots between members.
    """

    def __init__(self, detail: str, field: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.field = field


class NotFound(DomainError):
    """There is no such record among those that the caller may see."""

    def __init__(self, kind: str, field: str | None = None) -> None:
        super().__init__(f"There is no such {kind} that you may see.", field)


class Conflict(DomainError):
    """The request contradicts what is already there."""


class Forbidden(DomainError):
    """The caller is known, and may not do this."""


class Stale(DomainError):
    """The record has changed since the version that the caller names."""


class Invalid(DomainError, ValueError):
    """A value breaks a rule."""

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(detail, field)

    def __str__(self) -> str:
        return f"{self.field}: {self.detail}"
