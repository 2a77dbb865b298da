"""The steps of the tour, in order. A step does something, checks that it really happened, and says so in a sentence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ide.app.workbench import Workbench
from ide.shell.deploy_sheet import DeploySheet

RUN_LIMIT_S: Final = 180
DEPLOY_LIMIT_S: Final = 300
"""Packages are fetched: for what reaches clusters, and for the job."""
FIGURES: Final = 2
HEAVY_GENTOOS: Final = 67
NAMES: Final = {
    "python": {"penguins", "missing", "measured", "by_species", "counts", "slope", "figure", "axes"},
    "r": {"penguins", "missing", "measured", "by_species", "counts", "slope", "scatter", "colours"},
}


class StepError(AssertionError):
    """A step did not do what it says."""


def hold(is_true: bool, otherwise: str) -> None:
    """Raise StepError with a sentence unless something holds."""
    if not is_true:
        raise StepError(otherwise)


@dataclass(frozen=True)
class Step:
    """`do` returns what was seen, in a few words. The picture is taken after it."""

    name: str
    title: str
    do: Callable[[Workbench, Path], str]


def start(wb: Workbench, _project: Path) -> str:
    """The window is there, with a console that takes code."""
    session = wb.session
    hold(session is not None, "No session was started with the window.")
    assert session is not None
    session.wait_ready(60)
    hold(session.state == "idle", f"The first session is {session.state}.")
    return f"a window with a console in {session.name}"


def open_script(name: str) -> Callable[[Workbench, Path], str]:
    """Open a script of the sample project."""

    def do(wb: Workbench, project: Path) -> str:
        document = wb.open(project / name)
        wb.settle()
        cells = [cell for cell in document.cells() if cell.kind == "code"]
        hold(len(cells) >= 6, f"{name} shows {len(cells)} cells, not 6 or more.")
        return f"{name}, {len(document.text.splitlines())} lines in {len(cells)} cells"

    return do


def run_by_cell(name: str, language: str) -> Callable[[Workbench, Path], str]:
    """Run the open script cell by cell in a kernel of its language."""

    def do(wb: Workbench, project: Path) -> str:
        before = len(wb.plots)
        document = wb.open(project / name)
        run = wb.run(document, by_cell=True).wait(RUN_LIMIT_S)
        hold(run.status == "ok", f"{name} ended with {run.status}: {run.error}")
        hold("One millimetre of flipper goes with 49.7 g of penguin." in run.text, f"{name} printed something else.")
        wb.settle()
        plots = wb.plots[before:]
        hold(len(plots) == FIGURES, f"{len(plots)} figures came from {name}, not {FIGURES}.")
        hold(wb.program.plots.view.isVisible(), "The figures are not in sight.")
        session = wb.session
        assert session is not None
        hold(session.session.language == language, f"{name} ran in a session of {session.session.language}.")
        names = {variable.name for variable in session.variables()}
        hold(NAMES[language] <= names, f"Variables lacks {sorted(NAMES[language] - names)}.")
        return f"{len(run.runs)} cells in {session.name}, {len(plots)} figures, {len(names)} names"

    return do


def run_whole(name: str, language: str) -> Callable[[Workbench, Path], str]:
    """Run the whole file, as F5 does."""

    def do(wb: Workbench, project: Path) -> str:
        before = len(wb.plots)
        run = wb.run(wb.open(project / name)).wait(RUN_LIMIT_S)
        hold(run.status == "ok", f"{name} ended with {run.status}: {run.error}")
        wb.settle()
        hold(len(wb.plots) - before == FIGURES, f"{len(wb.plots) - before} figures came from the whole of {name}.")
        hold(wb.session is not None and wb.session.session.language == language, "The wrong session is in front.")
        return f"one run, {FIGURES} figures again"

    return do


def look_at_table(name: str, dialect: str) -> Callable[[Workbench, Path], str]:
    """Open a data frame in the viewer, filter and sort it, and have the code for what is seen."""

    def do(wb: Workbench, _project: Path) -> str:
        table = wb.table(name)
        hold(table.shape == (344, 8), f"{name} shows {table.shape[0]} rows and {table.shape[1]} columns.")
        table.filter([("species", "=Gentoo"), ("body_mass_g", ">= 5000")]).sort([("body_mass_g", "desc")])
        wb.settle()
        mass = table.page(slice(0, 1_000)).column("body_mass_g").to_pylist()
        hold(len(mass) == HEAVY_GENTOOS, f"{len(mass)} rows are shown, not {HEAVY_GENTOOS}.")
        hold(mass == sorted(mass, reverse=True), "The rows are not in the order of their weight.")
        code = table.code(dialect)
        hold("Gentoo" in code, f"The code for the rows is {code!r}.")
        return f"344 rows, {len(mass)} of them chosen and sorted, {len(code.splitlines())} lines of code for them"

    return do


def merge_that_multiplies(wb: Workbench, _project: Path) -> str:
    """A join whose keys repeat says so beside its variable."""
    run = wb.run("doubled = penguins.merge(penguins, on='species')", language="python").wait(RUN_LIMIT_S)
    hold(run.status == "ok", f"The cell ended with {run.status}: {run.error}")
    model = wb.program.variables.model
    wb.wait_until(lambda: bool(model.findings.of("doubled")), 20, "A word about the rows that grew")
    wb.settle()
    return model.findings.of("doubled")[0].sentence


def read_help(topic: str, language: str, heading: str) -> Callable[[Workbench, Path], str]:
    """Help on a name of a library that the session has loaded, from the session's own environment."""

    def do(wb: Workbench, _project: Path) -> str:
        help = wb.program.help
        wb.run_command("help.show", topic=topic, language=language)
        wb.wait_until(lambda: heading in help.pane.view.toPlainText(), 60, f"Help on {topic}")
        wb.settle()
        hold(help.pane.view.isVisible(), "The page of help is not in sight.")
        return f"{help.pane.view.toPlainText().split(chr(10), 1)[0].strip()}"

    return do


