"""A form made from a list of options: what a target asks for, or its gateway. Owns the controls. UI thread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QDoubleSpinBox, QFormLayout, QLabel, QLineEdit, QSpinBox, QWidget

from ide.core.deploy import TargetOption
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.shell.fields import Choice, Field, Tick

_MOST = 2_000_000_000


class OptionForm(QWidget):
    """One line for each option. Secrets are dots, and are told apart from the rest."""

    changed = Signal()

    def __init__(
        self, options: Sequence[TargetOption], values: Mapping[str, object], theme: Theme, icons: Icons
    ) -> None:
        super().__init__()
        self._theme = theme
        self._icons = icons
        self._controls: dict[str, tuple[TargetOption, QWidget]] = {}
        self._column = QFormLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(theme.px(8))
        for option in options:
            control = self._control(option, values.get(option.name, option.default))
            control.setAccessibleName(option.label)
            control.setAccessibleDescription(option.help)
            control.setToolTip(option.help)
            self._controls[option.name] = (option, control)
            unit = f" ({option.unit})" if option.unit else ""
            if isinstance(control, Tick):
                self._column.addRow("", control)
            else:
                label = QLabel(f"{option.label}{unit}")
                label.setBuddy(control)
                # A text has an outline of its own.
                self._column.addRow(label, control if isinstance(control, QLineEdit) else Field(control, theme))

    @property
    def values(self) -> dict[str, object]:
        """What was typed and chosen, without secrets; a text that is empty is left out."""
        found = {
            name: _value(option, control)
            for name, (option, control) in self._controls.items()
            if option.kind != "secret"
        }
        return {name: value for name, value in found.items() if value not in ("", None)}

    @property
    def secrets(self) -> dict[str, str]:
        """Secrets that were typed."""
        return {
            name: control.text()
            for name, (option, control) in self._controls.items()
            if option.kind == "secret" and isinstance(control, QLineEdit) and control.text()
        }

    @property
    def problem(self) -> str:
        """What is missing or can't be read, in a sentence; "" where all is well."""
        for option, control in self._controls.values():
            text = control.text().strip() if isinstance(control, QLineEdit) else "set"
            if option.is_required and not text:
                return f"{option.label} is missing."
            if option.kind == "mapping" and any("=" not in part for part in _parts(text if text != "set" else "")):
                return f"{option.label}: write NAME=VALUE, with commas between."
        return ""

    @property
    def labels(self) -> list[QLabel]:
        """The words in front, for whoever lines them up with others."""
        return [one for one in self.findChildren(QLabel) if one.buddy() is not None]

    def control(self, name: str) -> QWidget:
        """The control of an option."""
        return self._controls[name][1]

    def _control(self, option: TargetOption, value: object) -> QWidget:
        if option.kind == "bool":
            tick = Tick(option.label, self._theme, self._icons)
            tick.setChecked(bool(value))
            tick.toggled.connect(self.changed)
            return tick
        if option.kind == "choice":
            choice = Choice(self._theme, self._icons)
            choice.addItems(option.choices)
            choice.setCurrentIndex(max(choice.findText(str(value)), 0))
            choice.currentIndexChanged.connect(self.changed)
            return choice
        if option.kind in ("int", "float"):
            return self._number(option, value)
        line = QLineEdit("" if value is None else _shown(value))
        if option.kind == "secret":
            line.setEchoMode(QLineEdit.EchoMode.Password)
        line.textChanged.connect(self.changed)
        return line

    def _number(self, option: TargetOption, value: object) -> QWidget:
        least = option.minimum if option.minimum is not None else 0
        most = option.maximum if option.maximum is not None else _MOST
        number = value if isinstance(value, int | float) else least
        if option.kind == "int":
            spin = QSpinBox()
            spin.setRange(int(least), int(most))
            spin.setValue(int(number))
            spin.valueChanged.connect(self.changed)
            return spin
        decimal = QDoubleSpinBox()
        decimal.setRange(float(least), float(most))
        decimal.setValue(float(number))
        decimal.valueChanged.connect(self.changed)
        return decimal


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _shown(value: object) -> str:
    return ", ".join(f"{name}={one}" for name, one in value.items()) if isinstance(value, Mapping) else str(value)


def _value(option: TargetOption, control: QWidget) -> object:
    if isinstance(control, QCheckBox):
        return control.isChecked()
    if isinstance(control, QComboBox):
        return control.currentText()
    if isinstance(control, QSpinBox | QDoubleSpinBox):
        return control.value()
    assert isinstance(control, QLineEdit)
    text = control.text().strip()
    if option.kind == "mapping":
        pairs = (part.partition("=") for part in _parts(text))
        return {name.strip(): value.strip() for name, _sign, value in pairs} or None
    return text
