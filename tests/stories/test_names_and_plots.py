"""Names and plots of real kernels reach the Variables and Plots panes of the real program, in both languages alike."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.stories.kit import USER_PYTHON, run_script

CODE = {
    "python": (
        "import matplotlib.pyplot as plt\\nimport pandas as pd\\n"
        "df = pd.DataFrame({'a': range(5), 'b': 2})\\nlimit = 42\\n"
        "for number in range(20):\\n    plt.plot([number, 2, 3]); plt.show()\\n"
    ),
    "r": "df <- data.frame(a = 1:5, b = 2); limit <- 42\\nfor (number in 1:20) plot(1:10, main = number)\\n",
}
NEXT = {"python": "limit = 43", "r": "limit <- 43"}
ENVIRONMENTS = {"python": str(USER_PYTHON), "r": "ir"}

SCRIPT = """
with open_workbench(profile_dir=Path("profile"), project_dir=Path("project"), platform="offscreen") as wb:
    wb.environments()
    session = wb.start_session({environment!r}).session
    variables, plots = wb.program.variables, wb.program.plots
    is_told = lambda: session.has_agent and session.state == "idle" and session in plots._told
    wb.wait_until(is_told, 40, "The plots' size told")
    tell(shown_before=variables.view.isVisible())
    run = wb.run("{code}", language={language!r}).wait(60)
    wb.wait_until(lambda: len(wb.plots) == 20 and variables.model.place_of("limit"), 20, "Names and plots")
    wb.wait_until(lambda: not wb.program.tasks.open, 20, "Drawing")
    tell(fresh=variables.model.is_fresh("limit"))
    is_whole = lambda: all(name.is_evaluated for name in variables.model.names.variables.values())
    if not is_whole():  # the agent's time ran out on a slow machine
        wb.run_command("variables.refresh")
        wb.wait_until(is_whole, 20, "Every name looked at")
    df = variables.model.variable("df")
    tell(
        status=run.status,
        groups=[group.title for group in variables.model.groups],
        df=[df.shape, df.kind],
        ids=[plot.id for plot in wb.plots],
        in_order=len(set(plot.data for plot in wb.plots)) == 20,
        position=plots.model.position,
        is_sharp=plots.view.picture.image.size() == plots.view.picture.wanted_size(),
        own=plots.view.picture.own_size.toTuple(),
        room=plots.view.room().toTuple(),
    )
    variables.view.select("limit")
    wb.run("{next}", language={language!r}).wait(30)
    wb.wait_until(lambda: variables.model.variable("limit").preview.startswith("43"), 20, "The new value")
    tell(selected=variables.view.selected_name())
    wb.run_command("plot.save", path=str(Path("plot.png").absolute()))
    wb.wait_until(lambda: Path("plot.png").exists(), 10, "The file")
    tell(is_same=Path("plot.png").read_bytes() == wb.plots[-1].data)
"""


@pytest.mark.parametrize("language", ["python", "r"])
def test_twenty_figures_and_every_name_of_a_cell_are_shown(language: str, tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    script = SCRIPT.format(
        environment=ENVIRONMENTS[language], code=CODE[language], next=NEXT[language], language=language
    )
    outcome = run_script(script, tmp_path)
    assert outcome.exit_code == 0, outcome.errors[-3000:]
    facts = outcome.facts
    assert facts["status"] == "ok"
    assert facts["groups"] == ["Data", "Values"]
    assert facts["df"] == [[5, 2], "data"]
    assert facts["fresh"]
    assert facts["ids"] == list(range(1, 21))
    assert facts["in_order"]
    assert facts["position"] == 19
    assert facts["is_sharp"]
    assert max(own / room for own, room in zip(facts["own"], facts["room"], strict=True)) == pytest.approx(1, abs=0.1)
    assert facts["selected"] == "limit"
    assert facts["is_same"]
