"""The page on status codes names exactly the problems that there are."""

import re
from pathlib import Path

from entrypoints.http.errors import RETRY_SECONDS, TYPES

PAGE = Path(__file__).parents[2] / "docs" / "http-status-codes.md"
ROW = re.compile(r"^\| `([a-z-]+)` \| (\d{3}) \| (.+) \| (.+) \|$", re.MULTILINE)


def rows() -> list[tuple[str, int, str, str]]:
    """Give the rows of the table: word, status, when, what to do."""
    found = ROW.findall(PAGE.read_text())
    return [(word, int(status), when, remedy) for word, status, when, remedy in found]


def test_the_page_names_every_problem_once_with_its_status() -> None:
    told = sorted((word, status) for word, status, _, _ in rows())
    assert told == sorted((kind.word, kind.status) for kind in TYPES.values())


def test_the_page_goes_by_status() -> None:
    statuses = [status for _, status, _, _ in rows()]
    assert statuses == sorted(statuses)


def test_every_problem_that_passes_says_when_to_retry() -> None:
    silent = [word for word, _, _, remedy in rows()
              if word in RETRY_SECONDS and "retry" not in remedy]
    assert not silent
