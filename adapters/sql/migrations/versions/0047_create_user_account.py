"""Create the table user_account."""

import sqlalchemy as sa
from alembic import op

from adapters.sql.types import INTEGER, UtcTimestamp

revision = "0047"
down_revision = "0046"


def upgrade() -> None:
    """Create the table user_account."""
    op.create_table(
        "user_account",
        sa.Column("user_id", sa.String(40), nullable=False),
        sa.Column("oidc_subject", sa.String(200), nullable=True),
        sa.Column("login", sa.String(200), nullable=False),
        sa.Column("first_name", sa.String(200), nullable=False),
        sa.Column("middle_name", sa.String(200), nullable=True),
        sa.Column("last_name", sa.String(200), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("phone", sa.String(40), nullable=True),
        sa.Column("user_type", sa.String(30), nullable=False),
        sa.Column("status", sa.String(30), nullable=False),
        sa.Column("last_login_at", UtcTimestamp(), nullable=True),
        sa.Column("recertified_at", UtcTimestamp(), nullable=True),
        sa.Column("version", INTEGER, nullable=False),
        sa.PrimaryKeyConstraint("user_id", name="pk_user_account"),
    )


def downgrade() -> None:
    """Undo it."""
    op.drop_table("user_account")
