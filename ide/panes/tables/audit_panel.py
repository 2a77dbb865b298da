"""What is suspicious in a frame, at the side of its table: each finding with its rows, and code to see and to mend it.

Owns the audit and the widgets; what its buttons ask for is done by the page.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from ide.core.text import with_unseen_shown
from ide.panes.tables.audit import Audit, place_words
from ide.panes.tables.bars import StateBar
from ide.panes.tables.model import TableModel
from ide.panes.tables.side import SideHead
from ide.qt.accessible import announce
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.qt.ties import connect
from ide.widgets.flow_layout import FlowLayout
from ide.widgets.wrapped_label import WrappedLabel

if TYPE_CHECKING:
    from collections.abc import Callable

    from ide.kernels.contract import FrameFinding


class FindingCard(QWidget):
    """One finding: sentence, where, buttons."""

    def __init__(self, finding: FrameFinding, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self.finding = finding
        self._theme = theme
        self._icons = icons
        self.buttons: dict[str, QPushButton] = {}
        self._picture = QLabel()
        self.sentence = WrappedLabel(with_unseen_shown(finding.sentence))
        self.place = WrappedLabel(with_unseen_shown(place_words(finding)))
        self.place.setProperty("tone", "muted")
        self.place.setVisible(bool(self.place.text()))
        self._links = QWidget()
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self._links.setSizePolicy(policy)
        self._flow = FlowLayout(self._links)
        self._flow.setContentsMargins(0, 0, 0, 0)
        self._flow.setSpacing(theme.px(4))
        self._texts = QVBoxLayout()
        for widget in (self.sentence, self.place, self._links):
            self._texts.addWidget(widget)
        self._row = QHBoxLayout(self)
        self._row.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignTop)
        self._row.addLayout(self._texts, 1)
        connect(self, theme.changed, self._on_theme_changed)
        self._on_theme_changed()

    def add_button(self, title: str, tip: str, act: Callable[[], None]) -> None:
        """A button below the sentence."""
        button = QPushButton(title)
        button.setProperty("link", "true")
        button.setStyleSheet("padding-left: 0; border-left-width: 0;")
        button.setToolTip(tip)
        button.setAccessibleName(f"{title}: {self.sentence.text()}")
        button.clicked.connect(lambda _checked=False: act())
        self._flow.addWidget(button)
        self.buttons[title] = button
        self._on_theme_changed()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A line below."""
        painter = QPainter(self)
        painter.fillRect(0, self.height() - 1, self.width(), 1, self._theme.color("line"))
        painter.end()

    @Slot()
    def _on_theme_changed(self) -> None:
        px = self._theme.px
        is_warning = self.finding.severity == "warning"
        name, role = ("warning", "warning") if is_warning else ("info", "muted")
        size = QSize(px(16), px(16))
        self._picture.setPixmap(self._icons.pixmap(name, role, size, self.devicePixelRatioF()))
        self._picture.setAccessibleName("Serious" if is_warning else "")
        self._picture.setContentsMargins(0, px(1), 0, 0)
        self._row.setContentsMargins(px(12), px(8), px(8), px(4))
        self._row.setSpacing(px(8))
        self._texts.setSpacing(px(2))
        self.sentence.setFont(self._theme.font("ui"))
        for widget in (self.place, *self.buttons.values()):
            widget.setFont(self._theme.font("small"))


class AuditPanel(QWidget):
    """Looks as soon as it is made. `show_asked(FrameFinding)`: its rows, or its column."""

    closed = Signal()
    show_asked = Signal(object)
    insert_asked = Signal(str)

    def __init__(self, model: TableModel, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self._theme = theme
        self._icons = icons
        self._said = ""
        self._shown: tuple[FrameFinding, ...] = ()
        self.audit = Audit(model)
        self.destroyed.connect(self.audit.close)
        self.cards: list[FindingCard] = []
        self.setAccessibleName(f"Audit of {model.origin.name}")
        self.head = SideHead("Audit of this frame", theme, icons)
        self.head.closed.connect(self.closed)
        self.bar = StateBar(theme, icons)
        self.bar.acted.connect(self.audit.look)
        self.text = WrappedLabel()
        self.button = QPushButton()
        self.button.setProperty("link", "true")
        self.button.clicked.connect(self._on_button)
        self._line = QHBoxLayout()
        self._line.addWidget(self.text, 1)
        self._line.addWidget(self.button, 0, Qt.AlignmentFlag.AlignTop)
        self._inside = QWidget()
        self._list = QVBoxLayout(self._inside)
        self._list.setContentsMargins(0, 0, 0, 0)
        self._list.setSpacing(0)
        self._list.addStretch(1)
        self.area = QScrollArea()
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setWidgetResizable(True)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setWidget(self._inside)
        self.area.setAccessibleName("Findings")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.head)
        column.addWidget(self.bar)
        column.addLayout(self._line)
        column.addWidget(self.area, 1)
        self.setFocusProxy(self.button)
        connect(self, self.audit.changed, self._show)
        connect(self, theme.changed, self._on_theme_changed)
        self._on_theme_changed()
        self.audit.look()

    def _show(self) -> None:
        audit = self.audit
        is_under_way = audit.state in ("looking", "waiting")
        self.text.setText(audit.text)
        self.button.setText("Cancel" if is_under_way else "Look again")
        self.button.setToolTip("Give it up" if is_under_way else "Look at the frame as it is now")
        self.button.setAccessibleName(self.button.toolTip())
        is_stale = audit.is_stale and audit.state == "found"
        self.bar.say("The frame has changed: look again." if is_stale else "", "warning")
        if audit.findings != self._shown:
            self._shown = audit.findings
            self._fill()
        for card in self.cards:
            card.setEnabled(not is_under_way)
            shows = card.buttons.get("Show rows") or card.buttons.get("Go to column")
            if shows is not None:
                shows.setEnabled(not audit.is_stale)
        if not is_under_way and audit.text != self._said:
            self._said = audit.text
            announce(self, audit.text)

    def _fill(self) -> None:
        for card in self.cards:
            card.hide()
            card.deleteLater()
        self.cards = [self._card(finding) for finding in self._shown]
        for place, card in enumerate(self.cards):
            self._list.insertWidget(place, card)

    def _card(self, finding: FrameFinding) -> FindingCard:
        card = FindingCard(finding, self._theme, self._icons)
        if finding.filters:
            card.add_button("Show rows", "Show only these rows in the table", partial(self.show_asked.emit, finding))
        elif finding.places:
            card.add_button("Go to column", "Show this column of the table", partial(self.show_asked.emit, finding))
        if finding.code:
            card.add_button("Copy code to see it", finding.code, partial(self._copy, finding.code))
        if finding.mend_code:
            mend = partial(self.insert_asked.emit, finding.mend_code)
            card.add_button("Insert code to mend it", finding.mend_code, mend)
        return card

    def _copy(self, code: str) -> None:
        QGuiApplication.clipboard().setText(code)
        announce(self, "Code copied")

    @Slot()
    def _on_button(self) -> None:
        if self.audit.state in ("looking", "waiting"):
            self.audit.stop()
        else:
            self.audit.look()

    @Slot()
    def _on_theme_changed(self) -> None:
        px = self._theme.px
        self._line.setContentsMargins(px(12), px(8), px(4), px(8))
        self._line.setSpacing(px(4))
        self.text.setFont(self._theme.font("ui"))
        self.text.setContentsMargins(0, px(3), 0, px(3))
        self.button.setFont(self._theme.font("small"))
        self.setMinimumWidth(px(200))
