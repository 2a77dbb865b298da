"""One output as a widget: a page in a web view, or anything else large; a picture where there is no web view."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ide.core.interactive import HTML, interactive_kind
from ide.core.ports import RunInPool
from ide.panes.viewer.model import ShownOutput
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.qt.ties import tied
from ide.widgets.notices import Notice, NoticeArea
from ide.widgets.rich.view import RichView
from ide.widgets.web.addresses import PLOTLY_ADDRESS, copy_of
from ide.widgets.web.page import ScriptTag, linked, page_of
from ide.widgets.web.starting import WebStarter
from ide.widgets.web.web_view import WebContent, WebView

_BROWSER: Final = "viewer.browser"
MOST_BYTES: Final = 64_000_000
"""A larger page is for the browser."""


def text_of_page(output: ShownOutput, copies: Path, script: ScriptTag = linked) -> str:
    """The page's own text; reads the disk where it is a file. Raises OSError."""
    if output.file is not None:
        size_bytes = output.file.stat().st_size
        if size_bytes > MOST_BYTES:
            raise OSError(f"it has {size_bytes / 1e6:.0f} MB, and at most {MOST_BYTES / 1e6:.0f} MB are shown")
        return output.file.read_text(encoding="utf-8", errors="replace")
    has_page = bool(interactive_kind({HTML: output.data.get(HTML)}))
    if has_page and copy_of(PLOTLY_ADDRESS, copies, output.packages) is None:
        return page_of({HTML: output.data[HTML]}, script)  # R brings Plotly's script inside of the page
    return page_of(output.data, script)


def content_of(output: ShownOutput, copies: Path) -> WebContent:
    """What the web view is given. Any thread. Raises OSError."""
    if output.address:
        parts = urlsplit(output.address)
        path = output.address.partition(parts.netloc)[2] or "/"
        return WebContent(path=path, served=f"{parts.scheme}://{parts.netloc}")
    return WebContent(
        text_of_page(output, copies).encode("utf-8", "replace"), packages=output.packages, folder=output.folder
    )


class OutputView(QWidget):
    """UI thread. Call `close_page` before it is deleted."""

    open_asked = Signal(str)
    """An address for the browser."""
    browser_asked = Signal(int)
    """The output of that number is wanted in the browser, as there is no web view."""

    def __init__(
        self,
        output: ShownOutput,
        starter: WebStarter,
        theme: Theme,
        icons: Icons,
        run_in_pool: RunInPool,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.output = output
        self._theme = theme
        self._starter = starter
        self._run_in_pool = run_in_pool
        self._is_closed = False
        self._icons = icons
        self.web: WebView | None = None
        self._rich: RichView | None = None
        self._notices = NoticeArea(theme, icons)
        self._notices.acted.connect(self._on_acted)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(self._notices)
        self._show()

    @property
    def notice_texts(self) -> list[str]:
        """What the bars of this output say, besides those of its page."""
        return [bar.notice.text for bar in self._notices.bars]

    def show_again(self, output: ShownOutput) -> None:
        """Show other content of the same output."""
        self.close_page()
        for widget in (self.web, self._rich):
            if widget is not None:
                self._column.removeWidget(widget)
                widget.deleteLater()
        self.web = self._rich = None
        self.output = output
        self._is_closed = False
        self._show()

    def picture(self) -> QImage | None:
        """What is in sight."""
        if self._rich is not None:
            return self._rich.grab().toImage()
        return self.web.picture() if self.web is not None else None

    def reload(self) -> None:
        """A page from its beginning; a file is read again."""
        self.show_again(self.output)

    def close_page(self) -> None:
        """End a page."""
        self._is_closed = True
        if self.web is not None:
            self.web.close_page()
        if self._rich is not None:
            self._rich.close_view()

    def _show(self) -> None:
        if not self.output.is_page:
            self._show_rich(self.output.data)
            return
        output, copies = self.output, self._starter.copies
        self._run_in_pool(
            lambda: content_of(output, copies), tied(self, self._on_content), tied(self, self._on_unreadable)
        )

    def _on_content(self, content: WebContent) -> None:
        if self._is_closed or self.web is not None:
            return
        self.web = WebView(self._starter, content, self._theme, self._icons)
        self._column.addWidget(self.web, 1)
        self.setFocusProxy(self.web)
        self.web.open_asked.connect(self.open_asked)
        self.web.browser_asked.connect(self._on_browser_asked)
        self.web.failed.connect(self._on_failed)
        if self._starter.reason:  # known before anybody listened
            self._on_failed(self._starter.reason)

    def _on_unreadable(self, error: Exception) -> None:
        text = f"The page “{self.output.title}” cannot be shown.\n{error}"
        self._notices.show_notice(Notice(text, "error", _BROWSER, "Open in browser", key="file"))

    def _show_rich(self, data: Mapping[str, Any]) -> None:
        self._rich = RichView(self._theme, self._icons, self._run_in_pool)
        self._rich.link_asked.connect(self.open_asked)
        self._rich.show_bundle(data)
        self._column.addWidget(self._rich, 1)
        self.setFocusProxy(self._rich)

    @Slot(str)
    def _on_failed(self, reason: str) -> None:
        """The picture that came with the page stands for it, where there is one."""
        picture = self.output.picture
        if picture and self._rich is None and self.web is not None:
            self.web.hide()
            self._show_rich(picture)
            kind = interactive_kind(self.output.data) or "page"
            text = f"This is a picture of the {kind}. {reason}"
            self._notices.show_notice(Notice(text, "info", _BROWSER, "Open in browser", key="static"))

    @Slot()
    def _on_browser_asked(self) -> None:
        self.browser_asked.emit(self.output.id)

    @Slot(object)
    def _on_acted(self, notice: Notice) -> None:
        if notice.action:
            self.browser_asked.emit(self.output.id)
