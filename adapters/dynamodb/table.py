"""The table: what it must be, and making it where that is allowed."""

from dataclasses import dataclass
from time import monotonic, sleep
from typing import Any, Final

from botocore.exceptions import ClientError  # type: ignore[import-untyped]  # it has no types

from adapters.dynamodb.calls import Calls
from adapters.dynamodb.retries import reporting
from adapters.dynamodb.wire import Late, Wire

_KEYS: Final = [
    {"AttributeName": "PK", "KeyType": "HASH"},
    {"AttributeName": "SK", "KeyType": "RANGE"},
]
_ATTRIBUTES: Final = [
    {"AttributeName": "PK", "AttributeType": "S"},
    {"AttributeName": "SK", "AttributeType": "S"},
]
_POLL_SECONDS = 0.25
_RECOVERY: Final = {"PointInTimeRecoveryEnabled": True}


class OtherTable(Exception):
    """There is a table of this name, and it is not one that the trail can be kept in."""


@dataclass(frozen=True, slots=True)
class TableState:
    """What `init_table` found and did."""

    created: bool
    """Whether there was none before."""
    recovery: bool
    """Whether it can be put back to any second of the last 35 days."""


def init_table(
    table: str,
    *,
    region: str,
    endpoint: str | None = None,
    deadline: float = 60.0,
    protected: bool = True,
) -> TableState:
    """Make the table where there is none, and wait until it can be used.

    It is paid by request, keeps items for good, cannot be deleted while it is `protected`, and
    has point-in-time recovery where the server and the account allow it. Doing it again changes
    nothing. Raises OtherTable, and Unavailable where it is not there by the deadline.
    """
    wire = Wire(region=region, endpoint=endpoint, connections=1, read_seconds=deadline)
    calls = Calls(wire, table, threads=1)
    until = monotonic() + deadline
    try:
        with reporting():
            created = _create(calls, until, protected)
            _await(calls, table, until)
            return TableState(created, _recover(calls, until))
    finally:
        calls.close()


def _create(calls: Calls, until: float, protected: bool) -> bool:
    try:
        calls.ask(
            "create_table",
            until,
            KeySchema=_KEYS,
            AttributeDefinitions=_ATTRIBUTES,
            BillingMode="PAY_PER_REQUEST",
            DeletionProtectionEnabled=protected,
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceInUseException":
            raise
        return False
    return True


def _await(calls: Calls, table: str, until: float) -> None:
    while (found := calls.ask("describe_table", until)["Table"])["TableStatus"] != "ACTIVE":
        if monotonic() + _POLL_SECONDS >= until:
            raise Late
        sleep(_POLL_SECONDS)
    if not _fits(found):
        raise OtherTable(f"the table {table} has other keys than PK and SK, both of type S")


def _fits(found: dict[str, Any]) -> bool:
    types = {each["AttributeName"]: each["AttributeType"] for each in found["AttributeDefinitions"]}
    return bool(found["KeySchema"] == _KEYS and types.get("PK") == types.get("SK") == "S")


def _recover(calls: Calls, until: float) -> bool:
    try:
        calls.ask("update_continuous_backups", until, PointInTimeRecoverySpecification=_RECOVERY)
    except ClientError:
        return False
    return True
