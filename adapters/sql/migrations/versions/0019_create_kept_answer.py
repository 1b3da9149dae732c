"""Create the table kept_answer."""

import sqlalchemy as sa
from alembic import op

from adapters.sql.checks import are_json
from adapters.sql.types import DIGEST, UtcTimestamp

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Create the table kept_answer."""
    op.create_table(
        "kept_answer",
        sa.Column("client_id", sa.String(60), nullable=False),
        sa.Column("idempotency_key", sa.String(255), nullable=False),
        sa.Column("fingerprint", DIGEST, nullable=False),
        sa.Column("kind", sa.String(60), nullable=True),
        sa.Column("answer", sa.CLOB(), nullable=True),
        sa.Column("expires_at", UtcTimestamp(), nullable=False),
        sa.PrimaryKeyConstraint("client_id", "idempotency_key", name="pk_kept_answer"),
        *are_json("kept_answer", "answer"),
    )


def downgrade() -> None:
    """Undo it."""
    op.drop_table("kept_answer")
