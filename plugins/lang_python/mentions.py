"""Files and environment variables that code names, from its syntax tree: nothing is run."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from typing import Final

from ide.api.language import Mention, MentionKind

_READERS: Final = frozenset(
    {"load", "loadtxt", "genfromtxt", "imread", "open_dataset", "open_zarr", "ParquetFile", "ParquetDataset"}
    | {"dataset", "loadmat", "read", "from_file", "load_workbook", "ExcelFile", "HDFStore", "run_path"}
)
_WRITERS: Final = frozenset(
    {"savefig", "save", "savetxt", "savez", "savez_compressed", "imsave", "imwrite", "sink_parquet", "sink_csv"}
)
_OWN_READERS: Final = frozenset({"read_text", "read_bytes"})  # of a path: `Path("x").read_text()`
_OWN_WRITERS: Final = frozenset({"write_text", "write_bytes", "touch", "mkdir"})
_PATHS: Final = frozenset({"Path", "PurePath", "PosixPath", "WindowsPath", "join", "expanduser", "fspath", "abspath"})
_NAMED: Final = frozenset(
    {"file", "path", "filename", "fname", "fp", "io", "source", "filepath", "filepath_or_buffer", "path_or_buf"}
    | {"path_or_buffer", "fn", "root_path"}
)
_LITERAL: Final = re.compile(r"\"((?:\\.|[^\"\\\n])*)\"|'((?:\\.|[^'\\\n])*)'")


def mentions(code: str) -> tuple[Mention, ...]:
    """What `Language.mentions` says."""
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError):
        return tuple(_by_lines(code))
    found = _Finder(tree)
    return tuple(sorted(found.found, key=lambda one: one.line))


def _by_lines(code: str) -> Iterator[Mention]:
    """For code that is not whole, or has lines of IPython's: what is done with a text is not known."""
    for number, line in enumerate(code.splitlines(), 1):
        for match in _LITERAL.finditer(line):
            yield Mention("text", match[1] or match[2] or "", number)


class _Finder(ast.NodeVisitor):
    def __init__(self, tree: ast.Module) -> None:
        self.found: list[Mention] = []
        self._constants = dict(_constants(tree))
        self._taken: set[ast.expr] = set()
        self.visit(tree)

    def visit_Expr(self, node: ast.Expr) -> None:
        if not isinstance(node.value, ast.Constant):  # a docstring names nothing
            self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str) and node not in self._taken:
            self.found.append(Mention("text", node.value, node.lineno))

    def visit_Call(self, node: ast.Call) -> None:
        name = _last_name(node.func)
        place = node.func.value if isinstance(node.func, ast.Attribute) else None
        if name in ("getenv", "get") and _is_environ(node.func, name):
            if len(node.args) == 1 and not node.keywords:  # with a default it may be missing
                self._take("variable", node.args[0])
        elif name in _OWN_READERS | _OWN_WRITERS and place is not None:
            self._take("read" if name in _OWN_READERS else "write", place)
        elif name == "open":
            is_of_path = place is not None and _text(place, self._constants) is not None
            modes = [*node.args[0 if is_of_path else 1 :], *(one.value for one in node.keywords if one.arg == "mode")]
            mode = next((_text(one, {}) for one in modes), "r")
            kind: MentionKind = "write" if mode and set(mode) & set("wax") else "read"
            self._take(kind, place if is_of_path else _first(node))
        elif name in _READERS or name.startswith(("read_", "scan_")):
            self._take("read", _first(node))
        elif name in _WRITERS or name.startswith(("to_", "write_")):
            self._take("write", _first(node))
        self.generic_visit(node)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        if _last_name(node.value) == "environ" and isinstance(node.ctx, ast.Load):
            self._take("variable", node.slice)
        self.generic_visit(node)

    def _take(self, kind: MentionKind, node: ast.expr | None) -> None:
        text = None if node is None else _text(node, self._constants)
        if node is None or text is None:
            return
        self.found.append(Mention(kind, text, node.lineno))
        self._taken.update(each for each in ast.walk(node) if isinstance(each, ast.Constant))


def _constants(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Names that stand for one text in the whole file."""
    counts: dict[str, int] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            counts[node.id] = counts.get(node.id, 0) + 1
    known: dict[str, str] = {}
    for statement in tree.body:
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            target, text = statement.targets[0], _text(statement.value, known)
            if isinstance(target, ast.Name) and counts[target.id] == 1 and text is not None:
                known[target.id] = text
    yield from known.items()


def _text(node: ast.expr, known: Mapping[str, str]) -> str | None:
    """The text or path that an expression stands for, None where this can't be read from the code."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.Name):
        return known.get(node.id)
    parts: list[ast.expr] = []
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        parts = [node.left, node.right]
    elif isinstance(node, ast.Call) and _last_name(node.func) in _PATHS and not node.keywords:
        parts = node.args
    texts = [_text(part, known) for part in parts]
    whole = [text for text in texts if text is not None]
    if not whole or len(whole) < len(texts):
        return None
    joined = ""
    for text in whole:
        joined = text if text.startswith("/") or not joined else f"{joined.rstrip('/')}/{text}"
    return joined


def _first(call: ast.Call) -> ast.expr | None:
    if call.args:
        return call.args[0]
    return next((one.value for one in call.keywords if one.arg in _NAMED), None)


def _last_name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _is_environ(function: ast.expr, name: str) -> bool:
    return name == "getenv" or (isinstance(function, ast.Attribute) and _last_name(function.value) == "environ")
