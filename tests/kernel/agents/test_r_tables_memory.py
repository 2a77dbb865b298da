"""What looking at a large data frame costs R in memory: nothing but an index while a sort or filter is in force."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.kernel.agents.r_tables import Tables

ROWS = 5_000_000
MB = 1_000_000


def test_memory_is_flat_while_opening_and_scrolling(start: Any, tmp_path: Path) -> None:
    kernel = start("r", tmp_path)
    kernel.run(
        f"df <- as.data.frame(setNames(lapply(1:8, function(i) as.numeric(seq_len({ROWS})) + i), paste0('c', 1:8)))\n"
        "words <- data.frame(w = as.character(seq_len(1e6) %% 1000))\n"
        "small <- as.data.frame(matrix(runif(800), 100))"
    )
    tables = Tables(kernel)

    def held() -> int:
        """Bytes that R holds after a collection: what the system is given back depends on its allocator."""
        messages = kernel.run("invisible(gc()); cat(format(sum(gc()[, 1] * c(56, 8)), digits = 15))").messages
        return round(float("".join(one["content"]["text"] for one in messages if one["msg_type"] == "stream")))

    def look(name: str) -> str:
        info = tables.open(name)
        for first in range(0, info.row_count, max(info.row_count // 60, 1)):
            tables.page(info.table, list(range(info.column_count)), first, first + 50)
        return info.table

    look("small")
    before = held()
    table = look("df")
    look("words")
    assert held() - before < 20 * MB
    tables.view(table, 1, sort=[{"column": 3, "is_descending": True}], filter={})
    assert tables.page(table, [3], 0, 1, view=1) == [[float(ROWS + 4)]]
    assert held() - before < ROWS * 4 + 10 * MB
    tables.ask("table.close", table=table)
    assert held() - before < 20 * MB
