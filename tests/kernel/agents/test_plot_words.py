"""What is said of a plot to those who do not see it, and the code that saves one, in real kernels of both languages."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from tests.kernel.agents.harness import AgentKernel
from tests.kernel.agents.test_plot_redraw import shown
from tests.unit.plugins.languages import PYTHON, R

FIGURES = {
    "plt.plot([1, 2]); plt.title('Waves'); plt.xlabel('Time [s]')": "Lines: Waves; x: Time [s].",
    "plt.bar(['a'], [1])": "Bars.",
    "plt.scatter([1], [2]); plt.ylabel('y')": "Points; y: y.",
    "plt.imshow([[1, 2], [3, 4]])": "Image.",
    "plt.pie([1, 2]); plt.title('Shares')": "Pie: Shares.",
    "plt.subplots()": "",
    "f, (a, b) = plt.subplots(1, 2); f.suptitle('Two'); a.plot([1, 2]); b.hist([1, 1, 2])": "Two. Lines. Bars.",
}
DRAWINGS = {
    "plot(c(1, 3, 2), main = 'Waves', ylab = 'Height', type = 'l')": "Lines: Waves; x: Index; y: Height.",
    "plot(1:3, c(2, 1, 4), ylab = 'y')": "Points; x: 1:3; y: y.",
    "barplot(c(a = 1, b = 2), main = 'Two')": "Bars: Two.",
    "hist(c(1, 1, 2), main = 'Ages', xlab = 'Age')": "Bars: Ages; x: Age; y: Frequency.",
    "grid::grid.newpage(); grid::grid.rect()": "",
}


@pytest.fixture(scope="module", autouse=True)
def configured(python: AgentKernel, r: AgentKernel) -> None:
    """Agents keep figures once they were told how plots are wanted."""
    for kernel in (python, r):
        kernel.ask("plots.configure", width_px=640, height_px=480, dpi=96.0, formats=["png"])


@pytest.mark.parametrize(("code", "words"), FIGURES.items())
def test_python_figure_is_described(python: AgentKernel, code: str, words: str) -> None:
    (plot,) = shown(python, f"import matplotlib.pyplot as plt\n{code}\nplt.show()")
    assert plot.alt == words


def test_python_artist_that_raises_is_passed_over(python: AgentKernel) -> None:
    code = (
        "import matplotlib.pyplot as plt\nfrom matplotlib.lines import Line2D\n"
        "class Sly(Line2D):\n    def get_linestyle(self): raise OSError('sly')\n    def draw(self, renderer): pass\n"
        "fig, ax = plt.subplots(); ax.add_line(Sly([1], [1])); plt.show()"
    )
    (plot,) = shown(python, code)
    assert plot.alt == ""


@pytest.mark.parametrize(("code", "words"), DRAWINGS.items())
def test_r_drawing_is_described(r: AgentKernel, code: str, words: str) -> None:
    (plot,) = shown(r, code)
    assert plot.alt == words


def test_code_of_both_languages_saves_the_plot(python: AgentKernel, r: AgentKernel, tmp_path: Path) -> None:
    code = "plt.plot([1, 3, 2])"
    file = tmp_path / "a.png"
    save = PYTHON.save_plot_code(code, str(file), 4.0, 3.0, 100)
    assert python.run(f"import matplotlib.pyplot as plt\n{code}\n{save}\nplt.close()").status == "ok"
    assert QImage(str(file)).size().toTuple() == (400, 300)
    other = tmp_path / "b.png"
    assert r.run(R.save_plot_code("plot(1:3)", str(other), 4.0, 3.0, 100)).status == "ok"
    assert QImage(str(other)).size().toTuple() == (400, 300)


def test_code_names_what_draws() -> None:
    assert PYTHON.save_plot_code("df.plot()", "a.png", 4, 3, 300).startswith("import matplotlib.pyplot as plt\n")
    assert PYTHON.save_plot_code("ggplot(df) + geom_point()", "a.png", 4, 3, 300).startswith("plot.save('a.png'")
    assert R.save_plot_code("ggplot(df)", "a.png", 4, 3, 300) == 'ggsave("a.png", width = 4, height = 3, dpi = 300)'
