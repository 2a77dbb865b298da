"""The pages of a PDF file, by Qt's own reader. Imported when the first such output is opened large (QtPdf: 20 ms)."""

from __future__ import annotations

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPointF, Slot
from PySide6.QtPdf import QPdfDocument
from PySide6.QtPdfWidgets import QPdfView
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.widgets.rich.buttons import ButtonRow
from ide.widgets.rich.pdf_page import WHY
from ide.widgets.rich.pictures import PictureError

ZOOM_STEP = 1.25


class PdfView(QWidget):
    """All pages below each other. Links in the file lead nowhere outside of it."""

    def __init__(self, data: bytes, theme: Theme, icons: Icons) -> None:
        """Raises PictureError where the file cannot be read."""
        super().__init__()
        self._held = QByteArray(data)
        self._buffer = QBuffer(self._held, self)
        self._buffer.open(QIODevice.OpenModeFlag.ReadOnly)
        self._document = QPdfDocument(self)
        self._document.load(self._buffer)
        if self._document.error() != QPdfDocument.Error.None_ or self._document.pageCount() < 1:
            self.deleteLater()
            raise PictureError(WHY.get(self._document.error(), "its data are damaged"))
        self.pages = QPdfView(self)
        self.pages.setPageMode(QPdfView.PageMode.MultiPage)
        self.pages.setZoomMode(QPdfView.ZoomMode.FitToWidth)
        self.pages.setFrameShape(QPdfView.Shape.NoFrame)
        self.pages.setAccessibleName("Pages")
        self.pages.setDocument(self._document)
        self.buttons = ButtonRow(theme, icons)
        self.buttons.add("arrow-up", "Previous page", lambda: self._step(-1))
        self.buttons.add("arrow-down", "Next page", lambda: self._step(1))
        self.buttons.add("magnifying-glass-minus", "Zoom out", lambda: self._zoom(1 / ZOOM_STEP))
        self.buttons.add("magnifying-glass-plus", "Zoom in", lambda: self._zoom(ZOOM_STEP))
        self.buttons.add("corners-out", "Fit to the width", self._fit)
        self.pages.pageNavigator().currentPageChanged.connect(self._on_page_changed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.buttons)
        column.addWidget(self.pages, 1)
        self.setFocusProxy(self.pages)
        self._on_page_changed()

    def close_view(self) -> None:
        """Let go of the file."""
        self._document.close()

    def _step(self, by: int) -> None:
        navigator = self.pages.pageNavigator()
        page = min(max(0, navigator.currentPage() + by), self._document.pageCount() - 1)
        navigator.jump(page, QPointF(), navigator.currentZoom())

    def _zoom(self, by: float) -> None:
        before = self.pages.zoomFactor()
        if self.pages.zoomMode() != QPdfView.ZoomMode.Custom:
            wide = self._document.pagePointSize(0).width() * self.logicalDpiX() / 72
            before = (self.pages.viewport().width() - 12) / max(wide, 1.0)
        self.pages.setZoomMode(QPdfView.ZoomMode.Custom)
        self.pages.setZoomFactor(min(8.0, max(0.1, before * by)))

    def _fit(self) -> None:
        self.pages.setZoomMode(QPdfView.ZoomMode.FitToWidth)

    @Slot()
    def _on_page_changed(self) -> None:
        page, count = self.pages.pageNavigator().currentPage() + 1, self._document.pageCount()
        self.buttons.say(f"Page {page} of {count}")
