"""Text of ours to read, beside a list: HTML with links that are only told. Loads nothing."""

from __future__ import annotations

from PySide6.QtCore import QUrl, Signal, Slot
from PySide6.QtWidgets import QFrame, QTextBrowser

from ide.qt.theme import Theme
from ide.qt.ties import connect
from ide.widgets.rich.page import InertDocument


class LinkPage(QTextBrowser):
    """Text of ours with links that are only told; nothing is loaded."""

    link_asked = Signal(str)

    def __init__(self, theme: Theme, name: str, *, margin_px: int = 8) -> None:
        super().__init__()
        self._margin_px = margin_px
        self._theme = theme
        self._html = ""
        self.setOpenLinks(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName(name)
        self.anchorClicked.connect(self._on_clicked)
        connect(self, theme.changed, self._show)

    def show_html(self, html: str) -> None:
        """Show another text; the same one stays scrolled as it is."""
        if html != self._html:
            self._html = html
            self._show()

    def colors(self) -> dict[str, str]:
        """Colours by role, as they are now."""
        return {role: self._theme.color(role).name() for role in self._theme.roles()}

    @Slot()
    def _show(self) -> None:
        document = InertDocument(self)
        document.setDefaultFont(self._theme.font("ui"))
        document.setDocumentMargin(self._theme.px(self._margin_px))
        colors = self.colors()
        document.setDefaultStyleSheet(
            f"a{{color:{colors['link']}}}.muted{{color:{colors['muted']};font-weight:normal}}"
        )
        document.setHtml(self._html)
        self.setDocument(document)

    @Slot(QUrl)
    def _on_clicked(self, url: QUrl) -> None:
        self.link_asked.emit(url.toString())
