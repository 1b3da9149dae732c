"""docs/observability.md names exactly the fields, metrics and spans that there are."""

import re
from pathlib import Path

from entrypoints.container.telemetry import METRICS
from tests.support.log_lines import fields

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "observability.md").read_text("utf-8")
TRACER = (ROOT / "adapters" / "telemetry" / "datadog.py").read_text("utf-8")


def section(title: str) -> str:
    """Give a part of the page."""
    return TEXT.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def named(text: str) -> set[str]:
    """Give the names in the first column of the tables."""
    rows = re.findall(r"^\| (`[^|]+) \|", text, re.MULTILINE)
    return {name for row in rows for name in re.findall(r"`([^`]+)`", row)}


def test_the_table_names_exactly_the_fields_of_lines() -> None:
    assert named(section("The log")) == fields()


def test_the_table_names_exactly_the_metrics() -> None:
    assert named(section("Metrics")) == set(METRICS)


def test_the_table_names_exactly_the_spans() -> None:
    assert named(section("Traces")) == set(re.findall(r'start_span\(\s*"([a-z.]+)"', TRACER))


def test_the_signals_to_watch_are_metrics_that_there_are() -> None:
    page = (ROOT / "docs" / "operations.md").read_text("utf-8")
    watched = set(re.findall(r"`(loapi\.[a-z.]+)`", page))
    assert watched and watched <= set(METRICS)
