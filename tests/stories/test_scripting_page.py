"""The example of docs/reference/scripting.md runs and prints what the page says; no public name is missing there."""

from __future__ import annotations

import re
import subprocess
import sys
import textwrap
from dataclasses import fields
from pathlib import Path

from ide.app.table_handle import TableHandle
from ide.app.workbench import RunHandle, SessionHandle, Workbench
from ide.core.variables import Variable
from ide.panes.plots.plot import Plot
from tests.stories.kit import ROOT, STRICT, program_environment

PAGE = ROOT / "docs" / "reference" / "scripting.md"


def test_example_of_the_page_prints_what_the_page_says(tmp_path: Path) -> None:
    text = PAGE.read_text("utf-8")
    example = re.search(r"```python\n(.*?)```", text, re.DOTALL)
    promised = re.search(r"It prints\n\n((?:    .*\n)+)", text)
    assert example is not None
    assert promised is not None

    done = subprocess.run(
        [sys.executable, *STRICT, "-c", example[1]],
        cwd=tmp_path,
        env=program_environment(TMPDIR=str(tmp_path)),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout == textwrap.dedent(promised[1])
    assert len(list(tmp_path.rglob("now.png"))) == 1


def test_page_names_everything_that_is_public() -> None:
    text = PAGE.read_text("utf-8")
    names = {name for kind in (Workbench, RunHandle, SessionHandle, TableHandle) for name in vars(kind)}
    names |= {field.name for kind in (Plot, Variable) for field in fields(kind)} | {"words", "suffix"}
    public = {name for name in names if not name.startswith("_")}

    assert {name for name in public if not re.search(rf"`{name}\b", text)} == set()
