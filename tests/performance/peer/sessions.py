"""The peer's database: SQLite with the pragmas of the service, a session a request."""

import os
from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import Depends
from sqlalchemy import create_engine, event
from sqlalchemy.orm import Session

engine = create_engine(
    os.environ["PEER_DATABASE_URL"],
    pool_size=int(os.environ.get("PEER_POOL", "40")),
    max_overflow=0,
    connect_args={"timeout": 30},
)


@event.listens_for(engine, "connect")
def _prepare(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")


def get_session() -> Iterator[Session]:
    """Give a session for one request."""
    with Session(engine, expire_on_commit=False) as session:
        yield session


SessionDep = Annotated[Session, Depends(get_session)]
