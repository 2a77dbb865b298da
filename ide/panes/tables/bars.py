"""The lines around the grid: chips of sort keys and filters, what must be known of the table, the footer.

They are told what to say by the page, and tell what was pressed; they own no table.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QWidget

from ide.panes.tables.words import Chip
from ide.qt.accessible import announce
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.widgets.flow_layout import FlowLayout
from ide.widgets.ground import paint_ground
from ide.widgets.notices import close_button
from ide.widgets.wrapped_label import WrappedLabel

CHIP_WIDEST_PX = 420


class ChipView(QWidget):
    """One sort key or filter: a click on the text edits it, the cross takes it away."""

    pressed = Signal(object)
    removed = Signal(object)

    def __init__(self, chip: Chip, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self.chip = chip
        self._theme = theme
        role = "error" if chip.problem else "muted"
        self.button = QPushButton()
        self.button.setProperty("link", "true")
        self.button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.button.setFont(theme.font("small"))
        if chip.kind == "filter":
            self.button.setIcon(icons.icon("warning-circle" if chip.problem else "funnel", role))
            self.button.setIconSize(QSize(theme.px(14), theme.px(14)))
        text = f"{chip.text}: {chip.problem}" if chip.problem else chip.text
        metrics = QFontMetrics(self.button.font())
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, theme.px(CHIP_WIDEST_PX))
        self.button.setText(shown.replace("&", "&&"))
        verb = "Change the order" if chip.kind == "sort" else "Edit"
        self.button.setToolTip(f"{text}\nClick: {verb.lower()}")
        self.button.setAccessibleName(f"{'Sorted by' if chip.kind == 'sort' else 'Filter'} {text}")
        self.button.clicked.connect(lambda: self.pressed.emit(self.chip))
        self.cross = QToolButton()
        self.cross.setIcon(icons.icon("x", "muted"))
        self.cross.setIconSize(QSize(theme.px(12), theme.px(12)))
        self.cross.setFixedSize(theme.px(24), theme.px(24))
        self.cross.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        name = "Sort by this no more" if chip.kind == "sort" else "Remove this filter"
        self.cross.setAccessibleName(f"{name}: {chip.text}")
        self.cross.setToolTip(name)
        self.cross.clicked.connect(lambda: self.removed.emit(self.chip))
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.px(2), 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.button)
        row.addWidget(self.cross)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A quiet outline, red where the filter could not be applied."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(self._theme.color("error" if self.chip.problem else "border"))
        painter.setBrush(self._theme.color("pane"))
        radius = self._theme.px(4)
        painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), radius, radius)
        painter.end()


class ChipRow(QWidget):
    """Chips in lines. Hidden while there are none."""

    chip_pressed = Signal(object)
    chip_removed = Signal(object)
    any_toggled = Signal(bool)
    """Whether all filters must hold."""
    clear_asked = Signal()

    def __init__(self, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self._theme = theme
        self._icons = icons
        self._chips: tuple[Chip, ...] = ()
        self._is_all = True
        self._said = ""
        self.views: list[ChipView] = []
        self.group_button: QPushButton | None = None
        self.clear_button: QPushButton | None = None
        self._flow = FlowLayout(self)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        theme.changed.connect(self._on_theme_changed)
        self._on_theme_changed()
        self.hide()

    def set_chips(self, chips: Sequence[Chip], *, is_all: bool) -> None:
        """Show these."""
        if (tuple(chips), is_all) == (self._chips, self._is_all):
            return
        self._chips, self._is_all = tuple(chips), is_all
        self._fill()

    def _fill(self) -> None:
        while (item := self._flow.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.views = []
        self.group_button = self.clear_button = None
        filters = [chip for chip in self._chips if chip.kind == "filter"]
        for chip in self._chips:
            if chip.kind == "filter" and self.group_button is None and len(filters) > 1:
                self.group_button = self._make_group_button()
                self._flow.addWidget(self.group_button)
            view = ChipView(chip, self._theme, self._icons)
            view.pressed.connect(self.chip_pressed)
            view.removed.connect(self.chip_removed)
            self.views.append(view)
            self._flow.addWidget(view)
        if len(self._chips) > 1:
            self.clear_button = self._link("Clear", "Clear sort and filters")
            self.clear_button.clicked.connect(self.clear_asked)
            self._flow.addWidget(self.clear_button)
        self.setVisible(bool(self._chips))
        self.updateGeometry()
        problem = next((f"{chip.text}: {chip.problem}" for chip in self._chips if chip.problem), "")
        if problem and problem != self._said:
            announce(self, problem)
        self._said = problem

    def _make_group_button(self) -> QPushButton:
        button = self._link("All of" if self._is_all else "Any of", "Whether all filters must hold, or one of them")
        button.clicked.connect(partial(self.any_toggled.emit, not self._is_all))
        return button

    def _link(self, text: str, name: str) -> QPushButton:
        button = QPushButton(text)
        button.setProperty("link", "true")
        button.setFont(self._theme.font("small"))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setToolTip(name)
        button.setAccessibleName(f"{text}: {name}")
        button.setFixedHeight(self._theme.px(24))
        return button

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The ground of headers and a line below."""
        paint_ground(self, self._theme)

    @Slot()
    def _on_theme_changed(self) -> None:
        px = self._theme.px
        self._flow.setContentsMargins(px(8), px(4), px(8), px(4) + 1)
        self._flow.setSpacing(px(4))
        if self._chips:
            self._fill()


