"""A plot is drawn anew, pixel for pixel, when the pane of the real program changes: both languages, 100 % and 200 %."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.stories.kit import USER_PYTHON, run_script

CODE = {
    "python": (
        "import matplotlib.pyplot as plt\\n"
        "plt.plot([1, 3, 2], label='a'); plt.legend(bbox_to_anchor=(1, 1)); plt.show()"
    ),
    "r": "plot(c(1, 3, 2), main = 'title')",
}
ENVIRONMENTS = {"python": str(USER_PYTHON), "r": "ir"}

SCRIPT = """
with open_workbench(profile_dir=Path("profile"), project_dir=Path("project"), platform="offscreen") as wb:
    wb.environments()
    session = wb.start_session({environment!r}).session
    pane = wb.program.plots
    wb.wait_until(lambda: session.has_agent and session.state == "idle" and session in pane._told, 60, "The size told")
    wb.run("{code}", language={language!r}).wait(120)
    wb.wait_until(lambda: len(wb.plots) == 1, 30, "The plot")
    wb.settle(30)
    wb.wait_until(lambda: pane._redraw.state != "resting", 30, "A size that stays")
    tell(first_version=wb.plots[0].version, first_state=pane._redraw.state)
    window = wb.program.shell.window
    is_told = lambda: pane._redraw._size.height_px == round(pane.view.room().height() * pane.view.devicePixelRatioF())
    for width, height in ((1500, 1100), (1600, 1250)):
        before = wb.plots[0].version
        window.resize(width, height)
        wb.settle(30)
        wb.wait_until(lambda: is_told() and pane._redraw.state in ("fresh", "slow"), 60, "The new drawing")
        if pane._redraw.state == "slow":  # on a busy machine
            wb.run_command("plot.redraw")
        wb.wait_until(lambda: wb.plots[0].version > before and pane._redraw.state != "drawing", 60, "The new drawing")
        wb.settle(30)
    picture = pane.view.picture
    ratio = picture.devicePixelRatioF()
    room = pane.view.room()
    tell(
        ratio=ratio,
        own=picture.own_size.toTuple(),
        room=[round(room.width() * ratio), round(room.height() * ratio)],
        image=picture.image.size().toTuple(),
        on_screen=[round(picture.target().width() * ratio), round(picture.target().height() * ratio)],
        count=len(wb.plots),
    )
    session.kill()
    wb.wait_until(lambda: session.state == "dead", 30, "The end of the kernel")
    window.resize(window.width() - 100, window.height() - 100)
    wb.wait_until(lambda: pane._redraw.state == "impossible", 30, "No kernel")
    tell(words=pane.view.line.text)
"""


@pytest.mark.parametrize("scale", ["1", "2"])
@pytest.mark.parametrize("language", ["python", "r"])
def test_resized_plot_is_drawn_for_every_pixel(language: str, scale: str, tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    script = SCRIPT.format(environment=ENVIRONMENTS[language], code=CODE[language], language=language)
    outcome = run_script(script, tmp_path, QT_SCALE_FACTOR=scale)
    assert outcome.exit_code == 0, outcome.errors[-3000:]
    facts = outcome.facts
    assert facts["ratio"] == float(scale)
    assert (facts["first_version"], facts["first_state"]) == (0, "fresh")
    assert facts["own"] == facts["image"] == facts["on_screen"] == facts["room"]
    assert facts["count"] == 1
    assert "has ended" in facts["words"]
