"""Writes what was measured into docs/performance.md, as a table, and draws docs/performance.svg."""

import platform
import re
import subprocess
from collections.abc import Mapping, Sequence
from datetime import date
from html import escape
from pathlib import Path

DOCUMENT = Path(__file__).parents[2] / "docs" / "performance.md"
CHART = DOCUMENT.with_suffix(".svg")

WIDTH, LABELS, BAR, GAP = 760, 290, 11, 9
COLOURS = {"uvicorn": "#9aa5b1", "loapi": "#1f6f54", "peer": "#c4572c"}


def put(part: str, text: str, document: Path = DOCUMENT) -> None:
    """Put a text between a part's markers in the document."""
    begin, end = f"<!-- {part} -->", f"<!-- /{part} -->"
    whole = document.read_text("utf-8")
    marked = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.DOTALL)
    assert marked.search(whole), f"{document.name} has no place for {part}"
    document.write_text(marked.sub(lambda _: f"{begin}\n{text.strip()}\n{end}", whole), "utf-8")


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Write a table of Markdown, all columns but the first to the right."""
    rule = "|---|" + "---:|" * (len(headings) - 1)
    lines = ["| " + " | ".join(cells) + " |" for cells in rows]
    return "\n".join(["| " + " | ".join(headings) + " |", rule, *lines])


def machine() -> str:
    """Say what was measured, when and on what."""
    git = ["git", "rev-parse", "--short=10", "HEAD"]
    root = DOCUMENT.parents[1]
    commit = subprocess.run(git, cwd=root, capture_output=True, text=True, check=True).stdout
    changed = subprocess.run(
        ["git", "status", "--porcelain", "domain", "application", "adapters", "entrypoints"],
        cwd=root, capture_output=True, text=True, check=True,
    ).stdout
    state = " with changes that were not committed" if changed else ""
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text("ascii"))
    return (
        f"Commit `{commit.strip()}`{state}, {date.today()}; {model[1] if model else 'unknown'}, "
        f"{_cores()} cores, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}."
    )


def _cores() -> int:
    return len(re.findall(r"^processor", Path("/proc/cpuinfo").read_text("ascii"), re.MULTILINE))


def chart(rates: Mapping[str, Mapping[str, float]]) -> str:
    """Draw requests a second: a group of bars for each call, a bar for each server."""
    longest = max(rate for group in rates.values() for rate in group.values())
    shapes, top = [], GAP
    for name, group in rates.items():
        middle = top + len(group) * BAR / 2 + 4
        shapes.append(f'<text x="{LABELS - 8}" y="{middle:.0f}" class="n">{escape(name)}</text>')
        for server, rate in group.items():
            shapes.append(_bar(top, server, rate, rate / longest))
            top += BAR
        top += GAP
    style = "text{font:11px sans-serif;fill:#444}.n{text-anchor:end;fill:#222}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top}" '
        f'role="img" aria-label="Requests a second">\n<style>{style}</style>\n'
        f'<rect width="{WIDTH}" height="{top}" fill="#fff"/>\n' + "\n".join(shapes) + "\n</svg>\n"
    )


def _bar(top: int, server: str, rate: float, share: float) -> str:
    width = max(1.0, share * (WIDTH - LABELS - 130))
    told = f"{rate:,.0f} {server}"
    return (
        f'<rect x="{LABELS}" y="{top}" width="{width:.1f}" height="{BAR - 1}" '
        f'fill="{COLOURS[server]}"/>'
        f'<text x="{LABELS + width + 5:.1f}" y="{top + BAR - 2}">{escape(told)}</text>'
    )
