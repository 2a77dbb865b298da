"""The first rows of the selected data frame, below the list. Owns the table that it has open, one at most."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from ide.core.ports import Cancel
from ide.core.table import Done, Failed, TableError, TableSource
from ide.core.text import with_unseen_shown
from ide.kernels.session import Session
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.qt.ties import connect
from ide.tables.pager import Pager
from ide.widgets.grid import Grid
from ide.widgets.notices import close_button

REST_MS: Final = 250
"""How long a row is selected before its table is opened."""

OpenTable = Callable[[Session, Sequence[str], Done[TableSource], Failed], Cancel]


def open_in_kernel(session: Session, path: Sequence[str], done: Done[TableSource], failed: Failed) -> Cancel:
    """The table at a path of a session."""
    from ide.kernels.table_source import KernelTableSource

    return KernelTableSource.open_table(session, path, done, failed)


class FramePreview(QWidget):
    """Hidden while no data frame is selected. What was opened is closed as soon as the selection has moved on."""

    closed = Signal()
    """The user wants no preview."""

    def __init__(
        self, theme: Theme, icons: Icons, open_table: OpenTable, height_px: int, parent: QWidget | None = None
    ) -> None:
        """`height_px` at a zoom of 100 %, unless somebody gives it another height."""
        super().__init__(parent)
        self._theme = theme
        self._height_px = height_px
        self._open_table = open_table
        self._session: Session | None = None
        self._path: tuple[str, ...] = ()
        self._label = ""
        self._problem = ""
        self._opening: Cancel | None = None
        self._source: TableSource | None = None
        self._pager: Pager | None = None
        self._title = QLabel()
        self._title.setTextFormat(Qt.TextFormat.PlainText)
        self._title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._close = close_button(icons, "Close preview")
        self._close.clicked.connect(self.closed)
        self.grid = Grid(theme, icons, "Preview")
        self._line = QHBoxLayout()
        self._line.setSpacing(0)
        self._line.addWidget(self._title, 1)
        self._line.addWidget(self._close)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._line)
        column.addWidget(self.grid, 1)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self._rest.timeout.connect(self._open)
        self.hide()
        connect(self, theme.changed, self._on_theme_changed)
        self._on_theme_changed()

    @property
    def pager(self) -> Pager | None:
        """The table that is shown."""
        return self._pager

    @property
    def title(self) -> str:
        """What the line above the rows says."""
        return self._title.text()

    def follow(self, session: Session | None, path: tuple[str, ...], label: str) -> None:
        """Preview another value, or the same as before; an empty path is none."""
        if session is self._session and path == self._path:
            return
        self.put_away()
        if session is None or not path:
            return
        self._session, self._path, self._label = session, path, label
        session.state_changed.connect(self._on_state_changed)
        self._tell()
        self.show()
        self._rest.start()

    def put_away(self) -> None:
        """Close the table that is open, and show none."""
        self._rest.stop()
        if self._session is not None:
            self._session.state_changed.disconnect(self._on_state_changed)
        self._close_table()
        self._session, self._path, self._problem = None, (), ""
        self.hide()

    def sizeHint(self) -> QSize:
        """As high as it was last time."""
        return QSize(super().sizeHint().width(), self._theme.px(self._height_px))

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody looks: nothing is kept open. It is opened again when the selection moves."""
        super().hideEvent(event)
        self._close_table()
        if self._session is not None and not event.spontaneous():
            self._session.state_changed.disconnect(self._on_state_changed)
            self._session, self._path = None, ()
            self._rest.stop()

    @Slot()
    def _open(self) -> None:
        if self._session is None or not self.isVisible():
            return
        is_answered: list[bool] = []

        def opened(source: TableSource) -> None:
            is_answered.append(True)
            self._on_opened(source)

        def failed(error: TableError) -> None:
            is_answered.append(True)
            self._on_failed(error)

        cancel = self._open_table(self._session, self._path, opened, failed)
        if not is_answered:
            self._opening = cancel

    def _on_opened(self, source: TableSource) -> None:
        self._opening = None
        if self._session is None:
            source.close()
            return
        self._source = source
        self._pager = Pager(source, self._session.after)
        self._pager.changed.connect(self._tell)
        self.grid.set_data(self._pager)
        self._tell()

    def _on_failed(self, error: TableError) -> None:
        self._opening = None
        self._problem = error.happened
        self._tell()

    def _close_table(self) -> None:
        if self._opening is not None:
            cancel, self._opening = self._opening, None
            cancel()
        if self._pager is not None and self._source is not None:
            self.grid.set_data(None)
            self._pager.changed.disconnect(self._tell)
            self._pager.close()
            self._source.close()
            self._pager = self._source = None

    def _on_state_changed(self) -> None:
        self._tell()

    def _tell(self) -> None:
        """The line above the rows: what they are of, and why they may be old or missing."""
        parts = [with_unseen_shown(self._label)]
        if self._pager is not None and self._pager.is_gone:
            parts.append("not there any more")
        elif self._problem:
            parts.append(self._problem)
        elif self._session is not None and not self._session.is_answering:
            parts.append("busy: these are the last rows" if self._pager is not None else "busy")
        text = "  ".join(parts)
        self._title.setText(text)
        self._title.setToolTip(text)
        self.grid.setAccessibleName(f"Preview of {self._label}")

    @Slot()
    def _on_theme_changed(self) -> None:
        px = self._theme.px
        self._title.setFont(self._theme.font("small"))
        self._line.setContentsMargins(px(8), px(2), px(4), px(2))
        self._close.setFixedSize(px(24), px(20))
        self._close.setIconSize(QSize(px(12), px(12)))
