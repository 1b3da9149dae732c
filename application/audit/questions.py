"""What the trail can be asked over its list."""

from datetime import datetime

from application.audit.record import AuditRecord, Outcome
from application.query import Filter, Listing, Operator, Order

LISTING = Listing(
    kind=AuditRecord,
    filters=(),
    sorts=("id",),
    order=(Order("id", descending=True),),
    more_filters={
        "entity": Filter("entities", str),
        "client_id": Filter("client_id", str),
        "user_id": Filter("user_id", str),
        "request_id": Filter("request_id", str),
        "action": Filter("action", str),
        "outcome": Filter("outcome", Outcome),
        "occurred_at": Filter(
            "occurred_at",
            datetime,
            operators=(Operator.GT, Operator.GTE, Operator.LT, Operator.LTE),
        ),
    },
    or_groups=False,
)
