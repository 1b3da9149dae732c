"""Imports point inwards, and each contract that says so breaks when it should."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from shutil import copy
from tomllib import loads

import pytest

ROOT = Path(__file__).parents[2]
CONFIG = ROOT / "pyproject.toml"
CONTRACTS = loads(CONFIG.read_text())["tool"]["importlinter"]["contracts"]
ALLOWED = sys.stdlib_module_names | {"annotated_types", "domain", "application"}
LINT_IMPORTS = "from importlinter.cli import lint_imports_command; lint_imports_command()"

BAD_IMPORTS = {
    "layers": ("domain/payoff.py", "import application.payoffs"),
    "pure-core": ("application/payoffs.py", "from sqlalchemy import select"),
    "adapters": ("adapters/sql/store.py", "from adapters.memory import store"),
    "container": ("entrypoints/http/app.py", "from adapters.sql import store"),
}
"""For each contract one import that it forbids."""

PACKAGES = [
    "domain", "application", "adapters", "adapters/jwt", "adapters/memory", "adapters/sql",
    "entrypoints", "entrypoints/container", "entrypoints/http",
]
MODULES = {
    "domain/payoff.py": "import dataclasses",
    "application/payoffs.py": "from annotated_types import Ge\nfrom domain import payoff",
    "adapters/sql/store.py": "import sqlalchemy\nfrom application import payoffs",
    "adapters/memory/store.py": "from domain import payoff",
    "entrypoints/container/wiring.py": (
        "from adapters.memory import store\nfrom adapters.sql import store"
    ),
    "entrypoints/http/app.py": "import fastapi\nfrom entrypoints.container import wiring",
}
"""A tree in miniature that keeps every contract."""


@pytest.fixture(name="tree")
def miniature(tmp_path: Path) -> Path:
    """Lay the miniature tree beside the real configuration."""
    copy(CONFIG, tmp_path)
    for package in PACKAGES:
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").touch()
    for path, source in MODULES.items():
        (tmp_path / path).write_text(source + "\n")
    return tmp_path


def lint_imports(tree: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Check a tree against the contracts in its pyproject.toml."""
    return subprocess.run(
        [sys.executable, "-c", LINT_IMPORTS, "--no-cache", "--no-logo", *options],
        cwd=tree,
        env={"PYTHONPATH": str(tree), "COLUMNS": "200", "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )


def broken(tree: Path) -> set[str]:
    """Name the contracts that a tree breaks."""
    linted = lint_imports(tree)
    output = linted.stdout
    assert " broken." in output, output + linted.stderr
    return {each["id"] for each in CONTRACTS if f"{each['name']} BROKEN" in output}


def imported_roots(source: str) -> Iterator[str]:
    """Name the top-level packages that a module imports, wherever in it; itself excepted."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield str(node.module).partition(".")[0]


def test_the_tree_keeps_every_contract() -> None:
    linted = lint_imports(ROOT)
    assert linted.returncode == 0, linted.stdout + linted.stderr


def test_every_contract_has_an_import_that_breaks_it() -> None:
    assert {contract["id"] for contract in CONTRACTS} == set(BAD_IMPORTS)


def test_a_clean_tree_breaks_no_contract(tree: Path) -> None:
    assert broken(tree) == set()


@pytest.mark.parametrize("contract", BAD_IMPORTS)
def test_a_bad_import_breaks_exactly_its_contract(tree: Path, contract: str) -> None:
    path, bad_import = BAD_IMPORTS[contract]
    with (tree / path).open("a") as module:
        module.write(bad_import + "\n")
    assert broken(tree) == {contract}


@pytest.mark.parametrize("package", ["domain", "application"])
def test_the_core_imports_only_what_is_allowed(package: str) -> None:
    strangers = {
        f"{path.relative_to(ROOT)}: {root}"
        for path in (ROOT / package).rglob("*.py")
        for root in imported_roots(path.read_text())
        if root not in ALLOWED
    }
    assert not strangers


@pytest.mark.parametrize(
    "source",
    [
        "import os, numpy.linalg",
        "from numpy import array",
        "def late() -> None:\n    import numpy",
        "if TYPE_CHECKING:\n    from numpy.typing import NDArray",
    ],
)
def test_an_import_is_found_wherever_it_hides(source: str) -> None:
    assert "numpy" in set(imported_roots(source)) - ALLOWED
