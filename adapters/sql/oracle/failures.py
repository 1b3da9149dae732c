"""What the errors of Oracle and of its driver mean for the unit that met them."""

from adapters.sql.database import Failure


def failure(_error: BaseException) -> Failure:
    """Say what an error means."""
    return Failure.FAULT
