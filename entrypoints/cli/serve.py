"""loapi serve: serve the API; in development, make everything that it takes first."""

import asyncio
import json
import logging
import os
import signal
from collections.abc import Mapping
from datetime import timedelta
from types import FrameType
from typing import Annotated

import typer

from domain.loan import LoanStatus
from entrypoints.cli.companion import beside
from entrypoints.cli.place import check_place
from entrypoints.cli.running import opened
from entrypoints.container.datasets import demo_portfolio
from entrypoints.container.wiring import build, check_checkpoints, now, services_of
from entrypoints.http.health import Health, State
from entrypoints.http.server import run
from entrypoints.http.services import Probe
from entrypoints.settings import AuditSinkName, BadSettings, read_settings
from entrypoints.stocking import stock

LOOKS_SECONDS = 0.5
"""After what time it is known whether the shared store of rate limits is there."""


def serve(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8000,
    workers: Annotated[int | None, typer.Option(min=1, max=64, help="Processes.")] = None,
) -> None:
    """Serve the API until SIGTERM.

    Development makes its database and keys under LOAPI_HOME, loads reference and demo data once,
    and prints a first call.
    """
    # uvicorn drains at SIGTERM and then raises it again for whoever had it before: for us, who
    # have more to stop.
    signal.signal(signal.SIGTERM, _leave)
    # Several workers are replaced one by one at SIGHUP; 'nohup' has said to ignore it.
    if signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:
        signal.signal(signal.SIGHUP, _hang_up)
    settings = read_settings()
    check_place(host, port)
    if settings.development:
        with opened(settings) as container:
            asyncio.run(stock(container.runner(), settings, container.sealer()))
        if settings.loads_demo:
            typer.echo(_first_calls(host, port))
    workers = workers or settings.workers
    check_checkpoints(build(settings))
    if settings.audit_sink is AuditSinkName.MEMORY:
        if workers > 1:
            raise BadSettings("LOAPI_AUDIT_SINK: 'memory' serves one worker only.")
        run(host, port, workers)
    else:
        with beside(["audit", "relay", "--parent", str(os.getpid())]):
            run(host, port, workers)


def _leave(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


def _hang_up(_number: int, _frame: FrameType | None) -> None:
    os.kill(os.getpid(), signal.SIGTERM)


def check() -> None:
    """Build everything that the settings name, and say what is wrong with it.

    Status 1 where the service could not serve; what it could serve without is told, too.
    """
    container = build(read_settings())
    # What would be logged is told below, in words for the person who asks.
    logging.disable()
    try:
        services = services_of(container)
        container.relay()
        check_checkpoints(container)
        try:
            state = asyncio.run(_state(services.probes))
        finally:
            services.close()
    finally:
        logging.disable(logging.NOTSET)
    # That records wait where nothing serves yet is no fault of the settings.
    warned = [name for name in state.warned if name != "audit_trail"]
    for name in warned:
        typer.echo(f"Works, with a warning: {name}: {state.told[name].get('reason')}", err=True)
    for name, why in state.failed.items():
        typer.echo(f"Does not work: {name}: {why}", err=True)
    if state.failed:
        raise typer.Exit(1)
    if not warned:
        typer.echo("Everything that the settings name is there.")


async def _state(probes: Mapping[str, Probe]) -> State:
    """Ask twice: some parts find out in the background that what they need is away."""
    await Health(probes).state()
    await asyncio.sleep(LOOKS_SECONDS)
    return await Health(probes).state()


def _first_calls(host: str, port: int) -> str:
    portfolio = demo_portfolio(now().date())
    place = portfolio.accesses[0]
    loan = next(
        one
        for one in portfolio.loans
        if one.location_id == place.location_id and one.status is LoanStatus.ACTIVE
    )
    payoff = {
        "loan_number": loan.loan_number,
        "payoff_date": (now() + timedelta(days=14)).date().isoformat(),
        "reason": "refinance",
        "voluntary": True,
        "requester": {"name": "Pat Example"},
    }
    token = (
        f"$(uv run loapi token --client prepay --user {place.user_id} "
        f"--location {place.location_id})"
    )
    base = f"http://{host}:{port}/api/v1"
    return f"""
loapi serves on http://{host}:{port}. A first call, to paste into another terminal here:

  curl -s -H "Authorization: Bearer {token}" {base}/location/

A first payoff:

  curl -s -H "Authorization: Bearer {token}" -H "Content-Type: application/json" \\
    -d '{json.dumps(payoff)}' {base}/payoff/

Every call, to read and try: http://{host}:{port}/docs
"""
