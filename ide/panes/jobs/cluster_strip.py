"""What is up on the targets and may cost something: a row for each cluster, with its buttons. UI thread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from ide.core.deploy import ClusterState
from ide.panes.jobs import words
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.qt.ties import connect
from ide.widgets.wrapped_label import WrappedLabel

MOST_ROWS = 8
HIGHEST_PX = 112
"""Of the rows; more of them scroll."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A cluster with what its target says of money."""

    state: ClusterState
    target_name: str
    price_per_worker_hour: float = 0.0
    currency: str = ""


class ClusterStrip(QWidget):
    """Hidden while nothing is up and every target answers."""

    end_asked = Signal(object)
    """ClusterState"""
    end_all_asked = Signal()
    scale_asked = Signal(object, int)
    dashboard_asked = Signal(object)
    """ClusterState; its link is a secret"""

    def __init__(self, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self._theme = theme
        self._icons = icons
        self._shown: tuple[tuple[Shown, ...], tuple[str, ...]] = ((), ())
        self.rows: list[_Row] = []
        self._column = QVBoxLayout(self)
        self.end_all = QPushButton("End all")
        self.end_all.setToolTip("End every cluster with all that runs on it")
        self.end_all.clicked.connect(self.end_all_asked)
        self.head = QLabel()
        self.head.setProperty("tone", "muted")
        top = QHBoxLayout()
        top.addWidget(self.head, 1)
        top.addWidget(self.end_all)
        self._column.addLayout(top)
        self._rows = _Rows(theme)
        self._inner = self._rows.column
        self._column.addWidget(self._rows)
        self.trouble = WrappedLabel()
        self.trouble.setProperty("tone", "warning")
        self._column.addWidget(self.trouble)
        self.setAccessibleName("Clusters")
        connect(self, theme.changed, self._dress)
        self._dress()
        self.hide()

    def show_clusters(self, clusters: Sequence[Shown], troubles: Sequence[str], now_s: float) -> None:
        """Rows are made anew only where other clusters are up: a number that is being typed stays."""
        shown = (tuple(clusters), tuple(troubles))
        if [one.state.id for one in shown[0][:MOST_ROWS]] != [row.shown.state.id for row in self.rows]:
            for row in self.rows:
                self._inner.removeWidget(row)
                row.hide()
                row.deleteLater()
            self.rows = [_Row(one, self, self._theme, self._icons) for one in shown[0][:MOST_ROWS]]
            for row in self.rows:
                self._inner.addWidget(row)
        for row, one in zip(self.rows, shown[0], strict=False):
            row.tell(one, now_s)
        self._shown = shown
        count = len(shown[0])
        more = f", {count - MOST_ROWS} more are not listed" if count > MOST_ROWS else ""
        self.head.setText(f"{count} cluster{'s are' if count != 1 else ' is'} up{more}")
        self.head.setVisible(bool(count))
        self.end_all.setVisible(count > 1)
        self.trouble.setText(" ".join(shown[1]))
        self.trouble.setVisible(bool(shown[1]))
        self.setVisible(bool(count or shown[1]))

    @Slot()
    def _dress(self) -> None:
        px = self._theme.px
        self._column.setContentsMargins(px(8), px(4), px(8), px(4))
        self._column.setSpacing(px(4))
        self._inner.setSpacing(px(4))
        self.head.setFont(self._theme.font("small"))


class _Rows(QScrollArea):
    """As high as its rows, at most as a few of them: then it scrolls, and leaves the pane to the jobs."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._inner = inner = QWidget()
        self.column = QVBoxLayout(inner)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidgetResizable(True)
        self.setWidget(inner)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Qt asks."""
        return QSize(0, min(self._inner.minimumSizeHint().height(), self._theme.px(HIGHEST_PX)))

    def minimumSizeHint(self) -> QSize:
        """Qt asks."""
        return QSize(0, self.sizeHint().height())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A row that wraps is another height of the whole."""
        if watched is self._inner and event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().eventFilter(watched, event)


NARROW_PX = 560
"""A narrower row has its controls below its words."""


class _Row(QWidget):
    """One cluster."""

    def __init__(self, shown: Shown, strip: ClusterStrip, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self.shown = shown
        self._strip = strip
        name = shown.target_name
        self.picture, self.words = QLabel(), WrappedLabel()
        side = theme.px(16)
        self.picture.setPixmap(icons.pixmap("cube", "accent", QSize(side, side), strip.devicePixelRatioF()))
        self.workers = QSpinBox()
        self.workers.setRange(0, 1_000)
        self.workers.setValue(shown.state.workers)
        self.workers.setAccessibleName(f"Workers of the cluster on {name}")
        self.workers.setKeyboardTracking(False)
        self.workers.valueChanged.connect(self._on_scaled)
        self.dashboard, self.end = QPushButton("Dashboard"), QPushButton("End")
        for button, what in ((self.dashboard, "Open the dashboard of"), (self.end, "End")):
            button.setAccessibleName(f"{what} the cluster on {name}")
        self.end.setToolTip("End the cluster with all that runs on it")
        self.dashboard.setToolTip("Opens without a login: keep the address to yourself")
        self.dashboard.clicked.connect(self._on_dashboard)
        self.end.clicked.connect(self._on_end)
        said, controls = QHBoxLayout(), QHBoxLayout()
        said.addWidget(self.picture)
        said.addWidget(self.words, 1)
        controls.addStretch(1)
        for control in (self.workers, self.dashboard, self.end):
            controls.addWidget(control)
        self._line = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._line.setContentsMargins(0, 0, 0, 0)
        self._line.addLayout(said, 1)
        self._line.addLayout(controls)
        for layout in (said, controls, self._line):
            layout.setSpacing(theme.px(8))
        self._narrow_px = theme.px(NARROW_PX)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow pane the controls stand below the words."""
        super().resizeEvent(event)
        is_narrow = self.width() < self._narrow_px
        self._line.setDirection(QBoxLayout.Direction.TopToBottom if is_narrow else QBoxLayout.Direction.LeftToRight)

    def tell(self, shown: Shown, now_s: float) -> None:
        self.shown = shown
        self.words.setText(
            words.cluster(shown.state, shown.target_name, shown.price_per_worker_hour, shown.currency, now_s)
        )
        self.dashboard.setVisible(bool(shown.state.dashboard))
        if not self.workers.hasFocus():
            self.workers.blockSignals(True)
            self.workers.setValue(shown.state.workers)
            self.workers.blockSignals(False)

    @Slot(int)
    def _on_scaled(self, workers: int) -> None:
        self._strip.scale_asked.emit(self.shown.state, workers)

    @Slot()
    def _on_dashboard(self) -> None:
        self._strip.dashboard_asked.emit(self.shown.state)

    @Slot()
    def _on_end(self) -> None:
        self._strip.end_asked.emit(self.shown.state)
