"""Answers are kept for as long as they are right."""

from starlette.responses import Response

from entrypoints.http.cursors import CURSOR_SECONDS
from entrypoints.http.shelf import KEPT_SECONDS, Shelf

KEY = ("/api/v1/country", b"limit=3")


def test_an_answer_goes_long_before_the_cursor_in_it_expires() -> None:
    now = [0.0]
    shelf = Shelf(tick=lambda: now[0])
    shelf.put(KEY, 1, Response(b"{}"))
    assert shelf.get(KEY, 1) is not None
    now[0] = KEPT_SECONDS
    assert shelf.get(KEY, 1) is None
    assert KEPT_SECONDS * 2 < CURSOR_SECONDS


def test_an_answer_of_another_edition_is_not_given() -> None:
    shelf = Shelf()
    shelf.put(KEY, 1, Response(b"{}"))
    assert shelf.get(KEY, 2) is None
