"""Records, journal and trail in a relational database: SQLite embedded, Oracle in production."""
