"""Run inside a kernel by the tests of its tables: asks the agent there directly and turns buffers into Python values.

Nothing of the agent's own decoding is used; the buffers are read by `struct`. What cannot be a value is a text:
`<NA>`, `<NaN>`, ... for missing cells, a pair (code, text) for those that are only described.
"""

from __future__ import annotations

import itertools
import struct
import sys
from typing import Any

WORDS = {1: "<NA>", 2: "<NaN>", 3: "<NaT>", 4: "<None>", 5: "<NULL>"}
FORMS = {"bool": "?", "int64": "q", "uint64": "Q", "float64": "d"}
Keys = Any
"""A list of (column, is_descending), or None."""
_numbers = itertools.count(1)


def agent() -> Any:
    """The agent of this kernel."""
    return sys.modules["fourpane_plugins.lang_python.agent.main"]._agent


def ask(method: str, **params: Any) -> Any:
    """What a method answers."""
    return agent().tables.methods[method](**params)


def decoded(column: dict[str, Any], buffers: list[bytes], count: int) -> list[Any]:
    """The cells of the next column."""
    codes = buffers.pop(0) if column["has_codes"] else bytes(count)
    data = buffers.pop(0)
    if column["encoding"] == "text":
        ends = struct.unpack(f"<{count}I", buffers.pop(0))
        values: list[Any] = [data[first:end].decode() for first, end in zip((0, *ends), ends, strict=False)]
    else:
        values = list(struct.unpack(f"<{count}{FORMS[column['encoding']]}", data))
    assert len(codes) == len(values) == count
    assert not column["has_codes"] or any(codes)
    pairs = list(zip(values, codes, strict=True))
    assert not any(code == 0 and value != value for value, code in pairs), "NaN without a code"
    return [WORDS.get(code, (code, value)) if code else value for value, code in pairs]


class Opened:
    """One table of a name in the user's namespace."""

    def __init__(self, value: Any, name: str = "subject_of_test") -> None:
        agent().shell.user_ns[name] = value
        self.name_of_subject = name
        self.info = ask("table.open", path=[name])
        self.name = self.info["table"]

    def columns(self) -> list[dict[str, Any]]:
        """All columns."""
        found: list[dict[str, Any]] = ask("table.columns", table=self.name, first=0, end=self.info["column_count"])[
            "columns"
        ]
        return found

    def page(self, columns: list[int], first: int = 0, end: int = 2000, view: int = 0) -> list[list[Any]]:
        """Cells, column after column."""
        end = min(end, first + 2000)
        page, raw = ask("table.page", table=self.name, view=view, first=first, end=end, columns=columns)
        buffers = [bytes(buffer) for buffer in raw]
        count = page["end"] - page["first"]
        found = [decoded(column, buffers, count) for column in page["columns"]]
        assert not buffers
        assert [column["column"] for column in page["columns"]] == columns
        return found

    def cells(self, column: int = 0) -> list[Any]:
        """The first rows of a column."""
        return self.page([column])[0]

    def view(self, sort: Keys = None, members: Any = None, is_all: bool = True) -> Any:
        """A new view."""
        keys = [{"column": column, "is_descending": is_descending} for column, is_descending in sort or []]
        group = {"all": is_all, "members": members} if members else {}
        return ask("table.view", table=self.name, view=next(_numbers), sort=keys, filter=group)

    def rows(self, sort: Keys = None, members: Any = None, is_all: bool = True) -> list[int]:
        """The rows of a view, in order."""
        state = self.view(sort, members, is_all)
        assert not state["problems"], state
        vector = agent().tables._tables[self.name].view.rows
        found = list(range(self.info["row_count"])) if vector is None else [int(row) for row in vector]
        assert len(found) == state["row_count"]
        return found

    def one(self, column: int, operator: str, *values: Any, **options: Any) -> list[int]:
        """The rows that fit a single filter."""
        return self.rows(None, [{"column": column, "operator": operator, "values": list(values), **options}])

    def profile(self, column: int = 0, **options: Any) -> Any:
        """What a column holds; its figures as a dict."""
        asked = {"view": 0, "is_exact": True, "bins": 20, "top": 10, **options}
        found = ask("table.profile", table=self.name, column=column, **asked)
        assert not found.get("problem"), found
        found["figures"] = {one["name"]: one["text"] for one in found["statistics"]}
        return found

    def close(self) -> None:
        """Forget it."""
        ask("table.close", table=self.name)


def refusal(call: Any) -> tuple[str, str]:
    """Code and message with which a call is refused."""
    from fourpane_plugins.lang_python.agent.refusal import Refusal

    try:
        call()
    except Refusal as error:
        return error.code, str(error)
    raise AssertionError("it was not refused")
