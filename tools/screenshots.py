"""Makes the pictures of the user's pages with the real program: `python -m tools.screenshots [NAME ...]`.

Owns `docs/user/pictures/` and what happens before each picture is taken. Needs `.venv-sample` and R, as the sample
project does. Where there is no display, the pictures are taken on a virtual screen of its own.
"""

from __future__ import annotations

import argparse
import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import dev
from ide._paths import resources_dir
from ide.api.testing import open_workbench
from ide.app.workbench import Workbench
from ide.core.text import Place

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

ROOT: Final = Path(__file__).resolve().parent.parent
PICTURES: Final = ROOT / "docs" / "user" / "pictures"
SIZE: Final = (1440, 900)
RUN_LIMIT_S: Final = 180
SETTLE_LIMIT_S: Final = 60
PICTURE_LIMIT_BYTES: Final = 120_000
FOLDER_LIMIT_BYTES: Final = 2_200_000
COLOURS: Final = (256, 128, 64, 48)

REPORT: Final = """\
---
title: Penguins
---

Body mass by species, in two languages.

```{r mass}
tapply(penguins$body_mass_g, penguins$species, mean, na.rm = TRUE)
```

The same in Python.

```{python}
penguins.groupby("species")["body_mass_g"].mean()
```
"""
RICH: Final = '''\
# %% A table
import pandas as pd
from IPython.display import JSON, Markdown, Math

penguins = pd.read_csv("penguins.csv")
penguins.groupby("species")["body_mass_g"].describe().round(1)
# %% Markdown
Markdown("""
The mean is $\\\\bar{x} = \\\\frac{1}{n} \\\\sum_{i=1}^n x_i$:

- for *each* species
- over **all islands**
""")
# %% A formula
Math(r"\\hat{\\beta} = (X^\\top X)^{-1} X^\\top y")
# %% JSON
JSON({"islands": penguins["island"].value_counts().to_dict(), "years": [2007, 2008, 2009], "source": {"doi": None}})
'''
MISTAKE: Final = '''\
"""Share of each island."""

import pandas as pd


def share(part, whole):
    return 100 * part / whole


# %% Islands
penguins = pd.read_csv("penguins.csv")
dream = (penguins["island"] == "Dream").sum()
share(int(dream), whole=0)
'''
BARS: Final = '''\
"""Mass of each species, again and again."""

# %% Load
import time

import pandas as pd
from tqdm.auto import tqdm

penguins = pd.read_csv("penguins.csv")

# %% Resample
means = []
for year in tqdm([2007, 2008, 2009], desc="years"):
    some = penguins[penguins["year"] == year]
    for _ in tqdm(range(100), desc=str(year), leave=False):
        means.append(some.sample(50, replace=True)["body_mass_g"].mean())
        time.sleep(0.03)

# %% Look
pd.Series(means).describe()
'''
ORDERS: Final = """\
orders = pd.DataFrame({
    "order": range(1, 201),
    "city": ["Paris", "paris ", "Rome", "Oslo", "n/a"] * 40,
    "price": [float(n % 17) + 1 for n in range(199)] + [-999.0],
    "day": ["2024-01-%02d" % (n % 28 + 1) for n in range(200)],
})
"""


@dataclass(frozen=True)
class Stage:
    """A running program with the sample project open."""

    wb: Workbench
    project: Path

    def take(self, name: str) -> None:
        """The window and what lies over it, as the screen shows them."""
        self.wb.settle(SETTLE_LIMIT_S)
        self.take_at_once(name)

    def take_at_once(self, name: str) -> None:
        """The same while code runs."""
        window = self.wb.program.shell.window
        place = window.frameGeometry()
        grabbed = window.screen().grabWindow(0, place.x(), place.y(), place.width(), place.height())
        write(grabbed.toImage(), PICTURES / f"{name}.png")

    def take_dialog(self, dialog: QWidget, name: str) -> None:
        """A dialog alone, where nothing behind it is of interest."""
        self.wb.settle(SETTLE_LIMIT_S)
        write(dialog.grab().toImage(), PICTURES / f"{name}.png")

    def run(self, name: str) -> None:
        """Run a script of the project to its end and show its first cell with a figure."""
        document = self.wb.open(self.project / name)
        handle = self.wb.run(document, by_cell=True).wait(RUN_LIMIT_S)
        if handle.status != "ok":
            raise SystemExit(f"{name} ended with {handle.status}: {handle.text}")
        self.wb.settle(SETTLE_LIMIT_S)

    def command(self, id: str, **arguments: object) -> None:
        """Run a command and let what it opens come up."""
        self.wb.run_command(id, **arguments)
        self.wb.settle(SETTLE_LIMIT_S)

    def close_popups(self) -> None:
        """Close dialogs and lists that lie over the window."""
        from PySide6.QtWidgets import QApplication

        window = self.wb.program.shell.window
        for widget in QApplication.topLevelWidgets():
            if widget is not window and widget.isVisible():
                widget.close()
        self.wb.settle(SETTLE_LIMIT_S)


