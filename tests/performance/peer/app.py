"""The peer's application: FastAPI, SQLAlchemy ORM, slowapi, PyJWT; see `tests.performance`."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, HTTPException, Query, Request
from fastapi.responses import JSONResponse
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from tests.performance.peer import payoffs
from tests.performance.peer.access import (
    Places,
    ReadsReference,
    ReadsUsers,
    limited,
    limiter,
    load_keys,
)
from tests.performance.peer.models import Access, Country, NaicsCode, User
from tests.performance.peer.payoffs import record_of
from tests.performance.peer.request_log import log_requests
from tests.performance.peer.sessions import SessionDep, engine
from tests.performance.peer.shown import CountryOut, NaicsCodeOut, PageOut, UserOut

RECORDS_READS = os.environ.get("PEER_RECORDS_READS", "yes") == "yes"
"""Whether a read of a person leaves an audit record, as the service's does."""

Limit = Annotated[int, Query(ge=1, le=1000)]

router = APIRouter()


@asynccontextmanager
async def _lifespan(_app: FastAPI) -> AsyncIterator[None]:
    with Session(engine) as session:
        load_keys(session)
    yield


@router.get("/user/{user_id}", response_model=UserOut)
@limited
def show_user(
    request: Request, user_id: str, caller: ReadsUsers, places: Places, session: SessionDep
) -> User:
    """Show a person who shares a location with the caller's user."""
    seen = Access.location_id.in_(places)
    user = session.scalar(
        select(User)
        .where(User.user_id == user_id, User.locations.any(seen))
        .options(selectinload(User.locations.and_(seen)))
        .execution_options(populate_existing=True)
    )
    if user is None:
        raise HTTPException(404, "There is no such user.")
    if RECORDS_READS:
        session.add(record_of(request, caller, "user.show", ("user", user_id), {}))
        session.commit()
    return user


@router.get("/naics-code/", response_model=PageOut[NaicsCodeOut])
@limited
def list_naics_codes(
    request: Request,  # pylint: disable=unused-argument  # slowapi finds it by this name
    _caller: ReadsReference,
    session: SessionDep,
    limit: Limit = 50,
    cursor: str = "",
) -> dict[str, Any]:
    """List industries."""
    chosen = select(NaicsCode).where(NaicsCode.code > cursor).order_by(NaicsCode.code)
    rows = session.scalars(chosen.limit(limit + 1)).all()
    return {"items": rows[:limit], "next": rows[limit - 1].code if len(rows) > limit else None}


@router.get("/country/", response_model=PageOut[CountryOut])
@limited
def list_countries(
    request: Request,  # pylint: disable=unused-argument  # slowapi finds it by this name
    _caller: ReadsReference,
    session: SessionDep,
    limit: Limit = 50,
    cursor: str = "",
) -> dict[str, Any]:
    """List countries."""
    chosen = select(Country).where(Country.alpha2 > cursor).order_by(Country.alpha2)
    rows = session.scalars(chosen.limit(limit + 1)).all()
    return {"items": rows[:limit], "next": rows[limit - 1].alpha2 if len(rows) > limit else None}


def ready() -> dict[str, str]:
    """Tell that the service serves."""
    return {"status": "ok"}


def _refuse_flood(_request: Request, _error: Exception) -> JSONResponse:
    return JSONResponse({"detail": "Too many requests."}, 429)


app = FastAPI(lifespan=_lifespan)
app.state.limiter = limiter
app.add_exception_handler(429, _refuse_flood)
app.get("/health/ready")(ready)
app.include_router(router, prefix="/api/v1")
app.include_router(payoffs.router, prefix="/api/v1")
log_requests(app)
