from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from ide.qt.screenshot import save


def test_picture_has_the_popup_that_is_open_over_the_window(tmp_path: Path, qtbot: QtBot) -> None:
    window = QWidget()
    window.setStyleSheet("background: #ff0000")
    window.setGeometry(20, 20, 200, 100)
    popup = QWidget(window, Qt.WindowType.Popup)
    popup.setStyleSheet("background: #0000ff")
    popup.setFixedSize(50, 40)
    window.show()
    popup.move(window.mapToGlobal(window.rect().topLeft()))
    popup.show()
    image = QImage(str(save(window, tmp_path / "with.png")))
    assert (image.pixelColor(10, 10), image.pixelColor(150, 80)) == (QColor("#0000ff"), QColor("#ff0000"))
    popup.hide()
    image = QImage(str(save(window, tmp_path / "without.png")))
    assert image.pixelColor(10, 10) == QColor("#ff0000")
    window.close()
    window.deleteLater()
