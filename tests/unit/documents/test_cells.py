"""Cells of scripts, chunks and notebooks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ide.core.cells import Cell
from ide.core.errors import DocumentError
from ide.core.text import Edit, LineRange
from ide.documents.chunks import chunk_cells, chunks_of
from ide.documents.notebook import read_notebook
from tests.unit.documents.desk import RULES, Window

REPORT = """---
title: "x"
---
Text.

```{r setup, include=FALSE, fig.size = c(3, 4)}
x <- 1
```

```{python}
#| label: second
#| eval: false
y = 2
```

```r
shown <- "only"
```

````{r}
cat("```{r}")
```
````

```{=html}
<b>
```
```{.python}
shown = 1
```
> ```{r, eval = F}
> z
> ```
```{bash}
ls
"""


def chunk_lines(text: str) -> list[str]:
    return text.split("\n")


def test_chunks_have_language_label_and_options() -> None:
    chunks = chunks_of(chunk_lines(REPORT), RULES.language_id)
    assert [(chunk.cell.language, chunk.label, chunk.is_evaluated) for chunk in chunks] == [
        ("r", "setup", True),
        ("python", "second", False),
        ("r", "", True),
        ("r", "", False),
        ("bash", "", True),
    ]
    assert chunks[0].options == {"include": "FALSE", "fig.size": "c(3, 4)"}
    assert chunks[1].cell.title == "second (eval=FALSE)"


def test_chunk_code_stands_between_its_fences() -> None:
    lines = chunk_lines(REPORT)
    code = [lines[c.cell.code_first : c.cell.code_end] for c in chunks_of(lines, RULES.language_id)]
    assert code == [
        ["x <- 1"],
        ["#| label: second", "#| eval: false", "y = 2"],
        ['cat("```{r}")', "```"],
        ["> z"],
        ["ls", ""],
    ]


def test_chunks_and_text_leave_no_gap() -> None:
    cells = chunk_cells(chunk_lines(REPORT), RULES.language_id)
    assert cells[0].kind == "text"
    ends = [0, *(cell.lines.end for cell in cells)]
    assert ends[:-1] == [cell.lines.first for cell in cells]
    assert ends[-1] == len(chunk_lines(REPORT))


def test_file_without_chunks_has_no_cells() -> None:
    assert chunk_cells(["text", "```", "code", "```"], RULES.language_id) == ()


def test_cells_follow_the_text(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("# %% one\nx = 1\n")
    window = Window(tmp_path / "journal")
    document = window.open(tmp_path / "a.py")
    assert document.cells() is document.cells()
    document.apply(Edit(len(document), 0, "# %% two\ny = 2\n"))
    assert [cell.title for cell in document.cells()] == ["one", "two"]
    document.set_language("")
    (tmp_path / "b.Rmd").write_text(REPORT)
    report = window.open(tmp_path / "b.Rmd")
    assert (report.kind, len(report.chunks()), report.cells()[0].kind) == ("chunks", 5, "text")
    window.close()


def notebook(cells: list[object], **metadata: object) -> str:
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells})


CODE = {"cell_type": "code", "source": ["x = 1\n", "x"], "outputs": [{"data": {"text/html": "<script>"}}]}
TEXT = {"cell_type": "markdown", "source": "# Title\nwords"}


def test_notebook_is_shown_as_cells_without_its_output() -> None:
    found = read_notebook(notebook([TEXT, CODE], kernelspec={"language": "python"}), RULES.language_id)
    assert found.text == "# %% [markdown]\n# Title\nwords\n\n# %% Cell 2\nx = 1\nx\n"
    assert found.cells == (
        Cell(LineRange(0, 4), 1, 3, "markdown", "Title", "text"),
        Cell(LineRange(4, 8), 5, 7, "python", "Cell 2", "code"),
    )


@pytest.mark.parametrize(
    ("metadata", "language"),
    [
        ({"kernelspec": {"language": "R", "name": "ir"}}, "r"),
        ({"language_info": {"name": "R"}}, "r"),
        ({"kernelspec": {"name": "x"}, "language_info": {"name": "julia"}}, "julia"),
        ({}, "python"),
        ({"kernelspec": None}, "python"),
    ],
)
def test_notebook_runs_in_the_language_of_its_kernelspec(metadata: dict[str, object], language: str) -> None:
    found = read_notebook(notebook([CODE], **metadata), RULES.language_id)
    assert (found.language, found.cells[0].language) == (language, language)


def test_notebook_of_format_3_is_read() -> None:
    cells = [
        {"cell_type": "heading", "level": 2, "source": ["Head"]},
        {"cell_type": "code", "language": "python", "input": ["x = 1\n", "y"], "outputs": []},
        {"cell_type": "markdown", "source": "words"},
    ]
    source = json.dumps({"nbformat": 3, "metadata": {"name": "old"}, "worksheets": [{"cells": cells}]})
    found = read_notebook(source, RULES.language_id)
    assert found.text == "# %% [markdown]\n## Head\n\n# %% Cell 2\nx = 1\ny\n\n# %% [markdown]\nwords\n"
    assert [cell.kind for cell in found.cells] == ["text", "code", "text"]


@pytest.mark.parametrize(
    "source",
    ["", "{", "[]", "{}", '{"cells": 5}', '{"cells": [5]}', '{"worksheets": {}, "x": 1, "cells": null}', "[" * 100_000],
)
def test_broken_notebook_is_told(source: str) -> None:
    with pytest.raises(DocumentError, match="is not a notebook that can be read") as caught:
        read_notebook(source, RULES.language_id)
    assert caught.value.action == "document.open_as_text"


def test_notebook_opens_read_only_and_comes_back_so(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    path.write_text(notebook([TEXT, CODE]))
    before = path.read_bytes()
    window = Window(tmp_path / "journal")
    document = window.open(path)
    assert (document.kind, document.is_read_only, document.is_dirty, document.language) == (
        "notebook",
        True,
        False,
        "python",
    )
    with pytest.raises(DocumentError, match="cannot be edited"):
        document.apply(Edit(0, 0, "x"))
    with pytest.raises(DocumentError, match="was not saved"):
        window.save(document)
    window.vanish()
    window = Window(tmp_path / "journal")
    restored = window.restore().documents
    assert [(each.kind, each.text) for each in restored] == [("notebook", document.text)]
    window.close()
    assert path.read_bytes() == before
