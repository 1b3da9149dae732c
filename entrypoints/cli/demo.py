"""loapi demo: what the demo data holds."""

import json
from datetime import datetime, timezone
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from application.audit.record import plain
from entrypoints.container.datasets import demo_portfolio


def demo(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Print the demo clients, users with their locations and roles, and loans."""
    told = _demo()
    if as_json:
        typer.echo(json.dumps(told, indent=1))
        return
    console = Console()
    for name, rows in told.items():
        table = Table(title=name)
        for column in rows[0]:
            table.add_column(column)
        for row in rows:
            table.add_row(*(value if isinstance(value, str) else json.dumps(value)
                            for value in row.values()))
        console.print(table)


def _demo() -> dict[str, list[dict[str, Any]]]:
    portfolio = demo_portfolio(datetime.now(timezone.utc).date())
    places: dict[str, list[dict[str, Any]]] = {}
    for access in portfolio.accesses:
        place = {"location_id": access.location_id, "roles": list(access.roles)}
        places.setdefault(access.user_id, []).append(place)
    return {
        "clients": [
            {"client_id": c.client_id, "scopes": list(c.scopes), "mode": c.mode.value}
            for c in portfolio.clients
        ],
        "users": [
            {
                "user_id": user.user_id,
                "status": user.status.value,
                "locations": places.get(user.user_id, []),
            }
            for user in portfolio.users
        ],
        "loans": [
            {
                "loan_number": loan.loan_number,
                "location_id": loan.location_id,
                "program": loan.program.value,
                "status": loan.status.value,
                "balance": plain(loan.principal),
            }
            for loan in portfolio.loans
        ],
    }
