"""Packages in the real program by real clicks: a missing one at the error in both languages, the pane, a policy."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.linked_env import make_linked_env
from tests.fakes.package_index import LoopbackIndex, served_index
from tests.fakes.r_repository import make_r_package
from tests.stories.kit import run_script
from tests.unit.environments.wheels import make_wheel

HEAD = """
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

def click(button):
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)

def wait_for_desk(wb):
    wb.wait_until(lambda: hasattr(wb.program, "packages"), 30, "The Packages pane")
    return wb.program.packages

def listen(session):
    printed = []
    session.output_arrived.connect(lambda _run, outputs: printed.extend(getattr(one, "text", "") for one in outputs))
    return printed

def names(desk):
    known = desk.service.known(desk.pane.model.environment)
    return [one.name for one in known.packages] if known is not None else []
"""

PYTHON = (
    HEAD
    + """
with open_workbench(
    profile_dir=Path("profile"), project_dir=Path("project"), environment={python!r}, is_trusted=True,
    platform="offscreen",
) as wb:
    desk = wait_for_desk(wb)
    pane, offers = desk.pane, desk.missing.bar
    session = wb.session.wait_ready()
    document = wb.open(Path("project/chart.py"))
    page = wb.program.editor.desk.page
    wb.wait_until(lambda: "missing from" in page.bar.text, 30, "The quiet bar above the file")
    tell(before=page.bar.text)

    run = wb.run(document).wait(60)
    wb.wait_until(lambda: offers.text, 30, "The offer in the console")
    tell(error=run.error.name, offer=offers.text, above=page.bar.text, button=offers.buttons[0].text())
    click(offers.buttons[0])
    printed = listen(session.session)
    wb.wait_until(lambda: "charts 2.0" in "".join(printed), 60, "The second run")
    wb.settle()
    tell(after=offers.text, above_after=page.bar.text, installed=[n for n in names(desk) if n in ("charts", "axes")])

    wb.run_command("view.packages")
    wb.settle()
    tell(rows=[row.package.name for row in pane.model.rows if row.package.name in ("charts", "axes")])
    wb.run_command("packages.undo")
    wb.wait_until(lambda: "charts" not in names(desk), 30, "The change taken back")
    wb.settle()
    tell(undone=[n for n in names(desk) if n in ("charts", "axes")])

    # By the pane alone: a name is typed, what would change is shown, and made.
    box = pane.view.box
    box.setFocus()
    QTest.keyClicks(box, "charts<2")
    QTest.keyClick(box, Qt.Key.Key_Return)
    wb.wait_until(lambda: pane.model.plan is not None, 40, "What would change")
    tell(sheet=pane.view.sheet.text, accept=pane.view.sheet.accept.text())
    click(pane.view.sheet.accept)
    wb.wait_until(lambda: "charts" in names(desk) and not pane.model.is_busy, 60, "The package")
    wb.settle()
    tell(typed=pane.model.installed.get("charts").version, sheet_gone=not pane.view.sheet.isVisible())

    # A session that has loaded it goes on with the former one: a restart is offered, and only then.
    wb.run("import charts").wait(60)
    wb.run_command("packages.check")
    wb.wait_until(lambda: pane.model.newest, 60, "Newer versions")
    pane.model.select("charts")
    wb.run_command("packages.update")
    wb.wait_until(lambda: pane.model.plan is not None, 40, "The update")
    click(pane.view.sheet.accept)
    wb.wait_until(lambda: "after a restart" in pane.view.bar.text, 60, "The remark on a restart")
    tell(remark=pane.view.bar.text)

    # What is typed in the console is followed.
    wb.run("%pip install --quiet --index-url {address} --disable-pip-version-check sea-maps").wait(90)
    wb.wait_until(lambda: "sea-maps" in names(desk), 60, "What pip installed")

    # A policy of the project stops a licence before anything of it is fetched.
    Path("project/fourpane-policy.toml").write_text('[licences]\\ndenied = ["GPL-*"]\\n')
    wb.run_command("packages.install", name="copyleft")
    wb.wait_until(lambda: pane.model.plan is not None, 40, "The plan")
    tell(denied=pane.view.sheet.text, enabled=pane.view.sheet.accept.isEnabled())
    wb.run_command("packages.reject")
    wb.run_command("packages.save_report", path=str(Path("report.csv").resolve()))
    wb.settle()
    wb.wait_until(lambda: Path("report.csv").is_file(), 20, "The report")
    tell(notices=texts(wb))
