"""What lies inside Python's values, what they take, and what is done to variables, in a real kernel."""

from __future__ import annotations

import pytest

from ide.kernels import contract
from tests.kernel.agents.harness import AgentKernel
from tests.kernel.agents.test_python_agent import CLEAR

LIBRARIES = "import numpy as np, pandas as pd, polars as pl, pyarrow as pa\n"


@pytest.fixture
def fresh(python: AgentKernel) -> AgentKernel:
    """The shared kernel without names of earlier tests, and synced."""
    python.run(CLEAR)
    python.ask("variables.sync", full=True)
    return python


def children_of(kernel: AgentKernel, *path: str, **paging: int) -> contract.VariableChildren:
    answer = kernel.ask("variables.children", path=list(path), **paging)
    assert isinstance(answer, contract.VariableChildren)
    return answer


def shown(kernel: AgentKernel, *path: str) -> list[tuple[str, str, str]]:
    """Label, type and preview of each part."""
    return [(c.label, c.entry.type_name, c.entry.preview) for c in children_of(kernel, *path).children]


PARTS = [
    ("[1, 'a', [2]]", [("[0]", "int", "1"), ("[1]", "str", "'a'"), ("[2]", "list", "[2]")]),
    ("(1.5, None)", [("[0]", "float", "1.5"), ("[1]", "NoneType", "None")]),
    ("{7}", [("{0}", "int", "7")]),
    ("frozenset({b'x'})", [("{0}", "bytes", "b'x'")]),
    ("{'a': 1, 2: 'b', (1, 'x'): None}", [("'a'", "int", "1"), ("2", "str", "'b'"), ("(1, 'x')", "NoneType", "None")]),
    ("__import__('collections').deque([3])", [("[0]", "int", "3")]),
    ("__import__('collections').namedtuple('P', 'x y')(1, 2)", [("x", "int", "1"), ("y", "int", "2")]),
    ("__import__('collections').defaultdict(list, a=[1])", [("'a'", "list", "[1]")]),
    ("__import__('types').SimpleNamespace(u=1)", [("u", "int", "1")]),
    ("__import__('functools').partial(max, 1)", [("func", "builtin_function_or_method", ""), ("args", "tuple", "(1,)"),
                                                ("keywords", "dict", "{}")]),
    ("type('Own', (list,), {})([5])", [("[0]", "int", "5")]),
    ("type('Slotted', (), {'__slots__': ('p', 'q'), '__init__': lambda s: setattr(s, 'p', 1)})()", [("p", "int", "1")]),
    ("(lambda k: lambda: k)(4)", [("k", "int", "4")]),
    ("__import__('enum').Enum('Hue', 'RED BLUE')", [("RED", "Hue", ""), ("BLUE", "Hue", "")]),
    ("[1].append", []),
    ("np.array([[1, 2], [3, 4]])", [("[0]", "ndarray", "int64: [1, 2]"), ("[1]", "ndarray", "int64: [3, 4]")]),
    ("np.array([0.1, np.nan])", [("[0]", "float64", "0.1"), ("[1]", "float64", "nan")]),
    ("np.array(3)", []),
    ("np.array([(1, 'x')], dtype=[('n', 'i4'), ('s', 'U1')])", [("[0]", "void", "")]),
    ("np.array([(1, 'x')], dtype=[('n', 'i4'), ('s', 'U1')])[0]", [("n", "int32", "1"), ("s", "str_", "x")]),
    ("pd.DataFrame({'x': [1], 2: ['a']})", [("x", "Series", "int64: [1]"), ("2", "Series", "str")]),
    ("pd.Series([1, 2], index=['p', 'q'])", [("'p'", "int64", "1"), ("'q'", "int64", "2")]),
    ("pd.Index(['u'])", [("[0]", "str", "'u'")]),
    ("pl.DataFrame({'q': [1]})", [("q", "Series", "Int64")]),
    ("pl.Series([1, None])", [("[0]", "int", "1"), ("[1]", "NoneType", "None")]),
    ("pa.table({'c': [1]})", [("c", "ChunkedArray", "int64")]),
    ("pa.array([{'a': 1}])", [("[0]", "dict", "{'a': 1}")]),
]  # fmt: skip


def test_parts_are_told_truly(fresh: AgentKernel) -> None:
    fresh.run(LIBRARIES + "\n".join(f"v{n} = {code}" for n, (code, _) in enumerate(PARTS)))
    found = {code: shown(fresh, f"v{n}") for n, (code, _) in enumerate(PARTS)}
    assert found == dict(PARTS)
