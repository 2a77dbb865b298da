"""Languages are plugins and equals: outside `plugins/` no code decides by a language's name."""

from __future__ import annotations

import ast
import re

import pytest

from tests.rules.source import parsed, python_files, relative

_NAME = re.compile(r"(^|_)lang(uage)?(_id|_name)?$")


def language_branches(tree: ast.AST) -> list[int]:
    """Lines that compare something called language with a literal text, by operator, membership or match."""
    lines = [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Compare) and _decides(node)]
    matches = [node for node in ast.walk(tree) if isinstance(node, ast.Match) and _is_language(node.subject)]
    return lines + [node.lineno for node in matches]


def _decides(compare: ast.Compare) -> bool:
    sides = [compare.left, *compare.comparators]
    return any(map(_is_language, sides)) and any(map(_is_name_literal, sides))


def _is_language(node: ast.expr) -> bool:
    name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return _is_language(node.func.value)  # language.lower() == ...
    return _NAME.search(name) is not None


def _is_name_literal(node: ast.expr) -> bool:
    if isinstance(node, ast.Tuple | ast.List | ast.Set):
        return any(map(_is_name_literal, node.elts))
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value != ""


def test_no_branch_on_a_language_outside_plugins() -> None:
    files = python_files("ide", "tour")

    found = {relative(path): lines for path in files if (lines := language_branches(parsed(path)))}

    assert files
    assert found == {}


@pytest.mark.parametrize(
    "code",
    [
        'language == "python"',
        'session.language_id != "r"',
        '"R" == document.language',
        'language in ("python", "r")',
        'doc.language.lower() == "r"',
        'match language:\n    case "r": pass',
        'kernel_language == "python"',
    ],
)
def test_branch_in_any_form_is_found(code: str) -> None:
    assert language_branches(ast.parse(code))


@pytest.mark.parametrize("code", ["language == other.language", 'language == ""', "language in languages", 'x == "r"'])
def test_comparison_without_a_language_name_is_not_found(code: str) -> None:
    assert language_branches(ast.parse(code)) == []