"""
)

R = (
    HEAD
    + """
with open_workbench(
    profile_dir=Path("profile"), project_dir=Path("project"), is_trusted=True, platform="offscreen"
) as wb:
    desk = wait_for_desk(wb)
    wb.environments()
    session = wb.start_session("ir")
    wb.wait_until(lambda: session.session.has_agent and session.state == "idle", 60, "The agent")
    document = wb.open(Path("project/chart.R"))
    page = wb.program.editor.desk.page
    wb.wait_until(lambda: "missing from" in page.bar.text, 30, "The quiet bar above the file")
    tell(before=page.bar.text)
    run = wb.run("library(tidytest)\\ncat('tidy', tidytest_version())", language="r").wait(60)
    offers = desk.missing.bar
    tell(error=[run.error.name, run.error.message])
    wb.wait_until(lambda: offers.text, 30, "The offer")
    tell(offer=offers.text, message=run.error.message)
    printed = listen(session.session)
    click(offers.buttons[0])
    wb.wait_until(lambda: "tidy 1.2-3" in "".join(printed), 90, "The second run")
    wb.settle()
    tell(after=offers.text, above_after=page.bar.text, installed=[n for n in names(desk) if n in ("tidytest", "deep")])
    wb.run("remove.packages('deep', lib = .libPaths()[1])", language="r").wait(60)
    wb.wait_until(lambda: "deep" not in names(desk), 30, "What R removed")
    tell(notices=texts(wb))
"""
)

OWN = (
    HEAD
    + """
with open_workbench(
    profile_dir=Path("profile"), project_dir=Path("project"), is_trusted=True, platform="offscreen"
) as wb:
    desk = wait_for_desk(wb)
    session = wb.session.wait_ready()
    tell(kind=session.session.launch.environment.kind)
    document = wb.open(Path("project/chart.py"))
    page = wb.program.editor.desk.page
    wb.wait_until(lambda: "missing from" in page.bar.text, 30, "The quiet bar above the file")
    tell(buttons=[one.text() for one in page.bar.buttons])
    run = wb.run(document).wait(60)
    offers = desk.missing.bar
    wb.wait_until(lambda: offers.text, 30, "The offer in the console")
    tell(offer=offers.text, at_error=[one.text() for one in offers.buttons])
    click(offers.buttons[0])
    wb.wait_until(lambda: wb.program.making.dialog is not None, 30, "The dialog")
    dialog = wb.program.making.dialog
    tell(language=dialog.language.currentData(), packages=dialog.packages.text().split())
    dialog.close_button.click()
    wb.settle()
    tell(notices=texts(wb))