def write(image: object, path: Path) -> None:
    """Write a picture with as few colours as its limit of size asks for."""
    from PIL import Image
    from PySide6.QtCore import QBuffer, QIODevice
    from PySide6.QtGui import QImage

    assert isinstance(image, QImage)
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]  # the stub wants bytes; Qt takes the name
    picture = Image.open(io.BytesIO(buffer.data().data())).convert("RGB")
    path.parent.mkdir(parents=True, exist_ok=True)
    for colours in COLOURS:
        small = picture.quantize(colours, method=Image.Quantize.MAXCOVERAGE, kmeans=2, dither=Image.Dither.NONE)
        small.save(path, optimize=True)
        if path.stat().st_size <= PICTURE_LIMIT_BYTES:
            break
    sys.stdout.write(f"{path.relative_to(ROOT).as_posix()}: {path.stat().st_size / 1000:.0f} kB\n")


@contextmanager
def home(folder: Path) -> Iterator[None]:
    """A home folder without anything of the one who makes the pictures; `~` stands for it in them."""
    before, program = dict(os.environ), sys.executable
    (folder / "fourpane").symlink_to(sys.prefix, target_is_directory=True)
    sys.executable = str(dev.python_of(folder / "fourpane"))
    os.environ["HOME"] = str(folder)
    for name in ("PYENV_ROOT", "CONDA_PREFIX", "VIRTUAL_ENV"):
        os.environ.pop(name, None)
    try:
        yield
    finally:
        sys.executable = program
        os.environ.clear()
        os.environ.update(before)


@contextmanager
def stage(*, is_trusted: bool = True) -> Iterator[Stage]:
    """The program in a fresh profile, at the size of the pictures."""
    with tempfile.TemporaryDirectory(prefix="fp-pictures-") as place, home(Path(place)):
        project = Path(place) / "penguins"
        shutil.copytree(resources_dir() / "sample", project)
        (project / "report.Rmd").write_text(REPORT, "utf-8")
        (project / "islands.py").write_text(MISTAKE, "utf-8")
        (project / ".venv").symlink_to(dev.SAMPLE, target_is_directory=True)
        with open_workbench(profile_dir=Path(place) / "profile", project_dir=project, is_trusted=is_trusted) as wb:
            wb.run_command("view.theme_light")
            wb.program.shell.window.setGeometry(0, 0, *SIZE)
            wb.program.shell.window.activateWindow()
            wb.environments(timeout_s=90)
            if wb.session is not None:
                wb.session.wait_ready(60)
            wb.settle(SETTLE_LIMIT_S)
            yield Stage(wb, project)


def main_windows(at: Stage) -> None:
    """Python and R, in all themes."""
    at.run("analysis.py")
    at.take("window-python-light")
    at.command("view.theme_dark")
    at.take("window-python-dark")
    at.command("view.theme_light")
    at.run("analysis.R")
    at.take("window-r-light")
    at.command("view.theme_dark")
    at.take("window-r-dark")
    at.command("view.theme_high_contrast")
    at.take("high-contrast")


