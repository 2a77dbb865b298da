"""Which packages code needs: what it imports, what an error says is missing, and which package brings a name."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Final

_MISSING: Final = re.compile(r"No module named ['\"]([\w.]+)['\"]")
# What pandas and others say of what they need for one task alone.
_OPTIONAL: Final = re.compile(
    r"Missing optional dependency ['\"]([\w.\-]+)['\"]|"
    r"(?:requires|needs|install) the ['\"`]?([\w.\-]+)['\"`]? (?:package|library)"
)
_IMPORT_ERRORS: Final = frozenset({"ModuleNotFoundError", "ImportError"})
_NOT_PYTHON: Final = re.compile(r"^\s*[%!?].*$|^.*\?\s*$", re.MULTILINE)
_LIKE_IMPORT: Final = re.compile(r"^\s*(?:import\s+([\w.]+(?:\s*,\s*[\w.]+)*)|from\s+([\w.]+)\s+import\b)")

# Python's parser lets no other thread run, the window's neither: so long a text takes it about 15 ms.
_PARSED_LENGTH: Final = 20_000


def missing_import(error: str, message: str) -> str:
    """The top-level name that an error says is not installed; "" for other errors."""
    if error not in _IMPORT_ERRORS:
        return ""
    if found := _MISSING.search(message):
        name = found[1].partition(".")[0]
        return "" if name in sys.stdlib_module_names else name
    found = _OPTIONAL.search(message)
    return next((group for group in found.groups() if group), "") if found else ""


def imports(code: str) -> tuple[str, ...]:
    """Top-level names that code imports, the standard library left out. What stands in a `try` may well be missing; of
    long code only what is not indented counts, for the same reason."""
    if len(code) > _PARSED_LENGTH:
        found = [name for line in code.splitlines() if not line[:1].isspace() for name in _of_line(line)]
    else:
        code = _NOT_PYTHON.sub("", code)
        try:
            found = list(_imported(ast.parse(code).body))
        except (SyntaxError, ValueError, RecursionError):
            found = [name for line in code.splitlines() for name in _of_line(line)]
    tops = (name.partition(".")[0] for name in found)
    return tuple(dict.fromkeys(top for top in tops if top and top not in sys.stdlib_module_names))


def _imported(statements: list[ast.stmt]) -> Iterator[str]:
    for statement in statements:
        if isinstance(statement, ast.Import):
            yield from (alias.name for alias in statement.names)
        elif isinstance(statement, ast.ImportFrom):
            if statement.module and statement.level == 0:
                yield statement.module
        elif isinstance(statement, ast.If) and _is_for_types(statement.test):
            yield from _imported(statement.orelse)
        elif not isinstance(statement, ast.Try):
            for field in ("body", "orelse", "finalbody"):
                yield from _imported(getattr(statement, field, []) or [])


def _is_for_types(test: ast.expr) -> bool:
    name = test.attr if isinstance(test, ast.Attribute) else test.id if isinstance(test, ast.Name) else ""
    return name == "TYPE_CHECKING"


def _of_line(line: str) -> Iterator[str]:
    """For code that is not whole, and for long code."""
    if found := _LIKE_IMPORT.match(line):
        yield from (name.strip() for name in (found[1] or found[2]).split(","))


def package_of(name: str) -> str:
    """The package that brings an imported name."""
    return _names().get(name, name.replace("_", "-"))


@cache
def _names() -> Mapping[str, str]:
    return {
        name: str(package)
        for name, package in tomllib.loads((Path(__file__).with_name("import_names.toml")).read_text("utf-8")).items()
    }
