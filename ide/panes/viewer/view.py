"""The Viewer's widgets: a line to choose by, and the output in view. Keeps the newest few pages alive."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from ide.core.ports import RunInPool
from ide.panes.viewer.model import ShownOutput, ViewerModel
from ide.panes.viewer.output_view import OutputView
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.qt.ties import connect
from ide.widgets.web.starting import WebStarter

MOST_LIVE: Final = 3
"""Pages that stay as the user left them; an older one begins anew when it comes into view again."""


class ViewerView(QWidget):
    """Follows a ViewerModel."""

    open_asked = Signal(str)
    browser_asked = Signal(int)

    def __init__(
        self,
        model: ViewerModel,
        starter: WebStarter,
        theme: Theme,
        icons: Icons,
        run_in_pool: RunInPool,
        empty: QWidget,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._model = model
        self._starter = starter
        self._theme = theme
        self._icons = icons
        self._run_in_pool = run_in_pool
        self._live: list[OutputView] = []
        self.chooser = QComboBox()
        self.chooser.setAccessibleName("Output in view")
        self.chooser.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.chooser.activated.connect(self._on_activated)
        self._count = QLabel()
        self._count.setProperty("tone", "muted")
        self._line = QWidget()
        self._row = QHBoxLayout(self._line)
        self._row.addWidget(self.chooser, 1)
        self._row.addWidget(self._count)
        self._stack = QStackedWidget()
        self._empty = empty
        self._stack.addWidget(empty)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._line)
        column.addWidget(self._stack, 1)
        connect(self, model.changed, self._on_changed)
        connect(self, model.replaced, self._on_replaced)
        connect(self, model.removed, self._on_removed)
        connect(self, theme.changed, self._on_theme_changed)
        self._on_theme_changed()
        self._on_changed()

    @property
    def live(self) -> tuple[OutputView, ...]:
        """The outputs that have a widget, the one in view last."""
        return tuple(self._live)

    @property
    def current(self) -> OutputView | None:
        """The widget of the output in view."""
        shown = self._stack.currentWidget()
        return shown if isinstance(shown, OutputView) else None

    def close_pages(self) -> None:
        """End all pages."""
        while self._live:
            self._end(self._live[0])

    def _on_changed(self, _nothing: object = None) -> None:
        outputs, position = self._model.outputs, self._model.position
        self._line.setVisible(bool(outputs))
        self.chooser.clear()
        for output in outputs:
            self.chooser.addItem(output.words, output.id)
        if position is not None:
            self.chooser.setCurrentIndex(position)
            self._count.setText(f"{position + 1} of {len(outputs)}")
        current = self._model.current
        if current is None:
            self._stack.setCurrentWidget(self._empty)
            self.setFocusProxy(self._empty)
            return
        view = self._view_of(current)
        self._stack.setCurrentWidget(view)
        self.setFocusProxy(view)

    def _view_of(self, output: ShownOutput) -> OutputView:
        view = next((each for each in self._live if each.output.id == output.id), None)
        if view is None:
            view = OutputView(output, self._starter, self._theme, self._icons, self._run_in_pool)
            view.open_asked.connect(self.open_asked)
            view.browser_asked.connect(self.browser_asked)
            self._stack.addWidget(view)
        else:
            self._live.remove(view)
        self._live.append(view)
        for old in self._live[:-MOST_LIVE]:
            self._end(old)
        return view

    def _end(self, view: OutputView) -> None:
        self._live.remove(view)
        view.close_page()
        self._stack.removeWidget(view)
        view.deleteLater()

    def _on_replaced(self, output: ShownOutput) -> None:
        for view in self._live:
            if view.output.id == output.id:
                view.show_again(output)

    def _on_removed(self, output: ShownOutput) -> None:
        for view in tuple(self._live):
            if view.output.id == output.id:
                self._end(view)

    @Slot(int)
    def _on_activated(self, index: int) -> None:
        self._model.choose(int(self.chooser.itemData(index, Qt.ItemDataRole.UserRole)))

    def _on_theme_changed(self) -> None:
        px = self._theme.px
        self._row.setContentsMargins(px(8), px(4), px(8), px(4))
        self._row.setSpacing(px(8))
        self.chooser.setFont(self._theme.font("small"))
        self._count.setFont(self._theme.font("small"))
