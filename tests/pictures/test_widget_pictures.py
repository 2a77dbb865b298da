"""Pictures of the reusable widgets and of the small dialogs."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QPoint
from PySide6.QtWidgets import QLabel, QListWidget, QPlainTextEdit, QVBoxLayout, QWidget

from ide.shell.crash_report import Report, report_text
from ide.shell.report_dialog import AboutDialog, ReportDialog
from ide.shell.trust_bar import WhyDialog
from ide.shell.welcome import Welcome
from ide.widgets.diff_view import DiffView
from ide.widgets.empty_state import EmptyState
from ide.widgets.notices import Notice, NoticeArea, NoticeList
from ide.widgets.pane_frame import PaneFrame
from ide.widgets.tabs import Tab, TabStrip
from tests.fakes.window_parts import Parts
from tests.pictures.harness import FOLDER, Build, check

OLD = "import pandas as pd\n\n# %% Load\ndf = pd.read_csv('penguins.csv')\ndf.head()\n\n# %% Plot\ndf.plot()\n"
NEW = OLD.replace("df.head()", "df = df.dropna()\ndf.describe()").replace("plot()", "plot(kind='scatter')")
NOTICES = (
    Notice("The kernel of “myenv” was started again.", "info"),
    Notice("analysis.py was saved.", "done"),
    Notice("The file changed on disk while you edited it.", "warning", action="x", action_title="Show the difference"),
    Notice(
        "The file analysis.py could not be saved.\nThe disk is full; your text is safe in the window.\n"
        "Make room, then save again.",
        "error",
        action="file.save",
        action_title="Save again",
        details="OSError: [Errno 28]",
    ),
)


def frame(parts: Parts) -> QWidget:
    made = PaneFrame("Variables", parts.theme, parts.icons)
    made.header.set_filter("Filter", "Filter variables")
    ids = ("file.open", "file.save", "run.default", "variables.copy_name", "edit.go_to_line")
    made.header.set_actions([parts.actions.action(command) for command in ids])
    body = QListWidget()
    body.addItems(["df", "by_year", "limit"])
    body.setCurrentRow(1)
    body.setAccessibleName("Names")
    made.set_body(body)
    made.resize(parts.theme.px(520), parts.theme.px(240))
    return made


def tabs(parts: Parts) -> QWidget:
    made = PaneFrame("Editor", parts.theme, parts.icons)
    strip = TabStrip(parts.theme, parts.icons, "Documents")
    strip.set_tabs(
        (
            Tab("a", "analysis.py", "Py", "badge_python", is_unsaved=True),
            Tab("b", "report.R", "R", "badge_r"),
            Tab("c", "a file with a name that is much too long to be shown as it is.py", "Py", "badge_python"),
            Tab("d", "slow.py", "Py", "badge_python", is_running=True),
        )
    )
    made.header.set_tabs(strip)
    made.header.set_actions([parts.actions.action("file.save")])
    text = QPlainTextEdit(OLD)
    text.setFont(parts.theme.font("code"))
    made.set_body(text)
    made.resize(parts.theme.px(760), parts.theme.px(220))
    return made


def empty(parts: Parts) -> QWidget:
    made = PaneFrame("Variables", parts.theme, parts.icons)
    made.set_body(
        EmptyState(
            parts.theme,
            parts.icons,
            "Names appear here. Try:",
            [("a", "ages = [31, 42]")],
            icon="table",
            code=True,
        )
    )
    made.resize(parts.theme.px(420), parts.theme.px(240))
    return made


def notices(parts: Parts) -> QWidget:
    made = QWidget()
    area = NoticeArea(parts.theme, parts.icons, most=4)
    column = QVBoxLayout(made)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(area)
    column.addStretch(1)
    for notice in NOTICES:
        area.show_notice(notice)
    made.resize(parts.theme.px(900), parts.theme.px(240))
    return made


def notice_list(parts: Parts) -> QWidget:
    made = NoticeList(parts.theme, parts.icons)
    made.open_above(NOTICES, QPoint(2000, 1400))
    return made


def difference(parts: Parts) -> QWidget:
    made = DiffView(parts.theme, parts.tasks.run)
    made.compare(OLD, NEW, "On disk, 10:42", "In the window")
    made.resize(parts.theme.px(820), parts.theme.px(260))
    while not made.rows:
        QCoreApplication.processEvents()
    return made


def welcome(parts: Parts) -> QWidget:
    made = Welcome(parts.commands, {"file.open": ("Ctrl+O",)}, parts.theme, parts.icons)
    made.set_recent([Path("/p/penguins")], [Path("/p/penguins/analysis.py"), Path("/p/report.qmd")])
    made.resize(parts.theme.px(720), parts.theme.px(330))
    return made


def about(parts: Parts) -> QWidget:
    return AboutDialog(parts.theme)


def report(parts: Parts) -> QWidget:
    text = report_text("Fourpane met an error that it did not expect", "Traceback:\n  File a.py\nValueError: x")
    return ReportDialog(Report("Fourpane met an error that it did not expect", text), parts.theme, parts.icons)


def why(parts: Parts) -> QWidget:
    return WhyDialog(Path("/srv/projects/penguins"), [".Rprofile", ".Renviron", "settings"], parts.theme)


STATES: dict[str, Build] = {
    "pane": frame,
    "tabs": tabs,
    "empty": empty,
    "notices": notices,
    "notice-list": notice_list,
    "difference": difference,
    "welcome": welcome,
    "about": about,
    "report": report,
    "why": why,
}


@pytest.mark.parametrize("name", STATES)
def test_picture_of_widget_is_whole(name: str, parts: Parts) -> None:
    check(name, parts, STATES[name])


def test_check_finds_text_that_is_cut_off(parts: Parts) -> None:
    def cut(_parts: Parts) -> QWidget:
        made = QWidget()
        label = QLabel("far too long for its place", made)
        label.setFixedWidth(30)
        return made

    with pytest.raises(AssertionError, match="far too long"):
        check("broken", parts, cut, (200, 100))
    for left in FOLDER.glob("broken-*"):
        left.unlink()


def test_check_finds_a_blank_picture(parts: Parts) -> None:
    with pytest.raises(AssertionError, match="blank"):
        check("broken", parts, lambda _parts: QWidget(), (200, 100))
    for left in FOLDER.glob("broken-*"):
        left.unlink()
