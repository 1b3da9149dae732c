"""Create the index ix_kept_answer_expires."""

from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Create the index ix_kept_answer_expires."""
    op.create_index("ix_kept_answer_expires", "kept_answer", ["expires_at"])


def downgrade() -> None:
    """Undo it."""
    op.drop_index("ix_kept_answer_expires", "kept_answer")
