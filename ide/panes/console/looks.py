"""Styles of console text as Qt formats, in the theme's colours and legible on its background."""

from __future__ import annotations

from PySide6.QtGui import QColor, QFont, QTextCharFormat, QTextFormat

from ide.core.record import replace
from ide.panes.console.lines import PLAIN, AnsiColor, Style
from ide.qt.theme import Theme

STYLE_PROPERTY = QTextFormat.Property.UserProperty + 1
LARGE_PROPERTY = QTextFormat.Property.UserProperty + 3
"""The number of the kept object that text belongs to."""
CONTRAST = 4.5

_ANSI = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")


class Looks:
    """Formats by style. A format carries the number of its style, so that a change of theme can find and redo it."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._styles: list[Style] = [PLAIN]
        self._numbers: dict[Style, int] = {PLAIN: 0}
        self._formats: dict[Style, QTextCharFormat] = {}

    def forget(self) -> None:
        """The theme changed: formats are made anew."""
        self._formats.clear()

    def format(self, style: Style) -> QTextCharFormat:
        """The format of `style`, its link included."""
        if not style.link:
            return self._base(style)
        base = QTextCharFormat(self._base(_unlinked(style)))
        base.setAnchor(True)
        base.setAnchorHref(style.link)
        return base

    def renewed(self, old: QTextCharFormat) -> QTextCharFormat | None:
        """`old` in the colours of now; None where it has none of its own."""
        number = old.property(STYLE_PROPERTY)
        if not isinstance(number, int) or not 0 < number < len(self._styles):
            return None
        new = QTextCharFormat(self._base(self._styles[number]))
        if old.hasProperty(LARGE_PROPERTY):
            new.setProperty(LARGE_PROPERTY, old.property(LARGE_PROPERTY))
        if old.isAnchor():
            new.setAnchor(True)
            new.setAnchorHref(old.anchorHref())
        return new

    def _base(self, style: Style) -> QTextCharFormat:
        if style not in self._formats:
            self._formats[style] = self._make(style)
        return self._formats[style]

    def _make(self, style: Style) -> QTextCharFormat:
        made = QTextCharFormat()
        if style == PLAIN:
            return made
        made.setProperty(STYLE_PROPERTY, self._number(style))
        back = self._color(style.background)
        if back is None and style.background_role:
            back = self._theme.color(style.background_role)
        if back is not None:
            made.setBackground(back)
        front = self._color(style.foreground)
        if front is None and style.role:
            front = self._theme.color(style.role)
        if front is None and back is not None:
            front = self._theme.color("text")
        if front is not None:
            made.setForeground(legible(front, back or self._theme.color("pane")))
        if style.is_bold:
            made.setFontWeight(QFont.Weight.Bold)
        if style.is_italic:
            made.setFontItalic(True)
        if style.is_underlined:
            made.setFontUnderline(True)
        return made

    def _number(self, style: Style) -> int:
        if style not in self._numbers:
            self._numbers[style] = len(self._styles)
            self._styles.append(style)
        return self._numbers[style]

    def _color(self, color: AnsiColor) -> QColor | None:
        if color is None:
            return None
        if isinstance(color, tuple):
            return QColor(*color)
        if color == 8:  # bright black: terminals draw it as grey
            return self._theme.color("muted")
        return self._theme.color(f"ansi_{_ANSI[color % 8]}")


def legible(front: QColor, back: QColor) -> QColor:
    """`front`, made darker or lighter until it can be read on `back`."""
    if contrast(front, back) >= CONTRAST:
        return front
    hue, saturation, lightness = front.hslHueF(), front.hslSaturationF(), front.lightnessF()
    step = -0.05 if luminance(back) > 0.18 else 0.05
    while 0.0 < lightness < 1.0 or (step > 0 and lightness == 0.0) or (step < 0 and lightness == 1.0):
        lightness = min(1.0, max(0.0, lightness + step))
        candidate = QColor.fromHslF(max(0.0, hue), saturation, lightness)
        if contrast(candidate, back) >= CONTRAST:
            return candidate
    return QColor("black" if step < 0 else "white")


def contrast(one: QColor, other: QColor) -> float:
    """Contrast ratio of WCAG 2.2, from 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def luminance(color: QColor) -> float:
    """Relative luminance of WCAG 2.2, from 0 to 1."""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (color.redF(), color.greenF(), color.blueF())
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _unlinked(style: Style) -> Style:
    return replace(style, link="")
