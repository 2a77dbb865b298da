"""Cells: the runnable parts of a document. One model for `# %%` scripts, chunks and notebooks."""

from __future__ import annotations

from typing import Literal

from ide.core.record import dataclass
from ide.core.text import LineRange


@dataclass(frozen=True, slots=True)
class Cell:
    """Lines `lines` of a document, the mark included; `code_first` is the first line of what runs.

    `language` is the id of the language that runs it. A cell of kind "text" never runs.
    """

    lines: LineRange
    code_first: int
    code_end: int
    language: str
    title: str = ""
    kind: Literal["code", "text"] = "code"


def cell_at(cells: tuple[Cell, ...], line: int) -> Cell | None:
    """The cell that holds `line`."""
    return next((cell for cell in cells if line in cell.lines), None)
