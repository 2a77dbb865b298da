"""Plots of real kernels from their drawing to the next start of the program, in both languages alike."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.stories.kit import USER_PYTHON, run_script

FILES = {
    "python": (
        "analysis.py",
        "# %% Draw\nimport matplotlib.pyplot as plt\nplt.plot([1, 3, 2]); plt.title('Waves'); plt.show()\n"
        "# %% More\nplt.bar(['a', 'b'], [1, 2]); plt.show()\n",
    ),
    "r": ("analysis.R", "# %% Draw\nplot(c(1, 3, 2), main = 'Waves')\n# %% More\nbarplot(c(a = 1, b = 2))\n"),
}
ENVIRONMENTS = {"python": str(USER_PYTHON), "r": "ir"}

SCRIPT = """
profile, project = Path("profile"), Path("project")
with open_workbench(profile_dir=profile, project_dir=project, is_trusted=True, platform="offscreen") as wb:
    wb.environments()
    session = wb.start_session({environment!r}).session
    wb.program.active.choose(session)
    pane = wb.program.plots
    wb.wait_until(lambda: session.has_agent and session.state == "idle" and session in pane._told, 60, "The size told")
    document = wb.open(project / {name!r})
    run = wb.run(document, by_cell=True).wait(120)
    wb.wait_until(lambda: len(wb.plots) == 2, 30, "Two plots")
    wb.settle(30)
    tell(status=run.status, places=[plot.place for plot in wb.plots], figures=[bool(p.figure) for p in wb.plots])
    wb.run_command("plot.previous")
    wb.run_command("plot.pin")
    wb.run_command("plot.describe", text="A line plot with a peak")
    before = wb.plots[0].version
    window = wb.program.shell.window
    window.resize(window.width() + 240, window.height() + 160)
    is_told = lambda: pane._redraw._size.height_px == pane.view.room().height() and not pane.view._pause.isActive()
    wb.wait_until(lambda: is_told() and pane._redraw.state in ("fresh", "slow"), 40, "The new drawing")
    if pane._redraw.state == "slow":  # on a busy machine
        wb.run_command("plot.redraw")
        wb.wait_until(lambda: wb.plots[0].version > before, 60, "The new drawing")
    wb.settle(30)
    view = pane.view.picture
    room = pane.view.room()
    own = view.own_size
    tell(is_new=wb.plots[0].version > before, fills=max(own.width() / room.width(), own.height() / room.height()))
    for ending in ("pdf", "svg", "png"):
        from ide.panes.plots.saving import Export
        target = Path(f"out.{{ending}}").absolute()
        pane.export(wb.plots[0], target, Export(ending, 900, 600, 150))
        wb.wait_until(target.exists, 60, f"The {{ending}}")
    tell(starts=[Path(f"out.{{ending}}").read_bytes()[:5].decode("latin-1") for ending in ("pdf", "svg", "png")])
    from PySide6.QtGui import QImage
    tell(png=QImage("out.png").size().toTuple())
    wb.run_command("plot.insert_save_code")
    tell(inserted=document.text)
    wb.run_command("plot.run_again")
    wb.wait_until(lambda: len(wb.plots) == 3, 60, "The same plot again")
    wb.settle(30)
    tell(same_code=wb.plots[2].code == wb.plots[0].code, titles=texts(wb))
with open_workbench(profile_dir=profile, project_dir=project, is_trusted=True, platform="offscreen") as wb:
    wb.wait_until(lambda: hasattr(wb.program, "plots") and wb.program.plots.is_restored, 20, "The plots of before")
    wb.settle(30)
    first = wb.plots[0]
    tell(again=[[plot.id, plot.is_pinned, plot.alt] for plot in wb.plots], has_data=len(first.data) > 1000)
    wb.program.plots.model.choose(0)
    wb.settle(30)
    tell(drawn=wb.program.plots.view.page.picture.isVisible(), language=first.language)
    wb.run_command("plot.go_to_code")
    wb.settle(10)
    active = wb.program.documents.active
    tell(file=active.path.name if active is not None and active.path is not None else "")
    wb.run_command("plot.delete_all")
    tell(left=[plot.id for plot in wb.plots])
"""


@pytest.mark.parametrize("language", ["python", "r"])
def test_plots_are_drawn_exported_run_again_and_there_at_the_next_start(language: str, tmp_path: Path) -> None:
    name, code = FILES[language]
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / name).write_text(code)
    outcome = run_script(SCRIPT.format(environment=ENVIRONMENTS[language], name=name), tmp_path, timeout_s=170)
    assert outcome.exit_code == 0, outcome.errors[-3000:]
    facts = outcome.facts
    assert facts["status"] == "ok"
    assert facts["places"] == [f"{name}:2", f"{name}:4" if language == "r" else f"{name}:5"]
    assert facts["figures"] == [True, True]
    assert facts["is_new"]
    assert facts["fills"] == pytest.approx(1, abs=0.05)
    assert facts["starts"][0] == "%PDF-"
    assert facts["starts"][1].startswith("<")
    assert facts["png"] == [900, 600]
    assert ("savefig('plot-1.png'" if language == "python" else 'png("plot-1.png"') in facts["inserted"]
    assert facts["same_code"]
    drawn = "Lines: Waves." if language == "python" else "Points: Waves; x: Index; y: c(1, 3, 2)."
    assert facts["again"] == [[1, True, "A line plot with a peak"], [2, False, "Bars."], [3, False, drawn]]
    assert facts["has_data"]
    assert facts["drawn"]
    assert (facts["language"], facts["file"]) == (language, name)
    assert facts["left"] == [1]
