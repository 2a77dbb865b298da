"""Tables of the R agent for tests: a kernel that is asked for pages and what they say, as plain Python values.

Owns nothing but the way from an answer with its buffers to values; the kernel is `harness.AgentKernel`.
"""

from __future__ import annotations

import base64
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ide.core.table import MISSING_WORDS, Cells, Code, Encoding
from ide.kernels import contract
from tests.kernel.agents.harness import TIMEOUT_S, AgentKernel


class Refused(Exception):
    """The agent answered with an error."""

    def __init__(self, error: dict[str, str]) -> None:
        super().__init__(error["message"])
        self.code = error["code"]
        self.message = error["message"]


@dataclass(frozen=True)
class Missing:
    """A cell without a value."""

    word: str

    def __repr__(self) -> str:
        return self.word


NA, NAN, NULL = Missing("NA"), Missing("NaN"), Missing("NULL")


@dataclass(frozen=True)
class Said:
    """A cell whose text is not the value: cut, described or not looked at."""

    code: Code
    text: str


@dataclass
class Answered:
    """An answer, its buffers, and the events that came before it."""

    result: dict[str, Any]
    buffers: list[bytes] = field(default_factory=list)
    events: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    size_bytes: int = 0


class Tables:
    """What is asked of the tables of one kernel."""

    def __init__(self, kernel: AgentKernel) -> None:
        self.kernel = kernel
        self.events: list[tuple[str, dict[str, Any]]] = []
        self._number = 1_000_000
        self._open: list[str] = []

    def raw(self, method: str, **params: Any) -> Answered:
        """The answer as it came; raises Refused."""
        self._number += 1
        data = {"v": 1, "id": self._number, "method": method, "params": params}
        message = self.kernel.client.session.msg("comm_msg", {"comm_id": self.kernel.comm, "data": data})
        self.kernel.client.shell_channel.send(message)
        answered = Answered({})
        deadline = time.monotonic() + TIMEOUT_S
        while time.monotonic() < deadline:
            found = self.kernel.client.get_iopub_msg(timeout=TIMEOUT_S)
            if found["msg_type"] == "stream":
                raise AssertionError(f"the agent printed: {found['content']['text']!r}")
            if found["msg_type"] != "comm_msg":
                continue
            said = found["content"]["data"]
            if "event" in said:
                answered.events.append((said["event"], said["params"]))
                self.events.append((said["event"], said["params"]))
            elif said.get("id") == self._number:
                if "error" in said:
                    raise Refused(said["error"])
                answered.result = said["result"]
                answered.buffers = [bytes(buffer) for buffer in found["buffers"]]
                return answered
        raise AssertionError(f"no answer to {method}; {self.kernel.log()[-2000:]}")

    def ask(self, method: str, **params: Any) -> Any:
        """The checked record of the contract."""
        return contract.RESULTS[method](self.raw(method, **params).result)

    def open(self, *path: str) -> contract.TableInfo:
        """Open a table."""
        found: contract.TableInfo = self.ask("table.open", path=list(path))
        self._open.append(found.table)
        return found

    def close(self) -> None:
        """Close what was opened: the kernel is shared."""
        for table in self._open:
            self.ask("table.close", table=table)

    def columns(self, table: str, first: int = 0, end: int = 30) -> tuple[contract.TableColumn, ...]:
        """Some columns."""
        found: contract.TableColumns = self.ask("table.columns", table=table, first=first, end=end)
        return found.columns

    def cells(
        self, table: str, columns: Sequence[int], first: int = 0, end: int = 200, view: int = 0
    ) -> dict[int, tuple[Cells, int]]:
        """The buffers of each column and the number of rows."""
        answered = self.raw("table.page", table=table, view=view, first=first, end=end, columns=list(columns))
        page = contract.TablePage.from_json(answered.result)
        buffers = [base64.b64decode(one) for one in page.inline] if page.inline else answered.buffers
        found: dict[int, tuple[Cells, int]] = {}
        at = 0
        for column in page.columns:
            codes = b""
            if column.has_codes:
                codes, at = buffers[at], at + 1
            data, at = buffers[at], at + 1
            ends = b""
            if column.encoding == "text":
                ends, at = buffers[at], at + 1
            encoding: Encoding = column.encoding  # type: ignore[assignment]  # checked by the contract
            found[column.column] = (Cells(encoding, data, codes, ends), page.end - page.first)
        assert at == len(buffers)
        return found

    def page(
        self, table: str, columns: Sequence[int], first: int = 0, end: int = 200, view: int = 0
    ) -> list[list[Any]]:
        """Plain values, column after column."""
        found = self.cells(table, columns, first, end, view)
        return [[value_of(cells, row) for row in range(rows)] for cells, rows in found.values()]

    def column(self, name: str, column: int = 0) -> list[Any]:
        """The values of a column of a variable that is opened for it."""
        info = self.open(name)
        return self.page(info.table, [column])[0]

    def view(self, table: str, view: int, **spec: Any) -> contract.TableView:
        """Sort and filter."""
        found: contract.TableView = self.ask("table.view", table=table, view=view, **spec)
        return found

    def sync(self) -> list[tuple[str, dict[str, Any]]]:
        """What is told of tables after a run."""
        return [event for event in self.raw("variables.sync").events if event[0] == "table.changed"]


def value_of(cells: Cells, row: int) -> Any:
    """A cell as a plain value."""
    code = cells.code(row)
    if code.is_missing:
        return Missing(MISSING_WORDS[code])
    if code is not Code.VALUE:
        return Said(code, str(cells.value(row)))
    value = cells.value(row)
    assert not (isinstance(value, float) and math.isnan(value)), "NaN without its code"
    return value
