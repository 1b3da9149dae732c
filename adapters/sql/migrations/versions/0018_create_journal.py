"""Create the table journal."""

import sqlalchemy as sa
from alembic import op

from adapters.sql.checks import are_json
from adapters.sql.types import Guid

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Create the table journal."""
    op.create_table(
        "journal",
        sa.Column("record_id", Guid(), nullable=False),
        sa.Column("body", sa.CLOB(), nullable=True),
        sa.PrimaryKeyConstraint("record_id", name="pk_journal"),
        *are_json("journal", "body"),
        # On SQLite each row would stand twice, in the table and in the index of its key.
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Undo it."""
    op.drop_table("journal")
