"""Rich output, large and in the console."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEventLoop
from PySide6.QtWidgets import QApplication, QWidget

from ide.core.runs import RunStatus
from ide.widgets.rich.view import RichView
from tests.fakes.console import ConsoleRig
from tests.fakes.rich import bundles
from tests.fakes.session import FakeSession, message
from tests.fakes.window_parts import Parts
from tests.pictures.harness import check

LARGE = ("table", "r-table", "markdown", "latex", "json", "svg", "pdf", "sound", "broken")
IN_CONSOLE = ("table", "r-table", "markdown", "latex", "json", "gif", "sound")
BROKEN = {"image/png": "!!!", "text/plain": "<Figure size 640x480 with 1 Axes>"}


@pytest.mark.parametrize("name", LARGE)
def test_picture_of_large_output_is_whole(name: str, parts: Parts) -> None:
    made = RichView(parts.theme, parts.icons, parts.tasks.run)
    made.resize(parts.theme.px(560), parts.theme.px(360))
    made.show_bundle(BROKEN if name == "broken" else bundles()[name])
    while made.is_waiting:
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)

    def built(_parts: Parts) -> QWidget:
        return made

    check(f"rich-{name}", parts, built, destroys=False)
    made.close_view()
    made.close()
    made.deleteLater()


def test_picture_of_rich_output_in_the_console_is_whole(parts: Parts, tmp_path: Path) -> None:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    rig = ConsoleRig(tmp_path, theme=parts.theme.choice)
    rig.theme.set_zoom(parts.theme.zoom)
    rig.theme.apply(application)
    session = FakeSession()
    rig.kernels.add(session)
    size = (round(parts.theme.px(760)), round(parts.theme.px(1080)))
    rig.window.resize(*size)
    rig.show()
    rig.wait(lambda: rig.view.has_prompt)
    for name, data in bundles().items():
        if name in IN_CONSOLE:
            rig.pane.focus()
            rig.type(f"{name.replace('-', '_')}\n")
            session.execution_count += 1
            run = session.runs[-1]
            content = {"data": data, "metadata": {}, "execution_count": session.execution_count}
            session.say(session.input_of(run), message("execute_result", run.id, content), *session.end_of(run))
            session.set_run(run, RunStatus.OK)
            rig.settle()

    def built(_parts: Parts) -> QWidget:
        return rig.window

    check("console-rich", parts, built, destroys=False)
    rig.close()