def choose_environment(wb: Workbench, _project: Path) -> str:
    """The list of everything that can run code here, each once, the one in use marked."""
    wb.environments()
    wb.run_command("session.choose_environment")
    wb.settle()
    picker = wb.program.dialogs.picker
    hold(picker is not None and picker.isVisible(), "The list of environments is not in sight.")
    assert picker is not None
    listed = [entry for entry in picker.model.entries if entry.environment is not None]
    ids = [entry.environment.id for entry in listed if entry.environment is not None]
    hold(len(ids) == len(set(ids)), "An environment is listed twice.")
    current = [entry for entry in listed if entry.is_current]
    hold(len(current) == 1, f"{len(current)} environments are marked as the one in use.")
    return f"{len(listed)} environments, {current[0].second_line}"


def look_at_packages(wb: Workbench, _project: Path) -> str:
    """From that list to the packages of the environment in use, with their licences."""
    picker = wb.program.dialogs.picker
    assert picker is not None
    picker.further["view.packages"].click()
    pane = wb.program.packages.pane
    wb.wait_until(lambda: pane.model.installed is not None, 30, "The list of packages")
    pane.model.select("pandas")
    wb.settle()
    hold(pane.view.isVisible() and not picker.isVisible(), "The packages are not in sight.")
    packages = [row.package for row in pane.model.rows]
    pandas = next((one for one in packages if one.name == "pandas"), None)
    hold(pandas is not None and pandas.licence == "BSD-3-Clause", f"pandas is listed as {pandas}.")
    known = sum(bool(one.licence) for one in packages)
    return f"{len(packages)} packages, the licences of {known} known"


def chart_to_hover_over(wb: Workbench, _project: Path) -> str:
    """An interactive chart of Plotly, which draws itself in the Viewer without a network."""
    code = "import plotly.express as px\npx.scatter(penguins, x='flipper_length_mm', y='body_mass_g', color='species')"
    handle = wb.run(code, language="python").wait(RUN_LIMIT_S)
    hold(handle.status == "ok", f"The chart ended with {handle.status}.")
    pane = wb.program.viewer.pane

    answers: list[int] = []

    def has_points() -> bool:
        view = pane.view.current
        if view is not None and view.web is not None and view.web.page is not None:
            code = "document.querySelectorAll('.js-plotly-plot .point').length"
            view.web.page.runJavaScript(code, 0, answers.append)
        return bool(answers and answers[-1])

    wb.wait_until(has_points, 30, "The points of the chart")
    wb.settle()
    hold(pane.view.isVisible(), "The chart is not in sight.")
    return f"{int(answers[-1])} points"


def type_in_console(wb: Workbench, _project: Path) -> str:
    """An expression typed into the console of the session in front."""
    run = wb.run("1 + 41").wait(60)
    hold("42" in run.text, f"The console answered {run.text!r}.")
    return "1 + 41 gives 42"


def twenty_figures(wb: Workbench, _project: Path) -> str:
    """Twenty figures in one cell arrive as twenty."""
    before = len(wb.plots)
    code = (
        "import matplotlib.pyplot as plt\nfor n in range(20):\n    plt.figure()\n    plt.plot([0, n])\n    plt.show()"
    )
    run = wb.run(code, language="python").wait(RUN_LIMIT_S)
    hold(run.status == "ok", f"The cell ended with {run.status}: {run.error}")
    wb.settle()
    hold(len(wb.plots) - before == 20, f"{len(wb.plots) - before} figures came, not 20.")
    return "20 figures from one cell, in order"


