"""PySide's classes are made when first asked for, and not safely by two threads: only the UI thread may ask."""

from __future__ import annotations

from pathlib import Path

from tests.stories.kit import run_script

WATCH = """
import threading
elsewhere = set()

class Watch:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if threading.current_thread() is not threading.main_thread():
            elsewhere.add(name)

def asks_for_qt(name):
    if name.split(".")[0] in ("PySide6", "shiboken6", "qtpy", "qtconsole"):
        return True
    values = list(vars(sys.modules[name]).values()) if name in sys.modules else []
    homes = [getattr(value, word, "") for value in values for word in ("__module__", "__name__")]
    return any(isinstance(home, str) and home.startswith(("PySide6", "shiboken6")) for home in homes)

sys.meta_path.insert(0, Watch)
IMPORTS_ELSEWHERE
with open_workbench(profile_dir=profile, project_dir=project, environment=python, is_trusted=True) as wb:
    wb.session.wait_ready(60)
    wb.open(project / "a.py")
    wb.run("import matplotlib.pyplot as plt; plt.plot([1, 2]); plt.show()", language="python").wait(60)
    wb.environments()
    wb.settle(30)
    tell(shown=wb.program.console.page.view is not None)
    wb.program.shell.window.close()
sys.meta_path.remove(Watch)
tell(count=len(elsewhere), asking=sorted(name for name in elsewhere if asks_for_qt(name)))
"""


def test_modules_that_ask_for_qt_are_imported_on_the_ui_thread_alone(tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "a.py").write_text("a = 1\n")
    done = run_script(WATCH.replace("IMPORTS_ELSEWHERE", ""), tmp_path)
    assert done.exit_code == 0, done.errors
    assert done.facts["shown"], "the console's widget never came"
    assert done.facts["count"] > 20, "the pool and the thread of the kernels import what they need"
    assert done.facts["asking"] == []


def test_watch_sees_a_module_that_asks_for_qt_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "a.py").write_text("a = 1\n")
    stray = "one = threading.Thread(target=__import__, args=('ide.widgets.rich.view',)); one.start(); one.join()"
    done = run_script(WATCH.replace("IMPORTS_ELSEWHERE", stray), tmp_path)
    assert done.exit_code == 0, done.errors
    assert "ide.widgets.rich.view" in done.facts["asking"]