class StateBar(QWidget):
    """One quiet sentence about the table, with an icon: gone, busy, dropped filters. Hidden while there is none."""

    closed = Signal()
    acted = Signal()

    def __init__(self, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self._theme = theme
        self._icons = icons
        self._icon_name, self._role, self._back = "info", "accent", "header"
        self._picture = QLabel()
        self.label = WrappedLabel("")
        self.cross = close_button(icons, "Close")
        self.cross.clicked.connect(self.closed)
        self._row = QHBoxLayout(self)
        self._row.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignTop)
        self._row.addWidget(self.label, 1)
        self.button = QPushButton()
        self.button.clicked.connect(self.acted)
        self._row.addWidget(self.button)
        self._row.addWidget(self.cross, 0, Qt.AlignmentFlag.AlignTop)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._on_theme_changed)
        self._on_theme_changed()
        self.hide()

    @property
    def text(self) -> str:
        """What it says; empty while it is hidden."""
        return "" if self.isHidden() else self.label.text()

    def say(self, text: str, kind: str = "info", *, can_close: bool = False, action: str = "") -> None:
        """Show a sentence, or hide. `kind`: info, warning, error. `action`: words of a button."""
        looks = {
            "info": ("info", "accent", "header"),
            "warning": ("warning", "warning", "warning_back"),
            "error": ("x-circle", "error", "error_back"),
        }
        is_new = bool(text) and text != self.text
        self._icon_name, self._role, self._back = looks[kind]
        self.label.setText(text)
        self.cross.setVisible(can_close)
        self.button.setText(action)
        self.button.setVisible(bool(action))
        self.setVisible(bool(text))
        self._on_theme_changed()
        if is_new:
            announce(self, text)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A stripe of its kind at the left, as notices have."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.color(self._back))
        painter.fillRect(0, 0, self._theme.px(3), self.height(), self._theme.color(self._role))
        painter.fillRect(0, self.height() - 1, self.width(), 1, self._theme.color("border"))
        painter.end()

    @Slot()
    def _on_theme_changed(self) -> None:
        px = self._theme.px
        self._row.setContentsMargins(px(12), px(2), px(4), px(2) + 1)
        self._row.setSpacing(px(8))
        size = QSize(px(16), px(16))
        self._picture.setPixmap(self._icons.pixmap(self._icon_name, self._role, size, self.devicePixelRatioF()))
        self._picture.setContentsMargins(0, px(4), 0, px(4))
        self.label.setContentsMargins(0, px(4), 0, px(4))
        self.label.setFont(self._theme.font("small"))
        self.cross.setFixedSize(px(24), px(24))
        self.update()