def dialogs(at: Stage) -> None:
    """What opens over the window."""
    at.wb.open(at.project / "analysis.py")
    at.command("app.palette", text="theme")
    at.take("palette")
    at.close_popups()
    at.command("app.settings")
    at.take("settings")
    at.close_popups()
    at.command("app.keys")
    at.take("keys")
    at.close_popups()
    make_example_environments(Path.home())
    at.wb.program.launching.look_for_more()
    at.wb.environments(timeout_s=90)
    at.command("session.choose_environment")
    at.take("environments")
    at.close_popups()
    at.command("environment.create")
    at.wb.settle(SETTLE_LIMIT_S)
    dialog = at.wb.program.making.dialog
    assert dialog is not None
    rows = range(dialog.version.count())
    # The newest that is fetched: no path of this machine is in the picture.
    dialog.version.setCurrentIndex(next(row for row in rows if dialog.version.itemData(row).program is None))
    at.take("create-environment")
    at.close_popups()


def make_example_environments(home: Path) -> None:
    """Environments of several tools for the list, real as far as a link to a Python goes."""
    base = Path(sys.base_prefix) / "bin" / "python3"
    for place, line in (
        (".virtualenvs/forecast", "uv = 0.5.1"),
        (".virtualenvs/survey", "virtualenv = 20.26.6"),
        (".cache/pypoetry/virtualenvs/sales-py3.11", ""),
        (".local/share/hatch/env/virtual/report/a1b2c3/report", ""),
        ("miniforge3/envs/geo", "conda"),
    ):
        prefix = home / place
        (prefix / "bin").mkdir(parents=True)
        (prefix / "bin" / "python3").symlink_to(base)
        if line == "conda":
            (prefix / "conda-meta").mkdir()
            (prefix / "conda-meta" / "python-3.11.7-0.json").write_text("{}", "utf-8")
        else:
            (prefix / "pyvenv.cfg").write_text(f"home = {base.parent}\nversion = 3.11.7\n{line}\n", "utf-8")


def editing(at: Stage) -> None:
    """The editor at work."""
    from PySide6.QtTest import QTest

    from ide.widgets.code_view_search import Query

    at.run("analysis.py")
    page = at.wb.program.editor.desk.page
    assert page is not None
    at.command("edit.find")
    page.find_bar.set_query(Query("species"))
    at.take("find")
    page.find_bar.close_bar()
    at.command("edit.split")
    at.take("split")
    at.command("edit.unsplit")
    at.command("file.new_python")
    page = at.wb.program.editor.desk.page
    assert page is not None
    page.view.activateWindow()
    page.view.setFocus()
    QTest.keyClicks(page.view, "heavy = penguins.")
    at.command("edit.complete")
    at.wb.wait_until(lambda: visible_popup("Completion"), 10, "The list of completions")
    at.take("completion")


def visible_popup(kind: str) -> bool:
    """Whether a window of a class whose name begins so is open."""
    from PySide6.QtWidgets import QApplication

    return any(kind in type(one).__name__ and one.isVisible() for one in QApplication.allWidgets())


def failing(at: Stage) -> None:
    """An error, and where it leads."""
    at.wb.run(at.wb.open(at.project / "islands.py")).wait(RUN_LIMIT_S)
    at.take("error")


def reports(at: Stage) -> None:
    """Chunks of two languages in one document."""
    document = at.wb.open(at.project / "report.Rmd")
    at.wb.run("penguins <- read.csv('penguins.csv')", language="r").wait(RUN_LIMIT_S)
    at.wb.run("import pandas as pd\npenguins = pd.read_csv('penguins.csv')", language="python").wait(RUN_LIMIT_S)
    at.wb.run(document, by_cell=True).wait(RUN_LIMIT_S)
    at.command("edit.go_to_line", line=13)
    at.take("report")


def layouts(at: Stage) -> None:
    """Fewer panes, and everything larger."""
    at.run("analysis.py")
    at.command("layout.simple")
    at.take("layout-simple")
    at.command("layout.full")
    at.command("view.presentation")
    at.take("presentation")
    at.command("view.presentation")


