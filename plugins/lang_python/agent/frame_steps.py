"""Which frames the code of a run joined, filled or dropped rows of: read from its syntax, nothing is evaluated.

Owns the spelling of joins of pandas and polars. A step is one assignment at the top of the code whose value begins with
a variable; what comes between is told apart by whether it can change the number of rows.
"""

from __future__ import annotations

import ast
from typing import Any, NamedTuple

CODE_MOST = 100_000
_KEEPS_ROWS = frozenset(
    [
        "copy",
        "reset_index",
        "set_index",
        "sort_values",
        "sort_index",
        "rename",
        "assign",
        "astype",
        "drop",
        "convert_dtypes",
        "with_columns",
        "sort",
        "select",
        "cast",
        "rechunk",
        "clone",
        "lazy",
        "collect",
        "set_axis",
        "add_prefix",
        "add_suffix",
        "fillna",
        "fill_null",
        "infer_objects",
        "ffill",
        "bfill",
    ]
)
_ONLY_LESS = frozenset(
    [
        "query",
        "head",
        "tail",
        "filter",
        "dropna",
        "drop_nulls",
        "drop_duplicates",
        "unique",
        "sample",
        "nlargest",
        "limit",
    ]
)
FILLS = frozenset(["fillna", "fill_null", "ffill", "bfill", "fill_nan", "interpolate"])
DROPS = frozenset(["dropna", "drop_nulls", "drop_nans"])
SAYS_MISSING = frozenset(
    [
        "nan",
        "NaN",
        "NA",
        "NaT",
        "None",
        "mask",
        "where",
        "shift",
        "diff",
        "pct_change",
        "rolling",
        "replace",
        "reindex",
        "resample",
        "when",
        "lit",
        "ewm",
    ]
)
SAYS_TYPE = frozenset(
    ["astype", "cast", "convert_dtypes", "strftime", "to_string", "format", "map", "apply", "str", "set_categories"]
)
STACKS = frozenset(["concat", "append", "vstack", "extend", "merge", "join"])


class Join(NamedTuple):
    """A frame that was joined: its variable, the keys on both sides (None where they follow from the columns)."""

    name: str
    right: str
    left_keys: tuple[str, ...] | None
    right_keys: tuple[str, ...] | None
    is_right_index: bool
    is_left_index: bool
    how: str
    is_right_exact: bool


class Step(NamedTuple):
    """How a variable came about: the variable that it begins with (as it was before the run, where that is the target
    itself), whether all rows of that came so far, and the assignments that the name had seen when it began."""

    target: str
    left: str
    is_exact: bool
    joins: tuple[Join, ...]
    calls: tuple[str, ...]
    source: str
    order: int


class Steps:
    """What the code says. `assigned` is when each name was assigned last, `touched` are names that something was set
    into or that a method was called of, `fed` those that were made from themselves. `aligned` are columns set from
    another variable: (frame, column, variable, its column or None)."""

    def __init__(self, code: str) -> None:
        self.last: dict[str, Step | None] = {}
        self.assigned: dict[str, int] = {}
        self.touched: set[str] = set()
        self.fed: set[str] = set()
        self.words: set[str] = set()
        self.aligned: list[tuple[str, str, str, str | None]] = []
        self._code = code
        try:
            tree = ast.parse(code if len(code) <= CODE_MOST else "")
        except (SyntaxError, ValueError, RecursionError):
            return
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute):
                self.words.add(node.attr)
            elif isinstance(node, ast.Name):
                self.words.add(node.id)
            elif isinstance(node, ast.Constant) and (node.value is None or node.value == "coerce"):
                self.words.add(str(node.value))
        for order, statement in enumerate(tree.body):
            self._read(statement, order)

    def says(self, words: frozenset[str]) -> bool:
        """Whether the code names one of the words."""
        return not self.words.isdisjoint(words)

    def is_as_used(self, name: str, order: int) -> bool:
        """Whether a variable still is what it was at that statement."""
        return self.assigned.get(name, -1) <= order

    def _read(self, statement: ast.stmt, order: int) -> None:
        if isinstance(statement, ast.Assign):
            for target in statement.targets:
                self._set(target, statement.value, statement, order)
        elif isinstance(statement, (ast.AnnAssign, ast.AugAssign)) and statement.value is not None:
            self._set(statement.target, statement.value, statement, order)
        elif isinstance(statement, ast.Expr):
            self._call(statement.value, order)
        else:
            for node in ast.walk(statement):
                if isinstance(node, ast.Name):
                    self.touched.add(node.id)
                    if not isinstance(node.ctx, ast.Load):
                        self._assign(node.id, None, order)

    def _set(self, target: ast.expr, value: ast.expr, statement: ast.stmt, order: int) -> None:
        if isinstance(target, ast.Name):
            if any(isinstance(node, ast.Name) and node.id == target.id for node in ast.walk(value)):
                self.fed.add(target.id)
            source = ast.get_source_segment(self._code, statement) or ""
            self._assign(target.id, _step(target.id, value, source, order), order)
            return
        if isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name):
            self._align(target.value.id, _text(_index(target)), value)
        for node in ast.walk(target):
            if isinstance(node, ast.Name):
                self.touched.add(node.id)
                if not isinstance(node.ctx, ast.Load):
                    self._assign(node.id, None, order)

    def _assign(self, name: str, step: Step | None, order: int) -> None:
        if step is not None and step.left == name and name in self.last:
            before = self.last[name]
            step = None if before is None else _composed(before, step)
        self.last[name] = step
        self.assigned[name] = order

    def _call(self, value: ast.expr, order: int) -> None:
        root = _root(value)
        self.touched.add(root)
        if isinstance(value, ast.Call) and any(keyword.arg == "inplace" for keyword in value.keywords):
            source = ast.get_source_segment(self._code, value) or ""
            self.fed.add(root)
            self._assign(root, _step(root, value, source, order), order)

    def _align(self, frame: str, column: str | None, value: ast.expr) -> None:
        if column is None:
            return
        if isinstance(value, ast.Name):
            self.aligned.append((frame, column, value.id, None))
        elif isinstance(value, ast.Subscript) and isinstance(value.value, ast.Name):
            other = _text(_index(value))
            if other is not None:
                self.aligned.append((frame, column, value.value.id, other))