class Footer(QWidget):
    """What is shown, how, and from where; at the right what is being worked at, or the code of the last edit."""

    cancel_asked = Signal()
    copy_code_asked = Signal()
    insert_code_asked = Signal()

    def __init__(self, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self._theme = theme
        self._text = ""
        self._progress = ""
        self._code = ""
        self.label = QLabel()
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.label.setProperty("tone", "muted")
        self.label.setProperty("may_be_cut", True)
        self.label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.right = QLabel()
        self.right.setTextFormat(Qt.TextFormat.PlainText)
        self.right.setProperty("may_be_cut", True)
        self.cancel = self._link("Cancel", "Cancel what is under way")
        self.cancel.clicked.connect(self.cancel_asked)
        self.copy = self._link("Copy", "Copy the code of the edit")
        self.copy.clicked.connect(self.copy_code_asked)
        self.insert = self._link("Put into script", "Put the code of the edit into the script")
        self.insert.clicked.connect(self.insert_code_asked)
        self._row = QHBoxLayout(self)
        self._row.addWidget(self.label, 1)
        for widget in (self.right, self.cancel, self.copy, self.insert):
            self._row.addWidget(widget)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._on_theme_changed)
        self._on_theme_changed()
        self._arrange()

    @property
    def text(self) -> str:
        """The whole line at the left, also where it is cut."""
        return self._text

    @property
    def progress(self) -> str:
        """What is being worked at."""
        return self._progress

    @property
    def code(self) -> str:
        """The code of an edit that is shown."""
        return self._code

    def say(self, parts: Sequence[str], progress: str, code: str) -> None:
        """Show this."""
        told = ("  ·  ".join(parts), progress, "" if progress else code)
        if told != (self._text, self._progress, self._code):
            self._text, self._progress, self._code = told
            self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A long line loses its end."""
        super().resizeEvent(event)
        self._elide()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A line above."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.color("header"))
        painter.fillRect(0, 0, self.width(), 1, self._theme.color("border"))
        painter.end()

    def _arrange(self) -> None:
        self.cancel.setVisible(bool(self._progress))
        for button in (self.copy, self.insert):
            button.setVisible(bool(self._code))
        self.right.setVisible(bool(self._progress or self._code))
        self.right.setFont(self._theme.font("code" if self._code else "small"))
        self._elide()

    def _elide(self) -> None:
        metrics = QFontMetrics(self.right.font())
        wide = self.width() // 3
        shown = self._code.replace("\n", " ") or self._progress
        self.right.setText(metrics.elidedText(shown, Qt.TextElideMode.ElideRight, wide))
        self.right.setToolTip(self._code)
        self._row.activate()
        room = max(self.label.width(), 1)
        metrics = QFontMetrics(self.label.font())
        self.label.setText(metrics.elidedText(self._text, Qt.TextElideMode.ElideRight, room))
        self.label.setToolTip(self._text)
        self.label.setAccessibleName(self._text)

    def _link(self, text: str, name: str) -> QPushButton:
        button = QPushButton(text)
        button.setProperty("link", "true")
        button.setAccessibleName(name)
        button.setToolTip(name)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.hide()
        return button

    @Slot()
    def _on_theme_changed(self) -> None:
        px = self._theme.px
        self._row.setContentsMargins(px(8), 1, px(4), 0)
        self._row.setSpacing(px(4))
        for widget in (self.label, self.cancel, self.copy, self.insert):
            widget.setFont(self._theme.font("small"))
        for button in (self.cancel, self.copy, self.insert):
            button.setFixedHeight(px(24))
        self.setFixedHeight(px(26))
        self._arrange()
