"""The widget that shows a help page: text with links that are only told, and nothing that is loaded from outside."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, QUrl, Signal, Slot
from PySide6.QtGui import QAction, QFontInfo, QResizeEvent
from PySide6.QtWidgets import QFrame, QMenu, QTextBrowser, QWidget

from ide.panes.help.markup import Look
from ide.panes.help.render import Rendered, sheet
from ide.qt.accessible import announce
from ide.qt.theme import Theme
from ide.widgets.rich.page import InertDocument


class HelpView(QTextBrowser):
    """UI thread. Places are remembered by key, so that going back comes to where one was."""

    link_asked = Signal(str)
    """Address of a link that was clicked, or entered with the keyboard."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._key = ""
        self._scrolled: dict[str, int] = {}
        self._actions: tuple[QAction, ...] = ()
        self.rendered = Rendered("")
        self.setOpenLinks(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName("Help page")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextBrowserInteraction | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.anchorClicked.connect(self._on_anchor_clicked)
        self.highlighted.connect(self._on_highlighted)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._on_menu_asked)

    def set_menu(self, actions: tuple[QAction, ...]) -> None:
        """What the context menu offers besides copying."""
        self._actions = actions

    def show_page(self, rendered: Rendered, key: str, title: str) -> None:
        """Show a page. One of the same key stays scrolled as it was."""
        if self._key:
            self._scrolled[self._key] = self.verticalScrollBar().value()
        is_other = key != self._key
        self._key = key
        self.rendered = rendered
        document = InertDocument(self)
        document.setDefaultFont(self._theme.font("ui"))
        document.setDefaultStyleSheet(sheet(self.look()))
        document.setDocumentMargin(self._theme.px(12))
        document.setIndentWidth(self._theme.px(20))
        document.setHtml(rendered.html)
        self.setDocument(document)  # the one before was ours and goes
        self.verticalScrollBar().setValue(self._scrolled.get(key, 0))
        if is_other:
            announce(self, f"Help: {title}")

    def forget_places(self) -> None:
        """Begin each page at its top again."""
        self._scrolled.clear()

    def look(self) -> Look:
        """Colours and sizes as they are now; to be taken to the pool."""
        theme = self._theme
        code = theme.font("code")
        zoom = theme.px(1_000) / 1_000
        return Look(
            {role: theme.color(role).name() for role in theme.roles()},
            QFontInfo(code).family(),
            QFontInfo(code).pixelSize(),
            QFontInfo(theme.font("small")).pixelSize(),
            lambda pixels: max(1, round(pixels * zoom)),
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the text at the top where it is while lines break anew."""
        before = self.cursorForPosition(QPoint(4, 4))
        place, top = before.position(), self.cursorRect(before).top()
        was_at_top = self.verticalScrollBar().value() == 0
        super().resizeEvent(event)
        if not was_at_top:
            cursor = self.textCursor()
            cursor.setPosition(min(place, max(0, self.document().characterCount() - 1)))
            bar = self.verticalScrollBar()
            bar.setValue(bar.value() + self.cursorRect(cursor).top() - top)

    @Slot(QUrl)
    def _on_anchor_clicked(self, url: QUrl) -> None:
        self.link_asked.emit(url.toString(QUrl.ComponentFormattingOption.FullyEncoded))

    @Slot(QUrl)
    def _on_highlighted(self, url: QUrl) -> None:
        """An address of the web is told before one goes there."""
        text = url.toDisplayString() if url.scheme() in ("http", "https", "mailto") else ""
        self.setToolTip(text)

    @Slot(QPoint)
    def _on_menu_asked(self, place: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        copy = menu.addAction("Copy")
        copy.setEnabled(self.textCursor().hasSelection())
        copy.triggered.connect(self.copy)
        menu.addAction("Select all").triggered.connect(self.selectAll)
        menu.addSeparator()
        menu.addActions(list(self._actions))
        menu.popup(self.viewport().mapToGlobal(place))
