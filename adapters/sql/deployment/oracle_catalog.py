"""Asks an Oracle database what is there, and what the connected user may do.

It was never run on a server: the queries follow the documentation of the views.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

_SESSION = text(
    "SELECT SYS_CONTEXT('USERENV', 'SESSION_USER') AS session_user,"
    " SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA') AS current_schema FROM dual"
)
# Dropped tables wait under BIN$ names in the recycle bin.
_TABLES = text(
    "SELECT table_name FROM all_tables WHERE owner = :owner AND table_name NOT LIKE 'BIN$%'"
)
_COLUMNS = text(
    "SELECT table_name, column_name, data_type, data_length, char_length, char_used,"
    " data_precision, data_scale, nullable"
    " FROM all_tab_columns WHERE owner = :owner ORDER BY table_name, column_id"
)
_CONSTRAINTS = text(
    "SELECT table_name, constraint_name, constraint_type, search_condition_vc, status, index_name"
    " FROM all_constraints WHERE owner = :owner AND constraint_type IN ('P', 'U', 'C')"
)
_CONSTRAINT_COLUMNS = text(
    "SELECT constraint_name, column_name FROM all_cons_columns"
    " WHERE owner = :owner ORDER BY constraint_name, position"
)
_INDEXES = text(
    "SELECT table_name, index_name, uniqueness, status, visibility FROM all_indexes"
    " WHERE table_owner = :owner AND index_type <> 'LOB'"
)
_INDEX_COLUMNS = text(
    "SELECT index_name, column_name, column_position FROM all_ind_columns"
    " WHERE table_owner = :owner ORDER BY index_name, column_position"
)
_INDEX_EXPRESSIONS = text(
    "SELECT index_name, column_position, column_expression FROM all_ind_expressions"
    " WHERE table_owner = :owner"
)
_OBJECT_PRIVILEGES = text(
    "SELECT table_name, privilege FROM all_tab_privs WHERE table_schema = :owner"
    " AND (grantee IN (:grantee, 'PUBLIC') OR grantee IN (SELECT role FROM session_roles))"
)
_COLUMN_PRIVILEGES = text(
    "SELECT table_name, privilege || ' (' || column_name || ')' AS privilege"
    " FROM all_col_privs WHERE table_schema = :owner"
    " AND (grantee IN (:grantee, 'PUBLIC') OR grantee IN (SELECT role FROM session_roles))"
)
_SYSTEM_PRIVILEGES = text("SELECT privilege FROM session_privs")
_OWN_OBJECTS = text("SELECT object_type, object_name FROM user_objects ORDER BY object_name")

Rows = Sequence[Any]
"""Rows of a view, whose columns are attributes in lower case."""


@dataclass(frozen=True, slots=True)
class Session:
    """Who is connected, and whose tables names without a schema mean."""

    user: str
    schema: str

    @property
    def owns_tables(self) -> bool:
        """Whether the tables are the user's own."""
        return self.user == self.schema


@dataclass(frozen=True, slots=True)
class Rights:
    """What a user may do by itself, by its roles and as everybody may."""

    objects: Mapping[str, frozenset[str]]
    """Privileges by table."""
    system: frozenset[str]
    owned: tuple[str, ...]
    """What the user owns, each as its kind and name."""


@dataclass(frozen=True, slots=True)
class Catalog:
    """What the database tells of an owner's tables, as far as the connected user may see them."""

    tables: Rows
    columns: Rows
    constraints: Rows
    constraint_columns: Rows
    indexes: Rows
    index_columns: Rows
    index_expressions: Rows


def session_of(connection: Connection) -> Session:
    """Tell who is connected."""
    return Session(*connection.execute(_SESSION).one())


def rights_of(connection: Connection, session: Session) -> Rights:
    """Tell what the connected user may do with the tables, and beside them."""
    bound = {"owner": session.schema, "grantee": session.user}
    objects: dict[str, set[str]] = defaultdict(set)
    for query in (_OBJECT_PRIVILEGES, _COLUMN_PRIVILEGES):
        for row in connection.execute(query, bound):
            objects[row.table_name.lower()].add(row.privilege)
    return Rights(
        {table: frozenset(privileges) for table, privileges in objects.items()},
        frozenset(connection.scalars(_SYSTEM_PRIVILEGES)),
        tuple(f"{row.object_type} {row.object_name}" for row in connection.execute(_OWN_OBJECTS)),
    )


def catalog_of(connection: Connection, owner: str) -> Catalog:
    """Read what the database tells of an owner's tables."""
    queries = (
        _TABLES, _COLUMNS, _CONSTRAINTS, _CONSTRAINT_COLUMNS, _INDEXES, _INDEX_COLUMNS,
        _INDEX_EXPRESSIONS,
    )
    return Catalog(*(connection.execute(query, {"owner": owner}).all() for query in queries))
