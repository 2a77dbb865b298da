"""A process of its own for a web view: what Chromium starts stays till its process ends. Prints one JSON object.

`python child.py NAME PORT USER HOME`: `NAME` is a function below; with a `USER` the process becomes that user first,
after all is imported that only the first one may read.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

# All that is imported later must be here by now: another user may not be allowed to read it.
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtWidgets import QApplication

import ide.widgets.web.engine  # noqa: F401
from ide._paths import resources_dir
from ide.qt.icons import Icons
from ide.qt.post import UiThread
from ide.qt.tasks import Tasks
from ide.qt.theme import Theme
from ide.widgets.web import starting, web_view
from ide.widgets.web.starting import WebStarter
from ide.widgets.web.web_view import WebContent, WebView
from tests.qt.web.pages import HOSTILE, SAID


class Desk:
    """An application with a starter, and the views made with it."""

    def __init__(self) -> None:
        self.application = QApplication([])
        resources = resources_dir()
        self.ui = UiThread()
        self.tasks = Tasks(self.ui.post)
        self.theme = Theme(resources / "themes")
        self.theme.apply(self.application)
        self.icons = Icons(resources / "icons", self.theme)
        self.starter = WebStarter(resources / "web", self.ui.after, self.tasks.run)
        self.views: list[WebView] = []
        self.longest_s = 0.0

    def open(self, html: str, **more: Any) -> WebView:
        view = WebView(self.starter, WebContent(html.encode(), **more), self.theme, self.icons)
        view.resize(600, 400)
        view.show()
        self.views.append(view)
        return view

    def wait(self, is_so: Callable[[], object], limit_s: float = 20) -> bool:
        end = time.monotonic() + limit_s
        while not is_so():
            if time.monotonic() > end:
                return False
            before = time.monotonic()
            self.application.processEvents()
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
            self.longest_s = max(self.longest_s, time.monotonic() - before)
            time.sleep(0.005)
        return True

    def pause(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        self.wait(lambda: time.monotonic() > end, seconds + 5)

    def run(self, view: WebView, code: str) -> Any:
        """What JavaScript in the page's own world gives; None for a page that does not answer."""
        answers: list[Any] = []
        if view.page is None:
            return None
        view.page.runJavaScript(code, 0, answers.append)
        self.wait(lambda: answers, 5)
        return answers[0] if answers else None

    def close_view(self, view: WebView) -> None:
        self.views.remove(view)
        view.close_page()
        view.deleteLater()

    def close(self) -> None:
        for view in tuple(self.views):
            self.close_view(view)
        self.pause(0.2)
        self.starter.close()
        self.tasks.close()
        self.ui.close()
        self.theme.close()


def renderers() -> list[int]:
    """Processes that run pages: the grandchildren, forked by a zygote that stays."""
    me = psutil.Process()
    zygotes = {child.pid for child in me.children()}
    found = []
    for each in me.children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            if each.pid not in zygotes and each.status() != psutil.STATUS_ZOMBIE:
                found.append(each.pid)
    return found


def escape(desk: Desk, port: int) -> dict[str, Any]:
    """Open every hostile page, and tell what became of each."""
    beacon = f"127.0.0.1:{port}"
    secret = desk.open(f"{SAID}<p>the other page</p>")
    desk.wait(lambda: secret.page is not None)
    assert secret.page is not None
    other = secret.page.policy.origin
    opened: dict[str, list[str]] = {}
    views = {}
    for name, html in HOSTILE.items():
        view = views[name] = desk.open(SAID + html.replace("@@", f"@{beacon}").replace("@/", f"{beacon}/").replace(
            "@'", f"{beacon}'").replace("@?", f"{beacon}?").replace("%/", f"{other}/"))  # fmt: skip
        view.open_asked.connect(opened.setdefault(name, []).append)
    desk.pause(4)
    told = {}
    for name, view in views.items():
        page = view.page
        told[name] = {
            "said": json.loads(desk.run(view, "JSON.stringify(said.map(String))") or "null"),
            "address": page.url().toString() if page is not None else "",
            "own": page.policy.origin + "/" if page is not None else "",
            "bars": [bar.notice.text for bar in view.notices.bars],
            "opened": opened[name],
            "cookies": desk.run(view, "document.cookie"),
        }
    windows = [widget for widget in QApplication.topLevelWidgets() if widget not in desk.views and widget.isVisible()]
    return {"told": told, "windows": len(windows), "uid": os.geteuid(), "sandbox": _sandboxed()}