def _composed(before: Step, step: Step) -> Step:
    """Two steps that follow each other, as one."""
    return Step(
        step.target,
        before.left,
        before.is_exact and step.is_exact,
        before.joins + step.joins,
        before.calls + step.calls,
        step.source if step.joins else before.source,
        before.order,
    )


def _index(node: ast.Subscript) -> Any:
    """The key of a subscript; Python 3.8 wraps it."""
    inner: Any = node.slice
    return inner.value if type(inner).__name__ == "Index" else inner


def _text(node: Any) -> str | None:
    return node.value if isinstance(node, ast.Constant) and type(node.value) is str else None


def _texts(node: ast.expr | None) -> tuple[str, ...] | None:
    """A text or a list of them as written; None where it is something else."""
    if node is None:
        return None
    items = node.elts if isinstance(node, (ast.List, ast.Tuple)) else [node]
    found = [_text(item) for item in items]
    texts = [text for text in found if text is not None]
    return tuple(texts) if len(texts) == len(found) and texts else None


def _root(node: ast.expr) -> str:
    """The variable that an expression begins with; "" where it begins otherwise."""
    while not isinstance(node, ast.Name):
        if isinstance(node, ast.Call):
            node = node.func
        elif isinstance(node, (ast.Attribute, ast.Subscript, ast.Starred)):
            node = node.value
        else:
            return ""
    return node.id


def _step(target: str, value: ast.expr, source: str, order: int) -> Step | None:
    joins: list[Join] = []
    calls: list[str] = []
    is_exact = True
    while not isinstance(value, ast.Name):
        if isinstance(value, ast.Subscript):
            is_exact = is_exact and _texts(_index(value)) is not None
            value = value.value
        elif isinstance(value, ast.Attribute) and value.attr in ("loc", "iloc"):
            value = value.value
        elif isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute):
            name, owner = value.func.attr, value.func.value
            options = {keyword.arg: keyword.value for keyword in value.keywords if keyword.arg}
            calls.append(name)
            if name in ("merge", "join"):
                owner, join = _join(name, owner, list(value.args), options)
                if join is None:
                    return None
                joins.insert(0, join)
            elif name in _ONLY_LESS or (name == "drop" and "columns" not in options):
                is_exact = False
            elif name not in _KEEPS_ROWS:
                return None
            value = owner
        else:
            return None
    return Step(target, value.id, is_exact, tuple(joins), tuple(calls), source, order)


def _join(
    name: str, owner: ast.expr, arguments: list[ast.expr], options: dict[str, ast.expr]
) -> tuple[ast.expr, Join | None]:
    """The frame that something is joined to, and what."""
    if name == "merge" and isinstance(owner, ast.Name) and owner.id in ("pd", "pandas"):
        left = options.pop("left", None) or (arguments.pop(0) if arguments else None)
        if left is None:
            return owner, None
        owner = left
    right = options.get("right") or options.get("other") or (arguments.pop(0) if arguments else None)
    right, right_index, is_right_exact = _peeled(right)
    for place, argument in zip(("how", "on") if name == "merge" else ("on", "how"), arguments):
        options.setdefault(place, argument)
    how = options.get("how")
    word = _text(how) if how is not None else ""
    if not isinstance(right, ast.Name) or word is None or "predicate" in options:
        return owner, None
    on = _texts(options.get("on"))
    left_keys, right_keys = on or _texts(options.get("left_on")), on or _texts(options.get("right_on"))
    is_spelled = any(option in options for option in ("on", "left_on", "right_on"))
    if is_spelled and left_keys is None and right_keys is None:
        return owner, None
    is_index = ("left_index" in options, "right_index" in options)
    if (right_index is not None and right_keys is None) or (name == "join" and right_index is not None):
        right_keys = right_index
    return owner, Join(name, right.id, left_keys, right_keys, is_index[1], is_index[0], word, is_right_exact)


def _peeled(right: ast.expr | None) -> tuple[ast.expr | None, tuple[str, ...] | None, bool]:
    """The variable of a frame that is joined, the columns that were made its index, and whether it came whole."""
    index: tuple[str, ...] | None = None
    is_exact = True
    while right is not None and not isinstance(right, ast.Name):
        if isinstance(right, ast.Subscript):
            is_exact = is_exact and _texts(_index(right)) is not None
            right = right.value
        elif isinstance(right, ast.Call) and isinstance(right.func, ast.Attribute):
            name = right.func.attr
            is_exact = is_exact and name in _KEEPS_ROWS
            if name == "set_index" and right.args:
                index = _texts(right.args[0])
            right = right.func.value if name in _KEEPS_ROWS or name in _ONLY_LESS else None
        else:
            right = None
    return right, index, is_exact
