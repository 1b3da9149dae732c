"""Create the table audit_term."""

import sqlalchemy as sa
from alembic import op

from adapters.sql.types import Guid

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the table audit_term."""
    op.create_table(
        "audit_term",
        sa.Column("term", sa.String(200), nullable=False),
        sa.Column("record_id", Guid(), nullable=False),
        sa.PrimaryKeyConstraint("term", "record_id", name="pk_audit_term"),
        # On SQLite each row would stand twice, in the table and in the index of its key.
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Undo it."""
    op.drop_table("audit_term")
