"""Create the table client."""

import sqlalchemy as sa
from alembic import op

from adapters.sql.checks import are_json
from adapters.sql.types import INTEGER, UtcTimestamp

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create the table client."""
    op.create_table(
        "client",
        sa.Column("client_id", sa.String(60), nullable=False),
        sa.Column("scopes", sa.CLOB(), nullable=False),
        sa.Column("proof_mode", sa.String(30), nullable=False),
        sa.Column("replay", sa.String(30), nullable=False),
        sa.Column("created_at", UtcTimestamp(), nullable=False),
        sa.Column("version", INTEGER, nullable=False),
        sa.PrimaryKeyConstraint("client_id", name="pk_client"),
        *are_json("client", "scopes"),
    )


def downgrade() -> None:
    """Undo it."""
    op.drop_table("client")
