"""Tells what was measured of growth, and where it is not flat."""

from collections.abc import Sequence

from tests.performance.report import table
from tests.performance.trail_growth import Point

FLAT = 0.15
"""How far a figure may be from the smallest size's and still be called flat."""


def told(
    points: Sequence[Point], kept: Sequence[float], requests: int, rates: Sequence[Sequence[float]]
) -> str:
    """Write the tables."""
    first, *_ = points
    rows = [
        [
            f"{point.records:,}",
            _beside(point.write.processor, first.write.processor, ",.0f"),
            _beside(point.write.alone, first.write.alone, ",.0f"),
            _beside(point.write.latency, first.write.latency, ".2f"),
            _beside(point.sealed, points[1].sealed, ",.0f"),
            _beside(point.verified, points[1].verified, ",.0f"),
        ]
        for point in points
    ]
    headings = [
        "records in the log", "`POST /payoff`, CPU µs", "alone, CPU µs", "alone, ms",
        "relay, records a CPU second", "`verify`, records a CPU second",
    ]
    ends = ", ".join(f"{megabytes:.0f}" for megabytes in kept)
    alone, both = rates
    return "\n\n".join([
        table(headings, rows),
        f"Memory of a process after each tenth of {requests:,} requests, of which one in ten reads "
        f"a person and one in a hundred writes, MB: {ends}.",
        f"Writes a second, in process, nothing pinned: one worker {alone[0]:,.0f}; two on the same "
        f"file {' and '.join(f'{rate:,.0f}' for rate in both)}.",
    ])


def _beside(value: float, first: float, form: str) -> str:
    """Write a figure, with its distance from the first one where that is not small."""
    if not value or not first:
        return "–"
    change = value / first - 1
    return f"{value:{form}}" + (f" ({change:+.0%})" if abs(change) > FLAT else "")
