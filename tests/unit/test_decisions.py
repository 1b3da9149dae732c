"""Decision records: a page each, of one form, and all of them in the index."""

import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "docs" / "decisions"
INDEX = (FOLDER / "README.md").read_text("utf-8")
RECORDS = sorted(FOLDER.glob("[0-9]*.md"))

ONE_PAGE = 50
"""Lines."""


def test_the_index_names_every_record_once_and_in_order() -> None:
    named = re.findall(r"^\| \[\d{4}\]\(([^)]+)\) \|", INDEX, re.MULTILINE)
    assert named == [path.name for path in RECORDS]


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.name[:4])
def test_a_record_is_one_page_and_says_what_was_faced_chosen_and_turned_down(path: Path) -> None:
    text = path.read_text("utf-8")
    assert text.startswith(f"# {int(path.name[:4])}. ")
    assert re.findall(r"^\*\*(\w+)\.\*\*", text, re.MULTILINE) == [
        "Context", "Decision", "Consequences", "Rejected",
    ]
    assert len(text.splitlines()) <= ONE_PAGE


def test_links_of_the_records_lead_somewhere() -> None:
    for path in (*RECORDS, FOLDER / "README.md"):
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text("utf-8")):
            assert (FOLDER / link).is_file(), (path.name, link)
