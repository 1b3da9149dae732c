"""Column types that mean the same on SQLite and on every Oracle from 19c."""

import uuid
from datetime import date, datetime, timezone
from decimal import ROUND_HALF_UP, Decimal
from enum import Enum
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import CLOB, BigInteger, Dialect, Integer, LargeBinary, String, TypeDecorator
from sqlalchemy.dialects import oracle
from sqlalchemy.types import TypeEngine

from domain.spelling import day_text, utc_text


def number(precision: int, scale: int = 0) -> TypeEngine[Any]:
    """Give Oracle's NUMBER(p,s)."""
    return oracle.NUMBER(precision, scale)  # type: ignore[no-untyped-call]  # untyped in SQLAlchemy


INTEGER = Integer().with_variant(number(10), "oracle")
BIG_INTEGER = BigInteger().with_variant(number(19), "oracle")
DIGEST = LargeBinary(32).with_variant(oracle.RAW(32), "oracle")


class Guid(TypeDecorator[uuid.UUID]):
    """A UUID in 16 bytes, which sort as its text does."""

    impl = LargeBinary(16)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """RAW(16) on Oracle."""
        return oracle.RAW(16) if dialect.name == "oracle" else LargeBinary(16)

    def process_bind_param(self, value: uuid.UUID | None, dialect: Dialect) -> bytes | None:
        """Bind 16 bytes."""
        return None if value is None else value.bytes

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> uuid.UUID | None:
        """Read 16 bytes."""
        return None if value is None else uuid.UUID(bytes=value)


class UtcTimestamp(TypeDecorator[datetime]):
    """A time in UTC with microseconds; naive times are refused."""

    impl = String(32)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """TIMESTAMP(6) on Oracle, sortable text elsewhere."""
        return oracle.TIMESTAMP() if dialect.name == "oracle" else String(32)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Bind UTC, without a zone on Oracle."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("times must be aware")
        if dialect.name == "oracle":
            return value.astimezone(timezone.utc).replace(tzinfo=None)
        return utc_text(value) + "+00:00"

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Read an aware time in UTC."""
        if value is None:
            return None
        if isinstance(value, str):
            return datetime.fromisoformat(value)
        found: datetime = value.replace(tzinfo=timezone.utc)
        return found


class Day(TypeDecorator[date]):
    """A date without time of day."""

    impl = String(10)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """DATE on Oracle, sortable text elsewhere."""
        return oracle.DATE() if dialect.name == "oracle" else String(10)

    def process_bind_param(self, value: date | None, dialect: Dialect) -> Any:
        """Bind midnight on Oracle."""
        if value is None or dialect.name == "oracle":
            return value
        return day_text(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> date | None:
        """Read a date."""
        if isinstance(value, str):
            return date.fromisoformat(value)
        if isinstance(value, datetime):
            return value.date()
        found: date | None = value
        return found


class Flag(TypeDecorator[bool]):
    """True or false as 1 or 0."""

    impl = Integer
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """NUMBER(1) on Oracle."""
        return number(1) if dialect.name == "oracle" else Integer()

    def process_bind_param(self, value: bool | None, dialect: Dialect) -> int | None:
        """Bind 1 or 0."""
        return None if value is None else int(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> bool | None:
        """Read True or False."""
        return None if value is None else bool(value)


class Exact(TypeDecorator[Decimal]):
    """A decimal with a fixed number of places; more places are refused, never rounded."""

    impl = BigInteger
    cache_ok = True

    def __init__(self, precision: int, scale: int) -> None:
        super().__init__()
        self.precision = precision
        self.scale = scale
        self._unit = Decimal(1).scaleb(-scale)

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """NUMBER(p,s) on Oracle, a scaled integer elsewhere."""
        if dialect.name == "oracle":
            return number(self.precision, self.scale)
        return BigInteger()

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Any:
        """Bind the exact value."""
        if value is None:
            return None
        exact = value.quantize(self._unit, ROUND_HALF_UP)
        if exact != value or exact.adjusted() >= self.precision - self.scale:
            raise ValueError(f"a decimal needs more than {self.precision},{self.scale} places")
        return exact if dialect.name == "oracle" else int(exact.scaleb(self.scale))

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        """Read the exact value with all its places."""
        if value is None:
            return None
        if isinstance(value, int) and dialect.name != "oracle":
            return Decimal(value).scaleb(-self.scale)
        return Decimal(value).quantize(self._unit)


class Choice(TypeDecorator[Enum]):
    """A member of an enumeration by its value."""

    impl = String(30)
    cache_ok = True

    def __init__(self, members: type[Enum]) -> None:
        super().__init__(30)
        self.members = members
        self._by_value = {str(member.value): member for member in members}
        self._value_of = {member: value for value, member in self._by_value.items()}

    def process_bind_param(self, value: Enum | None, dialect: Dialect) -> str | None:
        """Bind the member's value."""
        return None if value is None else self._value_of[value]

    def process_result_value(self, value: str | None, dialect: Dialect) -> Enum | None:
        """Read the member."""
        return None if value is None else self._by_value[value]


class JsonText(TypeDecorator[Any]):
    """A value of a declared Python type as JSON text."""

    impl = CLOB
    cache_ok = True

    def __init__(self, of: Any) -> None:
        super().__init__()
        self.of = of
        adapter: TypeAdapter[Any] = TypeAdapter(of)
        self._write, self._read = adapter.serializer.to_json, adapter.validator.validate_json

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Bind JSON."""
        return None if value is None else self._write(value).decode()

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """Read the declared type."""
        return None if value is None else self._read(value)
