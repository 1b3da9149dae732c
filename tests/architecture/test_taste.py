"""What reviewers would otherwise have to say: names, lengths, reasons, and what leaks."""

import ast
import io
import re
import subprocess
import tokenize
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ["domain", "application", "adapters", "entrypoints"]
MODULES = sorted(path.relative_to(ROOT) for package in PACKAGES
                 for path in (ROOT / package).rglob("*.py"))
TESTS = sorted(path.relative_to(ROOT) for path in (ROOT / "tests").rglob("*.py"))
WRITTEN_BY_US = [path for path in MODULES if "migrations" not in path.parts]

VAGUE = {
    "base", "common", "helper", "helpers", "interfaces", "manager", "managers", "mappers",
    "schemas", "util", "utils",
}
"""Names that say nothing about what is inside."""

LONGEST, USUAL = 40, 8
"""Lines of code that a function may have, and that half of them do not exceed."""

STATUS_TABLE = Path("entrypoints/http/errors.py")
REFUSALS = {str(status.value) for status in HTTPStatus if status >= 400}
REFUSAL_NAMES = {status.name for status in HTTPStatus if status >= 400}

SILENCED = re.compile(r"#\s*(type:\s*ignore|pylint:\s*(disable|skip-file)|mypy:)")
EXPLAINED = re.compile(
    r"#\s*(type:\s*ignore\[[\w, -]+\]|pylint:\s*disable(-next)?=[\w, -]+?)\s*#\s*\S+"
)
LEAKS = re.compile(
    rb"\b(pypi\.org|pythonhosted\.org|npmjs\.(org|com)|(deb|security)\.debian\.org)"
    rb"|(?<![\w.}])/(root|home|work)/"
)
"""Hosts of package registries and folders of one machine. Does not match itself."""


def headline(source: str) -> str | None:
    """Give the line that a module opens with; None without one, or with a paragraph."""
    first, *others = (ast.get_docstring(ast.parse(source), clean=False) or "").split("\n")
    return first.strip() or None if not any(others[:1]) else None


def comments(source: str) -> Iterator[str]:
    """Give the comments of a module."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.string


def unexplained(source: str) -> list[str]:
    """Give the comments that silence a tool without a code and, behind it, a reason."""
    return [text for text in comments(source)
            if SILENCED.search(text) and not EXPLAINED.search(text)]


def lengths(source: str) -> Iterator[tuple[str, int]]:
    """Count each function's lines, but not its docstring; what a port promises is no code."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            docs = node.body[:1] if ast.get_docstring(node) is not None else []
            code = node.body[len(docs):]
            if code and ast.unparse(code[0]) != "...":
                yield node.name, height(node) - sum(map(height, docs))


def height(node: ast.stmt) -> int:
    """Count the lines of a statement."""
    return (node.end_lineno or 0) - node.lineno + 1


def refusals(source: str) -> list[str]:
    """Find the codes by which HTTP says no, as numbers, texts or names."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and ast.unparse(node).strip("'") in REFUSALS:
            found.append(f"line {node.lineno}: {ast.unparse(node)}")
        if isinstance(node, ast.Attribute) and names_refusal(node.attr):
            found.append(f"line {node.lineno}: {node.attr}")
    return found


def names_refusal(name: str) -> bool:
    """Tell whether a name is HTTPStatus's or Starlette's for a 4xx or 5xx code."""
    return name in REFUSAL_NAMES or bool(re.match(r"HTTP_[45]\d\d_", name))


def tracked() -> list[str]:
    """Name the files that git keeps."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    return [name for name in listed.stdout.decode().split("\0") if name]


def sources(paths: list[Path]) -> Iterator[tuple[Path, str]]:
    """Read modules."""
    for path in paths:
        yield path, (ROOT / path).read_text()


def test_no_module_has_a_vague_name() -> None:
    assert not [path for path in MODULES if VAGUE & {*path.parts, path.stem}]


