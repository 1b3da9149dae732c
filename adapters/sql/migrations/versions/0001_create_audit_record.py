"""Create the table audit_record."""

import sqlalchemy as sa
from alembic import op

from adapters.sql.checks import are_json
from adapters.sql.types import BIG_INTEGER, INTEGER, Guid, UtcTimestamp

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the table audit_record."""
    op.create_table(
        "audit_record",
        sa.Column("id", Guid(), nullable=False),
        sa.Column("schema_version", INTEGER, nullable=False),
        sa.Column("occurred_at", UtcTimestamp(), nullable=False),
        sa.Column("outcome", sa.String(30), nullable=False),
        sa.Column("reason", sa.String(60), nullable=True),
        sa.Column("client_id", sa.String(60), nullable=True),
        sa.Column("key_id", sa.String(60), nullable=True),
        sa.Column("token_id", sa.String(128), nullable=True),
        sa.Column("user_id", sa.String(40), nullable=True),
        sa.Column("proof", sa.String(30), nullable=True),
        sa.Column("location_id", BIG_INTEGER, nullable=True),
        sa.Column("request_id", sa.String(64), nullable=False),
        sa.Column("trace_id", sa.String(32), nullable=True),
        sa.Column("address", sa.String(45), nullable=True),
        sa.Column("http_method", sa.String(10), nullable=True),
        sa.Column("route", sa.String(200), nullable=True),
        sa.Column("action", sa.String(60), nullable=False),
        sa.Column("entities", sa.CLOB(), nullable=False),
        sa.Column("filters", sa.CLOB(), nullable=True),
        sa.Column("like_requests", INTEGER, nullable=False),
        sa.Column("changes", sa.CLOB(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_record"),
        *are_json("audit_record", "entities", "filters", "changes"),
    )


def downgrade() -> None:
    """Undo it."""
    op.drop_table("audit_record")
