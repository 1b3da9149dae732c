"""The changes of an audit record as JSON text that can be sealed as it stands."""

from typing import Any

from pydantic_core import to_json
from sqlalchemy import Dialect

from adapters.sql.types import JsonText
from application.audit.canonical import in_order
from application.audit.members import Ordered
from application.audit.record import Change

IN_ORDER = '[{"fields":'
"""How canonical JSON of changes begins; no other text that this service has written does."""


class ChangesText(JsonText):
    """Changes as canonical JSON (RFC 8785) where their accounts are in order, else as any JSON."""

    cache_ok = True

    def __init__(self) -> None:
        super().__init__(tuple[Change, ...])

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Bind JSON."""
        if value and all(isinstance(change.fields, Ordered) for change in value):
            return to_json([in_order(change) for change in value]).decode()
        return super().process_bind_param(value, dialect)
