"""Builds what stands on other machines, whose clients are imported where they are used only."""

from collections.abc import Mapping
from importlib import import_module

from application.limits import RateLimiter
from application.ports import AuditSink
from entrypoints.settings import BadSettings


def open_dynamodb_sink(
    table: str | None, region: str, endpoint: str | None, deadline: float = 10.0
) -> AuditSink:
    """Give the sink in a table of DynamoDB; raises BadSettings where no table is named."""
    if table is None:
        raise BadSettings("The sink 'dynamodb' needs LOAPI_DYNAMODB_TABLE, LOAPI_DYNAMODB_REGION.")
    # boto3 takes longer to import than most commands take to run.
    module = import_module("adapters.dynamodb.audit")
    sink: AuditSink = module.DynamoDbAuditSink(
        table, region=region, endpoint=endpoint, deadline=deadline
    )
    return sink


def open_shared_limiter(storage: str, rates: Mapping[str, str], workers: int) -> RateLimiter:
    """Give what counts in a store that all workers share."""
    # The client of Valkey takes a third of a second to import.
    module = import_module("adapters.limits.shared")
    limiter: RateLimiter = module.SharedRateLimiter(storage, rates, workers)
    return limiter