def _sandboxed() -> bool:
    """Whether the system calls of each process of a page are filtered, as the kernel says."""
    states = [Path(f"/proc/{pid}/status").read_text() for pid in renderers()]
    facts = [dict(line.split(":", 1) for line in state.splitlines() if ":" in line) for state in states]
    return bool(facts) and all(each["Seccomp"].strip() == "2" for each in facts)


def endless(desk: Desk, _port: int) -> dict[str, Any]:
    """A page that loops for ever is told of and stopped, while another one works on."""
    web_view.ASK_EVERY_MS = 100
    bad = desk.open("<body>before<script>onload = () => setTimeout(() => { while (true) {} }, 100)</script>")
    good = desk.open("<title>good</title>")
    desk.wait(lambda: bad.notices.bars and any("does not answer" in bar.notice.text for bar in bad.notices.bars))
    texts = [bar.notice.text for bar in bad.notices.bars]
    works = desk.run(good, "document.title")
    bar = next(bar for bar in bad.notices.bars if "does not answer" in bar.notice.text)
    bar.buttons[0].click()
    is_stopped = desk.wait(lambda: not bad.is_shown)
    bad.reload()
    again = desk.wait(lambda: bad.is_shown)
    desk.close_view(bad)
    desk.close_view(good)
    gone = desk.wait(lambda: not renderers(), 10)
    return {"texts": texts, "works": works, "stopped": is_stopped, "again": again, "gone": gone}


def life(desk: Desk, _port: int) -> dict[str, Any]:
    """When WebEngine is loaded, and what is left of it when the last page is gone."""
    view = desk.open("<title>first</title><canvas></canvas>")
    ready = desk.wait(lambda: view.page is not None and desk.run(view, "document.title") == "first")
    alive = len(renderers())
    desk.close_view(view)
    gone = desk.wait(lambda: not renderers(), 10)
    second = desk.open("<title>second</title>")
    again = desk.wait(lambda: second.page is not None and desk.run(second, "document.title") == "second")
    return {"ready": ready, "alive": alive, "gone": gone, "again": again}


def bars(desk: Desk, port: int) -> dict[str, Any]:
    """What the user allows is loaded, and nothing else."""
    view = desk.open(
        f"{SAID}<img id=i src='http://127.0.0.1:{port}/allowed.png'><a id=a href='http://example.org/x'>x</a>"
    )
    desk.wait(lambda: view.notices.bars and any("load from" in bar.notice.text for bar in view.notices.bars))
    before = [bar.notice.text for bar in view.notices.bars]
    next(bar for bar in view.notices.bars if "load from" in bar.notice.text).buttons[0].click()
    loaded = desk.wait(lambda: desk.run(view, "i.naturalWidth") == 1, 10)
    opened: list[str] = []
    view.open_asked.connect(opened.append)
    desk.run(view, "a.click()")
    desk.wait(lambda: any("open" in bar.notice.text for bar in view.notices.bars))
    next(bar for bar in view.notices.bars if "wants to open" in bar.notice.text).buttons[0].click()
    return {"before": before, "loaded": loaded, "opened": opened}


def hints(desk: Desk, port: int) -> dict[str, Any]:
    """A page that wants connections made in advance, to the address that is the last word of the command."""
    page = HOSTILE["hints"] + HOSTILE["web_rtc_in_new_frame"] + HOSTILE["resources"]
    beacon = f"{sys.argv[-1]}:{port}"
    view = desk.open(SAID + page.replace("@/", f"{beacon}/").replace("@'", f"{beacon}'").replace("@?", f"{beacon}?"))
    loaded: list[bool] = []
    view.loaded.connect(loaded.append)
    desk.wait(lambda: loaded)
    desk.pause(1)
    return {"loaded": bool(loaded)}


def main() -> None:
    name, port, user = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    if user:
        import pwd

        entry = pwd.getpwnam(user)
        os.setgroups([])
        os.setgid(entry.pw_gid)
        os.setuid(entry.pw_uid)
        os.chdir("/")
        os.environ["HOME"] = os.environ["TMPDIR"] = sys.argv[4]
        # What is asked of the system is asked by a Python that this user may not be able to run.
        starting._can_sandbox = lambda: True
    desk = Desk()
    facts = globals()[name](desk, port)
    desk.close()
    print("FACTS " + json.dumps(facts), flush=True)


if __name__ == "__main__":
    QApplication.setAttribute(Qt.ApplicationAttribute.AA_ShareOpenGLContexts)
    main()
