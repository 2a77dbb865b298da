"""Plays the sound of an output. QtMultimedia is imported at the first sound alone, its libraries read in the pool."""

from __future__ import annotations

import ctypes
import importlib.util
import logging
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QObject, Qt, QUrl, Signal, Slot
from PySide6.QtWidgets import QLabel, QSlider, QVBoxLayout, QWidget

from ide.core.ports import RunInPool
from ide.qt.icons import Icons
from ide.qt.theme import Theme
from ide.widgets.rich.buttons import ButtonRow
from ide.widgets.rich.form import SUFFIXES, DamagedData, as_bytes, choose

if TYPE_CHECKING:
    from PySide6.QtMultimedia import QAudioOutput, QMediaPlayer

NO_MODULE = "Sound cannot be played here, since Qt's module for it is missing. Save it, or open it outside."
NO_DEVICE = "This machine has no device to play sound on. Save it, or open it outside."

_LIBRARIES = ("lib/libQt6Network.so.6", "lib/libQt6Multimedia.so.6", "plugins/multimedia/libffmpegmediaplugin.so")
_log = logging.getLogger(__name__)


class Player(QObject):
    """One sound at a time. `failed` carries words for the user. UI thread."""

    failed = Signal(str)
    changed = Signal()
    """Plays or not, another position, another length."""

    def __init__(self, run_in_pool: RunInPool, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._run_in_pool = run_in_pool
        self._player: QMediaPlayer | None = None
        self._output: QAudioOutput | None = None
        self._bundle: Mapping[str, Any] | None = None
        self._data: tuple[QByteArray, QBuffer] | None = None
        self._is_closed = False
        self._volume = 0.8

    @property
    def is_playing(self) -> bool:
        """Whether one hears it."""
        return self._player is not None and self._player.isPlaying()

    @property
    def position_ms(self) -> int:
        """How far it is."""
        return self._player.position() if self._player is not None else 0

    @property
    def length_ms(self) -> int:
        """How long it is; 0 while nobody knows."""
        return max(0, self._player.duration()) if self._player is not None else 0

    def toggle(self, bundle: Mapping[str, Any]) -> None:
        """Play the sound of `bundle`; the one that plays stands still."""
        if bundle is self._bundle and self._player is not None:
            self._player.pause() if self.is_playing else self._player.play()
            return
        self._bundle = bundle
        self._run_in_pool(partial(_prepared, bundle), partial(self._on_prepared, bundle), self._on_failed)

    def seek(self, position_ms: int) -> None:
        """Go there."""
        if self._player is not None:
            self._player.setPosition(position_ms)

    def set_volume(self, volume: float) -> None:
        """From 0 to 1."""
        self._volume = volume
        if self._output is not None:
            self._output.setVolume(volume)

    def close(self) -> None:
        """Silence."""
        self._is_closed = True
        if self._player is not None:
            self._player.stop()
            self._player.setSourceDevice(None)  # type: ignore[arg-type]  # Qt takes none
            self._player.deleteLater()
            self._player = None

    def _on_prepared(self, bundle: Mapping[str, Any], prepared: tuple[bytes, str]) -> None:
        if self._is_closed or bundle is not self._bundle:
            return
        data, mime = prepared
        player = self._made()
        if player is None:
            return
        player.stop()
        held = QByteArray(data)
        buffer = QBuffer(held, self)
        buffer.open(QIODevice.OpenModeFlag.ReadOnly)
        self._data = (held, buffer)
        player.setSourceDevice(buffer, QUrl(f"sound{SUFFIXES.get(mime, '')}"))
        player.play()

    def _made(self) -> QMediaPlayer | None:
        if self._player is not None:
            return self._player
        try:
            from PySide6.QtMultimedia import QAudioOutput, QMediaDevices, QMediaPlayer
        except ImportError:
            self._fail(NO_MODULE)
            return None
        if QMediaDevices.defaultAudioOutput().isNull():
            self._fail(NO_DEVICE)
            return None
        self._player = QMediaPlayer(self)
        self._output = QAudioOutput(self)
        self._output.setVolume(self._volume)
        self._player.setAudioOutput(self._output)
        self._player.playingChanged.connect(self.changed)
        self._player.positionChanged.connect(self.changed)
        self._player.durationChanged.connect(self.changed)
        self._player.errorOccurred.connect(self._on_error)
        return self._player

    @Slot()
    def _on_error(self) -> None:
        if self._player is not None:
            _log.info("a sound cannot be played: %s", self._player.errorString())
        self._fail("This sound cannot be played: its data are damaged, or of a kind that is not known here.")

    def _on_failed(self, error: Exception) -> None:
        why = str(error) if isinstance(error, DamagedData) else "it cannot be read"
        self._fail(f"This sound cannot be played: {why}.")

    def _fail(self, why: str) -> None:
        self._bundle = None
        self.failed.emit(why)


class SoundView(QWidget):
    """Play and pause, where it is, how loud."""

    def __init__(
        self, bundle: Mapping[str, Any], words: str, theme: Theme, icons: Icons, run_in_pool: RunInPool
    ) -> None:
        super().__init__()
        self._bundle = bundle
        self.player = Player(run_in_pool, self)
        self.player.changed.connect(self._on_changed)
        self.player.failed.connect(self._on_failed)
        self.buttons = ButtonRow(theme, icons)
        self._icons = icons
        self.play = self.buttons.add("play", "Play or pause (Space)", self.toggle)
        self.play.setShortcut("Space")
        self.place = QSlider(Qt.Orientation.Horizontal)
        self.place.setAccessibleName("Position")
        self.place.setEnabled(False)
        self.place.sliderMoved.connect(self.player.seek)
        self.buttons.add_widget(self.place, 1)
        self.volume = QSlider(Qt.Orientation.Horizontal)
        self.volume.setAccessibleName("Volume")
        self.volume.setToolTip("Volume")
        self.volume.setRange(0, 100)
        self.volume.setValue(80)
        self.volume.setFixedWidth(theme.px(96))
        self.volume.valueChanged.connect(self._on_volume)
        self.buttons.add_widget(self.volume)
        self._about = QLabel(words)
        self._about.setTextFormat(Qt.TextFormat.PlainText)
        self._about.setWordWrap(True)
        self._about.setProperty("tone", "muted")
        self._about.setContentsMargins(theme.px(12), theme.px(8), theme.px(12), theme.px(8))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.buttons)
        column.addWidget(self._about)
        column.addStretch(1)
        self.setFocusProxy(self.play)

    @property
    def about(self) -> str:
        """What it says about the sound."""
        return self._about.text()

    def toggle(self) -> None:
        """Play, or stand still."""
        self.player.toggle(self._bundle)

    def close_view(self) -> None:
        """Silence."""
        self.player.close()

    @Slot()
    def _on_changed(self) -> None:
        length = self.player.length_ms
        self.place.setEnabled(length > 0)
        self.place.setMaximum(length)
        if not self.place.isSliderDown():
            self.place.setValue(self.player.position_ms)
        self.buttons.say(f"{_clock(self.player.position_ms)} / {_clock(length)}")
        self.play.setIcon(self._icons.icon("stop" if self.player.is_playing else "play"))

    @Slot(int)
    def _on_volume(self, percent: int) -> None:
        self.player.set_volume(percent / 100)

    @Slot(str)
    def _on_failed(self, why: str) -> None:
        self._about.setText(why)


def _prepared(bundle: Mapping[str, Any]) -> tuple[bytes, str]:
    """The data of the sound. In the pool; raises DamagedData."""
    choice = choose(bundle)
    if choice.form != "sound":
        raise DamagedData("it is not kept any more")
    data = as_bytes(bundle, choice)
    if not data:
        raise DamagedData("it is empty")
    _read_libraries()
    return data, choice.mime


def _read_libraries() -> None:
    """Load what QtMultimedia needs, so that its import on the UI thread takes no time. In the pool."""
    if not sys.platform.startswith("linux") or "PySide6.QtMultimedia" in sys.modules:
        return
    spec = importlib.util.find_spec("PySide6")
    for folder in (spec.submodule_search_locations or ()) if spec is not None else ():
        for name in (
            "lib/libQt6Network.so.6",
            "lib/libQt6Multimedia.so.6",
            "plugins/multimedia/libffmpegmediaplugin.so",
        ):
            path = Path(folder) / "Qt" / name
            if path.exists():
                ctypes.CDLL(str(path))


def _clock(time_ms: int) -> str:
    minutes, seconds = divmod(round(time_ms / 1000), 60)
    return f"{minutes}:{seconds:02}"
