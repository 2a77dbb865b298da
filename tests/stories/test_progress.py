"""Bars and animations of real kernels in the whole window: in place, on the tab, one plot, and not too often."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.stories.kit import USER_PYTHON, run_script

pytestmark = pytest.mark.timeout(240)

HEAD = """
profile, project = Path("profile"), Path("project")
project.mkdir(exist_ok=True)
with open_workbench(profile_dir=profile, project_dir=project, is_trusted=True, platform="offscreen") as wb:
    from ide.panes.console.width import ConsoleWidth
    from ide.panes.console.writer import Writer
    program = wb.program
    wb.environments()
    session = wb.start_session({environment!r}).session
    program.active.choose(session)
    wb.wait_until(lambda: session.has_agent and session.state == "idle", 60, "The kernel")
    page = program.console.page_of(session)
    wb.wait_until(lambda: page.view is not None and page.view.has_prompt, 60, "The prompt")
    width = page.view.control.findChildren(ConsoleWidth)[0]
    wb.wait_until(lambda: width._told == width.columns() and session.state == "idle", 30, "The width told")
    seen = []
    def note(changed):
        tab = next(tab for tab in program.console.tabs.tabs if tab.key == session.id)
        assert program.progress.of(changed).share == tab.share
        seen.append((tab.share, program.shell.window.status_bar.item("kernel").text()))
    program.progress.changed.connect(note)
    counts = dict(paints=0, messages=0)
    paint = Writer.paint
    def counting(writer, what):
        counts["paints"] += 1
        paint(writer, what)
    Writer.paint = counting
    def count(messages):
        counts["messages"] += len(messages)
    session.messages_arrived.connect(count)
    def run(code):
        seen.clear()
        counts.update(paints=0, messages=0)
        before = len(page.view.text)
        begun_s = time.monotonic()
        handle = wb.run(code, language={language!r}).wait(120)
        wb.wait_until(lambda: page.view.has_prompt and page.view.is_settled, 30, "The prompt after it")
        counts["took_s"] = time.monotonic() - begun_s
        assert handle.status == "ok", handle.text
        shown = page.view.text[before:].split("\\n")[len(code.split("\\n")):]
        return [line for line in shown if line.strip() and not line.startswith("In [")]
"""

PYTHON = """
    tell(columns=width.columns(), told=run("import os; print(os.environ['COLUMNS'])")[0])
    lines = run(
        "import time\\nfrom tqdm.auto import tqdm\\n"
        "for i in tqdm(range(50), mininterval=0):\\n    time.sleep(0.01)"
    )
    tell(bar=lines, shares=[share for share, _ in seen if share is not None], words=[text for _, text in seen])
    lines = run("for i in range(100_000): print(f'\\\\r{{i}} of 100000', end='')")
    tell(returns=lines, **counts)
    lines = run("for i in range(3_000): print(f'\\\\r{{i}} of 3000', end='', flush=True)")
    tell(flushed=lines, flushed_paints=counts["paints"], flushed_s=counts["took_s"])
    lines = run(
        "import matplotlib.pyplot as plt\\nfrom IPython.display import clear_output, display\\n"
        "figure, axes = plt.subplots(figsize=(2, 2))\\n"
        "for i in range(20):\\n    axes.plot([i, 1])\\n    display(figure)\\n    clear_output(wait=True)\\n"
        "plt.close(figure)"
    )
    tell(animation=lines, plots=len(wb.plots))
    tell(end=program.progress.of(session).text)
"""

R = """
    tell(columns=width.columns(), told=run("cat(getOption('width'))")[0])
    lines = run(
        "pb <- txtProgressBar(0, 20, style = 3)\\n"
        "for (i in 1:20) {{ Sys.sleep(0.02); setTxtProgressBar(pb, i) }}\\nclose(pb)"
    )
    tell(bar=lines, shares=[share for share, _ in seen if share is not None], words=[text for _, text in seen])
    tell(end=program.progress.of(session).text)
"""


def test_python_bars_and_animations(tmp_path: Path) -> None:
    script = (HEAD + PYTHON).format(environment=str(USER_PYTHON), language="python")
    outcome = run_script(script, tmp_path, 200)
    facts = outcome.facts
    assert outcome.exit_code == 0, outcome.errors
    assert int(facts["told"]) == facts["columns"]
    (bar,) = facts["bar"]
    assert bar.startswith("100%|")
    assert len(bar) == facts["columns"] - 1
    assert facts["shares"][-1] == 1.0
    assert sorted(facts["shares"]) == facts["shares"]
    assert any(" %" in text for text in facts["words"])
    assert facts["returns"] == ["99999 of 100000"]
    assert facts["messages"] < 2_000
    assert facts["paints"] <= 20 * facts["took_s"] + 10
    assert facts["flushed"] == ["2999 of 3000"]
    assert facts["flushed_paints"] <= 20 * facts["flushed_s"] + 10
    assert facts["animation"] == ["Figure 1 is in Plots"]
    assert facts["plots"] == 1
    assert facts["end"] == ""


def test_r_bars(tmp_path: Path) -> None:
    outcome = run_script((HEAD + R).format(environment="ir", language="r"), tmp_path, 200)
    facts = outcome.facts
    assert outcome.exit_code == 0, outcome.errors
    assert int(facts["told"]) == facts["columns"]
    (bar,) = facts["bar"]
    assert bar.endswith("| 100%")
    assert len(bar) <= facts["columns"]
    assert facts["shares"][-1] == 1.0
    assert sorted(facts["shares"]) == facts["shares"]
    assert any(" %" in text for text in facts["words"])
    assert facts["end"] == ""