def test_every_module_opens_with_one_line_that_says_what_it_is_for() -> None:
    assert not [path for path, source in sources(MODULES) if source and not headline(source)]


def test_no_tool_is_silenced_without_a_code_and_a_reason() -> None:
    assert not [(path, text) for path, source in sources(MODULES + TESTS)
                for text in unexplained(source)]


def test_no_function_is_long() -> None:
    assert not [(path, name, length) for path, source in sources(WRITTEN_BY_US)
                for name, length in lengths(source) if length > LONGEST]


def test_functions_are_short_as_a_rule() -> None:
    found = [length for _, source in sources(WRITTEN_BY_US) for _, length in lengths(source)]
    assert median(found) <= USUAL


def test_only_the_table_of_errors_knows_refusing_status_codes() -> None:
    assert not [(path, found) for path, source in sources(MODULES)
                if path.is_relative_to(STATUS_TABLE.parent) and path != STATUS_TABLE
                for found in refusals(source)]


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="not a checkout")
def test_no_file_names_a_package_registry_or_a_folder_of_one_machine() -> None:
    kept = [ROOT / name for name in tracked() if name != "uv.lock"]
    assert not [path for path in kept if path.is_file() and LEAKS.search(path.read_bytes())]


@pytest.mark.parametrize("source", ["x = 1", '""""""', '"""Two\nlines."""', '"""\nLate."""'])
def test_a_module_without_a_headline_is_found(source: str) -> None:
    assert headline(source) is None


@pytest.mark.parametrize("source", ['"""One line."""', '"""One line.\n\nAnd more.\n"""'])
def test_a_headline_is_recognised(source: str) -> None:
    assert headline(source) == "One line."


@pytest.mark.parametrize(
    "comment",
    [
        "# type: ignore",
        "# type: ignore[arg-type]",
        "# type: ignore  # because",
        "# mypy: ignore-errors",
        "# pylint: skip-file",
        "# pylint: disable=no-member",
        "# pylint: disable-next=no-member, invalid-name",
    ],
)
def test_a_silence_without_a_reason_is_found(comment: str) -> None:
    assert unexplained(f"x = 1  {comment}\n") == [comment]
    assert not unexplained(f"x = '{comment}'\n")


@pytest.mark.parametrize(
    "comment",
    ["# type: ignore[arg-type]  # untyped upstream", "# pylint: disable=no-member  # made at run"],
)
def test_a_silence_with_a_reason_is_let_be(comment: str) -> None:
    assert not unexplained(f"x = 1  {comment}\n")


@pytest.mark.parametrize(
    "source",
    [
        "@router.post('', status_code=409)\ndef f(): pass",
        "raise HTTPException(503)",
        "router = APIRouter(responses={404: {}})",
        "router = APIRouter(responses={'422': {}})",
        "code = HTTPStatus.NOT_FOUND",
        "code = status.HTTP_404_NOT_FOUND",
    ],
)
def test_a_refusing_status_code_is_found(source: str) -> None:
    assert refusals(source)


def test_a_status_code_of_success_is_let_be() -> None:
    assert not refusals("@router.post('', status_code=201)\ndef f(): return HTTPStatus.CREATED")


def test_lengths_count_code_only() -> None:
    source = '@mark\ndef f():\n    """One.\n\n    More.\n    """\n    x = 1\n    return x\n'
    assert list(lengths(source + "def promised():\n    ...\n")) == [("f", 3)]


@pytest.mark.parametrize("folder", ["root", "home", "work"])
def test_a_folder_of_one_machine_is_found(folder: str) -> None:
    assert LEAKS.search(f"COPY /{folder}/me .".encode())
    assert not LEAKS.search(f"GET https://example.com/{folder}/me".encode())


@pytest.mark.parametrize("host", ["pypi" + ".org", "files.pythonhosted" + ".org"])
def test_a_package_registry_is_found(host: str) -> None:
    index = f"index = https://{host}/simple"
    assert LEAKS.search(index.encode())
