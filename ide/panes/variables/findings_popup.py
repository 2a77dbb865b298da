"""All findings of one frame in a popup: each sentence with what can be done about it. Knows no pane."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from ide.core.text import with_unseen_shown
from ide.kernels.contract import FrameFinding
from ide.qt.theme import Theme
from ide.widgets.flow_layout import FlowLayout
from ide.widgets.wrapped_label import WrappedLabel

WIDE_PX = 360
HIGH_PX = 420


class FindingsPopup(QFrame):
    """`show`, `copy` and `insert` do what the buttons say; the popup closes itself first."""

    def __init__(
        self,
        name: str,
        findings: tuple[FrameFinding, ...],
        theme: Theme,
        parent: QWidget,
        *,
        show: Callable[[FrameFinding], None],
        copy: Callable[[str], None],
        insert: Callable[[str], None] | None,
    ) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAccessibleName(f"Findings in {name}")
        self._theme = theme
        self._show, self._copy, self._insert = show, copy, insert
        self.buttons: list[QPushButton] = []
        px = theme.px
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(px(12), px(8), px(12), px(8))
        column.setSpacing(px(4))
        title = QLabel(f"What a run did to {with_unseen_shown(name)}")
        title.setTextFormat(Qt.TextFormat.PlainText)
        title.setFont(theme.font("title"))
        column.addWidget(title)
        for finding in findings:
            self._add(column, finding)
        area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inside)
        outside = QVBoxLayout(self)
        outside.setContentsMargins(1, 1, 1, 1)
        outside.addWidget(area)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        column.addStretch(1)
        wide = px(WIDE_PX)
        inside.setFixedWidth(wide - px(4))
        self.setFixedSize(wide, min(px(HIGH_PX), _height_of(column, wide - px(4)) + px(4)))

    def open_at(self, place: QPoint) -> None:
        """Show it with its upper left corner at a place on the screen, moved so that all of it is in sight."""
        screen = self.screen().availableGeometry()
        left = max(screen.left(), min(place.x(), screen.right() - self.width()))
        top = max(screen.top(), min(place.y(), screen.bottom() - self.height()))
        self.move(left, top)
        self.show()
        if self.buttons:
            self.buttons[0].setFocus()

    def _add(self, column: QVBoxLayout, finding: FrameFinding) -> None:
        sentence = WrappedLabel(with_unseen_shown(finding.sentence))
        sentence.setFont(self._theme.font("ui"))
        column.addWidget(sentence)
        links = QWidget()
        line = FlowLayout(links)
        line.setContentsMargins(0, 0, 0, self._theme.px(4))
        line.setSpacing(self._theme.px(4))
        if finding.path:
            line.addWidget(self._button("Show me", partial(self._show, finding)))
        for title, code in (("Copy code", finding.code), ("Copy code that mends it", finding.mend_code)):
            if code:
                line.addWidget(self._button(title, partial(self._copy, code)))
        if finding.code and self._insert is not None:
            line.addWidget(self._button("Put into script", partial(self._insert, finding.code)))
        column.addWidget(links)

    def _button(self, title: str, act: Callable[[], None]) -> QPushButton:
        button = QPushButton(title)
        button.setProperty("link", "true")
        button.setStyleSheet("padding-left: 0; border-left-width: 0;")
        button.setAccessibleName(title)
        button.clicked.connect(partial(self._do, act))
        self.buttons.append(button)
        return button

    def _do(self, act: Callable[[], None], _checked: bool = False) -> None:
        self.close()
        act()


def _height_of(column: QVBoxLayout, width: int) -> int:
    """What a column of widgets takes at that width; the labels say theirs only once they are shown."""
    margins = column.contentsMargins()
    inner = width - margins.left() - margins.right()
    widgets = [item.widget() for place in range(column.count()) if (item := column.itemAt(place)) is not None]
    shown = [widget for widget in widgets if widget is not None]
    heights = [high if (high := one.heightForWidth(inner)) > 0 else one.sizeHint().height() for one in shown]
    return sum(heights) + column.spacing() * len(heights) + margins.top() + margins.bottom()
