"""Shows a Jupyter notebook as text with cells, read-only. Reads formats 3 and 4; writes none, runs nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from ide.core.cells import Cell
from ide.core.errors import DocumentError
from ide.core.record import dataclass
from ide.core.text import LineRange
from ide.documents.chunks import LanguageId

READ_ONLY_SENTENCE = "Notebooks open read-only: their cells can be run here, not edited."


@dataclass(frozen=True, slots=True)
class Notebook:
    """The text that the editor shows and the cells in it. Saved output is left out: it could be anything."""

    text: str
    cells: tuple[Cell, ...]
    language: str


def read_notebook(source: str, language_id: LanguageId, *, name: str = "The notebook") -> Notebook:
    """Make the text of a notebook from its JSON. Raises DocumentError where it is none."""
    try:
        data = json.loads(source)
        cells = list(_raw_cells(data))
        language = language_id(_language(data, cells))
        return _lay_out(cells, language, language_id)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise DocumentError(
            f"{name} is not a notebook that can be read.",
            f"Its content is damaged or of an unknown kind ({_short(error)}).",
            "Open it as plain text to see what is in it.",
            action="document.open_as_text",
            action_title="Open as text",
        ) from error


def _raw_cells(data: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """nbformat 4 has `cells`; 3 and 2 have `worksheets` with cells."""
    if "cells" in data:
        yield from (dict(cell) for cell in data["cells"])
        return
    for sheet in data["worksheets"]:
        yield from (dict(cell) for cell in sheet["cells"])


def _language(data: dict[str, Any], cells: list[dict[str, Any]]) -> str:
    metadata = data.get("metadata") or {}
    for part, field in (("kernelspec", "language"), ("language_info", "name")):
        word = (metadata.get(part) or {}).get(field)
        if isinstance(word, str) and word:
            return word
    words = [cell["language"] for cell in cells if isinstance(cell.get("language"), str)]
    return words[0] if words else "python"


def _lay_out(raw: list[dict[str, Any]], language: str, language_id: LanguageId) -> Notebook:
    lines: list[str] = []
    cells: list[Cell] = []
    for number, cell in enumerate(raw, 1):
        is_code = cell.get("cell_type") == "code"
        body = _source(cell).split("\n")
        first = len(lines)
        title = _title(body, number) if not is_code else f"Cell {number}"
        lines += [f"# %% {title}" if is_code else "# %% [markdown]", *body, ""]
        own = cell.get("language")
        runs_in = (language_id(own) if isinstance(own, str) else language) if is_code else "markdown"
        end = len(lines)
        cells.append(Cell(LineRange(first, end), first + 1, end - 1, runs_in, title, "code" if is_code else "text"))
    return Notebook("\n".join(lines), tuple(cells), language)


def _source(cell: dict[str, Any]) -> str:
    source = cell.get("source", cell.get("input", ""))
    text = source if isinstance(source, str) else "".join(str(line) for line in source)
    level = cell.get("level") if cell.get("cell_type") == "heading" else None
    text = text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n")
    return f"{'#' * int(level)} {text}" if level else text


def _title(body: list[str], number: int) -> str:
    heading = next((line.lstrip("# ").strip() for line in body if line.startswith("#")), "")
    return heading[:80] or f"Text {number}"


def _short(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:120]
