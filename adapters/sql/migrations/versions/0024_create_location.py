"""Create the table location."""

import sqlalchemy as sa
from alembic import op

from adapters.sql.checks import are_days, are_json
from adapters.sql.types import BIG_INTEGER, INTEGER, Day

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    """Create the table location."""
    op.create_table(
        "location",
        sa.Column("location_id", BIG_INTEGER, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("partner_id", BIG_INTEGER, nullable=False),
        sa.Column("partner_name", sa.String(200), nullable=False),
        sa.Column("partner_type", sa.String(30), nullable=False),
        sa.Column("type", sa.String(30), nullable=False),
        sa.Column("fdic_certificate", sa.String(20), nullable=True),
        sa.Column("ncua_charter", sa.String(20), nullable=True),
        sa.Column("address", sa.CLOB(), nullable=False),
        sa.Column("phone", sa.String(40), nullable=True),
        sa.Column("status", sa.String(30), nullable=False),
        sa.Column("start_date", Day(), nullable=True),
        sa.Column("end_date", Day(), nullable=True),
        sa.Column("version", INTEGER, nullable=False),
        sa.PrimaryKeyConstraint("location_id", name="pk_location"),
        *are_days("location", "start_date", "end_date"),
        *are_json("location", "address"),
    )


def downgrade() -> None:
    """Undo it."""
    op.drop_table("location")
