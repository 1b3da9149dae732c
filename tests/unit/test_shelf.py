"""Answers are kept for as long as they are right, made once, and never too many."""

import asyncio

import pytest
from starlette.responses import Response

from entrypoints.http.cursors import CURSOR_SECONDS
from entrypoints.http.shelf import KEEPING_BYTES, KEPT_SECONDS, Kept, Shelf

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


def test_questions_that_have_hardly_an_answer_take_bounded_memory() -> None:
    query = b"x" * 8000
    shelf = Shelf(most_bytes=10 * (len(query) + KEEPING_BYTES + 100))
    keys = [("/api/v1/country", b"%b%d" % (query, number)) for number in range(100)]
    for key in keys:
        shelf.put(key, 1, Response(b"{}"))
    kept = [key for key in keys if shelf.get(key, 1)]
    assert kept == keys[-len(kept):] and 9 <= len(kept) <= 10


def many_at_once(shelf: Shelf, answers: list[Response | Exception]) -> list[Kept | None]:
    """Have five ask for the same while nothing is kept; each time one of the answers is made."""

    async def make() -> Response:
        await asyncio.sleep(0)
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def ask() -> list[Kept | None]:
        return await asyncio.gather(*(shelf.fill(KEY, 1, make) for _ in range(5)))

    return asyncio.run(ask())


def test_an_answer_that_many_ask_for_at_once_is_made_once() -> None:
    shelf, answers = Shelf(), [Response(b"one"), Response(b"two")]
    found = many_at_once(shelf, [*answers])
    assert {kept.body if kept else None for kept in found} == {b"one"}
    kept = shelf.get(KEY, 1)
    assert kept is not None and kept.body == b"one"


def test_an_answer_without_a_body_is_for_nobody_else() -> None:
    shelf = Shelf()
    assert many_at_once(shelf, [Response(status_code=304)]) == [None] * 5
    assert shelf.get(KEY, 1) is None


def test_an_answer_that_fails_is_made_again() -> None:
    shelf = Shelf()
    with pytest.raises(LookupError):
        many_at_once(shelf, [LookupError("away")])
    assert many_at_once(shelf, [Response(b"one")])[0] is not None
