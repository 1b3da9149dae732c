"""Create the table payoff."""

import sqlalchemy as sa
from alembic import op

from adapters.sql.checks import are_days, are_flags, are_json
from adapters.sql.types import BIG_INTEGER, INTEGER, Day, Exact, Flag, Guid, UtcTimestamp

revision = "0038"
down_revision = "0037"


def upgrade() -> None:
    """Create the table payoff."""
    op.create_table(
        "payoff",
        sa.Column("id", Guid(), nullable=False),
        sa.Column("loan_number", sa.String(10), nullable=False),
        sa.Column("payoff_date", Day(), nullable=False),
        sa.Column("reason", sa.String(30), nullable=False),
        sa.Column("voluntary", Flag(), nullable=False),
        sa.Column("requester", sa.CLOB(), nullable=False),
        sa.Column("comments", sa.String(1000), nullable=True),
        sa.Column("status", sa.String(30), nullable=False),
        sa.Column("quote_type", sa.String(30), nullable=False),
        sa.Column("program", sa.String(30), nullable=False),
        sa.Column("location_id", BIG_INTEGER, nullable=False),
        sa.Column("good_through_date", Day(), nullable=False),
        sa.Column("rolled", Flag(), nullable=False),
        sa.Column("roll_reason", sa.String(200), nullable=True),
        sa.Column("wire_cutoff", UtcTimestamp(), nullable=False),
        sa.Column("principal", Exact(19, 2), nullable=False),
        sa.Column("annual_rate", Exact(9, 6), nullable=False),
        sa.Column("day_count", sa.String(30), nullable=False),
        sa.Column("interest_paid_through", Day(), nullable=False),
        sa.Column("days", INTEGER, nullable=False),
        sa.Column("per_diem", Exact(19, 5), nullable=False),
        sa.Column("accrued_interest", Exact(19, 2), nullable=False),
        sa.Column("fees", sa.CLOB(), nullable=False),
        sa.Column("total", Exact(19, 2), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("warnings", sa.CLOB(), nullable=False),
        sa.Column("client_id", sa.String(60), nullable=False),
        sa.Column("created_by", sa.String(40), nullable=False),
        sa.Column("created_at", UtcTimestamp(), nullable=False),
        sa.Column("updated_at", UtcTimestamp(), nullable=False),
        sa.Column("version", INTEGER, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_payoff"),
        *are_flags("payoff", "voluntary", "rolled"),
        *are_days("payoff", "payoff_date", "good_through_date", "interest_paid_through"),
        *are_json("payoff", "requester", "fees", "warnings"),
    )


def downgrade() -> None:
    """Undo it."""
    op.drop_table("payoff")
