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
DATA = (
    "import seaborn as sns, numpy as np, pandas as pd; f = pd.DataFrame({'x': np.arange(40.) % 13, 'k': [*'ab'] * 20});"
)
TOGETHER = {
    "plt.boxplot([[1, 2, 3, 30, 31, 32, 2, 2, 2, 1, 2, 3], [2, 3]])": "Boxes.",
    "plt.boxplot([[1, 2, 3], [2, 3]], notch=True)": "Boxes.",
    "plt.boxplot([[1, 2, 3], [2, 3]], patch_artist=True, vert=False)": "Boxes.",
    "f.plot.box(title='T')": "Boxes: T.",
    "sns.boxplot(data=f, x='k', y='x')": "Boxes; x: k; y: x.",
    "sns.boxplot(data=f, x='k', y='x', fill=False)": "Boxes; x: k; y: x.",
    "sns.boxenplot(data=f, x='k', y='x')": "Boxes, points; x: k; y: x.",
    "sns.violinplot(data=f, x='k', y='x'); sns.stripplot(data=f, x='k', y='x')": "Violins, points; x: k; y: x.",
    "sns.violinplot(data=f, y='k', x='x', inner=None)": "Violins; x: x; y: k.",
    "plt.violinplot([f.x, f.x + 1])": "Violins.",
    "sns.heatmap(np.eye(3), cbar_kws={'label': 'Height'})": "Heat map. Colour bar; y: Height.",
    "sns.regplot(data=f, x='x', y=f.index)": "Points, regression line; x: x.",
    "sns.regplot(data=f, x='x', y=f.index, ci=None)": "Points, regression line; x: x.",
    # What looks a little like them.
    "plt.scatter([1, 2], [1, 2]); plt.axhline(1); plt.plot([1, 2], [1, 2])": "Lines, points.",
    "plt.plot([1, 2, 3, 4, 5], [1, 2, 1, 2, 1]); [plt.axhline(n) for n in range(2)]": "Lines.",
    "t = np.arange(50.); plt.plot(t, np.sin(t)); plt.fill_between(t, -t, t)": "Lines, areas.",
    "plt.fill_between([1, 2, 3, 4], [1, 2, 1, 2])": "Areas.",
    "sns.lineplot(data=f, x='k', y='x')": "Lines, areas; x: k; y: x.",
    "sns.barplot(data=f, x='k', y='x')": "Lines, bars; x: k; y: x.",
}
DRAWINGS = {
    "plot(c(1, 3, 2), main = 'Waves', ylab = 'Height', type = 'l')": "Lines: Waves; x: Index; y: Height.",
    "plot(1:3, c(2, 1, 4), ylab = 'y')": "Points; x: 1:3; y: y.",
    "barplot(c(a = 1, b = 2), main = 'Two')": "Bars: Two.",
    "hist(c(1, 1, 2), main = 'Ages', xlab = 'Age')": "Bars: Ages; x: Age; y: Frequency.",
    "plot(1:3, type = 'h', main = expression(alpha^2))": "Needles: alpha^2; x: Index; y: 1:3.",
    "plot(hclust(dist(1:4)))": "Tree: Cluster Dendrogram; x: dist(1:4); y: Height.",
    "filled.contour(volcano[1:9, 1:9])": "Filled contours.",
    "grid::grid.newpage(); grid::grid.rect()": "",
}
GG = "suppressMessages({library(ggplot2); library(patchwork)}); b <- ggplot(mtcars, aes(wt, mpg));"
GGPLOTS = {
    "b + geom_point() + geom_smooth(method = 'lm', formula = y ~ x) + facet_wrap(~gear) + ggtitle('Cars')": (
        "Points, smoothed line: Cars; x: wt; y: mpg; panels: 3, 4, 5."
    ),
    "ggplot(mtcars, aes(factor(cyl), fill = hp)) + geom_bar() + coord_flip() + labs(x = quote(alpha))": (
        "Bars; x: count; y: alpha."
    ),
    "ggplot(expand.grid(a = 1:3, b = 1:3), aes(a, b, fill = a * b)) + geom_tile()": (
        "Tiles; x: a; y: b; legend: a * b."
    ),
    "b + geom_point(aes(colour = factor(cyl))) + labs(colour = 'Cylinders', x = NULL)": (
        "Points; y: mpg; legend: Cylinders."
    ),
    "(b + geom_point() + ggtitle('A')) + (b + geom_line() + facet_wrap(~am)) + plot_annotation(title = 'Both')": (
        "Both. Points: A; x: wt; y: mpg. Lines; x: wt; y: mpg; panels: 0, 1."
    ),
    "(b + geom_point()) / (b + geom_line() | b + geom_text(aes(label = am)))": (
        "Points; x: wt; y: mpg. Lines; x: wt; y: mpg. Labels; x: wt; y: mpg."
    ),
    "b + theme_void()": "",
}
LATTICE = {
    "xyplot(mpg ~ wt | factor(cyl), mtcars, main = 'Cars')": "Points: Cars; x: wt; y: mpg; panels: 4, 6, 8.",
    "xyplot(1:3 ~ 3:1, type = c('g', 'l'), ylab = expression(beta))": "Lines; x: 3:1; y: beta.",
    "histogram(~mpg, mtcars)": "Histogram; x: mpg; y: Percent of Total.",
    "bwplot(factor(cyl) ~ mpg, mtcars)": "Boxes; x: mpg.",
    "wireframe(volcano[1:5, 1:5], zlab = 'height')": "Surface; x: row; y: column; z: height.",
    "{print(barchart(VADeaths), split = c(1, 1, 2, 1), more = TRUE); print(splom(iris[1:3]), split = c(2, 1, 2, 1))}": (
        "Bars; x: Freq. Scatter plot matrix; x: Scatter Plot Matrix."
    ),
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


@pytest.mark.parametrize(("code", "words"), TOGETHER.items())
def test_python_artists_that_make_one_thing_are_told_as_that(python: AgentKernel, code: str, words: str) -> None:
    (plot,) = shown(python, f"import matplotlib.pyplot as plt; {DATA} np.random.seed(3)\n{code}\nplt.show()")
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


@pytest.mark.parametrize(("code", "words"), GGPLOTS.items())
def test_r_ggplot_is_described(r: AgentKernel, code: str, words: str) -> None:
    (plot,) = shown(r, f"{GG} {code}")
    assert plot.alt == words


@pytest.mark.parametrize(("code", "words"), LATTICE.items())
def test_r_lattice_is_described(r: AgentKernel, code: str, words: str) -> None:
    (plot,) = shown(r, f"library(lattice); {code}")
    assert plot.alt == words


def test_r_words_belong_to_their_own_plot(r: AgentKernel) -> None:
    """IRkernel sends a plot when the next one has begun already."""
    code = "library(lattice); for (n in c('a', 'b')) print(xyplot(1 ~ 1, main = n)); plot(1, main = 'c')"
    assert [plot.alt.split(";")[0] for plot in shown(r, code)] == ["Points: a", "Points: b", "Points: c"]


def test_r_words_call_nothing_of_the_users(r: AgentKernel) -> None:
    code = (
        "library(grid); length.sly <- names.sly <- `[.sly` <- function(x, ...) { called <<- TRUE; NULL };"
        "grid.newpage(); g <- rectGrob(); class(g) <- c('sly', class(g)); grid.draw(g); called <- FALSE"
    )
    (plot,) = shown(r, code)
    assert plot.alt == ""
    assert r.run("cat(called)").text == "FALSE"
    assert r.run("rm(length.sly, names.sly, `[.sly`)").status == "ok"


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
