"""The control for one setting, by its type: tick, list, number or text. Knows no `Settings`; announces choices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QLineEdit,
    QSpinBox,
    QWidget,
)

from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.settings.setting import Setting
from ide.shell.fields import Choice, Field, Tick

SYSTEM_FONT = "The system’s"


class SettingEditor(QWidget):
    """Shows a value and announces another one that the user chose; never announces what `show_value` did."""

    chosen = Signal(object)

    def __init__(self, setting: Setting[Any], theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setting = setting
        self._theme = theme
        self._icons = icons
        self._is_showing = False
        self.control = self._make()
        self.control.setAccessibleName(setting.title)
        self.control.setAccessibleDescription(setting.help)
        self.setFocusProxy(self.control)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        is_bare = isinstance(self.control, QCheckBox)
        row.addWidget(self.control if is_bare else Field(self.control, theme))
        row.addStretch(1)

    def show_value(self, value: Any) -> None:
        """Show `value` without announcing it."""
        self._is_showing = True
        control = self.control
        if isinstance(control, QCheckBox):
            control.setChecked(value)
        elif isinstance(control, QSpinBox | QDoubleSpinBox):
            if control.value() != value:
                control.setValue(value)
        elif isinstance(control, QComboBox):
            self._show_in_list(control, value)
        elif isinstance(control, QLineEdit) and control.text() != value:
            control.setText(value)
        self._is_showing = False

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Scrolling the dialog must not change a number that the pointer happens to be over."""
        if event.type() == QEvent.Type.Wheel and not self.control.hasFocus():
            event.ignore()
            return True
        return super().eventFilter(watched, event)

    # --- inside ------------------------------------------------------------------------------------------------------

    def _make(self) -> QWidget:
        setting = self.setting
        if setting.choices:
            return self._list([(title, value) for value, title in setting.choices.items()])
        if setting.type is bool:
            tick = Tick("On", self._theme, self._icons)
            tick.toggled.connect(self._announce)
            return tick
        if setting.type is int:
            return self._number(QSpinBox())
        if setting.type is float:
            real = QDoubleSpinBox()
            real.setDecimals(2)
            real.setSingleStep(0.1)
            return self._number(real)
        if setting.id.endswith("font_family"):
            families = [(SYSTEM_FONT, ""), *((family, family) for family in _families("code" in setting.id))]
            return self._list(families)
        text = QLineEdit()
        text.editingFinished.connect(self._announce_text)
        return text

    def _list(self, entries: Sequence[tuple[str, object]]) -> QComboBox:
        box = Choice(self._theme, self._icons)
        for title, value in entries:
            box.addItem(title, value)
        box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        box.installEventFilter(self)
        box.activated.connect(self._announce_entry)
        return box

    def _number(self, box: QSpinBox | QDoubleSpinBox) -> QWidget:
        setting = self.setting
        minimum: Any = setting.minimum
        maximum: Any = setting.maximum
        box.setRange(minimum, maximum)
        box.setSuffix(f"\N{NO-BREAK SPACE}{setting.unit}" if setting.unit else "")
        box.setGroupSeparatorShown(True)
        box.setKeyboardTracking(False)  # half a number is not a choice
        box.setStepType(QAbstractSpinBox.StepType.AdaptiveDecimalStepType if maximum > 1000 else box.stepType())
        box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        box.installEventFilter(self)
        box.valueChanged.connect(self._announce)
        return box

    def _show_in_list(self, box: QComboBox, value: object) -> None:
        at = box.findData(value)
        if at < 0:
            box.addItem(str(value), value)  # a font that is not installed here
            at = box.count() - 1
        box.setCurrentIndex(at)

    def _announce(self, value: object) -> None:
        if not self._is_showing:
            self.chosen.emit(value)

    def _announce_entry(self, at: int) -> None:
        if isinstance(self.control, QComboBox):
            self._announce(self.control.itemData(at))

    def _announce_text(self) -> None:
        if isinstance(self.control, QLineEdit):
            self._announce(self.control.text().strip())


def _families(is_code: bool) -> list[str]:
    families = QFontDatabase.families()
    return [family for family in families if not is_code or QFontDatabase.isFixedPitch(family)]
