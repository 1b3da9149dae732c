"""Builds what asks the accounting system for final figures, where the settings name one."""

from collections.abc import Mapping
from typing import Any

from adapters.accounting.figures import FiguresEndpoint, HttpFinalFigures
from adapters.web.fetch import HttpFetcher
from application.ports import Runner
from application.quoting import Quoting
from domain.calendars import Roll
from entrypoints.settings import Settings


def payoff_options(settings: Settings) -> Mapping[str, Any]:
    """Give what the settings say of payoffs."""
    token = settings.figures_token
    return {
        "figures": settings.figures_url and FiguresEndpoint(
            url=settings.figures_url, token=token.get_secret_value() if token else None
        ),
        "figures_seconds": settings.figures_seconds,
        "thursday_roll": Roll[settings.third_thursday_roll.name],
    }


def build_quoting(runner: Runner, endpoint: FiguresEndpoint | None, seconds: float) -> Quoting:
    """Give what obtains final figures, or knows that there is nobody to ask."""
    if endpoint is None:
        return Quoting(runner)
    return Quoting(runner, HttpFinalFigures(endpoint, HttpFetcher(seconds)))