def look_at(wb: Workbench) -> DeploySheet:
    """Wait until a sheet shows what it found; it closes where it could not look, and a notice says why."""
    desk, sheet = wb.program.deploying, wb.program.deploying.dialog
    if sheet is None:
        raise StepError("No sheet shows what would be sent.")
    wb.wait_until(lambda: desk.dialog is not sheet or sheet.step.isHidden(), DEPLOY_LIMIT_S, "The look at the project")
    hold(desk.dialog is sheet, "; ".join(one.text for one in wb.program.notices.all))
    return sheet


def deploy(wb: Workbench, project: Path) -> str:
    """The sample's analysis as a job on this computer: locked, sent, run, and its figures back."""
    wb.wait_until(lambda: hasattr(wb.program, "deploying"), 20, "The Jobs pane")
    desk, figures = wb.program.deploying, len(wb.plots)
    wb.open(project / "analysis.py")
    wb.run_command("deploy.start")
    # What reaches clusters is made by uv before the first look.
    sheet = look_at(wb)
    hold([one.text() for one in sheet.problems] == ["Lock"], "The sheet does not ask for a lock, and for nothing else.")
    sheet.problems[0].click()
    look_at(wb)
    against = "; ".join(one.accessibleName() for one in sheet.problems)
    hold(sheet.confirm.isEnabled(), f"With a lock this is against the deploy: {against or sheet.step.text()}")
    sheet.confirm.click()
    jobs = desk.deployments.jobs
    wb.wait_until(lambda: bool(jobs), 30, "The job")
    job = next(iter(jobs.values()))
    wb.wait_until(lambda: job.record.state.is_final, DEPLOY_LIMIT_S, "The job's end")
    hold(job.record.exit_code == 0, f"The job ended with {job.record.exit_code}: {job.record.reason}")
    hold("One millimetre of flipper goes with 49.7 g of penguin." in job.log, "The job printed something else.")
    wb.wait_until(lambda: len(wb.plots) == figures + FIGURES, 20, "The job's figures")
    wb.run_command("view.jobs")
    wb.settle()
    hold(desk.pane.view.log.isVisible(), "The log of the job is not in sight.")
    return f"{len(job.record.packages)} locked packages, {len(job.record.outputs)} results, exit code 0"


def end_clusters(wb: Workbench, _project: Path) -> str:
    """What is up ends with the button beside it, and nothing goes on after the window."""
    clusters, strip = wb.program.deploying.clusters, wb.program.deploying.pane.view.clusters
    wb.wait_until(lambda: bool(strip.rows), 30, "The cluster in the Jobs pane")
    strip.rows[0].end.click()
    wb.wait_until(lambda: not clusters.all, 30, "The cluster's end")
    return "no cluster is up"


def dark(wb: Workbench, _project: Path) -> str:
    """The dark theme, at once."""
    wb.run_command("view.theme_dark")
    wb.settle()
    return "dark theme"


def light(wb: Workbench, _project: Path) -> str:
    """Back to light."""
    wb.run_command("view.theme_light")
    wb.settle()
    return "light theme"


STEPS: Final[tuple[Step, ...]] = (
    Step("start", "Start", start),
    Step("open-python", "Open the Python script", open_script("analysis.py")),
    Step("run-python", "Run it cell by cell", run_by_cell("analysis.py", "python")),
    Step("table-python", "Look at a data frame", look_at_table("penguins", "pandas")),
    Step("merge", "Join what repeats", merge_that_multiplies),
    Step("viewer", "Draw an interactive chart", chart_to_hover_over),
    Step("help-python", "Read help on a function", read_help("pandas.merge", "python", "Parameters")),
    Step("environments", "List what can run code", choose_environment),
    Step("packages", "Look at the packages", look_at_packages),
    Step("open-r", "Open the R script", open_script("analysis.R")),
    Step("run-r", "Run it cell by cell", run_by_cell("analysis.R", "r")),
    Step("table-r", "Look at R's data frame", look_at_table("penguins", "dplyr")),
    Step("help-r", "Read help on a function of R", read_help("lm", "r", "Arguments")),
    Step("dark", "Switch to the dark theme", dark),
    Step("run-whole-r", "Run the whole R file", run_whole("analysis.R", "r")),
    Step("light", "Switch to the light theme", light),
    Step("run-whole-python", "Run the whole Python file", run_whole("analysis.py", "python")),
    Step("console", "Type into the console", type_in_console),
    Step("twenty-figures", "Draw twenty figures in one cell", twenty_figures),
    Step("deploy", "Deploy the script to this computer", deploy),
    Step("end-clusters", "End what is up", end_clusters),
)
