"""How Alembic runs the revisions: on the connection that it is given."""

# pylint: disable=no-member  # Alembic fills the module when it runs the revisions
from alembic import context

from adapters.sql.tables import METADATA

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=METADATA)
# Oracle would be asked, by RETURNING … INTO, for the stamp that it was just given.
versions = context.get_context()._version  # pylint: disable=protected-access  # it has no switch
versions.implicit_returning = False
with context.begin_transaction():
    context.run_migrations()
