"""Every error of the business and of the service is a problem that callers are told of."""

import ast
import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import application
import domain
from application.errors import ServiceError
from domain.errors import DomainError
from entrypoints.http import errors
from entrypoints.http.errors import RETRY_SECONDS, TYPES, WORDS, every_error, problem_of

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module", autouse=True)
def every_module() -> None:
    """Import the business and the service whole, so that no error hides in a module unseen."""
    for package in (domain, application):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)


def an_error(kind: type[Exception]) -> Exception:
    """Make an error of a kind."""
    takes = inspect.signature(getattr(kind, "__init__")).parameters.values()
    needed = [one for one in takes if one.kind is one.POSITIONAL_OR_KEYWORD and one.name != "self"]
    return kind(*("It is so." for _ in needed or range(issubclass(kind, DomainError))))


def test_every_error_has_its_word() -> None:
    kinds = every_error()
    assert {DomainError, ServiceError}.isdisjoint(kinds) and len(kinds) > 10
    assert {kind for kind in kinds if kind not in WORDS} == set()
    assert set(WORDS) == kinds


def test_every_error_is_a_problem_of_its_own_words_and_never_our_mistake() -> None:
    for kind in every_error():
        problem = problem_of(an_error(kind))
        assert problem.word == WORDS[kind]
        assert problem.word in TYPES
        assert problem.status < 500 or issubclass(kind, ServiceError)
        assert problem.detail == str(an_error(kind))


def test_an_error_that_nobody_knows_tells_nothing() -> None:
    problem = problem_of(RuntimeError("ORA-00001: unique constraint violated"))
    assert (problem.word, problem.faults) == ("internal", ())
    assert "ORA" not in problem.detail


def words_in(path: Path) -> Iterator[str]:
    """Give the words of the problems that a module makes."""
    for node in ast.walk(ast.parse(path.read_text())):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id == "Problem"
            and node.args
            and isinstance(node.args[0], ast.Constant)
        ):
            yield str(node.args[0].value)


def test_every_word_that_a_problem_is_made_with_exists() -> None:
    used = {
        word for path in (ROOT / "entrypoints").rglob("*.py") for word in words_in(path)
    }
    assert len(used) > 8
    assert used - set(TYPES) == set()
    assert set(TYPES) - used - set(WORDS.values()) == set()


def test_every_problem_that_passes_says_when_to_come_back() -> None:
    assert set(RETRY_SECONDS) <= set(TYPES)
    passing = {word for word in WORDS.values() if TYPES[word].status == 503}
    assert passing <= set(RETRY_SECONDS)
    for kind in every_error():
        names = {name for name, _ in problem_of(an_error(kind)).headers}
        assert (b"retry-after" in names) is (WORDS[kind] in RETRY_SECONDS)


def test_every_title_is_said_once() -> None:
    titles = [kind.title for kind in errors.TYPES.values()]
    assert len(set(titles)) == len(titles)
