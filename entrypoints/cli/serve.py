"""loapi serve: serve the API; in development, make everything that it takes first."""

import asyncio
import json
import os
import signal
from datetime import timedelta
from types import FrameType
from typing import Annotated

import typer

from domain.loan import LoanStatus
from entrypoints.cli.companion import beside
from entrypoints.cli.running import opened
from entrypoints.container.datasets import demo_portfolio
from entrypoints.container.wiring import build, now, services_of
from entrypoints.http.health import Health
from entrypoints.http.server import run
from entrypoints.settings import AuditSinkName, BadSettings, read_settings
from entrypoints.stocking import stock


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
    settings = read_settings()
    if settings.development:
        with opened(settings) as container:
            asyncio.run(stock(container.runner(), settings, container.sealer()))
        if settings.loads_demo:
            typer.echo(_first_calls(host, port))
    workers = workers or settings.workers
    if settings.audit_sink is AuditSinkName.MEMORY:
        if workers > 1:
            raise BadSettings("LOAPI_AUDIT_SINK: 'memory' serves one worker only.")
        run(host, port, workers)
    else:
        with beside(["audit", "relay", "--parent", str(os.getpid())]):
            run(host, port, workers)


def _leave(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


def check() -> None:
    """Build everything that the settings name, and say what is wrong with it."""
    container = build(read_settings())
    services = services_of(container)
    container.relay()
    try:
        failed = asyncio.run(Health(services.probes).state()).failed
    finally:
        services.close()
    if failed:
        for name, why in failed.items():
            typer.echo(f"Does not work: {name}: {why}", err=True)
        raise typer.Exit(1)
    typer.echo("Everything that the settings name is there.")


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
