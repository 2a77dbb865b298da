"""A page with scripts in a widget: the page itself, and bars that ask what it may do. Imports WebEngine when shown."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QHideEvent, QImage, QShowEvent
from PySide6.QtWidgets import QLabel, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from ide.core.record import dataclass, field
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.widgets.notices import Notice, NoticeArea
from ide.widgets.web.starting import SANDBOX_OFF, WebStarter, is_root

if TYPE_CHECKING:
    from PySide6.QtWebEngineWidgets import QWebEngineView

    from ide.widgets.web.engine import Page

ASK_EVERY_MS = 2_000
PATIENCE: Final = 2
"""So many times a page may leave a question open before the user is told."""
_ALLOW: Final = "web.allow"
_OPEN: Final = "web.open"
_STOP: Final = "web.stop"


@dataclass(frozen=True, slots=True)
class WebContent:
    """What to show: a page's text in UTF-8, or a server on this machine: `served` is its origin, `path` what is asked.

    `packages` are the folders of Python packages whose scripts may be used. `folder` holds files beside the page.
    """

    text: bytes = field(default=b"", repr=False)
    path: str = "/"
    packages: tuple[Path, ...] = ()
    folder: Path | None = None
    served: str = ""


class WebView(QWidget):
    """One page. UI thread. Call `close_page` before it is deleted."""

    open_asked = Signal(str)
    """The user wants an address opened in the browser. Nothing is opened here."""
    browser_asked = Signal()
    """The user wants the page itself in the browser, where it cannot be shown here."""
    loaded = Signal(bool)
    failed = Signal(str)
    """There is no web view, and why; a static picture may be shown instead."""

    def __init__(
        self, starter: WebStarter, content: WebContent, theme: Theme, icons: Icons, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._starter = starter
        self._content = content
        self._theme = theme
        self._is_closed = False
        self._blocked: list[str] = []
        self._unanswered = 0
        self.page: Page | None = None
        self._view: QWebEngineView | None = None
        self.notices = NoticeArea(theme, icons)
        self.notices.acted.connect(self._on_acted)
        self._words = QLabel("The web view starts…")
        self._words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._words.setWordWrap(True)
        self._words.setProperty("tone", "muted")
        self._button = QPushButton("Load again")
        self._button.clicked.connect(self._on_button)
        self._button.hide()
        self._stack = QStackedWidget()
        self._stack.addWidget(self._middle())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.notices)
        column.addWidget(self._stack, 1)
        self._pulse = QTimer(self)
        self._pulse.setInterval(ASK_EVERY_MS)
        self._pulse.timeout.connect(self._ask)
        starter.when_ready(self._on_ready)

    @property
    def is_shown(self) -> bool:
        """Whether the page is in sight, not words in its place."""
        return self._view is not None and self._stack.currentWidget() is self._view

    @property
    def words(self) -> str:
        """What stands in the place of the page; empty while it is in sight."""
        return "" if self.is_shown else self._words.text()

    def reload(self) -> None:
        """The page from its beginning."""
        if self.page is not None and self._view is not None:
            self._unanswered = 0
            self.notices.dismiss(_STOP)
            self._stack.setCurrentWidget(self._view)
            self._button.hide()
            self.page.start(self._content.path)
            if self.isVisible():
                self._pulse.start()

    def picture(self) -> QImage | None:
        """What is in sight; None while there is no page."""
        return self._view.grab().toImage() if self._view is not None and self.is_shown else None

    def close_page(self) -> None:
        """End the page and what runs it."""
        self._is_closed = True
        self._pulse.stop()
        if self.page is not None:
            if self._unanswered >= PATIENCE:  # its process would not hear of the end
                self.page.kill()
            if self._view is not None:
                self._view.setPage(None)  # type: ignore[arg-type]  # Qt takes a null page
            if self._starter.engine is not None:
                self._starter.engine.close_page(self.page)
            self.page = None

    def showEvent(self, event: QShowEvent) -> None:
        """A page in sight is asked now and then whether it still answers."""
        super().showEvent(event)
        if self.page is not None and self.is_shown:
            self._pulse.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody waits for it."""
        super().hideEvent(event)
        self._pulse.stop()

    def _middle(self) -> QWidget:
        middle = QWidget()
        column = QVBoxLayout(middle)
        column.addStretch(2)
        column.addWidget(self._words)
        column.addWidget(self._button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)
        return middle

    def _on_ready(self) -> None:
        if self._is_closed:
            return
        engine = self._starter.engine
        if engine is None:
            self._say(f"{self._starter.reason}\nThe output opens in the browser instead.", "Open in browser")
            self.failed.emit(self._starter.reason)
            return
        from PySide6.QtWebEngineWidgets import QWebEngineView

        content = self._content
        self.page = engine.new_page(content.text, content.packages, content.folder, content.served, self)
        self._view = QWebEngineView()
        self._view.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self._view.setAccessibleName("Interactive output")
        self._view.setPage(self.page)
        self._stack.addWidget(self._view)
        self.setFocusProxy(self._view)
        self.page.blocked.connect(self._on_blocked)
        self.page.link_clicked.connect(self._on_link_clicked)
        self.page.download_blocked.connect(self._on_download_blocked)
        self.page.loadFinished.connect(self.loaded)
        self.page.renderProcessTerminated.connect(self._on_ended)
        if is_root() and not self._starter.has_told:
            self._starter.has_told = True
            self.notices.show_notice(Notice(SANDBOX_OFF, "warning", key="web.sandbox"))
        self.reload()

    def _say(self, text: str, button: str) -> None:
        self._words.setText(text)
        self._button.setText(button)
        self._button.setVisible(bool(button))
        self._stack.setCurrentIndex(0)

    @Slot()
    def _on_button(self) -> None:
        if self.page is None:
            self.browser_asked.emit()
        else:
            self.reload()

    # --- what the page wanted

    @Slot(str)
    def _on_blocked(self, place: str) -> None:
        self._blocked.append(place)
        places = list(dict.fromkeys(self._blocked))
        shown = ", ".join(places[:3]) + (f" and {len(places) - 3} more" if len(places) > 3 else "")
        self.notices.show_notice(
            Notice(
                f"This output wants to load from {shown}.",
                "info",
                _ALLOW,
                "Allow once",
                {"places": tuple(places)},
                key=_ALLOW,
            )
        )

    @Slot(str)
    def _on_link_clicked(self, address: str) -> None:
        shown = address if len(address) <= 120 else f"{address[:120]}…"
        self.notices.show_notice(
            Notice(
                f"This output wants to open {shown}", "info", _OPEN, "Open in browser", {"address": address}, key=_OPEN
            )
        )

    @Slot(str)
    def _on_download_blocked(self, name: str) -> None:
        text = f"This output wanted to save “{name[:80]}”.\nOutputs write no files; use “Copy” or “Save” above."
        self.notices.show_notice(Notice(text, "info", key="web.download"))

    @Slot(object)
    def _on_acted(self, notice: Notice) -> None:
        arguments = notice.action_arguments
        if self.page is None:
            return
        if notice.action == _ALLOW:
            places = arguments["places"]
            assert isinstance(places, tuple)
            self.page.policy.allowed.update(places)
            if self._starter.engine is not None:
                self._starter.engine.heed_allowances()
            self._blocked.clear()
            self.reload()
        elif notice.action == _OPEN:
            self.open_asked.emit(str(arguments["address"]))
        elif notice.action == _STOP:
            self.page.kill()

    # --- a page that does not answer

    @Slot()
    def _ask(self) -> None:
        page = self.page
        if page is None:
            return
        if self._unanswered == PATIENCE:
            text = "This output does not answer: a script in it runs without end."
            self.notices.show_notice(Notice(text, "warning", _STOP, "Stop it", key=_STOP))
        self._unanswered += 1
        if self._unanswered == 1:
            page.runJavaScript("0", _OWN_WORLD, self._on_answer)

    def _on_answer(self, _answer: object) -> None:
        if self._unanswered > PATIENCE:
            self.notices.dismiss(_STOP)
        self._unanswered = 0

    @Slot()
    def _on_ended(self, *_how: object) -> None:
        if self._is_closed:
            return
        self._pulse.stop()
        self._unanswered = 0
        self.notices.dismiss(_STOP)
        self._say("This output was stopped, or ended by itself.", "Load again")


_OWN_WORLD: Final = 1
"""Scripts of ours run where those of the page see nothing of them (`QWebEngineScript.ApplicationWorld`)."""
