from __future__ import annotations

from pathlib import Path

import pytest

from ide.api.cells import plain_cells
from ide.app.other_languages import language_of_kernels


@pytest.mark.parametrize(
    ("name", "languages", "expected"),
    [
        ("a.sh", {"bash", "typescript"}, "bash"),
        ("a.ts", {"bash", "typescript"}, "typescript"),
        ("a.jl", {"bash"}, ""),
        ("a.sh", set(), ""),
        ("Makefile", {"bash"}, ""),
        ("a.no-such-ending", {"bash"}, ""),
    ],
)
def test_language_is_one_that_a_kernel_here_runs(name: str, languages: set[str], expected: str) -> None:
    assert language_of_kernels(Path(name), languages) == expected


@pytest.mark.parametrize("sign", ["#", "//", "--", ";", ";;", "%"])
def test_cells_of_other_languages_are_marked_in_their_own_comments(sign: str) -> None:
    cells = plain_cells(["a", f"{sign} %% Second", "b"], "x")
    assert [(cell.lines.first, cell.title, cell.language) for cell in cells] == [(0, "", "x"), (1, "Second", "x")]
    assert plain_cells(["a", f"{sign} %% Second", "b"], "") == ()
    assert plain_cells(["a", "b"], "x") == ()
