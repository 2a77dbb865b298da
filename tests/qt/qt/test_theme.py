"""Theme, zoom, fonts, icons."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QPixmap
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from ide._paths import resources_dir
from ide.qt.icons import Icons
from ide.qt.theme import Theme, load_roles
from tests.fakes.window_parts import Parts

THEMES = resources_dir() / "themes"


def test_themes_all_have_the_same_roles() -> None:
    roles = {name: set(load_roles(THEMES / f"{name}.toml")) for name in ("light", "dark", "high_contrast")}
    assert roles["light"] == roles["dark"] == roles["high_contrast"]


def test_color_of_an_unknown_role_is_a_mistake(parts: Parts) -> None:
    with pytest.raises(KeyError):
        parts.theme.color("no_such_role")


# The offscreen platform knows no scheme, so the tests say what a desktop would.
def test_system_choice_follows_the_color_scheme_live(parts: Parts) -> None:
    hints = QGuiApplication.styleHints()
    theme = Theme(THEMES, "system")
    hints.colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    assert theme.name == "dark"
    assert theme.is_dark
    hints.colorSchemeChanged.emit(Qt.ColorScheme.Light)
    assert theme.name == "light"
    theme.deleteLater()


def test_system_choice_follows_the_wish_for_contrast(parts: Parts) -> None:
    hints = QGuiApplication.styleHints().accessibility()
    theme = Theme(THEMES, "system")
    hints.contrastPreferenceChanged.emit(Qt.ContrastPreference.HighContrast)
    assert theme.name == "high_contrast"
    hints.contrastPreferenceChanged.emit(Qt.ContrastPreference.NoPreference)
    assert theme.name == "light"
    theme.deleteLater()


def test_fixed_choice_ignores_the_system(parts: Parts) -> None:
    QGuiApplication.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    assert parts.theme.name == "light"


def test_set_choice_dresses_the_application_at_once(parts: Parts) -> None:
    changes: list[str] = []
    parts.theme.changed.connect(lambda: changes.append(parts.theme.name))
    parts.theme.set_choice("high_contrast")
    assert changes == ["high_contrast"]
    assert QApplication.palette().text().color() == QColor("#FFFFFF")
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    assert "#ffffff" in application.styleSheet()


def test_zoom_changes_fonts_and_sizes_and_widgets_keep_them_when_shown(parts: Parts, qtbot: QtBot) -> None:
    label = QLabel("text")
    label.setFont(parts.theme.font("title"))
    label.ensurePolished()
    parts.theme.set_zoom(2.0)
    label.setFont(parts.theme.font("title"))
    qtbot.addWidget(label)
    label.show()
    assert label.font().pixelSize() == 24
    assert parts.theme.px(4) == 8
    assert QApplication.font().pixelSize() == 26


def test_zoom_stays_within_its_limits(parts: Parts) -> None:
    for _ in range(30):
        parts.theme.zoom_in()
    assert parts.theme.zoom == 3.0
    for _ in range(30):
        parts.theme.zoom_out()
    assert parts.theme.zoom == 0.5
    assert parts.theme.zoom_reset() == 1.0


def test_presentation_multiplies_the_zoom_and_goes_back(parts: Parts) -> None:
    parts.theme.set_zoom(1.25)
    parts.theme.set_presentation(True, 2.0)
    assert parts.theme.zoom == 2.5
    parts.theme.set_presentation(False)
    assert parts.theme.zoom == 1.25


def test_fonts_follow_the_settings(parts: Parts) -> None:
    parts.theme.set_fonts(ui_size_px=16, code_family="DejaVu Sans Mono", code_size_px=15)
    assert parts.theme.font("ui").pixelSize() == 16
    assert parts.theme.font("small").pixelSize() == 15
    assert parts.theme.font("code").pixelSize() == 15
    assert parts.theme.font("code").families()[0] == "DejaVu Sans Mono"


def test_reduced_motion_stops_the_caret_from_blinking(parts: Parts) -> None:
    parts.theme.set_motion("reduced")
    assert QApplication.cursorFlashTime() == 0
    parts.theme.set_motion("full")
    assert QApplication.cursorFlashTime() > 0


def test_icon_is_drawn_in_the_color_of_its_role_and_follows_the_theme(parts: Parts) -> None:
    icon = parts.icons.icon("x", "error")
    for choice, expected in (("light", "#b3261e"), ("dark", "#ff8f86")):
        parts.theme.set_choice(choice)  # type: ignore[arg-type]
        image = icon.pixmap(QSize(64, 64)).toImage()
        pixels = [image.pixelColor(x, y) for x in range(64) for y in range(64)]
        assert {pixel.name() for pixel in pixels if pixel.alpha() > 250} == {expected}


def test_icon_at_two_device_pixels_is_crisp(parts: Parts) -> None:
    pixmap = parts.icons.icon("play").pixmap(QSize(16, 16), 2.0)
    assert pixmap.size() == QSize(32, 32)
    assert pixmap.devicePixelRatio() == 2.0


def test_icon_disabled_is_drawn_in_the_disabled_role(parts: Parts) -> None:
    image = parts.icons.icon("x").pixmap(QSize(32, 32), QIcon.Mode.Disabled).toImage()
    strongest = max((image.pixelColor(x, y) for x in range(32) for y in range(32)), key=QColor.alpha)
    assert strongest.name() == parts.theme.color("disabled").name()


def test_icon_copied_and_changed_by_qt_does_not_crash(parts: Parts) -> None:
    copies = [QIcon(parts.icons.icon("play")) for _ in range(5)]
    for copy in copies:
        copy.addPixmap(QPixmap(4, 4))
        assert not copy.pixmap(16, 16).isNull()


def test_icon_may_outlive_what_made_it_and_never_keeps_it_alive(parts: Parts) -> None:
    icons = Icons(resources_dir() / "icons", parts.theme)
    icon, made = QIcon(icons.icon("play")), weakref.ref(icons)
    del icons
    gc.collect()
    assert made() is None
    assert icon.pixmap(16, 16).isNull()


def test_icon_makes_no_file_access_before_it_is_drawn(parts: Parts, tmp_path: Path) -> None:
    icons = Icons(tmp_path / "nowhere", parts.theme)
    assert not icons.icon("play").isNull()
    icons.deleteLater()


def test_icon_without_a_file_is_nothing_and_said_once(
    parts: Parts, expected_log: Callable[[str], None], tmp_path: Path
) -> None:
    expected_log(r"WARNING ide\.qt\.icons: no icon 'gone'")
    for _ in range(2):
        image = parts.icons.icon("gone").pixmap(QSize(8, 8)).toImage()
        assert image.pixelColor(4, 4).alpha() == 0


def test_main_button_text_is_drawn_on_accent(parts: Parts, qtbot: QtBot) -> None:
    button = QPushButton("Create")
    button.setProperty("main", "true")
    qtbot.addWidget(button)
    button.resize(120, 30)
    button.show()
    image = button.grab().toImage()
    assert image.pixelColor(10, 6).name() == parts.theme.color("accent").name()