def tables(at: Stage) -> None:
    """A data frame beside its script: sorted and filtered, a filter being chosen, what its
    columns hold, where values are missing, a join that says something, and an audit."""
    at.run("analysis.py")
    table = at.wb.table("penguins")
    table.filter([("species", "=Gentoo"), ("body_mass_g", ">= 5000")]).sort([("body_mass_g", "desc")])
    at.wb.run("joined = penguins.merge(penguins, on='island')", language="python").wait(RUN_LIMIT_S)
    at.take("table")
    table.filter([])
    at.command("table.filter")
    at.take("table-filter")
    at.close_popups()
    at.command("table.go_to", row=0, column=2)
    at.command("table.summaries")
    at.take("table-summaries")
    at.command("table.missing")
    at.take("table-missing")
    at.command("table.missing")
    at.wb.run(ORDERS, language="python").wait(RUN_LIMIT_S)
    at.wb.table("orders")
    at.command("table.audit")
    at.take("table-audit")


def plots(at: Stage) -> None:
    """Two plots side by side, and how one is exported."""
    at.run("analysis.py")
    at.command("plot.previous")
    at.command("plot.compare")
    at.take("plots-compare")
    at.command("plot.compare")
    at.command("plot.save")
    at.take("plots-export")
    at.close_popups()


def helping(at: Stage) -> None:
    """A page of help, with its examples."""
    at.run("analysis.py")
    at.command("help.show", topic="pandas.Series.mean", language="python")
    at.wb.wait_until(lambda: "Examples" in at.wb.program.help.pane.view.toPlainText(), 30, "The page")
    at.take("help")
    page = at.wb.program.editor.desk.page
    lines = page.buffer.text.lines
    line = next(number for number, text in enumerate(lines) if "read_csv" in text)
    page.view.go_to(Place(line, lines[line].index("read_csv")))
    at.wb.program.editor.focus()
    at.command("edit.show_help")
    at.wb.wait_until(lambda: page.assist.card.is_shown, 30, "The card")
    at.take("help-card")
    page.assist.close_popups()


LACKING: Final = """import pandas as pd
import umap

penguins = pd.read_csv("penguins.csv").dropna()
flat = umap.UMAP().fit_transform(penguins.select_dtypes("number"))
"""
DRAWING_S: Final = 4.0
"""How long a page with scripts may take to draw itself."""
CHART: Final = """
import pandas as pd, plotly.express as px
penguins = pd.read_csv("penguins.csv")
px.scatter(penguins, x="flipper_length_mm", y="body_mass_g", color="species", template="simple_white")
"""


def viewer(at: Stage) -> None:
    """A chart to hover over."""
    at.run("analysis.py")
    at.wb.run(CHART, language="python").wait(RUN_LIMIT_S)
    until_s = time.monotonic() + DRAWING_S
    at.wb.wait_until(lambda: time.monotonic() > until_s, RUN_LIMIT_S, "The page")
    view = at.wb.program.viewer.pane.view.current
    assert view is not None
    assert view.web is not None
    view.web.notices.dismiss("web.sandbox")
    at.take("viewer")


def progress(at: Stage) -> None:
    """Cells that run, with bars in the console, on its tab and in the status bar."""
    (at.project / "fit.py").write_text(BARS, "utf-8")
    program = at.wb.program
    page = program.console.page
    assert page is not None
    assert page.view is not None
    console = page.view
    handle = at.wb.run(at.wb.open(at.project / "fit.py"), by_cell=True)
    at.wb.wait_until(lambda: program.progress.of(page.session).percent == 33, RUN_LIMIT_S, "The second year")
    half_way = re.compile(r"2008: +[4-6]\d%")
    at.wb.wait_until(lambda: half_way.search(console.text) is not None, RUN_LIMIT_S, "The inner bar")
    at.take_at_once("progress")
    handle.wait(RUN_LIMIT_S)


def rich(at: Stage) -> None:
    """What a console draws beside text, and a tree of JSON in the Viewer."""
    (at.project / "rich.py").write_text(RICH, "utf-8")
    program = at.wb.program
    at.wb.run(at.wb.open(at.project / "rich.py"), by_cell=True).wait(RUN_LIMIT_S)
    page = program.console.page
    assert page is not None
    assert page.view is not None
    page.focus_input()
    at.command("view.maximise_pane")
    at.take("rich-console")
    at.command("view.maximise_pane")
    page.view.open_anchor("large:4")
    at.take("rich-large")


