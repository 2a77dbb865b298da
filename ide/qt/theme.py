"""Roles to colours, fonts and sizes; follows the system and the zoom. Owns the application's palette and style sheet.

Widgets ask for roles and listen to `changed`; the values live in `resources/themes/`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from PySide6.QtCore import QObject, QSysInfo, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from ide.qt.stylesheet import style_sheet

Choice = Literal["system", "light", "dark", "high_contrast"]
FontKind = Literal["ui", "small", "title", "code"]
Motion = Literal["system", "full", "reduced"]

CHOICES: tuple[Choice, ...] = ("system", "light", "dark", "high_contrast")
FONT_SIZES_PX: Mapping[FontKind, int] = {"ui": 13, "small": 12, "title": 12, "code": 13}
STYLE = "Fusion"
HAS_STYLE = "has_our_style"
"""Property of an application that was made with `-style`: to hand it a QStyle costs the 600 names of that class."""
ZOOM_STEPS = (0.5, 0.67, 0.75, 0.8, 0.9, 1.0, 1.1, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0)


def load_roles(file: Path) -> dict[str, str]:
    """Role -> "#rrggbb" of a theme file; groups are for the reader only."""
    with file.open("rb") as stream:
        content = tomllib.load(stream)
    groups = [group for group in content.values() if isinstance(group, dict)]
    return {role: value for group in groups for role, value in group.items()}


class Theme(QObject):
    """What is in force now. `changed` means that colours, fonts or sizes are other ones: ask again."""

    changed = Signal()

    def __init__(self, folder: Path, choice: Choice = "system", parent: QObject | None = None) -> None:
        """`folder` holds one file per theme. Nothing of the application changes before `apply`."""
        super().__init__(parent)
        self._folder = folder
        self._loaded: dict[str, dict[str, QColor]] = {}
        self._choice: Choice = choice
        self._zoom = 1.0
        self._presentation = 1.0
        self._families = ("", "")
        self._sizes_px = dict(FONT_SIZES_PX)
        self._motion: Motion = "system"
        self._application: QApplication | None = None
        self._flash_default_ms = 1000
        self._is_windows = QSysInfo.productType() == "windows"
        self._fonts: dict[FontKind, QFont] = {}
        self._scheme = Qt.ColorScheme.Unknown
        self._contrast = Qt.ContrastPreference.NoPreference
        self._follow_system()
        self._name = self._resolve()

    @property
    def choice(self) -> Choice:
        """What was asked for; `name` is what it came to."""
        return self._choice

    @property
    def name(self) -> str:
        """ "light", "dark" or "high_contrast"."""
        return self._name

    @property
    def is_dark(self) -> bool:
        """Whether text is lighter than what it is on."""
        return self.color("text").lightness() > self.color("pane").lightness()

    @property
    def zoom(self) -> float:
        """Live factor of everything, presentation mode included. 1.0 is 100 %."""
        return self._zoom * self._presentation

    def set_choice(self, choice: Choice) -> None:
        """Use one theme, or follow the system."""
        self._choice = choice
        self._follow()

    def set_zoom(self, zoom: float) -> None:
        """Kept within `ZOOM_STEPS`' ends."""
        zoom = min(max(zoom, ZOOM_STEPS[0]), ZOOM_STEPS[-1])
        if zoom != self._zoom:
            self._zoom = zoom
            self._announce()

    def zoom_in(self) -> float:
        """The next step up; returns the zoom to remember (presentation mode not included)."""
        self.set_zoom(next((step for step in ZOOM_STEPS if step > self._zoom + 0.001), ZOOM_STEPS[-1]))
        return self._zoom

    def zoom_out(self) -> float:
        """The next step down; returns the zoom to remember."""
        self.set_zoom(next((step for step in reversed(ZOOM_STEPS) if step < self._zoom - 0.001), ZOOM_STEPS[0]))
        return self._zoom

    def zoom_reset(self) -> float:
        """Back to 100 %."""
        self.set_zoom(1.0)
        return self._zoom

    def set_presentation(self, is_on: bool, factor: float = 1.5) -> None:
        """Everything bigger by `factor` on top of the zoom, which is kept."""
        wanted = factor if is_on else 1.0
        if wanted != self._presentation:
            self._presentation = wanted
            self._announce()

    def set_fonts(
        self, *, ui_family: str = "", ui_size_px: int = 0, code_family: str = "", code_size_px: int = 0
    ) -> None:
        """Empty and 0 mean the system's family and the usual size; small text and titles follow the size of `ui`."""
        ui_px = ui_size_px or FONT_SIZES_PX["ui"]
        by = ui_px - FONT_SIZES_PX["ui"]
        sizes_px: dict[FontKind, int] = {kind: size + by for kind, size in FONT_SIZES_PX.items()}
        sizes_px["code"] = code_size_px or FONT_SIZES_PX["code"]
        if ((ui_family, code_family), sizes_px) != (self._families, self._sizes_px):
            self._families = (ui_family, code_family)
            self._sizes_px = sizes_px
            self._announce()

    @property
    def is_motion_reduced(self) -> bool:
        """Whether nothing may blink, turn or slide."""
        if self._motion != "system":
            return self._motion == "reduced"
        # Qt passes on this wish of the user on Windows alone.
        return self._is_windows and not QApplication.isEffectEnabled(Qt.UIEffect.UI_General)

    def set_motion(self, motion: Motion) -> None:
        """Follow the system, or say it."""
        if motion != self._motion:
            self._motion = motion
            if self._application is not None:
                self._application.setCursorFlashTime(self._flash_ms())
            self.changed.emit()

    def color(self, role: str) -> QColor:
        """The colour of a role. KeyError for a role that no theme has: a misspelling must not pass."""
        return QColor(self._roles()[role])

    def roles(self) -> tuple[str, ...]:
        """All roles."""
        return tuple(self._roles())

    def px(self, pixels: float) -> int:
        """Device-independent pixels at 100 % to pixels now; at least 1 for anything above 0."""
        return max(1, round(pixels * self.zoom)) if pixels > 0 else 0

    def font(self, kind: FontKind = "ui") -> QFont:
        """A font of one of the four kinds at the zoom in force."""
        if kind not in self._fonts:
            self._fonts[kind] = self._make_font(kind)
        return QFont(self._fonts[kind])

    def apply(self, application: QApplication) -> None:
        """Dress the whole application now and at each change from here on."""
        self._application = application
        # Without it a style sheet puts back the font that a widget had before the zoom changed, when it is shown.
        application.setAttribute(Qt.ApplicationAttribute.AA_UseStyleSheetPropagationInWidgetStyles)
        if application.property(HAS_STYLE) is None:
            from PySide6.QtWidgets import QStyleFactory

            application.setStyle(QStyleFactory.create(STYLE))
        self._flash_default_ms = application.cursorFlashTime()
        application.setCursorFlashTime(self._flash_ms())
        self._dress()

    def close(self) -> None:
        """Follow nothing any more and give the application its own looks back."""
        hints = QGuiApplication.styleHints()
        hints.colorSchemeChanged.disconnect(self._on_scheme_changed)
        if hasattr(hints, "accessibility"):
            hints.accessibility().contrastPreferenceChanged.disconnect(self._on_contrast_changed)
        if self._application is not None:
            self._application.setCursorFlashTime(self._flash_default_ms)
            self._application.setStyleSheet("")
            self._application = None

    def _follow_system(self) -> None:
        hints = QGuiApplication.styleHints()
        self._scheme = hints.colorScheme()
        hints.colorSchemeChanged.connect(self._on_scheme_changed)
        if hasattr(hints, "accessibility"):  # Qt 6.10 and later
            self._contrast = hints.accessibility().contrastPreference()
            hints.accessibility().contrastPreferenceChanged.connect(self._on_contrast_changed)

    @Slot(Qt.ColorScheme)
    def _on_scheme_changed(self, scheme: Qt.ColorScheme) -> None:
        self._scheme = scheme
        self._follow()

    @Slot(Qt.ContrastPreference)
    def _on_contrast_changed(self, contrast: Qt.ContrastPreference) -> None:
        self._contrast = contrast
        self._follow()

    def _follow(self) -> None:
        name = self._resolve()
        if name != self._name:
            self._name = name
            self._announce()

    def _resolve(self) -> str:
        if self._choice != "system":
            return self._choice
        if self._contrast == Qt.ContrastPreference.HighContrast:
            return "high_contrast"
        return "dark" if self._scheme == Qt.ColorScheme.Dark else "light"

    def _roles(self) -> dict[str, QColor]:
        if self._name not in self._loaded:
            roles = load_roles(self._folder / f"{self._name}.toml")
            self._loaded[self._name] = {role: QColor(value) for role, value in roles.items()}
        return self._loaded[self._name]

    def _make_font(self, kind: FontKind) -> QFont:
        if kind == "code":
            font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
            font.setStyleHint(QFont.StyleHint.Monospace)
            # A ligature hides which characters were typed; beginners count them.
            font.setFeature(QFont.Tag("liga"), 0)
            font.setFeature(QFont.Tag("calt"), 0)
        else:
            font = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
        if family := self._families[kind == "code"]:
            font.setFamilies([family, *font.families()])
        font.setPixelSize(self.px(self._sizes_px[kind]))
        if kind == "title":
            font.setWeight(QFont.Weight.DemiBold)
        return font

    def _flash_ms(self) -> int:
        return 0 if self.is_motion_reduced else self._flash_default_ms

    def _announce(self) -> None:
        self._fonts.clear()
        if self._application is not None:
            self._dress()
        self.changed.emit()

    def _dress(self) -> None:
        assert self._application is not None
        # Without the sheet before: to exchange one for another costs Qt three times as much as to take it off and put
        # the other on, and palette and font are passed on to fewer rules meanwhile. Nothing is painted in between.
        self._application.setStyleSheet("")
        self._application.setPalette(self._palette())
        self._application.setFont(self.font("ui"))
        self._application.setStyleSheet(style_sheet(self.color, self.px))

    def _palette(self) -> QPalette:
        role = QPalette.ColorRole
        colors = {
            role.Window: "window", role.WindowText: "text", role.Base: "pane", role.AlternateBase: "header",
            role.Text: "text", role.Button: "header", role.ButtonText: "text", role.BrightText: "error",
            role.Highlight: "selection", role.HighlightedText: "text", role.Link: "link", role.LinkVisited: "link",
            role.ToolTipBase: "popup", role.ToolTipText: "text", role.PlaceholderText: "muted", role.Accent: "accent",
            role.Light: "header", role.Midlight: "line", role.Mid: "border", role.Dark: "control_border",
            role.Shadow: "border",
        }  # fmt: skip
        palette = QPalette()
        for part, name in colors.items():
            palette.setColor(part, self.color(name))
        for part in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
            palette.setColor(QPalette.ColorGroup.Disabled, part, self.color("disabled"))
        palette.setColor(QPalette.ColorGroup.Inactive, role.Highlight, self.color("selection_inactive"))
        return palette
