"""Icons from `resources/icons`, coloured by role, drawn by QtSvg at the size and device pixels asked for, and cached.

An icon draws itself in the theme's present colours, so nobody has to make it anew when the theme changes.
"""

from __future__ import annotations

import logging
import weakref
from pathlib import Path

from PySide6.QtCore import QObject, QRect, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QColor, QIcon, QIconEngine, QPainter, QPixmap

from ide.qt.theme import Theme

_NOTHING = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>'

_log = logging.getLogger(__name__)

# Icons that draw themselves, and the engines that Qt copied, live as long as the program: the cyclic collector may free
# an engine before the icon that owns it, and Qt then crashes over the pointer it is left with.
_kept: list[QIcon | QIconEngine] = []


class Icons(QObject):
    """Makes icons by the name of their file."""

    def __init__(self, folder: Path, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folder = folder
        self._theme = theme
        self._sources: dict[str, bytes] = {}
        self._pixmaps: dict[tuple[str, str, int, int, float], QPixmap] = {}
        self._icons: dict[tuple[str, str], QIcon] = {}
        theme.changed.connect(self._on_theme_changed)

    def icon(self, name: str, role: str = "text") -> QIcon:
        """The icon `name` in the colour of `role`; a disabled button shows it in `disabled`.

        No file is read before it is drawn. An icon without a file is drawn as nothing, and the log says so: Qt cannot
        bear an error while it paints.
        """
        key = (name, role)
        if key not in self._icons:
            self._icons[key] = QIcon(_Drawing(weakref.ref(self), name, role))
            _kept.append(self._icons[key])
        return self._icons[key]

    def pixmap(self, name: str, role: str, size: QSize, scale: float = 1.0) -> QPixmap:
        """`size` in device-independent pixels, `scale` device pixels for each of them."""
        color = self._theme.color(role)
        key = (name, color.name(), size.width(), size.height(), scale)
        if key not in self._pixmaps:
            self._pixmaps[key] = self._draw(name, color, size, scale)
        return self._pixmaps[key]

    def _draw(self, name: str, color: QColor, size: QSize, scale: float) -> QPixmap:
        from PySide6.QtSvg import QSvgRenderer

        pixmap = QPixmap(QSize(max(1, round(size.width() * scale)), max(1, round(size.height() * scale))))
        pixmap.fill(Qt.GlobalColor.transparent)
        side = min(pixmap.width(), pixmap.height())
        place = QRectF((pixmap.width() - side) / 2, (pixmap.height() - side) / 2, side, side)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        QSvgRenderer(self._source(name).replace(b"currentColor", color.name().encode())).render(painter, place)
        painter.end()
        pixmap.setDevicePixelRatio(scale)
        return pixmap

    def _source(self, name: str) -> bytes:
        if name not in self._sources:
            try:
                self._sources[name] = (self._folder / f"{name}.svg").read_bytes()
            except OSError as error:
                _log.warning("no icon %r: %s", name, error)
                self._sources[name] = _NOTHING
        return self._sources[name]

    @Slot()
    def _on_theme_changed(self) -> None:
        self._pixmaps.clear()


class _Drawing(QIconEngine):
    """What Qt asks to draw one icon. It does not keep `icons` alive, since it outlives them."""

    def __init__(self, icons: weakref.ref[Icons], name: str, role: str) -> None:
        super().__init__()
        self._icons = icons
        self._name = name
        self._role = role

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        """Draw into `rect`, at the device pixels of what is painted on."""
        scale = painter.device().devicePixelRatioF() if painter.device() is not None else 1.0
        painter.drawPixmap(rect.topLeft(), self.scaledPixmap(rect.size(), mode, state, scale))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        """Qt's older question, in device pixels."""
        return self.scaledPixmap(size, mode, state, 1.0)

    def scaledPixmap(self, size: QSize, mode: QIcon.Mode, _state: QIcon.State, scale: float) -> QPixmap:
        """`size` is in device pixels where Qt asks this one."""
        icons = self._icons()
        if icons is None:
            return QPixmap()
        return icons.pixmap(self._name, "disabled" if mode == QIcon.Mode.Disabled else self._role, size, scale)

    def clone(self) -> QIconEngine:
        """Qt copies an engine before it changes an icon, and takes a pointer without a reference: we hold the copy."""
        copy = _Drawing(self._icons, self._name, self._role)
        _kept.append(copy)
        return copy

    def key(self) -> str:
        """Name of this kind of engine."""
        return "fourpane"