def packages(at: Stage) -> None:
    """What is installed, and the offer of what a script lacks."""
    program = at.wb.program
    at.run("analysis.py")
    at.command("view.packages")
    pane = program.packages.pane
    at.wb.wait_until(lambda: pane.model.installed is not None, 30, "The list of packages")
    pane.model.select("pandas")
    at.take("packages")
    (at.project / "lacking.py").write_text(LACKING, "utf-8")
    at.wb.run(at.wb.open(at.project / "lacking.py")).wait(RUN_LIMIT_S)
    at.wb.wait_until(lambda: program.packages.missing.bar.text, 30, "The offer")
    at.take("packages-missing")


def deploying(at: Stage) -> None:
    """What would be sent, a job with its log, and the form of a target."""
    program = at.wb.program
    desk = program.deploying
    at.wb.open(at.project / "analysis.py")

    def looked() -> None:
        sheet = desk.dialog
        assert sheet is not None
        at.wb.wait_until(sheet.step.isHidden, RUN_LIMIT_S, "The look at the project")

    at.wb.run_command("deploy.start")
    looked()
    sheet = desk.dialog
    assert sheet is not None
    at.take_dialog(sheet, "deploy-sheet")
    at.wb.run_command("deploy.lock")
    looked()
    sheet.confirm.click()
    at.wb.wait_until(lambda: bool(desk.deployments.jobs), 30, "The job")
    job = next(iter(desk.deployments.jobs.values()))
    at.wb.wait_until(lambda: job.record.state.is_final and len(at.wb.plots) == 2, RUN_LIMIT_S, "The job's figures")
    for notice in tuple(program.notices.all):
        program.notices.remove(notice.key)
    at.command("view.jobs")
    at.take("jobs")
    for one in desk.clusters.all:
        desk.clusters.end(one, program.commands.report)
    at.wb.wait_until(lambda: not desk.clusters.all, 30, "The cluster's end")
    at.wb.run_command("deploy.targets")
    dialog = desk.targets_dialog
    assert dialog is not None
    dialog.begin("gateway")
    at.take_dialog(dialog, "targets")
    at.close_popups()


def untrusted(at: Stage) -> None:
    """The bar over a folder of unknown origin."""
    at.wb.open(at.project / "analysis.py")
    at.take("trust-bar")


@dataclass(frozen=True)
class Scene:
    """Pictures that are taken in one run of the program."""

    play: Callable[[Stage], None]
    is_trusted: bool = True


SCENES: Final = {
    "rich": Scene(rich),
    "main": Scene(main_windows),
    "dialogs": Scene(dialogs),
    "editing": Scene(editing),
    "error": Scene(failing),
    "report": Scene(reports),
    "layouts": Scene(layouts),
    "tables": Scene(tables),
    "plots": Scene(plots),
    "help": Scene(helping),
    "viewer": Scene(viewer),
    "progress": Scene(progress),
    "packages": Scene(packages),
    "deploy": Scene(deploying),
    "trust": Scene(untrusted, is_trusted=False),
}


def main() -> int:
    """Play the scenes that are named, or all. Each has a process of its own, as a program starts only once in one."""
    parser = argparse.ArgumentParser(prog="tools.screenshots", description="Make the pictures of the user's pages.")
    parser.add_argument("scenes", nargs="*", choices=[[], *SCENES], metavar="NAME", help=", ".join(SCENES))
    names = parser.parse_args().scenes or list(SCENES)
    if not dev.has_display():
        with dev.virtual_screen() as screen:
            return subprocess.run(
                [sys.executable, "-m", "tools.screenshots", *names], cwd=ROOT, env={**os.environ, **screen}, check=False
            ).returncode
    for name in names:
        scene = SCENES[name]
        with stage(is_trusted=scene.is_trusted) as at:
            scene.play(at)
    total = sum(path.stat().st_size for path in PICTURES.glob("*.png"))
    if total > FOLDER_LIMIT_BYTES:
        sys.stderr.write(f"The pictures take {total / 1e6:.1f} MB; {FOLDER_LIMIT_BYTES / 1e6:.1f} MB are allowed.\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
