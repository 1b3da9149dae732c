"""Add the column client.rate_limits."""

import sqlalchemy as sa
from alembic import op

revision = "0058"
down_revision = "0057"

# Alembic leaves a column's own constraint out on Oracle, and a second statement would need a
# second revision.
ON_ORACLE = (
    "ALTER TABLE client ADD rate_limits CLOB DEFAULT '[]' NOT NULL"
    " CONSTRAINT ck_client_rate_limits CHECK (rate_limits IS JSON)"
)


def upgrade() -> None:
    """Add the column client.rate_limits."""
    if op.get_context().dialect.name == "oracle":
        op.execute(ON_ORACLE)
        return
    # The clients that are there have none of their own.
    none = sa.text("'[]'")
    op.add_column(
        "client", sa.Column("rate_limits", sa.CLOB(), server_default=none, nullable=False)
    )


def downgrade() -> None:
    """Undo it."""
    op.drop_column("client", "rate_limits")
