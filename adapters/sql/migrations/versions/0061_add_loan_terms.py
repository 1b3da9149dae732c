"""Add the column loan.terms."""

import sqlalchemy as sa
from alembic import op

revision = "0061"
down_revision = "0060"

# Alembic leaves a column's own constraint out on Oracle, and a second statement would need a
# second revision.
ON_ORACLE = (
    "ALTER TABLE loan ADD terms CLOB"
    " CONSTRAINT ck_loan_terms CHECK (terms IS JSON)"
)


def upgrade() -> None:
    """Add the column loan.terms."""
    if op.get_context().dialect.name == "oracle":
        op.execute(ON_ORACLE)
        return
    op.add_column("loan", sa.Column("terms", sa.CLOB(), nullable=True))


def downgrade() -> None:
    """Undo it."""
    op.drop_column("loan", "terms")