"""
)


@pytest.fixture
def index(tmp_path: Path) -> Iterator[LoopbackIndex]:
    folder = tmp_path / "wheels"
    mit, gpl = "License-Expression: MIT\n", "License-Expression: GPL-3.0-only\n"
    make_wheel(folder, "charts", "1.0", ["axes"], metadata=mit)
    make_wheel(folder, "charts", "2.0", ["axes"], metadata=mit)
    make_wheel(folder, "axes", "0.5", metadata=mit)
    make_wheel(folder, "sea-maps", "1.0", metadata=mit)
    make_wheel(folder, "copyleft", "1.0", metadata=gpl)
    with served_index(folder) as served:
        yield served


def settings(folder: Path, text: str) -> None:
    (folder / "profile").mkdir()
    (folder / "profile" / "settings.toml").write_text(text, "utf-8")
    (folder / "project").mkdir()


def test_missing_package_is_installed_and_the_pane_does_the_rest(
    tmp_path: Path, index: LoopbackIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings(tmp_path, f'[network]\npython_index = "{index.address}"\n')
    (tmp_path / "project" / "chart.py").write_text(
        "import charts\nimport local_part\n\nprint('charts', charts.__version__)\n", "utf-8"
    )
    (tmp_path / "project" / "local_part.py").write_text("", "utf-8")
    python = make_linked_env(tmp_path / "class-env", more=("pip",))
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)

    outcome = run_script(PYTHON.format(python=str(python), address=index.address), tmp_path, 180)

    assert outcome.exit_code == 0, outcome.errors
    facts = outcome.facts
    assert facts["before"] == "A package that this file imports is missing from “class-env”: charts."
    assert facts["error"] == "ModuleNotFoundError"
    assert facts["offer"] == facts["above"] == "“charts” is not installed in “class-env”."
    assert facts["button"] == "Install charts into class-env and run again"
    assert (facts["after"], facts["above_after"]) == ("", "")
    assert facts["installed"] == facts["rows"] == ["axes", "charts"]
    assert facts["undone"] == []
    assert "2 packages will change in “class-env”" in facts["sheet"]
    assert "1.0" in facts["sheet"]
    assert facts["accept"] == "Install charts"
    assert (facts["typed"], facts["sheet_gone"]) == ("1.0", True)
    assert facts["remark"].startswith("charts is loaded in “class-env”")
    assert "The project’s policy denies the licence GPL-3.0-only of copyleft." in facts["denied"]
    assert facts["enabled"] is False
    assert not any("copyleft" in name for name in index.fetched)
    assert facts["notices"] == []
    assert "sea-maps,1.0,MIT,Allowed" in (tmp_path / "report.csv").read_text("utf-8-sig")


def test_missing_r_package_is_installed_from_a_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repository, library = tmp_path / "repository", tmp_path / "library"
    make_r_package(repository, "deep", "1.0")
    make_r_package(repository, "tidytest", "1.2-3", imports="deep", licence="MIT + file LICENSE")
    # The user's own, which is not there at the session's start: it looks there all the same when the code runs again.
    monkeypatch.delenv("R_LIBS", raising=False)
    monkeypatch.setenv("R_LIBS_USER", str(library))
    settings(tmp_path, f'[network]\nr_repository = "{repository.as_uri()}"\n')
    (tmp_path / "project" / "chart.R").write_text("library(tidytest)\nlibrary(stats)\n", "utf-8")

    outcome = run_script(R, tmp_path, 180)

    assert outcome.exit_code == 0, outcome.errors
    facts = outcome.facts
    assert "is missing from" in facts["before"]
    assert facts["before"].endswith(": tidytest.")
    assert facts["offer"].startswith("“tidytest” is not installed in “R")
    assert (facts["after"], facts["above_after"]) == ("", "")
    assert facts["installed"] == ["deep", "tidytest"]
    assert facts["notices"] == []


def test_own_python_is_left_alone_and_an_environment_is_offered(tmp_path: Path) -> None:
    settings(tmp_path, "")
    (tmp_path / "project" / "chart.py").write_text("import charts\n", "utf-8")

    outcome = run_script(OWN, tmp_path, 120)

    assert outcome.exit_code == 0, outcome.errors
    facts = outcome.facts
    assert facts["kind"] == "program"
    assert facts["buttons"] == facts["at_error"] == ["Create environment...", "Choose environment", "Not now"]
    assert facts["offer"].endswith("whose packages are not changed here.")
    assert facts["language"] == "python"
    assert {"charts", "pandas"} <= set(facts["packages"])
    assert facts["notices"] == []
