"""docs/payoff.md cannot go stale: its examples run, its tables are those of the code."""

import doctest
import re
from pathlib import Path

from domain.payoff_status import NEXT, WHO_MAY, PayoffStatus

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "payoff.md"

ROW = re.compile(r"^\|(.+)\|$", re.MULTILINE)
WORD = re.compile(r"`([a-z_-]+)`")
CODE = re.compile(r'code="([a-z-]+)"|^NO_FIGURES = "([a-z-]+)"', re.MULTILINE)


def rows_under(heading: str) -> list[list[set[str]]]:
    """Give the words in the cells of the table under a heading, without its head."""
    section = DOCUMENT.read_text().split(f"\n## {heading}\n")[1].split("\n## ")[0]
    rows = [[set(WORD.findall(cell)) for cell in row.split("|")] for row in ROW.findall(section)]
    return rows[2:]


def test_the_examples_do_what_they_say() -> None:
    failed, tried = doctest.testfile(str(DOCUMENT), module_relative=False)
    assert (failed, tried > 40) == (0, True)


def test_the_table_of_states_is_that_of_the_code() -> None:
    told = {
        PayoffStatus(next(iter(present))): [requester, servicer]
        for present, requester, servicer in rows_under("States")
    }
    assert told == {
        present: [
            {status for status in following if role in WHO_MAY[status]}
            for role in ("payoff-requester", "payoff-servicer")
        ]
        for present, following in NEXT.items()
    }


def test_the_table_of_warnings_names_each_that_there_is() -> None:
    sources = [path.read_text() for path in (ROOT / "domain").glob("*.py")]
    there_are = {code or other for text in sources for code, other in CODE.findall(text)}
    told = [next(iter(code)) for code, _ in rows_under("Warnings")]
    assert sorted(told) == sorted(there_are)
