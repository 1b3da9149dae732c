"""Create the table named_resource."""

import sqlalchemy as sa
from alembic import op

from adapters.sql.checks import are_json
from adapters.sql.types import INTEGER, Guid, UtcTimestamp

revision = "0034"
down_revision = "0033"


def upgrade() -> None:
    """Create the table named_resource."""
    op.create_table(
        "named_resource",
        sa.Column("id", Guid(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("description", sa.String(1000), nullable=True),
        sa.Column("attributes", sa.CLOB(), nullable=False),
        sa.Column("client_id", sa.String(60), nullable=False),
        sa.Column("created_at", UtcTimestamp(), nullable=False),
        sa.Column("updated_at", UtcTimestamp(), nullable=False),
        sa.Column("version", INTEGER, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_named_resource"),
        *are_json("named_resource", "attributes"),
    )


def downgrade() -> None:
    """Undo it."""
    op.drop_table("named_resource")
